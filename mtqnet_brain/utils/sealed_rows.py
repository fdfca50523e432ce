"""Rows of an interrupted run: what they were made from, and whether whole.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import zlib
from pathlib import Path

from mtqnet_brain.utils.files import same_name

CHECK, STAMPS = "check", "read"  # cells beside those of the row


class RowsByName(dict):
    """Rows by name, where ``./a.wav`` and ``a.wav`` are one file."""

    def __getitem__(self, name):
        """Return the row of a name."""
        return super().__getitem__(same_name(name))

    def __setitem__(self, name, row) -> None:
        """Set the row of a name."""
        super().__setitem__(same_name(name), row)

    def __contains__(self, name):
        """Whether there is a row of a name."""
        return super().__contains__(same_name(name))

    def get(self, name, default=None):
        """Return the row of a name, or a default."""
        return super().get(same_name(name), default)

    def setdefault(self, name, default=None):
        """Return the row of a name, set before if there was none."""
        return super().setdefault(same_name(name), default)

    def pop(self, name, *default):
        """Remove the row of a name and return it."""
        return super().pop(same_name(name), *default)


def stamp_of(path: str | Path) -> list:
    """Return what tells a file from the one that it is when changed.

    Arguments
    ---------
    path : str or Path
        The file.

    Returns
    -------
    list
        Full path, bytes, and time of the last change in ns; the path alone
        of a file that cannot be reached.
    """
    full = os.path.abspath(path)
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # whoever reads it says so in its row
        return [full]
    return [full, found.st_size, found.st_mtime_ns]


def seal(row: dict, stamps: list) -> str:
    """Return a row as a line that shows if it is damaged.

    Arguments
    ---------
    row : dict
        Cells by column; no NaN.
    stamps : list
        Of `stamp_of`, of each file that it is made from.

    Returns
    -------
    str
        JSON with a newline.
    """
    row = row | {STAMPS: stamps or []}
    return dumps(row | {CHECK: _checksum(row)}) + "\n"


def dumps(content: object) -> str:
    """Return JSON in one line.

    Arguments
    ---------
    content : object
        What JSON can hold.

    Returns
    -------
    str
        Without a newline.

    Raises
    ------
    ValueError
        If it holds NaN or infinity.
    """
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def _checksum(row):
    """Return a checksum, as hexadecimal digits."""
    return f"{zlib.crc32(dumps(row).encode('utf-8', 'surrogatepass')):08x}"


def unseal(line: str, fieldnames: list[str]) -> dict:
    """Return the row and the stamps of a line.

    Arguments
    ---------
    line : str
        Of `seal`.
    fieldnames : list of str
        What every row has.

    Returns
    -------
    dict
        The row, None if the line is damaged.
    list
        Its stamps, None if the line is damaged.
    """
    row = parse_line(line)
    if not isinstance(row, dict) or CHECK not in row:
        return None, None
    check = row.pop(CHECK)
    if check != _checksum(row) or not set(fieldnames) <= set(row):
        return None, None
    return row, row.pop(STAMPS, [])


def parse_line(line: str) -> object | None:
    """Return what a line of JSON holds.

    Arguments
    ---------
    line : str
        Anything.

    Returns
    -------
    object
        None if it is no JSON.
    """
    try:
        return json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant):
    """Refuse NaN, which is no JSON and never written."""
    raise ValueError(constant)
