"""Tables that an interrupted command resumes when it is run again.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import stat
import sys
from collections.abc import (
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
    Sequence,
)
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Self

from mtqnet_brain.utils.files import PARTIAL, TEXT, TableWriter, whole_file
from mtqnet_brain.utils.outputs import claim_output, target_of
from mtqnet_brain.utils.sealed_rows import (
    Row,
    RowsByName,
    Stamp,
    dumps,
    parse_line,
    seal,
    stamp_of,
    unseal,
)

Writer = Callable[[IO[str], Iterable[Row]], None]
FILE = "file"


class ResumableCsv:
    """A table that an interrupted command resumes when it is run again.

    Rows go to ``OUTPUT.partial`` as JSON lines, the first of which holds the
    settings of the run; `finish` writes ``OUTPUT`` in the order asked for and
    removes the partial file. As in a build tool, a row is valid for the path,
    size and time of the files that it was made from: ``done`` leaves out rows
    whose files have changed since, rows with an ``error`` and damaged ones.

    Arguments
    ---------
    path : str or Path
        ``OUTPUT``, or a link to it.
    fieldnames : list of str
        Columns in order; the first identifies a row. In a column ``file``,
        ``./a.wav`` and ``a.wav`` are the same.
    settings : dict
        What the rows depend on; a partial file of other settings is refused.
    inputs : dict of str to list, optional
        Paths of the files that each row is made from, by its key.
    restart : bool
        Whether a partial file is discarded.

    Raises
    ------
    ValueError
        On entry, if the partial file was started with other settings or
        cannot be used, or if another command writes ``OUTPUT``.

    Example
    -------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "labels.csv"
    >>> with ResumableCsv(path, ["file", "pesq"], {"v": 1}) as rows:
    ...     rows.write({"file": "a.wav", "pesq": 3.5})
    >>> with ResumableCsv(path, ["file", "pesq"], {"v": 1}) as rows:
    ...     "a.wav" in rows.done
    ...     rows.finish(["a.wav"])
    True
    """

    def __init__(
        self,
        path: str | Path,
        fieldnames: list[str],
        settings: dict[str, Any],
        inputs: Mapping[str, Sequence[str | Path]] | None = None,
        restart: bool = False,
    ) -> None:
        self.path = target_of(path)
        self.partial = self.path.with_name(self.path.name + PARTIAL)
        self.fieldnames = list(fieldnames)
        self.settings = json.loads(json.dumps(settings, allow_nan=False))
        self.inputs = inputs or {}
        self.restart = restart
        by_name = self.fieldnames[0] == FILE
        self.done: MutableMapping[str, Row] = RowsByName() if by_name else {}
        self._stamps: MutableMapping[str, list[Stamp]] = (
            RowsByName() if by_name else {}
        )
        self._file: IO[str] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Start the partial file again with exactly the recovered rows."""
        with ExitStack() as stack:
            read = [path for paths in self.inputs.values() for path in paths]
            stack.enter_context(claim_output(self.path, read))
            # Before anything is read: later changes of a file are noticed.
            for key, paths in self.inputs.items():
                self._stamps[key] = [stamp_of(path) for path in paths]
            self._recover()
            with whole_file(self.partial, suffix=".fresh") as file:
                file.write(dumps(self.settings) + "\n")
                for key, row in self.done.items():
                    file.write(seal(row, self._stamps.get(key)))
            self._file = stack.enter_context(open(self.partial, "a", **TEXT))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the partial file; remove it if it has no row worth keeping."""
        if all(row.get("error") for row in self.done.values()):
            self.partial.unlink(missing_ok=True)
        self._open.close()

    def _recover(self) -> None:
        """Read the rows of an earlier run that are still valid."""
        if not _is_file(self.partial):
            return
        if self.restart:
            self.partial.unlink()
            return
        # What follows the last newline was cut by a kill.
        lines = self.partial.read_text(**TEXT).split("\n")[:-1]
        if not lines:
            return
        self._compare(parse_line(lines[0]))
        n_damaged, changed = 0, set()
        for line in lines[1:]:
            sealed = unseal(line, self.fieldnames)
            if sealed is None:
                n_damaged += 1
                continue
            row, stamps = sealed
            key = row[self.fieldnames[0]]
            self.done.pop(key, None)
            if stamps != self._stamps.setdefault(key, stamps):
                changed.add(key)
            elif not row.get("error"):
                self.done[key] = row
        self._report(n_damaged, len(changed))

    def _compare(self, started: object) -> None:
        """Refuse rows of other or unknown settings."""
        if not isinstance(started, dict):
            raise ValueError(
                f"{self.partial}: its first line is damaged, so the settings "
                "of its rows are unknown; give --restart to start again"
            )
        if started != self.settings:
            raise ValueError(
                f"{self.partial} was started with other settings: {started}, "
                f"now {self.settings}; repeat that command or give --restart"
            )

    def _report(self, n_damaged: int, n_changed: int) -> None:
        """Say which rows of the interrupted run are computed again."""
        found = {"damaged": n_damaged, "of files that have changed": n_changed}
        counts = [f"{n} {what}" for what, n in found.items() if n]
        if counts:
            print(
                f"{self.partial}: rows dropped and computed again: "
                + ", ".join(counts),
                file=sys.stderr,
            )

    def write(self, row: Row) -> None:
        """Append one row and hand it to the operating system at once.

        Arguments
        ---------
        row : dict
            Cells by column; no NaN.

        Raises
        ------
        ValueError
            Outside the ``with`` block.
        """
        if self._file is None:
            raise ValueError(f"{self.partial}: not open for writing")
        key = row[self.fieldnames[0]]
        try:
            self._file.write(seal(row, self._stamps.get(key)))
            self._file.flush()
        except OSError as err:  # which does not name the file
            name = str(self.partial)
            raise OSError(err.errno, err.strerror, name) from err
        self.done[key] = row

    def finish(self, order: Iterable[str], write: Writer | None = None) -> None:
        """Write ``OUTPUT`` with the rows in order; remove the partial file.

        Arguments
        ---------
        order : iterable of str
            Keys of all rows.
        write : callable, optional
            Writes the rows to an open file. Default: as CSV.
        """
        name = self.fieldnames[0]
        rows = (self.done[key] | {name: key} for key in order)
        # Not .partial, which holds the rows.
        with whole_file(self.path, suffix=".whole") as file:
            (write or self._write_csv)(file, rows)
        self.remove()

    def remove(self) -> None:
        """Remove the partial file, whose rows are stored elsewhere by now."""
        self.partial.unlink(missing_ok=True)

    def _write_csv(self, file: IO[str], rows: Iterable[Row]) -> None:
        """Write rows under a header."""
        writer = TableWriter(file, self.fieldnames)
        writer.writeheader()
        for row in rows:
            writer.writerow(row)


def _is_file(partial: Path) -> bool:
    """Whether an earlier run has left rows; refuse what is not a file."""
    try:
        mode = os.stat(partial).st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        raise ValueError(
            f"{partial}: a folder or device instead of an interrupted "
            "run's rows; move it away"
        )
    return True
