"""Matches rows of a table to clips.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mtqnet_brain.data.clip_index import ClipIndex, file_column, table_names
from mtqnet_brain.data.name_spellings import name_parts, strip_ending


@dataclass
class Matching:
    """Rows of a table by clip.

    Arguments
    ---------
    column : str
        Column of the file names.
    rows : list of list
        Line numbers and rows about each clip.
    n_unused : int
        Number of files in the table that are not among the clips.
    faults : list of str
        Names that may mean several clips, clips with several names.
    """

    column: str
    rows: list[list[tuple[int, dict]]]
    n_unused: int = 0
    faults: list[str] = field(default_factory=list)


def match_clips(
    clips: list[dict],
    header: list[str],
    cells: list[tuple[int, dict]],
    names: Callable[[dict], Sequence[str]] = table_names,
    copies: bool = False,
) -> Matching:
    """Find the clips that the rows of a table are about.

    The longest common end of two paths decides. A bare name, or one in
    another folder, is enough if it fits only one clip.

    Arguments
    ---------
    clips : list of dict
        Manifest rows.
    header, cells
        The table, of `table_files.read_table`.
    names : callable
        Returns the names that a table may give a clip.
    copies : bool
        Whether a name may mean several clips, which are copies; if not, that
        is a fault.

    Returns
    -------
    Matching
        Rows by clip.
    """
    all_names = [names(clip) for clip in clips]
    index = ClipIndex(all_names)
    found = Matching(file_column(header, cells, index), [[] for _ in clips])
    ranked: list[list[tuple]] = [[] for _ in clips]
    for line, row in cells:
        cell = row[found.column]
        n_parts, fitting = index.find(cell)
        if len(fitting) > 1 and not copies:
            first, second = (clips[i]["wav"] for i in fitting[:2])
            found.faults.append(
                f"row {line}: {cell} may be {first} or {second}; name the "
                "folder too"
            )
            continue
        whole = n_parts == len(name_parts(cell))
        for clip in fitting:
            extension = _extension_fits(cell, all_names[clip][0])
            ranked[clip].append(((n_parts, whole, extension), line, row))
    used = set()
    for clip, candidates in enumerate(ranked):
        best = max((rank for rank, *_ in candidates), default=None)
        rows = [(line, row) for rank, line, row in candidates if rank == best]
        found.rows[clip] = rows
        found.faults += _double_names(clips[clip]["wav"], rows, found.column)
        used |= {name_parts(row[found.column]) for _, row in rows}
    found.n_unused = len({name_parts(r[found.column]) for _, r in cells} - used)
    return found


def _extension_fits(cell, name):
    """Return whether a table's name has a file's extension, or none."""
    last = name_parts(cell)[-1]
    return last in (strip_ending(last), name_parts(name)[-1])


def _double_names(wav, rows, column):
    """Return the fault of a clip that different names fit equally well."""
    first_line, first = None, None
    for line, row in rows:
        parts = name_parts(row[column])
        parts = (*parts[:-1], strip_ending(parts[-1]))
        if first is None or len(parts) > len(first):
            first, parts, first_line, line = parts, first, line, first_line
        if parts and first[-len(parts) :] != parts:
            lines = sorted((line, first_line))
            names = [row[column] for n, row in rows if n in lines]
            return [
                f"{wav} may be {names[0]} (row {lines[0]}) or {names[1]} "
                f"(row {lines[1]}); give more of the path"
            ]
    return []
