"""Rows of an interrupted run, each with a checksum and its files' stamps.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import zlib
from collections import UserDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from mtqnet_brain.utils.files import same_name

Value = TypeVar("Value")
Row = dict[str, Any]  # cells: text, numbers, None
Stamp = list[str | int]
CHECK, STAMPS = "check", "read"  # cells besides those of the row


class RowsByName(UserDict[str, Value]):
    """Rows by file name, where ``./a.wav`` and ``a.wav`` are one file."""

    def __getitem__(self, name: str) -> Value:
        """Return the row of a name."""
        return super().__getitem__(same_name(name))

    def __setitem__(self, name: str, row: Value) -> None:
        """Set the row of a name."""
        super().__setitem__(same_name(name), row)

    def __delitem__(self, name: str) -> None:
        """Remove the row of a name."""
        super().__delitem__(same_name(name))

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of a name."""
        return isinstance(name, str) and super().__contains__(same_name(name))


def stamp_of(path: str | Path) -> Stamp:
    """Return what changes when a file changes: full path, bytes, time in ns.

    Only the path, if the file cannot be reached.
    """
    full = os.path.abspath(path)
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # reported in its row where it is read
        return [full]
    return [full, found.st_size, found.st_mtime_ns]


def seal(row: Row, stamps: list[Stamp] | None) -> str:
    """Return a row as a line of JSON that shows if it is damaged.

    ``stamps`` are those of the files that the row is made from.
    """
    row = row | {STAMPS: stamps or []}
    return dumps(row | {CHECK: _checksum(row)}) + "\n"


def dumps(content: object) -> str:
    """Return JSON in one line; NaN and infinity are a ValueError."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def _checksum(row: Row) -> str:
    """Return a checksum, as hexadecimal digits."""
    return f"{zlib.crc32(dumps(row).encode('utf-8', 'surrogatepass')):08x}"


def unseal(
    line: str, fieldnames: Iterable[str]
) -> tuple[Row, list[Stamp]] | None:
    """Return the row and the stamps in a line of `seal`; None if damaged."""
    row = parse_line(line)
    if not isinstance(row, dict) or CHECK not in row:
        return None
    check = row.pop(CHECK)
    if check != _checksum(row) or not set(fieldnames) <= set(row):
        return None
    return row, row.pop(STAMPS, [])


def parse_line(line: str) -> object:
    """Return the content of a line of JSON; None if it is not JSON."""
    try:
        return json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    """Refuse NaN, which is no JSON and never written."""
    raise ValueError(constant)
