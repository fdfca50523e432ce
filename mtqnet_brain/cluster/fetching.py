"""Turns clips at any address into files that a worker can open.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mtqnet_brain.cluster.addresses import is_address, open_filesystem
from mtqnet_brain.cluster.clip_rows import BYTES, COLUMNS, Clip
from mtqnet_brain.cluster.plain_parquet import (
    MAX_CELL_BYTES,
    check_group,
    open_plain,
)
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.prefetch import read_ahead

if TYPE_CHECKING:
    import pyarrow

FETCHERS = 8  # threads: an address answers slowly, but many requests at once
DEPTH = 32  # clips that wait on disk
Job = tuple[Clip, "pyarrow.Buffer | None", str, Path, int]


def fetch_clips(
    rows: list[Clip], folder: str | Path, failed: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Fetch clips while others are scored.

    Arguments
    ---------
    rows : list of Clip
        From `clip_rows.find_clips`.
    folder : str or Path
        Folder for clips that are not local files; the caller removes them.
    failed : dict of str to str
        Gets the reason, by name, why a clip cannot be fetched.

    Yields
    ------
    name : str
        Name of the clip.
    path : str
        Local path of its file.
    """
    numbers = itertools.count()
    jobs = ((*job, Path(folder), next(numbers)) for job in _contents(rows))
    with ThreadPoolExecutor(FETCHERS) as pool:
        for name, path, error in read_ahead(pool, _fetch, jobs, DEPTH):
            if error:
                failed[name] = error
            else:
                yield name, path


def _contents(
    rows: list[Clip],
) -> Iterator[tuple[Clip, pyarrow.Buffer | None, str]]:
    """Yield (row, bytes or None, error) for each row."""
    (pyarrow,) = require("ray", "pyarrow")
    for (table, group), grouped in itertools.groupby(rows, _place):
        some = list(grouped)
        if table is None or group is None:
            yield from ((row, None, "") for row in some)
            continue
        n_read = 0
        try:
            for row, content in zip(some, _read_bytes(table, group, some)):
                error = _cell_fault(content)
                yield row, None if error else content, error
                n_read += 1
        except (OSError, ValueError, pyarrow.ArrowException) as err:
            yield from ((row, None, f"{table}: {err}") for row in some[n_read:])
        except MemoryError:
            reason = f"{table}: row group {group} does not fit into memory"
            yield from ((row, None, reason) for row in some[n_read:])


def _cell_fault(content: pyarrow.Buffer | None) -> str:
    """Return what is wrong with a cell of bytes; empty if nothing."""
    if content is None:
        return "no bytes"
    if content.size > MAX_CELL_BYTES:
        return (
            f"{content.size} bytes in a cell of Parquet, at most "
            f"{MAX_CELL_BYTES}; give the file's path instead"
        )
    return ""


def _place(row: Clip) -> tuple[str | None, int | None]:
    """Return the part of a Parquet file that has a clip's bytes."""
    return row["table"], row["group"]


def _read_bytes(
    table: str, group: int, rows: list[Clip]
) -> Iterator[pyarrow.Buffer | None]:
    """Yield the bytes of some rows of a row group as Arrow's buffers."""
    wanted = iter([row["row"] for row in rows])
    following, first = next(wanted, None), 0
    files, path = open_filesystem(table)
    with files.open(path, "rb") as file:
        content = open_plain(file, COLUMNS)
        check_group(content, group, BYTES)
        batches = content.iter_batches(1, row_groups=[group], columns=[BYTES])
        for batch in batches:
            while following is not None and following < first + len(batch):
                yield batch[BYTES][following - first].as_buffer()
                following = next(wanted, None)
            if following is None:
                return
            first += len(batch)


def _fetch(job: Job) -> tuple[str, str, str]:
    """Return name, local path and error of one clip."""
    row, content, error, folder, number = job
    name, address = row["path"], row["address"]
    if error:
        return name, "", error
    if address is not None and not is_address(address):
        return name, address, ""
    path = folder / f"{number}{PurePosixPath(name).suffix[:8]}"
    if content is not None:
        path.write_bytes(content)
        return name, str(path), ""
    if address is None:
        return name, "", "no bytes"
    try:
        files, remote = open_filesystem(address)
        files.get_file(remote, str(path))
    except FileNotFoundError:
        return name, "", "no such file"
    # From any network and protocol; the clip's row says what went wrong.
    except Exception as err:
        return name, "", f"cannot be fetched: {type(err).__name__}: {err}"
    return name, str(path), ""
