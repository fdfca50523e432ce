"""Files that are written whole: a temporary file, then a rename.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Literal, TextIO, TypedDict, overload

from mtqnet_brain.utils.outputs import check_output

PARTIAL = ".partial"


class TextCoding(TypedDict):
    """How `open` and others turn bytes into text."""

    encoding: str
    errors: str


# File names may be no UTF-8: such bytes are written as they are.
TEXT: TextCoding = {"encoding": "utf-8", "errors": "surrogateescape"}
FORMULA = tuple("=+-@\t\r")  # what a spreadsheet may compute begins so


@contextmanager
def whole_path(path: str | Path, ending: str = PARTIAL) -> Iterator[Path]:
    """Give a temporary path that becomes the target once it is complete.

    For libraries that write to a path; `whole_file` opens the file itself.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    ending : str
        What the temporary file has behind the target's name.

    Yields
    ------
    Path
        To be written; renamed to ``path`` on success, left behind (and
        overwritten by the next try) on an error.

    Raises
    ------
    ValueError
        If the target is a folder or a device.
    """
    path = Path(path)
    check_output(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ending)
    yield temporary
    os.replace(temporary, path)


@overload
def whole_file(
    path: str | Path, mode: Literal["w"] = ..., ending: str = ...
) -> AbstractContextManager[TextIO]: ...
@overload
def whole_file(
    path: str | Path, mode: Literal["wb"], ending: str = ...
) -> AbstractContextManager[BinaryIO]: ...
@contextmanager
def whole_file(
    path: str | Path, mode: str = "w", ending: str = PARTIAL
) -> Iterator[IO]:
    """Open a file that appears under its name only when complete.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    mode : str
        ``w`` for UTF-8 text, ``wb`` for bytes.
    ending : str
        As of `whole_path`.

    Yields
    ------
    file
        Open on the temporary file of `whole_path`, written to disk before it
        is renamed.

    Raises
    ------
    ValueError
        If the target is a folder or a device.
    """
    with whole_path(path, ending) as temporary:
        if mode == "wb":
            file: IO = open(temporary, mode)
        else:
            file = open(temporary, mode, newline="", **TEXT)
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())


def write_json(path: str | Path, content: object) -> None:
    """Write a JSON file whole, indented, with a final newline.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    content : object
        What JSON can hold.

    Raises
    ------
    ValueError
        If the content has a NaN or infinite number, which JSON cannot hold.
    """
    with whole_file(path) as file:
        try:
            text = json.dumps(
                content, indent=2, ensure_ascii=False, allow_nan=False
            )
        except ValueError as err:
            raise ValueError(f"{path}: {err}; it is to be null") from err
        file.write(text + "\n")


def write_csv(
    path: str | Path, rows: list[dict], fieldnames: list[str] | None = None
) -> None:
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


class TableWriter:
    """Writes a CSV for spreadsheets and for ourselves.

    Lines end with a newline alone; a line break inside a cell, carriage
    returns too, is quoted. Texts are those of `safe_cell`.

    Arguments
    ---------
    file : file
        Open for text, with ``newline=""``.
    fieldnames : list of str
        Columns in order.
    """

    def __init__(self, file: IO, fieldnames: list[str]) -> None:
        self.writer = csv.DictWriter(_UnixLines(file), fieldnames)

    def writeheader(self) -> None:
        """Write the names of the columns."""
        self.writer.writeheader()

    def writerow(self, row: dict) -> None:
        """Write a row.

        Arguments
        ---------
        row : dict
            Cells by column.
        """
        self.writer.writerow({k: safe_cell(cell) for k, cell in row.items()})


class _UnixLines:
    """Ends each row with a newline alone.

    The csv of Python 3.11 leaves a carriage return unquoted unless its own
    line ends with one.
    """

    def __init__(self, file):
        self.file = file

    def write(self, row):
        """Write one row."""
        self.file.write(row.removesuffix("\r\n") + "\n")


def safe_cell(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    Arguments
    ---------
    cell : object
        Text or number.

    Returns
    -------
    object
        ``./`` and the text where it begins with ``=``, ``+``, ``-``, ``@``, a
        tab or a carriage return; else the cell as it is.

    Example
    -------
    >>> safe_cell("=a.wav"), safe_cell("a.wav"), safe_cell(-1.5)
    ('./=a.wav', 'a.wav', -1.5)
    """
    risky = isinstance(cell, str) and cell.startswith(FORMULA)
    return f"./{cell}" if risky else cell


def same_name(name: str) -> str:
    """Return what is the same for all names of a relative path.

    Arguments
    ---------
    name : str
        Path of a file.

    Returns
    -------
    str
        Without ``./`` at its beginning.

    Example
    -------
    >>> same_name("./=a.wav") == same_name("=a.wav")
    True
    """
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name
