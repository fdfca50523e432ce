"""How well scores agree with labels: per task and per system.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from mtqnet_brain.data.clip_matching import match_clips
from mtqnet_brain.data.clip_names import CLEAN, parse_name
from mtqnet_brain.data.name_spellings import name_parts, strip_ending
from mtqnet_brain.data.score_join import join_scores
from mtqnet_brain.data.table_files import ScoreError, read_table
from mtqnet_brain.data.table_numbers import parse_score, read_label
from mtqnet_brain.data.validation import list_faults
from mtqnet_brain.evaluation.agreement import Agreement, measure_agreement
from mtqnet_brain.tasks import Task, mosanet_tasks
from mtqnet_brain.utils.text_files import compose

SYSTEM_COLUMNS = ("system", "method")
NO_SCORES = ("file", "warning", "error")
N_NAMED = 3  # files or rows that a remark names
# What our models score; a table may have scores of others, of any range.
KNOWN_TASKS = {task.name: task for task in mosanet_tasks()} | {
    name: Task(name, 1.0, 5.0) for name in ("s_mos", "n_mos", "g_mos")
}


@dataclass
class Evaluation:
    """What `evaluate_scores` finds.

    Arguments
    ---------
    agreements : list of Agreement
        One per score.
    unlabelled : list of str
        Files of the scores that have no label.
    remarks : list of str
        What a reader of the metrics should know about the tables.
    """

    agreements: list[Agreement]
    unlabelled: list[str]
    remarks: list[str]


def evaluate_scores(
    scores_csv: str | Path,
    labels_csv: str | Path,
    columns: dict[str, str] | None = None,
    system_column: str | None = None,
    by: str = "method",
    n_resamples: int = 1000,
) -> Evaluation:
    """Compare a table of scores with a table of labels.

    Arguments
    ---------
    scores_csv : str or Path
        Output of ``mtqnet score``: CSV, JSON or JSON lines.
    labels_csv : str or Path
        Table with a column of file names, as for `table_files.read_table`.
    columns : dict of str to str, optional
        Label column by score. Default: columns with the names of the scores.
    system_column : str, optional
        Column of systems in the table of labels. Default: ``system`` or
        ``method``; without those, file names in TMHINT-QI's form tell.
    by : str
        ``method``, ``noise`` or ``snr`` of such names.
    n_resamples : int
        Number of bootstrap resamples.

    Returns
    -------
    Evaluation
        Agreement with the mean label of each file. A file with several equal
        rows of scores counts once.

    Raises
    ------
    ScoreError
        If a table cannot be read, a column is missing, a file has two
        different rows of scores, a cell is not a number, or names do not
        match or are ambiguous.
    """
    header, cells = read_table(scores_csv)
    if "file" not in header:
        raise ScoreError(f"{scores_csv}: no column 'file': mtqnet score writes")
    names = [name for name in header if name not in NO_SCORES]
    columns = _columns(names, labels_csv, columns)
    numbered, remarks = distinct_rows(scores_csv, cells, names)
    predicted = _predicted(scores_csv, numbered, columns)
    rows = [row for _, row in numbered]
    # Other names, since the rows hold scores under these.
    labels = {f"label of {name}": column for name, column in columns.items()}
    joined = join_scores(
        rows, labels_csv, labels, str(labels_csv), average=True
    )
    systems = _systems(rows, labels_csv, system_column)
    if systems is None or by != "method":
        systems = _conditions(rows, by)
    found, labelled = [], np.zeros(len(rows), dtype=bool)
    for name, label in zip(columns, labels, strict=True):
        true = np.array([parse_score(row.get(label, "")) for row in rows])
        labelled |= np.isfinite(true)
        found.append(
            measure_agreement(name, predicted[name], true, systems, n_resamples)
        )
    unlabelled = [row["file"] for row, has in zip(rows, labelled) if not has]
    remarks += _unscored(scores_csv, rows, predicted)
    remarks += _out_of_range(labels_csv, columns)
    return Evaluation(found, unlabelled, remarks + _remarks(joined, labels_csv))


def _unscored(scores_csv, rows, predicted):
    """Say which rows have no score, because of an error or as NaN."""
    remarks = []
    for name, values in predicted.items():
        missing = [row for row, x in zip(rows, values) if np.isnan(x)]
        if missing:
            first = ", ".join(row["file"] for row in missing[:N_NAMED])
            remarks.append(
                f"{len(missing)} of {len(rows)} files of {scores_csv} have no "
                f"{name}: {first}" + ", ..." * (len(missing) > N_NAMED)
            )
    return remarks


def _out_of_range(labels_csv, columns):
    """Say which labels no listener could have given."""
    _, cells = read_table(labels_csv)
    remarks = []
    for name, column in columns.items():
        faults = [
            f"row {line}: {column} = {row[column]!r} is {fault}"
            for line, row in cells
            if (fault := read_label(row[column], KNOWN_TASKS.get(name))[1])
        ]
        if faults:
            first = "; ".join(faults[:N_NAMED])
            remarks.append(
                f"{labels_csv}: {len(faults)} labels are out of range, and are "
                f"used as they are: {first}" + "; ..." * (len(faults) > N_NAMED)
            )
    return remarks


def _remarks(joined, labels_csv):
    """Say what was averaged, and what was left over."""
    remarks = []
    if joined.n_scores[1] > 1:
        few, many = joined.n_scores
        remarks.append(f"labels are means of {few} to {many} rows per file")
    if joined.n_unused:
        remarks.append(f"{joined.n_unused} files of {labels_csv} have no score")
    return remarks


def _columns(names, labels_csv, columns):
    """Return the label column of each score."""
    header, _ = read_table(labels_csv)
    if columns is None:
        columns = {name: name for name in names if name in header}
    unknown = [name for name in columns if name not in names]
    if unknown or not columns:
        raise ScoreError(
            f"{labels_csv}: give --label SCORE=COLUMN; scores are "
            f"{', '.join(names)}, columns {', '.join(header)}"
        )
    return {name: compose(column) for name, column in columns.items()}


def distinct_rows(
    scores_csv: str | Path, cells: list[tuple[int, dict]], names: Iterable[str]
) -> tuple[list[tuple[int, dict]], list[str]]:
    """Return each file's first row, and a remark on repeated ones.

    Arguments
    ---------
    scores_csv : str or Path
        Table of scores, for the messages.
    cells : list of tuple
        Lines and rows of `table_files.read_table`; they get ``ID``, ``wav``.
    names : iterable of str
        Columns of the scores.

    Returns
    -------
    list of tuple
        Line and row, one per file.
    list of str
        Empty without repeated rows.

    Raises
    ------
    ScoreError
        If a file has other scores in another row.
    """
    first: dict[tuple[str, ...], tuple[int, dict]] = {}
    n_double = 0
    for line, row in cells:
        row |= {"ID": row["file"], "wav": row["file"]}
        earlier, other = first.setdefault(name_parts(row["file"]), (line, row))
        if any(row[name] != other[name] for name in names):
            raise ScoreError(
                f"{scores_csv}, row {line}: {row['file']} has other scores "
                f"than in row {earlier}; keep one of them"
            )
        n_double += earlier != line
    remark = f"{n_double} rows of {scores_csv} are repeated, counted once"
    return list(first.values()), [remark] * (n_double > 0)


def _predicted(scores_csv, rows, names):
    """Return the scores by name, NaN where missing."""
    faults, predicted = [], {name: np.full(len(rows), np.nan) for name in names}
    for (i, (line, row)), name in product(enumerate(rows), names):
        predicted[name][i], problem = read_label(row[name], None)
        if problem:
            problem = f"{name} = {row[name]!r} is {problem}"
            faults.append(f"row {line}: {row['file']}: {problem}")
    if faults:
        raise ScoreError(f"{scores_csv}: {list_faults(faults)}")
    return predicted


def _systems(rows, labels_csv, column):
    """Return the system of each row; None without a column of systems."""
    header, cells = read_table(labels_csv)
    if column is None:
        column = next((c for c in SYSTEM_COLUMNS if c in header), None)
        if column is None:
            return None
    if compose(column) not in header:
        raise ScoreError(
            f"{labels_csv}: no column {column!r} among {header}; give another "
            "--system_column"
        )
    systems = []
    for clip, matched in zip(rows, match_clips(rows, header, cells).rows):
        found = sorted({compose(row[compose(column)]) for _, row in matched})
        if len(found) > 1:
            raise ScoreError(
                f"{labels_csv}: {clip['file']} is of two systems, {found[0]} "
                f"and {found[1]}; keep one, or give another --system_column"
            )
        systems.append(found[0] if found else "")
    return systems


def _conditions(rows, by):
    """Return the condition in each clip's name; None if no name has one."""
    stems = [strip_ending(name_parts(row["wav"])[-1]) for row in rows]
    names = [parse_name(stem) for stem in stems]
    if all(name.method == CLEAN for name in names):
        return None
    return [_condition(name, by) for name in names]


def _condition(name, by):
    """Return the method, noise or SNR of a clip."""
    if name.method == CLEAN:
        return CLEAN
    value = getattr(name, by)
    if by == "snr":
        return f"{value:g}"
    return value or "none"
