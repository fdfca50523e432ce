"""The files that a command line names, local or at any fsspec address.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mtqnet_brain.audio.listing import is_audio_name, left_out_note
from mtqnet_brain.inference.inputs import LISTS, find_inputs, read_list
from mtqnet_brain.utils.installation import require

if TYPE_CHECKING:
    import fsspec

PARQUET = ".parquet"


def is_address(path: str) -> bool:
    """Whether a path names its protocol, such as ``s3://bucket/a.wav``."""
    return "://" in path


def tables_of(path: str) -> list[str]:
    """Return the Parquet files at a path or address of a file or folder."""
    if path.lower().endswith(PARQUET):
        return [path]
    files, root = open_filesystem(path)
    if not files.isdir(root):
        return []
    inside = sorted(files.glob(f"{root.rstrip('/')}/*{PARQUET}"))
    return [files.unstrip_protocol(file) for file in inside]


def open_filesystem(path: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of a path or address, and the path in it.

    Raises
    ------
    ValueError
        If the protocol is unknown or its package is missing.
    """
    (core,) = require("ray", "fsspec.core")
    try:
        return core.url_to_fs(path)
    except (ValueError, ImportError) as err:
        raise ValueError(f"{path}: {err}") from err


def find_addresses(
    arguments: list[str], recursive: bool = False
) -> dict[str, str]:
    """Return the names and addresses of the files to score.

    Arguments
    ---------
    arguments : list of str
        As for `inputs.find_inputs`, or addresses of files, folders and lists.
    recursive : bool
        Whether subfolders are searched too.

    Returns
    -------
    dict of str to str
        Address by name. A local file has the name of the command line and an
        absolute path, since workers run in other folders.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        names = [argument]
        if not is_address(argument):
            names = find_inputs([argument], recursive)
        elif PurePosixPath(argument).suffix.lower() in LISTS:
            names = _remote_list(argument)
        elif not is_audio_name(PurePosixPath(argument).name):
            names = _remote_folder(argument, recursive)
        found |= {name: absolute(name) for name in names}
    return found


def absolute(path: str) -> str:
    """Return a path as an absolute one; an address stays as it is."""
    return path if is_address(path) else os.path.abspath(path)


def _remote_list(address: str) -> list[str]:
    """Return the files that a list names."""
    files, path = open_filesystem(address)
    return read_list(files.cat_file(path), address)


def _remote_folder(address: str, recursive: bool) -> list[str]:
    """Return the addresses of a folder's audio files."""
    files, root = open_filesystem(address)
    paths = files.find(root, maxdepth=None if recursive else 1)
    note = left_out_note(paths)
    if note:
        print(f"{address}: {note}", file=sys.stderr)
    named = [
        files.unstrip_protocol(path)
        for path in sorted(paths)
        if is_audio_name(PurePosixPath(path).name)
    ]
    return named or [address]
