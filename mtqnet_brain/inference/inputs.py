"""The files that a command line names: files, folders, lists, standard input.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import sys
from pathlib import Path
from typing import IO, Any

from mtqnet_brain.audio.listing import audio_files, is_audio_name
from mtqnet_brain.data.name_spellings import find_listed
from mtqnet_brain.utils.text_files import decode_text, read_file, split_lines

LISTS = (".txt", ".lst")
STDIN = "-"
NUL_SIGN = "\u2400"  # shown for a NUL, which no file name can hold


def find_inputs(
    arguments: list[str], recursive: bool = False, stdin: IO | None = None
) -> list[str]:
    """Return the files to score, in the order of the arguments.

    Arguments
    ---------
    arguments : list of str
        Files; folders of audio files; lists (``.txt``, ``.lst``) with a path
        per line, in quotes or not; ``-`` for a list from standard input.
    recursive : bool, optional
        Whether to include subfolders.
    stdin : file, optional
        Standard input, open for bytes or text. Default: that of the process.

    Returns
    -------
    list of str
        Paths. Missing files, and folders without audio files, are included:
        scoring them says what is wrong.

    Raises
    ------
    FileNotFoundError
        If a list does not exist.
    ValueError
        If a file is Parquet, or a list is not text.
    """
    found = []
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN:
            stream: Any = stdin or sys.stdin
            content = getattr(stream, "buffer", stream).read()
            found += read_list(content, "standard input")
        elif os.path.isdir(path):  # Path.is_dir fails on a name too long
            found += _folder(path, recursive)
        elif path.suffix.lower() in LISTS:
            found += read_list(read_file(path), path)
        elif path.suffix.lower() == ".parquet":
            raise ValueError(f"{argument}: Parquet files need --engine ray")
        else:
            found.append(str(path))
    return found


def read_list(content: bytes, name: str | Path) -> list[str]:
    """Return the files that a list names.

    Arguments
    ---------
    content : bytes
        A path per line, in an encoding of `text_files.decode_text`.
    name : str or Path
        Name of the list in error messages.

    Returns
    -------
    list of str
        Result of `name_spellings.find_listed`; a NUL in a line is shown as
        U+2400, which makes it the name of a missing file.

    Raises
    ------
    TextError
        If most lines have a NUL: the list is not text, or UTF-16 without a
        byte-order mark.
    """
    lines = split_lines(decode_text(content, name, allow_nul=True))
    lines = [line for line in lines if line.strip()]
    if 2 * sum("\0" in line for line in lines) > len(lines):
        decode_text(content, name)  # raises
    return find_listed([line.replace("\0", NUL_SIGN) for line in lines])


def _folder(path: Path, recursive: bool) -> list[str]:
    """Return a folder's audio files, or the folder itself if it has none.

    Subfolders that cannot be read are included, and so are folders and
    broken links that are named like audio files: scoring them says what is
    wrong.
    """
    unread: list[str] = []
    try:
        found = audio_files(
            path, recursive, lambda e: unread.append(e.filename)
        )
        if not recursive:
            found += [
                entry
                for entry in path.iterdir()
                if is_audio_name(entry.name) and not os.path.isfile(entry)
            ]
    except ValueError:
        return unread or [str(path)]
    return [str(entry) for entry in sorted([*found, *map(Path, unread)])]
