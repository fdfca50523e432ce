"""How tables of scores name the clips of a corpus.

Two names are of one clip if they end alike, folder by folder: ``C:\\a\\x.WAV``
and ``data/a/x.flac`` do in two parts. Both slashes part folders, ``./x`` is
``x``, and the ending of an audio file counts for nothing unless it decides
between ``x.wav`` and ``x.flac``. Accents and bytes are those of
`text_files.compose`.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtqnet_brain.data.name_spellings import name_parts, strip_ending

FILE_COLUMNS = ("file", "filename", "file_name", "wav", "path", "name")


def clip_names(row: dict) -> tuple[str, ...]:
    """Return the names that a table may give a clip.

    Arguments
    ---------
    row : dict
        Manifest row.

    Returns
    -------
    tuple of str
        The path, of which a table may have any end of two parts or more,
        and the bare name.
    """
    return row["wav"], re.split(r"[/\\]", row["wav"])[-1]


def _key(parts):
    """Return parts with the last one's ending left out."""
    return *parts[:-1], strip_ending(parts[-1])


class ClipIndex:
    """Finds the clips that a table's names mean.

    Arguments
    ---------
    names : list of tuple of str
        Of each clip, as of `clip_names`: a path stands for every end of it
        that has a folder, a bare name for itself.
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
        """Return the clips that a name may mean: one if all is well.

        Arguments
        ---------
        cell : str
            File name in a table, with any folders and ending or none.

        Returns
        -------
        n_parts : int
            How many parts of the path agree.
        clips : list of int
            The clips of the longest agreement; of several the one of that
            whole path, else those of that ending, else of the whole name
            before their ending (``x.mp3`` of ``x.mp3.wav``), else of that
            spelling, if there are such.
        """
        parts = name_parts(cell)
        for n_parts in range(len(parts), 0, -1):
            end = parts[-n_parts:]
            found = self._clips.get(_key(end), {}) | self._clips.get(end, {})
            if found:
                return n_parts, self._narrow(found, cell, parts)
        return 0, []

    def _narrow(self, found, cell, parts):
        """Keep the clips of the same path, ending and spelling."""
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
    """Return the usual column that names a clip, else what names most.

    Arguments
    ---------
    header : list of str
        Columns.
    cells : list of tuple
        Line number and cells by column, of `table_files.read_table`.
    index : ClipIndex
        Of the clips.

    Returns
    -------
    str
        One of the header.
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
