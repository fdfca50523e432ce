"""Which files a command line means: files, folders, lists, standard input.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

from mtqnet_brain.audio_folder import audio_files, is_audio_name

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

    What is named like an audio file and is none, as a folder inside or a link
    to nowhere, is listed: a person would miss it.
    """
    try:
        found = audio_files(path, recursive)
        if not recursive:
            found += [
                entry
                for entry in path.iterdir()
                if is_audio_name(entry.name) and not entry.is_file()
            ]
    except ValueError:
        return [str(path)]
    return [str(entry) for entry in sorted(found)]
