"""Files that are written whole: a temporary file, then a rename.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypedDict

from mtqnet_brain.utils.outputs import check_output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTIAL = ".partial"


class TextCoding(TypedDict):
    """How `open` and others turn bytes into text."""

    encoding: str
    errors: str


# File names may not be UTF-8: such bytes are written as they are.
TEXT: TextCoding = {"encoding": "utf-8", "errors": "surrogateescape"}
FORMULA = tuple("=+-@\t\r")  # first characters of what a spreadsheet computes
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.I)


@contextmanager
def whole_path(path: str | Path, suffix: str = PARTIAL) -> Iterator[Path]:
    """Give a temporary path that becomes the target once it is complete.

    For libraries that write to a path; `whole_file` opens the file itself.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    suffix : str
        Appended to the target's name for the temporary file.

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
    temporary = path.with_name(path.name + suffix)
    yield temporary
    os.replace(temporary, path)


@contextmanager
def whole_file(
    path: str | Path, mode: str = "w", suffix: str = PARTIAL
) -> Iterator[IO]:
    """Open a file that appears under its name only when complete.

    Arguments
    ---------
    path : str or Path
        Target; its folder is created.
    mode : str
        ``w`` for UTF-8 text, ``wb`` for bytes.
    suffix : str
        As for `whole_path`, on whose file it is open. It is written to disk
        before it is renamed.
    """
    with whole_path(path, suffix) as temporary:
        if mode == "w":
            file: IO = open(temporary, mode, newline="", **TEXT)
        else:
            file = open(temporary, mode)
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())


def write_json(path: str | Path, content: object) -> None:
    """Write a JSON file whole, indented, with a final newline.

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
            raise ValueError(f"{path}: {err}; store null instead") from err
        file.write(text + "\n")


def write_csv(
    path: str | Path,
    rows: Sequence[Mapping[str, object]],
    fieldnames: Sequence[str] | None = None,
) -> None:
    """Write a CSV file whole.

    A key missing from a row gives an empty cell. The columns are by default
    the keys of the first row.
    """
    with whole_file(path) as file:
        writer = csv.DictWriter(file, fieldnames or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def save_figure(path: str | Path, figure: Figure, dpi: int) -> None:
    """Write a figure as a PNG, whole or not at all."""
    with whole_file(path, "wb") as file:
        figure.savefig(file, format="png", dpi=dpi)


class TableWriter:
    """Writes a CSV that a spreadsheet can open safely.

    Lines end with a newline alone; a cell with a line break or a carriage
    return is quoted. Text passes through `safe_cell`.

    Arguments
    ---------
    file : file
        Open for text, with ``newline=""``.
    fieldnames : list of str
        Columns in order.
    """

    def __init__(self, file: IO[str], fieldnames: Sequence[str]) -> None:
        self.writer = csv.DictWriter(_UnixLines(file), fieldnames)

    def writeheader(self) -> None:
        """Write the names of the columns."""
        self.writer.writeheader()

    def writerow(self, row: Mapping[str, object]) -> None:
        """Write a row, cells by column."""
        self.writer.writerow({k: safe_cell(cell) for k, cell in row.items()})


class _UnixLines:
    """Ends each row with a newline alone.

    The csv module of Python 3.11 quotes a carriage return only if its own
    line ends contain one.
    """

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def write(self, row: str) -> None:
        """Write one row."""
        self.file.write(row.removesuffix("\r\n") + "\n")


def safe_cell(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    Text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
    return gets ``./`` in front; anything else, a number too, stays as it is.

    Example
    -------
    >>> safe_cell("=a.wav"), safe_cell("a.wav"), safe_cell("-1.5e-3")
    ('./=a.wav', 'a.wav', '-1.5e-3')
    """
    if not isinstance(cell, str) or not cell.startswith(FORMULA):
        return cell
    return cell if NUMBER.fullmatch(cell) else f"./{cell}"


def same_name(name: str) -> str:
    """Return a path without ``./`` at its beginning.

    Example
    -------
    >>> same_name("./=a.wav") == same_name("=a.wav")
    True
    """
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def file_hash(path: str | Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
