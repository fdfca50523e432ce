"""Finds the clips to score: files, addresses, rows of Parquet.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from mtqnet_brain.cluster.addresses import (
    absolute,
    find_addresses,
    open_filesystem,
    tables_of,
)
from mtqnet_brain.cluster.plain_parquet import open_plain
from mtqnet_brain.utils.installation import require

if TYPE_CHECKING:
    from pyarrow import parquet

NAME, BYTES = "path", "bytes"
CHAIN = "::"  # of fsspec: file systems that read what others describe
MAX_NAME_BYTES = 4096
BATCH_ROWS = 1024
COLUMNS = {NAME: "string", BYTES: "binary"}


class Clip(TypedDict, total=False):
    """Name and location of a clip: an address, or a Parquet cell of bytes."""

    path: str  # the name
    address: str | None
    table: str | None
    group: int | None
    row: int | None
    read: str  # stamp of its file as JSON, for `scoring`


def find_clips(
    arguments: list[str], recursive: bool = False
) -> dict[str, Clip]:
    """Return the clips that a command line names.

    Parquet has a column ``path``, and optionally ``bytes`` with the content
    of the audio file, in which case the path is only a name.

    Arguments
    ---------
    arguments : list of str
        As for `addresses.find_addresses`, or Parquet files and folders of
        them.
    recursive : bool
        Whether subfolders are searched too.

    Returns
    -------
    dict of str to Clip
        By name. Workers read bytes themselves.

    Raises
    ------
    ValueError
        If a Parquet file has no such column, or there is no clip at all.
    """
    clips: dict[str, Clip] = {}
    for argument in arguments:
        # Once: a folder at a remote address answers slowly.
        tables = tables_of(argument)
        if tables:
            found = [clip for table in tables for clip in _rows(table)]
        else:
            addresses = find_addresses([argument], recursive)
            found = [_at_address(*item) for item in addresses.items()]
        clips |= {clip["path"]: clip for clip in found}
    if not clips:
        raise ValueError("no clip to score: the list is empty")
    return clips


def _at_address(name: str, address: str) -> Clip:
    """Return a clip that is a file."""
    return {
        "path": name,
        "address": address,
        "table": None,
        "group": None,
        "row": None,
    }


def _rows(table: str) -> Iterator[Clip]:
    """Yield the clips of a Parquet file."""
    (pyarrow,) = require("ray", "pyarrow")
    files, path = open_filesystem(absolute(table))
    try:
        with files.open(path, "rb") as file:
            yield from _rows_of(open_plain(file, COLUMNS), table)
    except (ValueError, OSError, pyarrow.ArrowException) as err:
        raise ValueError(f"{table}: {err}") from err


def _names(content: parquet.ParquetFile, group: int) -> Iterator[str]:
    """Yield the names in a row group, read in batches."""
    compute = require("ray", "pyarrow.compute")[0]
    batches = content.iter_batches(
        BATCH_ROWS, row_groups=[group], columns=[NAME]
    )
    for batch in batches:
        names = batch[NAME]
        longest = compute.max(compute.binary_length(names.dictionary)).as_py()
        if (longest or 0) > MAX_NAME_BYTES:
            raise ValueError(
                f"{NAME} of {longest} bytes, at most {MAX_NAME_BYTES}"
            )
        yield from names.to_pylist()


def _rows_of(content: parquet.ParquetFile, table: str) -> Iterator[Clip]:
    """Yield the clips of an open Parquet file."""
    columns = content.schema_arrow.names
    seen: set[str] = set()
    if NAME not in columns:
        raise ValueError(f"no column {NAME}, but {', '.join(columns)}")
    for group in range(content.num_row_groups):
        for row, name in enumerate(_names(content, group)):
            place = f"row {row} of row group {group}"
            if not name:
                raise ValueError(f"{place}: no {NAME}")
            if CHAIN in name:
                raise ValueError(f"{place}: {name!r:.80} is a chain of {CHAIN}")
            if name in seen:
                raise ValueError(f"{place}: duplicate {NAME} {name!r}")
            seen.add(name)
            clip = _at_address(name, absolute(name))
            if BYTES in columns:
                clip["address"] = None
                clip["table"] = absolute(table)
                clip["group"], clip["row"] = group, row
            yield clip
