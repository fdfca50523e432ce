"""Files that are written whole: a temporary file, then a rename.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import os
from contextlib import contextmanager
from pathlib import Path

from mtqnet_brain.tables import read_rows

PARTIAL = ".partial"
# File names may be no UTF-8: such bytes are written as they are.
TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}


@contextmanager
def whole_file(path, mode="w"):
    """Open a file that appears under its name only when complete.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    mode : str
        ``w`` for UTF-8 text, ``wb`` for bytes.

    Yields
    ------
    file
        Open on ``path.partial``; renamed to ``path`` on success, left behind
        (and overwritten by the next try) on an error.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    text = {} if "b" in mode else TEXT | {"newline": ""}
    with open(partial, mode, **text) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def write_json(path, content):
    """Write a JSON file whole, indented, with a final newline.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    content : object
        What JSON can hold; NaN is refused.
    """
    with whole_file(path) as file:
        json.dump(content, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")


def write_csv(path, rows, fieldnames=None):
    """Write a CSV file whole.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    rows : list of dict
        One dict per row; a missing key gives an empty cell.
    fieldnames : list of str
        Columns in order. Default: the keys of the first row.
    """
    with whole_file(path) as file:
        writer = csv.DictWriter(file, fieldnames or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path):
    """Read a table of ours into a list of dicts.

    Arguments
    ---------
    path : str or Path
        As for `tables.read_rows`.

    Returns
    -------
    list of dict
        One dict of strings per row, blanks kept.
    """
    return [row for _, row in read_rows(path)[1]]


class ResumableCsv:
    """A table that a killed command goes on writing when it is run again.

    Rows go to ``OUTPUT.partial`` as JSON lines, the first of which holds the
    settings of the run; `finish` writes ``OUTPUT`` in the order asked for and
    removes the partial file.

    Arguments
    ---------
    path : str or Path
        ``OUTPUT``.
    fieldnames : list of str
        Columns in order; the first identifies a row.
    settings : dict
        What the rows depend on; a partial file of other settings is refused.
    restart : bool
        Whether a partial file is discarded.

    Raises
    ------
    ValueError
        If the partial file was started with other settings.

    Example
    -------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "labels.csv"
    >>> with ResumableCsv(path, ["file", "pesq"], {"v": 1}) as rows:
    ...     rows.write({"file": "a.wav", "pesq": 3.5})
    >>> with ResumableCsv(path, ["file", "pesq"], {"v": 1}) as rows:
    ...     sorted(rows.done)
    ...     rows.finish(["a.wav"])
    ['a.wav']
    """

    def __init__(self, path, fieldnames, settings, restart=False):
        self.path = Path(path)
        self.partial = self.path.with_name(self.path.name + PARTIAL)
        self.fieldnames = list(fieldnames)
        self.settings = json.loads(json.dumps(settings))
        self._file = None
        if restart:
            self.partial.unlink(missing_ok=True)
        self.done = self._recover()

    def _recover(self):
        """Read the complete rows of an earlier run, by key."""
        if not self.partial.exists():
            return {}
        # What follows the last newline was cut by a kill.
        lines = self.partial.read_text(**TEXT).split("\n")[:-1]
        if not lines:
            return {}
        started, *rows = (json.loads(line) for line in lines)
        if started != self.settings:
            raise ValueError(
                f"{self.partial} was started with other settings: {started}, "
                f"now {self.settings}; repeat that command or give --restart"
            )
        return {str(row[self.fieldnames[0]]): row for row in rows}

    def __enter__(self):
        """Start the partial file anew with exactly the recovered rows."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(self.path.name + ".fresh")
        with open(fresh, "w", **TEXT) as file:
            for content in (self.settings, *self.done.values()):
                file.write(json.dumps(content, ensure_ascii=False) + "\n")
        os.replace(fresh, self.partial)
        self._file = open(self.partial, "a", **TEXT)
        return self

    def __exit__(self, *exception):
        """Close the partial file.

        It stays unless `finish` was called, or there is no row in it.
        """
        self._file.close()
        if not self.done:
            self.partial.unlink(missing_ok=True)

    def write(self, row):
        """Append one row and hand it to the operating system at once.

        Arguments
        ---------
        row : dict
            Cells by column.
        """
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._file.flush()
        self.done[str(row[self.fieldnames[0]])] = row

    def finish(self, order, write=None):
        """Write ``OUTPUT`` with the rows in order; remove the partial file.

        Arguments
        ---------
        order : list of str
            Keys of all rows.
        write : callable
            Of an open file and the rows. Default: writes a CSV.
        """
        temporary = self.path.with_name(self.path.name + ".whole")
        with open(temporary, "w", newline="", **TEXT) as file:
            (write or self._write_csv)(file, map(self.done.get, order))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)
        self.partial.unlink()

    def _write_csv(self, file, rows):
        """Write rows under a header."""
        writer = csv.DictWriter(file, self.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
