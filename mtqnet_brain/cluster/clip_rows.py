"""Clips to score: of files, of addresses, of Parquet.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.cluster.addresses import (
    absolute,
    find_addresses,
    open_filesystem,
    tables_of,
)
from mtqnet_brain.cluster.plain_parquet import open_plain
from mtqnet_brain.utils.installation import require

NAME, BYTES = "path", "bytes"
CHAIN = "::"  # of fsspec: file systems that read what others describe
MAX_NAME_BYTES = 4096
BATCH_ROWS = 1024
COLUMNS = {NAME: "string", BYTES: "binary"}


def find_clips(
    arguments: list[str], recursive: bool = False
) -> dict[str, dict]:
    """Return where the clips lie that a command line asks for.

    Parquet has a column ``path``, and ``bytes`` with the content of the audio
    file where the path is but a name.

    Arguments
    ---------
    arguments : list of str
        Of `addresses.find_addresses`, or Parquet files and folders of them.
    recursive : bool
        Whether subfolders are meant too.

    Returns
    -------
    dict of str to dict
        By name: ``path`` (the name), and ``address``; or for bytes, which
        workers read themselves, ``table``, ``group`` and ``row`` within.

    Raises
    ------
    ValueError
        If a Parquet file has no such column, or there is no clip at all.
    """
    clips = {}
    for argument in arguments:
        # Once: a folder behind an address answers slowly.
        tables = tables_of(argument)
        if tables:
            found = (clip for table in tables for clip in _rows(table))
        else:
            addresses = find_addresses([argument], recursive)
            found = (_at_address(*item) for item in addresses.items())
        clips |= {clip[NAME]: clip for clip in found}
    if not clips:
        raise ValueError("no clip to score: the list is empty")
    return clips


def _at_address(name, address):
    """Return a clip that is a file."""
    return {
        NAME: name,
        "address": address,
        "table": None,
        "group": None,
        "row": None,
    }


def _rows(table):
    """Yield the clips of a Parquet file."""
    (pyarrow,) = require("ray", "pyarrow")
    files, path = open_filesystem(absolute(table))
    try:
        with files.open(path, "rb") as file:
            yield from _rows_of(open_plain(file, COLUMNS), table)
    except (ValueError, OSError, pyarrow.ArrowException) as err:
        raise ValueError(f"{table}: {err}") from err


def _names(content, group):
    """Yield the names in a row group, some at a time."""
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


def _rows_of(content, table):
    """Yield the clips of an open Parquet file."""
    columns, seen = content.schema_arrow.names, set()
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
                raise ValueError(f"{place}: {NAME} {name!r} occurs twice")
            seen.add(name)
            clip = _at_address(name, absolute(name))
            if BYTES in columns:
                clip["address"] = None
                clip["table"] = absolute(table)
                clip["group"], clip["row"] = group, row
            yield clip
