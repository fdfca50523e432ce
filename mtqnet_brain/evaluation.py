"""How well scores agree with labels: per task and per system.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtqnet_brain.bootstrap import FIGURES, Bootstrap, interval
from mtqnet_brain.clip_names import cell_key, clip_keys, file_column
from mtqnet_brain.metrics import score_metrics, system_means
from mtqnet_brain.naming import CLEAN, parse_name
from mtqnet_brain.scores import join_scores
from mtqnet_brain.tables import read_table

SYSTEM_COLUMNS = ("system", "method")
NO_SCORES = ("file", "warning", "error")


@dataclass
class Agreement:
    """Agreement of one score with its labels.

    Arguments
    ---------
    name : str
        Of the score.
    utterance : dict
        Figures of `metrics.score_metrics` over utterances.
    intervals : dict
        95 % bootstrap interval by figure.
    system : dict
        Figures of the systems' means; None without systems.
    by_system : dict
        Figures within each system.
    """

    name: str
    utterance: dict
    intervals: dict
    system: dict
    by_system: dict


def evaluate_scores(
    scores_csv,
    labels_csv,
    columns=None,
    system_column=None,
    by="method",
    n_resamples=1000,
):
    """Compare a table of scores with a table of labels.

    Arguments
    ---------
    scores_csv : str or Path
        Of ``mtqnet score``.
    labels_csv : str or Path
        Table with a column of file names.
    columns : dict of str to str
        Its column by score. Default: those of the same name.
    system_column : str
        Its column of systems. Default: ``system`` or ``method``, if there;
        else what the files are called, if they are called as TMHINT-QI's.
    by : str
        ``method``, ``noise`` or ``snr`` of such names.
    n_resamples : int
        Of the bootstrap.

    Returns
    -------
    list of Agreement
        One per score.
    list of str
        Files of the scores that have no label.

    Raises
    ------
    ValueError
        If a column is missing or no file matches.
    """
    header, cells = read_table(scores_csv)
    if "file" not in header:
        raise ValueError(f"{scores_csv}: no column 'file': mtqnet score writes")
    rows = [{**row, "ID": row["file"], "wav": row["file"]} for _, row in cells]
    names = [name for name in header if name not in NO_SCORES]
    columns = _columns(names, labels_csv, columns)
    predicted = {name: _numbers(rows, name) for name in columns}
    # Under other names, lest the scores be taken for labels.
    labels = {f"label of {name}": column for name, column in columns.items()}
    join_scores(rows, labels_csv, labels, str(labels_csv))
    systems = _systems(rows, labels_csv, system_column)
    if systems is None or by != "method":
        systems = _conditions(rows, by)
    true = {name: _numbers(rows, f"label of {name}") for name in columns}
    found = [
        _agreement(name, predicted[name], true[name], systems, n_resamples)
        for name in columns
    ]
    labelled = np.isfinite(list(true.values())).any(axis=0)  # (n_rows,)
    unlabelled = [row["file"] for row, has in zip(rows, labelled) if not has]
    return found, unlabelled


def _columns(names, labels_csv, columns):
    """Return the label column of each score."""
    header, _ = read_table(labels_csv)
    if columns is None:
        columns = {name: name for name in names if name in header}
    unknown = [name for name in columns if name not in names]
    if unknown or not columns:
        raise ValueError(
            f"{labels_csv}: give --label SCORE=COLUMN; scores are "
            f"{', '.join(names)}, columns {', '.join(header)}"
        )
    return columns


def _numbers(rows, name):
    """Return a column as floats, NaN where it is empty."""
    return np.array([float(row.get(name) or "nan") for row in rows])


def _systems(rows, labels_csv, column):
    """Return the system of each row; None if the labels name none."""
    header, cells = read_table(labels_csv)
    if column is None:
        column = next((c for c in SYSTEM_COLUMNS if c in header), None)
        if column is None:
            return None
    if column not in header:
        raise ValueError(f"{labels_csv}: no column {column!r}; {header}")
    keys = {key for row in rows for key in clip_keys(row)}
    names = file_column(header, cells, keys)
    by_key = {cell_key(row[names], keys): row[column] for _, row in cells}
    return [
        next((by_key[k] for k in clip_keys(row) if k in by_key), "")
        for row in rows
    ]


def _conditions(rows, by):
    """Return what the names of clips say; None if they say nothing."""
    names = [parse_name(Path(row["wav"]).stem) for row in rows]
    if all(name.method == CLEAN for name in names):
        return None
    return [_condition(name, by) for name in names]


def _condition(name, by):
    """Return the method, noise or SNR of one clip."""
    if name.method == CLEAN:
        return CLEAN
    value = getattr(name, by)
    if by == "snr":
        return f"{value:g}"
    return value or "none"


def _agreement(name, predicted, true, systems, n_resamples):
    """Compare one score with its labels."""
    both = np.isfinite(predicted) & np.isfinite(true)
    if not both.any():
        raise ValueError(f"{name}: no file has both a score and a label")
    predicted, true = predicted[both], true[both]
    resampled = Bootstrap(len(true), n_resamples).figures(predicted, true)
    system, by_system = None, {}
    if systems is not None:
        systems = np.array(systems)[both]
        if len(set(systems)) > 1:
            system = score_metrics(*system_means(predicted, true, systems))
        for one in sorted(set(systems)):
            chosen = systems == one
            by_system[str(one)] = {
                **score_metrics(predicted[chosen], true[chosen]),
                "predicted": float(predicted[chosen].mean()),
                "true": float(true[chosen].mean()),
            }
    return Agreement(
        name,
        score_metrics(predicted, true),
        {figure: interval(resampled[figure]) for figure in FIGURES},
        system,
        by_system,
    )


def format_agreement(found):
    """Lay out agreements for a terminal.

    Arguments
    ---------
    found : list of Agreement
        Of `evaluate_scores`.

    Returns
    -------
    str
        A line per score with intervals, then one per score and system.
    """
    lines = [f"{'':<18}{'n':>6}" + "".join(f"{f.upper():^27}" for f in FIGURES)]
    for agreement in found:
        cells = [
            "{:.3f} [{:.3f}, {:.3f}]".format(
                agreement.utterance[figure], *agreement.intervals[figure]
            )
            for figure in FIGURES
        ]
        n = agreement.utterance["n"]
        line = f"{agreement.name:<18}{n:>6}"
        lines.append(line + "".join(f"{cell:^27}" for cell in cells))
    for agreement in found:
        lines += _system_lines(agreement)
    return "\n".join(lines)


def _system_lines(agreement):
    """Lay out the systems of one score."""
    if not agreement.by_system:
        return []
    head = "".join(f"{f.upper():>9}" for f in FIGURES)
    title = f"{agreement.name} by system"
    lines = ["", f"{title:<18}{'n':>6}{head}{'true':>9}{'scored':>9}"]
    for name, figures in agreement.by_system.items():
        cells = [figures[f] for f in (*FIGURES, "true", "predicted")]
        row = "".join(f"{cell:>9.3f}" for cell in cells)
        lines.append(f"  {name:<16}{figures['n']:>6}{row}")
    if agreement.system:
        cells = [agreement.system[figure] for figure in FIGURES]
        row = "".join(f"{cell:>9.3f}" for cell in cells)
        lines.append(f"  {'system means':<16}{agreement.system['n']:>6}{row}")
    return lines
