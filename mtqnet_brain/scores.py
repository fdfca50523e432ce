"""Scores from outside, joined to the clips of a manifest by file name.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import shlex
import statistics
from dataclasses import dataclass, field

from mtqnet_brain.clip_names import cell_key, clip_keys, file_column
from mtqnet_brain.manifest import LABELS, set_labels
from mtqnet_brain.tables import (
    ScoreError,
    find_quest_columns,
    read_table,
    score_within,
)
from mtqnet_brain.validation import list_faults

QUEST_SOURCE = "3QUEST"


@dataclass
class JoinReport:
    """What became of a table: clips matched, clips without a score.

    ``n_matched`` clips are in the table, those of the IDs in
    ``without_score`` got none, ``n_unused`` files of the table are no clip.
    """

    n_matched: int
    without_score: list = field(default_factory=list)
    n_unused: int = 0

    def __str__(self):
        """Return the report in one line."""
        text = f"{self.n_matched} wavs matched"
        if self.without_score:
            first = ", ".join(self.without_score[:3])
            text += f", {len(self.without_score)} without a score ({first})"
        if self.n_unused:
            text += f", {self.n_unused} files of the table are no wav here"
        return text


def parse_columns(label):
    """Read which label comes from which column.

    Arguments
    ---------
    label : dict, str or list of str
        ``{"s_mos": "A"}``, ``"s_mos=A n_mos=B"``, ``["s_mos=A"]``, or
        ``"s_mos A n_mos B"``, which SpeechBrain's argument parser makes of
        the second. Column names with blanks stand in quotes.

    Returns
    -------
    dict
        Column by label.

    Raises
    ------
    ScoreError
        If a label is unknown or has no column.
    """
    label = parse_pairs(label)
    for name in label:
        if name not in LABELS:
            raise ScoreError(f"label: {name!r} is not one of {LABELS}")
    return label


def parse_pairs(label):
    """Read LABEL=VALUE pairs in any of the forms of `parse_columns`.

    Arguments
    ---------
    label : dict, str or list of str
        The pairs.

    Returns
    -------
    dict
        Value by label.

    Raises
    ------
    ScoreError
        If one is no pair.
    """
    if isinstance(label, str):
        label = shlex.split(label)
    if isinstance(label, dict):
        return dict(label)
    pairs = [word for item in label for word in item.split("=", 1)]
    if not pairs or len(pairs) % 2:
        raise ScoreError(f"label: {label} is not LABEL=COLUMN ...")
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def join_scores(
    rows,
    csv_path,
    columns,
    source,
    average=False,
    tasks=(),
    row_keys=clip_keys,
):
    """Write the scores of a table into the rows, by file name.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    csv_path : str or Path
        Table; which column has the file names is seen by its content.
    columns : dict
        Column of the table by label, e.g. ``{"s_mos": "S-MOS"}``.
    source : str
        Goes into ``<label>_source``.
    average : bool
        Whether several scores of a file are averaged, as those of several
        listeners; if not, contradicting ones are faults.
    tasks : list of Task
        Whose labels must lie in their range.
    row_keys : callable
        Of a row: the names that a table may give its clip, with at most one
        folder, without extension.

    Returns
    -------
    JoinReport
        How many clips matched, which have no score.

    Raises
    ------
    ScoreError
        If a column is missing, no file name matches, or scores are no number,
        out of range or contradictory: all these at once, with row and value.
    """
    header, cells = read_table(csv_path)
    for column in columns.values():
        if column not in header:
            reason = f"no column {column!r}; there are {header}"
            raise ScoreError(f"{csv_path}: {reason}")
    keys = {key for row in rows for key in row_keys(row)}
    name_column = file_column(header, cells, keys)
    if not any(cell_key(row[name_column], keys) in keys for _, row in cells):
        example = cells[0][1][name_column] if cells else "no row"
        raise ScoreError(
            f"{csv_path}: no file matches a wav; its column {name_column!r} "
            f"has {example!r}, the wavs are like {rows[0]['wav']!r}"
        )
    tasks = {task.column: task for task in tasks}
    scores, faults = _collect(cells, name_column, columns, keys, tasks)
    if not average:
        faults += _contradictions(scores)
    if faults:
        raise ScoreError(f"{csv_path}: {list_faults(faults)}")
    found = [
        next((key for key in row_keys(row) if key in scores), None)
        for row in rows
    ]
    return _join(rows, found, scores, columns, source)


def _collect(cells, name_column, columns, keys, tasks):
    """Return the scores by file and label, and the faults of cells."""
    scores, faults = {}, []
    for line, row in cells:
        key = cell_key(row[name_column], keys)
        by_label = scores.setdefault(key, {name: [] for name in columns})
        for name, column in columns.items():
            try:
                score = score_within(row[column], tasks.get(name))
                by_label[name].append(score)
            except ValueError as err:
                problem = f"{column} = {row[column]!r} is {err}"
                faults.append(f"row {line}: {row[name_column]}: {problem}")
    return scores, faults


def _present(values):
    """Return the values that are not missing."""
    return [value for value in values if not math.isnan(value)]


def _contradictions(scores):
    """List the files with different scores for one label."""
    return [
        f"{key}: {name} is given as {sorted(set(_present(values)))}"
        for key, by_label in scores.items()
        for name, values in by_label.items()
        if len(set(_present(values))) > 1
    ]


def _join(rows, found, scores, columns, source):
    """Write the mean scores of the names found into the rows."""
    means = {
        key: {
            name: statistics.fmean(_present(values) or [math.nan])
            for name, values in by_label.items()
        }
        for key, by_label in scores.items()
    }
    nothing = dict.fromkeys(columns, math.nan)
    for name in columns:
        values = [means.get(key, nothing)[name] for key in found]
        set_labels(rows, name, values, source)
    used = {key for key in found if key is not None}
    return JoinReport(
        n_matched=sum(key is not None for key in found),
        without_score=[
            row["ID"]
            for row, key in zip(rows, found, strict=True)
            if not _present(means.get(key, nothing).values())
        ],
        n_unused=len(set(means) - used),
    )


def join_quest(rows, csv_path, columns=None, tasks=(), row_keys=clip_keys):
    """Write 3QUEST scores into the rows, by file name.

    Arguments
    ---------
    rows, csv_path, row_keys
        As for `join_scores`.
    columns : dict
        Column by label. Default: recognised by name, such as ``S-MOS``,
        ``smos`` or ``SMOS_LQO``.
    tasks : list of Task
        As for `join_scores`.

    Returns
    -------
    JoinReport
        As of `join_scores`.

    Raises
    ------
    ScoreError
        As `join_scores`, or if no column, or more than one for a label,
        is recognised.
    """
    columns = columns or find_quest_columns(csv_path)
    return join_scores(
        rows, csv_path, columns, QUEST_SOURCE, tasks=tasks, row_keys=row_keys
    )
