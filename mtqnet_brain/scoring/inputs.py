"""Which files a command line means: files, folders, lists, standard input.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

from mtqnet_brain.audio_folder import EXTENSIONS, audio_files

SCORED = (*EXTENSIONS, ".mp3")
LISTS = (".txt", ".lst")
STDIN = "-"


def find_inputs(arguments, recursive=False, stdin=None):
    """Return the files to score, in the order of the arguments.

    Arguments
    ---------
    arguments : list of str
        Files; folders, whose audio files are meant; lists (``.txt``,
        ``.lst``) with a path per line; ``-`` for a list from standard input.
    recursive : bool
        Whether subfolders are meant too.
    stdin : file
        Standard input. Default: that of the process.

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
        If a file is Parquet.
    """
    found = []
    for argument in arguments:
        path = Path(argument)
        if argument == STDIN:
            found += _lines(stdin or sys.stdin)
        elif path.is_dir():
            found += _folder(path, recursive)
        elif path.suffix.lower() in LISTS:
            with open(path, encoding="utf-8") as file:
                found += _lines(file)
        elif path.suffix.lower() == ".parquet":
            raise ValueError(f"{argument}: Parquet is read by --engine ray")
        else:
            found.append(str(path))
    return found


def _lines(file):
    """Return the lines that are not empty."""
    lines = (line.rstrip("\r\n") for line in file)
    return [line for line in lines if line]


def _folder(path, recursive):
    """Return a folder's audio files; the folder itself if there is none.

    A folder inside that is named like an audio file is listed: a person would
    miss it.
    """
    if recursive:
        try:
            return [str(file) for file in audio_files(path, SCORED)]
        except ValueError:
            return [str(path)]
    named = sorted(
        entry
        for entry in path.iterdir()
        if entry.suffix.lower() in SCORED and not entry.name.startswith(".")
    )
    return [str(entry) for entry in named] or [str(path)]
