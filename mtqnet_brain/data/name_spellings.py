"""Spellings of file names: of Windows, of macOS, of lists typed by hand.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import re
from functools import lru_cache
from pathlib import Path

from mtqnet_brain.audio.listing import EXTENSIONS, FOREIGN
from mtqnet_brain.utils.text_files import compose, unquote


@lru_cache(maxsize=2**17)  # joining asks for each name several times
def name_parts(name: str) -> tuple[str, ...]:
    r"""Return folders and file name in a spelling common to all systems.

    Arguments
    ---------
    name : str
        Path in any spelling.

    Returns
    -------
    tuple of str
        Parts without ``.`` and empty ones, the extension in lower case.

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
    """Return a file name without the extension of an audio file.

    Unlike ``Path.stem``, it does not cut at the point of an SNR of 2.5 dB.
    """
    stem, point, extension = name.rpartition(".")
    return (
        stem
        if stem and point + extension.lower() in EXTENSIONS | FOREIGN
        else name
    )


class FileFinder:
    """Finds files that a list spells differently.

    Arguments
    ---------
    folder : str or Path
        Folder of relative names.
    """

    def __init__(self, folder: str | Path = ".") -> None:
        self.folder = Path(folder)
        self._listings: dict[Path, dict[str, list[str]]] = {}

    def find(self, name: str) -> list[Path]:
        """Return the files that a name may mean: one, if it is clear.

        Arguments
        ---------
        name : str
            Absolute or relative path.

        Returns
        -------
        list of Path
            The file of exactly that name if there is one, else those with
            the same `name_parts`.
        """
        for spelling in (name, unslashed(name)):
            path = self.folder / spelling
            if spelling and os.path.isfile(path):
                return [path]
        return [path for path in self.spelled(path) if os.path.isfile(path)]

    def spelled(self, path: Path) -> list[Path]:
        """Return the path if it exists, else those with the same parts."""
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
        """Return the names in a folder by common spelling; read once."""
        if folder not in self._listings:
            listing: dict[str, list[str]] = {}
            self._listings[folder] = listing
            try:
                names = sorted(os.listdir(folder))
            except (OSError, ValueError):  # not a folder that can be read
                names = []
            for name in names:
                listing.setdefault(name_parts(name)[-1], []).append(name)
        return self._listings[folder]


def unslashed(name: str) -> str:
    """Return a name without quotes, with slashes for backslashes."""
    return unquote(name).replace("\\", "/")


def find_listed(lines: list[str]) -> list[str]:
    """Return the files that the lines of a list mean; skip blank lines.

    Paths are returned as they are on disk; those not found, without surrounding
    blanks and quotes.
    """
    finder, found = FileFinder(), []
    for line in filter(str.strip, lines):
        paths = [line] if os.path.lexists(line) else finder.find(line)
        found.append(str(paths[0]) if len(paths) == 1 else unquote(line))
    return found
