"""Which files a command line means: files, folders, lists, standard input.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import sys
from pathlib import Path
from typing import IO

from mtqnet_brain.audio.listing import audio_files, is_audio_name
from mtqnet_brain.data.name_spellings import find_listed
from mtqnet_brain.utils.text_files import decode_text, read_file, split_lines

LISTS = (".txt", ".lst")
STDIN = "-"


def find_inputs(
    arguments: list[str], recursive: bool = False, stdin: IO | None = None
) -> list[str]:
    """Return the files to score, in the order of the arguments.

    Arguments
    ---------
    arguments : list of str
        Files; folders, whose audio files are meant; lists (``.txt``,
        ``.lst``) with a path per line, in quotes or not; ``-`` for a list
        from standard input.
    recursive : bool
        Whether subfolders are meant too.
    stdin : file
        Standard input, open for bytes or text. Default: that of the process.

    Returns
    -------
    list of str
        Paths. What does not exist, and folders without audio files, stay as
        they are: scoring them says so.

    Raises
    ------
    FileNotFoundError
        If a list does not exist.
    ValueError
        If a file is Parquet, or a list no text.
    """
    found = []
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN:
            stdin = stdin or sys.stdin
            content = getattr(stdin, "buffer", stdin).read()
            found += read_list(content, "standard input")
        elif os.path.isdir(path):  # a name too long for Path.is_dir
            found += _folder(path, recursive)
        elif path.suffix.lower() in LISTS:
            found += read_list(read_file(path), path)
        elif path.suffix.lower() == ".parquet":
            raise ValueError(f"{argument}: Parquet is read by --engine ray")
        else:
            found.append(str(path))
    return found


def read_list(content: bytes, name: str | Path) -> list[str]:
    """Return the files that a list means.

    Arguments
    ---------
    content : bytes
        A path per line, as `text_files.decode_text` reads it.
    name : str or Path
        What an error calls it.

    Returns
    -------
    list of str
        Of `name_spellings.find_listed`.
    """
    return find_listed(split_lines(decode_text(content, name)))


def _folder(path, recursive):
    """Return a folder's audio files; the folder itself if there is none.

    Subfolders that cannot be read are listed: scoring them says why.

    What is named like an audio file and is none, as a folder inside or a link
    to nowhere, is listed: a person would miss it.
    """
    unread = []
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
