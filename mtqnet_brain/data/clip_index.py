"""Finds the clips of a corpus by the names that tables give them.

Two paths may mean the same clip if their ends agree, folder by folder:
``C:\\a\\x.WAV`` and ``data/a/x.flac`` agree in two parts. Both slashes
separate folders, ``./x`` is ``x``, and the file extension only decides
between ``x.wav`` and ``x.flac``. Accents are compared as
`text_files.compose` writes them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtqnet_brain.data.name_spellings import name_parts, strip_ending

FILE_COLUMNS = ("file", "filename", "file_name", "wav", "path", "name")


def table_names(row: dict) -> tuple[str, ...]:
    """Return the names that a table may give a clip: path and file name."""
    return row["wav"], re.split(r"[/\\]", row["wav"])[-1]


def _key(parts):
    """Return the parts, the last one without its file extension."""
    return *parts[:-1], strip_ending(parts[-1])


class ClipIndex:
    """Finds the clips that a table's names mean.

    Arguments
    ---------
    names : list of tuple of str
        Names of each clip, of `table_names`. A path is found by every end of
        it that has a folder, a bare name by itself.
    """

    def __init__(self, names: list[Sequence[str]]) -> None:
        # By the end of a path: spelling and parts of each clip's name.
        self._clips: dict[tuple, dict[int, tuple[str, tuple]]] = {}
        for clip, its_names in enumerate(names):
            for name in its_names:
                parts = name_parts(name)
                key = _key(parts)
                for n_parts in range(min(2, len(key)), len(key) + 1):
                    # The first of a clip's names says how it is spelled.
                    of_end = self._clips.setdefault(key[-n_parts:], {})
                    of_end.setdefault(clip, (name, parts))

    def find(self, cell: str) -> tuple[int, list[int]]:
        """Return the clips that a name may mean: one, if it is clear.

        Arguments
        ---------
        cell : str
            File name in a table, with or without folders and extension.

        Returns
        -------
        n_parts : int
            Number of parts of the path that agree, 0 without a clip.
        clips : list of int
            The clips whose paths agree in most parts. If there are several,
            the one with the same path, else those with the same extension,
            else those whose name without extension is the cell
            (``x.mp3.wav`` for ``x.mp3``), else those spelled the same.
        """
        parts = name_parts(cell)
        for n_parts in range(len(parts), 0, -1):
            end = parts[-n_parts:]
            found = self._clips.get(_key(end), {}) | self._clips.get(end, {})
            if found:
                return n_parts, self._narrow(found, cell, parts)
        return 0, []

    def _narrow(self, found, cell, parts):
        """Keep the clips of the same path, extension and spelling."""
        for is_same in (
            lambda name, its_parts: its_parts == parts,
            lambda name, its_parts: its_parts[-1] == parts[-1],
            lambda name, its_parts: _key(its_parts)[-1] == parts[-1],
            lambda name, its_parts: name.endswith(cell),
        ):
            if len(found) > 1:
                same = {c: f for c, f in found.items() if is_same(*f)}
                found = same or found
        return list(found)


def file_column(
    header: list[str], cells: list[tuple[int, dict]], index: ClipIndex
) -> str:
    """Return a column of a usual name that has clips, else the best one.

    Arguments
    ---------
    header, cells
        The table, of `table_files.read_table`.
    index : ClipIndex
        Index of the clips.

    Returns
    -------
    str
        Name of the column whose cells name clips.
    """
    usual = [
        column
        for name in FILE_COLUMNS
        for column in header
        if column.lower() == name
    ]
    for column in usual:
        if any(index.find(row[column])[0] for _, row in cells):
            return column
    named = {
        column: sum(index.find(row[column])[0] > 0 for _, row in cells)
        for column in header
    }
    best = max(header, key=named.__getitem__)
    return best if named[best] else (usual or header)[0]
