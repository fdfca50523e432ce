"""Spellings of a file's name: of Windows, of a Mac, of lists typed by hand.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import re
from functools import lru_cache
from pathlib import Path

from mtqnet_brain.audio.listing import ENDINGS, FOREIGN
from mtqnet_brain.utils.text_files import compose, unquote


@lru_cache(maxsize=2**17)  # joining asks for each name several times
def name_parts(name: str) -> tuple[str, ...]:
    r"""Return folders and file name, in the spelling that all have in common.

    Arguments
    ---------
    name : str
        Path in any spelling.

    Returns
    -------
    tuple of str
        Without ``.`` and empty parts; the ending in small letters.

    Example
    -------
    >>> name_parts(r".\\a b\\x.MP3.WAV")
    ('a b', 'x.MP3.wav')
    """
    parts = re.split(r"[/\\]", compose(unquote(name)))
    parts = [part for part in parts if part not in ("", ".")] or [""]
    stem = strip_ending(parts[-1])
    return *parts[:-1], stem + parts[-1][len(stem) :].lower()


def strip_ending(name: str) -> str:
    """Return a file name without the ending of an audio file.

    Not as ``Path.stem``, which cuts at the point of an SNR like 2.5 dB.

    Arguments
    ---------
    name : str
        File name.

    Returns
    -------
    str
        What stands before the ending; a name without one as it is.
    """
    stem, point, ending = name.rpartition(".")
    return (
        stem if stem and point + ending.lower() in ENDINGS | FOREIGN else name
    )


class FileFinder:
    """Finds files whose names are spelled otherwise than a list has them.

    Arguments
    ---------
    folder : str or Path
        Where relative names start.
    """

    def __init__(self, folder: str | Path = ".") -> None:
        self.folder = Path(folder)
        self._listings: dict[Path, dict[str, list[str]]] = {}

    def find(self, name: str) -> list[Path]:
        """Return the files that a name may mean: one if all is well.

        Arguments
        ---------
        name : str
            Absolute or relative path.

        Returns
        -------
        list of Path
            The file of that very name if there is one; else those of
            the same `name_parts`, with slashes of either kind.
        """
        for spelling in (name, unslashed(name)):
            path = self.folder / spelling
            if spelling and os.path.isfile(path):
                return [path]
        return [path for path in self.spelled(path) if os.path.isfile(path)]

    def spelled(self, path: Path) -> list[Path]:
        """Return the files and folders whose path is spelled alike.

        Arguments
        ---------
        path : Path
            With ``/`` between its parts.

        Returns
        -------
        list of Path
            The path itself if it exists.
        """
        if os.path.lexists(path):
            return [path]
        if path.name in ("", ".."):
            return []
        wanted = name_parts(path.name)[-1]
        return [
            folder / found
            for folder in self.spelled(path.parent)
            for found in self.listing(folder).get(wanted, ())
        ]

    def listing(self, folder: Path) -> dict[str, list[str]]:
        """Return the names in a folder, by their spelling in common.

        Arguments
        ---------
        folder : Path
            Read once.

        Returns
        -------
        dict of str to list of str
            Names; empty if it cannot be read.
        """
        if folder not in self._listings:
            listing: dict[str, list[str]] = {}
            self._listings[folder] = listing
            try:
                names = sorted(os.listdir(folder))
            except (OSError, ValueError):  # no folder: nothing is found in it
                names = []
            for name in names:
                listing.setdefault(name_parts(name)[-1], []).append(name)
        return self._listings[folder]


def unslashed(name: str) -> str:
    """Return a name of a list without quotes and back slashes."""
    return unquote(name).replace("\\", "/")


def find_listed(lines: list[str]) -> list[str]:
    """Return the files that the lines of a list mean.

    Arguments
    ---------
    lines : list of str
        Paths; blank lines mean nothing.

    Returns
    -------
    list of str
        Paths as they are on disk; of files not found, without blanks and
        quotes around.
    """
    finder, found = FileFinder(), []
    for line in filter(str.strip, lines):
        paths = [line] if os.path.lexists(line) else finder.find(line)
        found.append(str(paths[0]) if len(paths) == 1 else unquote(line))
    return found
