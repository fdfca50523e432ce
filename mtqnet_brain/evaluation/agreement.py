"""How well scores agree with labels: metrics, and a table of them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtqnet_brain.data.manifest import label_values
from mtqnet_brain.evaluation.bootstrap import METRICS, Bootstrap, interval
from mtqnet_brain.evaluation.metrics import (
    format_metric,
    score_metrics,
    system_means,
)
from mtqnet_brain.tasks import PSEUDO_PREFIX, Task


@dataclass
class Agreement:
    """Agreement of one score with its labels.

    Arguments
    ---------
    name : str
        Name of the score.
    utterance : dict
        Metrics of `metrics.score_metrics` over utterances.
    intervals : dict
        95 % bootstrap interval by metric.
    system : dict
        Metrics of the system means; None without systems.
    by_system : dict
        Metrics within each system.
    """

    name: str
    utterance: dict
    intervals: dict
    system: dict | None
    by_system: dict[str, dict]

    def cell(self, metric: str) -> str:
        """Return a metric as ``0.912 [0.880, 0.934]`` or ``undefined``."""
        value = self.utterance[metric]
        if value is None:
            return "undefined"
        ends = map(format_metric, self.intervals[metric])
        return f"{format_metric(value)} [{', '.join(ends)}]"


def teacher_metrics(rows: list[dict], task: Task) -> dict | None:
    """Compare a teacher's pseudo-labels with the true values of a manifest.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    task : Task
        What the teacher scores; true values are lowered to its cap, as in
        training.

    Returns
    -------
    dict or None
        Metrics of `metrics.score_metrics`; None if no row has both values.
    """
    true = np.minimum(label_values(rows, task.name), task.top)
    pseudo = label_values(rows, PSEUDO_PREFIX + task.name)
    both = np.isfinite(true) & np.isfinite(pseudo)
    return score_metrics(pseudo[both], true[both]) if both.any() else None


def measure_agreement(
    name: str,
    predicted: np.ndarray,
    true: np.ndarray,
    systems: list[str] | None,
    n_resamples: int,
) -> Agreement:
    """Compare one score with its labels.

    Arguments
    ---------
    name : str
        Name of the score.
    predicted, true : np.ndarray
        Scores and labels, shape (files,); NaN where missing.
    systems : list of str
        System of each file; None without systems.
    n_resamples : int
        Number of bootstrap resamples.

    Returns
    -------
    Agreement
        Agreement over the files that have both.

    Raises
    ------
    ValueError
        If no file has both.
    """
    both = np.isfinite(predicted) & np.isfinite(true)
    if not both.any():
        raise ValueError(f"{name}: no file has both a score and a label")
    predicted, true = predicted[both], true[both]
    resampled = Bootstrap(len(true), n_resamples).figures(predicted, true)
    system, by_system = None, {}
    if systems is not None:
        labelled = np.array(systems)[both]
        names = sorted(set(labelled.tolist()))
        if len(names) > 1:
            system = score_metrics(*system_means(predicted, true, labelled))
        for one in names:
            chosen = labelled == one
            by_system[one] = {
                **score_metrics(predicted[chosen], true[chosen]),
                "predicted": float(predicted[chosen].mean()),
                "true": float(true[chosen].mean()),
            }
    return Agreement(
        name,
        score_metrics(predicted, true),
        {metric: interval(resampled[metric]) for metric in METRICS},
        system,
        by_system,
    )


def format_agreement(found: list[Agreement]) -> str:
    """Format agreements for a terminal.

    Arguments
    ---------
    found : list of Agreement
        Results of `measure_agreement`.

    Returns
    -------
    str
        A line per score with intervals, why correlations are undefined, then
        a line per score and system.
    """
    lines = [f"{'':<18}{'n':>6}" + "".join(f"{f.upper():^27}" for f in METRICS)]
    for agreement in found:
        line = f"{agreement.name:<18}{agreement.utterance['n']:>6}"
        lines.append(
            line + "".join(f"{agreement.cell(f):^27}" for f in METRICS)
        )
    for agreement in found:
        reason = agreement.utterance["undefined"]
        if reason:
            lines.append(f"{agreement.name}: no correlation, {reason}")
    for agreement in found:
        lines += _system_lines(agreement)
    return "\n".join(lines)


def _system_lines(agreement):
    """Format the systems of one score; an undefined metric is ``-``."""
    if not agreement.by_system:
        return []
    head = "".join(f"{f.upper():>9}" for f in METRICS)
    title = f"{agreement.name} by system"
    lines = ["", f"{title:<18}{'n':>6}{head}{'true':>9}{'scored':>9}"]
    for name, metrics in agreement.by_system.items():
        names = (*METRICS, "true", "predicted")
        lines.append(_system_line(name, metrics, names))
    if agreement.system:
        lines.append(_system_line("system means", agreement.system, METRICS))
    return lines


def _system_line(name, metrics, names):
    """Format one system."""
    cells = "".join(f"{format_metric(metrics[f]):>9}" for f in names)
    return f"  {name:<16}{metrics['n']:>6}{cells}"
