"""Joins tables of labels to the clips of a manifest, by file name.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtqnet_brain.data.clip_index import table_names
from mtqnet_brain.data.clip_matching import match_clips
from mtqnet_brain.data.manifest import LABELS, set_labels
from mtqnet_brain.data.table_files import (
    ScoreError,
    find_quest_columns,
    read_table,
)
from mtqnet_brain.data.table_numbers import read_label
from mtqnet_brain.data.validation import list_faults
from mtqnet_brain.utils.name_value import parse_pairs

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task

QUEST_SOURCE = "3QUEST"


@dataclass
class JoinReport:
    """Counts of a join.

    Arguments
    ---------
    n_matched : int
        Number of clips that are in the table.
    without_score : list of str
        IDs of clips that got no label.
    n_unused : int
        Number of files in the table that are not among the clips.
    n_scores : tuple of int
        Fewest and most scores of which a label is the mean.
    """

    n_matched: int
    without_score: list[str] = field(default_factory=list)
    n_unused: int = 0
    n_scores: tuple[int, int] = (1, 1)

    def __str__(self) -> str:
        """Return the report in one line."""
        text = f"{self.n_matched} wavs matched"
        if self.without_score:
            first = ", ".join(self.without_score[:3])
            text += f", {len(self.without_score)} without a score ({first})"
        if self.n_unused:
            text += f", {self.n_unused} files of the table match no wav"
        if self.n_scores[1] > 1:
            text += ", means of {} to {} scores each".format(*self.n_scores)
        return text


def parse_columns(label: dict | str | list[str]) -> dict:
    """Read which label comes from which column.

    Arguments
    ---------
    label : dict, str or list of str
        As for `name_value.parse_pairs`, e.g. ``"s_mos=A n_mos=B"``.

    Returns
    -------
    dict
        Column by label.

    Raises
    ------
    ValueError
        If a label is unknown or has no column.
    """
    columns = parse_pairs(label, "LABEL=COLUMN", "--label")
    for name in columns:
        if name not in LABELS:
            raise ScoreError(f"label: {name!r} is not one of {LABELS}")
    return columns


def join_scores(
    rows: list[dict],
    csv_path: str | Path,
    columns: dict,
    source: str,
    average: bool = False,
    copies: bool = False,
    tasks: Sequence[Task] = (),
    names: Callable[[dict], Sequence[str]] = table_names,
) -> JoinReport:
    """Write the labels of a table into manifest rows, by file name.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    csv_path : str or Path
        Table; its column of file names is recognised by its content.
    columns : dict
        Column of the table by label, e.g. ``{"s_mos": "S-MOS"}``.
    source : str
        Label source, for ``<label>_source``.
    average : bool
        Whether several scores of a file, as of several listeners, are
        averaged; if not, different ones are faults.
    tasks : sequence of Task
        Tasks whose labels must lie in their range.
    copies, names
        As for `clip_matching.match_clips`.

    Returns
    -------
    JoinReport
        How many clips matched, and which have no label.

    Raises
    ------
    ScoreError
        If a column is missing, no file name matches, a name is ambiguous, or
        scores are not numbers, out of range or contradictory. It lists all
        such faults, with row and value.
    """
    header, cells = check_columns(csv_path, columns)
    matched = match_clips(rows, header, cells, names, copies)
    if not any(matched.rows) and not matched.faults:
        example = cells[0][1][matched.column]
        raise ScoreError(
            f"{csv_path}: no file matches a wav; its column "
            f"{matched.column!r} has {example!r}, the wavs look like "
            f"{rows[0]['wav']!r}"
        )
    by_column = {task.column: task for task in tasks}
    scores, faults = _collect(matched, columns, by_column)
    if not average:
        faults += _contradictions(matched, scores)
    if faults or matched.faults:
        faults = list_faults(matched.faults + faults)
        raise ScoreError(f"{csv_path}: {faults}")
    return _join(rows, matched, scores, source)


def check_columns(
    csv_path: str | Path, columns: dict
) -> tuple[list[str], list[tuple[int, dict]]]:
    """Read a table; refuse one without the label columns.

    Arguments
    ---------
    csv_path, columns
        As for `join_scores`.

    Returns
    -------
    header, rows
        The table, of `table_files.read_table`.

    Raises
    ------
    ScoreError
        If a column is missing.
    """
    header, cells = read_table(csv_path)
    for name, column in columns.items():
        if column not in header:
            raise ScoreError(
                f"{csv_path}: no column {column!r} for label {name}; there "
                f"are {header}"
            )
    return header, cells


def _collect(matched, columns, tasks):
    """Return the scores by label and clip, and the faults."""
    scores: dict[str, list[list[float]]] = {
        name: [[] for _ in matched.rows] for name in columns
    }
    faults: dict[tuple[int, str], str] = {}
    for clip, rows in enumerate(matched.rows):
        for (line, row), (name, column) in product(rows, columns.items()):
            score, problem = read_label(row[column], tasks.get(name))
            if problem:
                # One fault of a row that two clips share.
                faults[line, name] = (
                    f"row {line}: {row[matched.column]}: "
                    f"{column} = {row[column]!r} is {problem}"
                )
            scores[name][clip] += [] if math.isnan(score) else [score]
    return scores, [faults[key] for key in sorted(faults)]


def _contradictions(matched, scores):
    """List the files that have different scores for one label."""
    return [
        f"{rows[0][1][matched.column]}: {name} is given as "
        f"{sorted(set(values))}"
        for name, by_clip in scores.items()
        for rows, values in zip(matched.rows, by_clip, strict=True)
        if len(set(values)) > 1
    ]


def _join(rows, matched, scores, source):
    """Write the mean scores into the rows."""
    for name, by_clip in scores.items():
        means = [statistics.fmean(values or [math.nan]) for values in by_clip]
        set_labels(rows, name, means, source)
    counts = [len(v) for by_clip in scores.values() for v in by_clip if v]
    return JoinReport(
        n_matched=sum(map(bool, matched.rows)),
        without_score=[
            row["ID"]
            for clip, row in enumerate(rows)
            if not any(by_clip[clip] for by_clip in scores.values())
        ],
        n_unused=matched.n_unused,
        n_scores=(min(counts), max(counts)) if counts else (0, 0),
    )


def join_quest(
    rows: list[dict],
    csv_path: str | Path,
    columns: dict | None = None,
    tasks: Sequence[Task] = (),
    **matching: Any,
) -> JoinReport:
    """Write 3QUEST scores into the rows, by file name.

    Arguments
    ---------
    rows, csv_path
        As for `join_scores`.
    columns : dict
        Column by label. Default: those recognised by name, such as ``S-MOS``,
        ``smos`` or ``SMOS_LQO``.
    tasks : sequence of Task
        As for `join_scores`.
    **matching
        ``names`` and ``copies`` of `clip_matching.match_clips`.

    Returns
    -------
    JoinReport
        As `join_scores` returns.

    Raises
    ------
    ScoreError
        As `join_scores` raises; if no column is recognised, or more than one
        for a label.
    """
    columns = columns or find_quest_columns(csv_path)
    return join_scores(
        rows, csv_path, columns, QUEST_SOURCE, tasks=tasks, **matching
    )
