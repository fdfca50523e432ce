"""Figures of the report.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.evaluation.run_report import scatter_methods
from mtqnet_brain.reproduction.paper_tables import title_of
from mtqnet_brain.reproduction.systems import (
    ALL_SYSTEMS,
    DELTAS,
    DELTAS_NO_SSL,
    SCORES,
)
from mtqnet_brain.utils.files import save_figure

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.results import Reproduction, SystemResults
    from mtqnet_brain.reproduction.statistics import Evaluated

STYLES, MARKERS, N_COLORS = ("-", "--", ":"), (".", "x", "+"), 10
NO_NOISE = "none"
DPI = 110
MANY = 12  # groups above which the labels of an axis are turned


def plot_deltas(path: Path, evaluated: Evaluated) -> bool:
    """Plot Fig. 2: SRCC against delta, with 95 % intervals.

    Arguments
    ---------
    path : Path
        PNG to write.
    evaluated : dict
        Result of `statistics.evaluate`.

    Returns
    -------
    bool
        Whether there was anything to plot.
    """
    figure, axes = _panels(len(SCORES))
    drawn = False
    for names in (DELTAS, DELTAS_NO_SSL):
        systems = [ALL_SYSTEMS[name] for name in names]
        for axis, score in zip(axes, SCORES):
            points = [
                (system.delta, evaluated[system.name, score]["srcc"])
                for system in systems
                if (system.name, score) in evaluated
            ]
            if not points:
                continue
            drawn = True
            deltas = [delta for delta, _ in points]
            means = np.array([srcc.mean for _, srcc in points])
            ends = np.array([srcc.interval for _, srcc in points])
            axis.errorbar(
                deltas,
                means,
                np.abs(ends.T - means),
                marker="o",
                capsize=4,
                label=systems[0].title,
            )
            axis.set(title=title_of(score), xlabel="delta", ylabel="SRCC")
            axis.set_xticks(deltas)
            axis.legend(fontsize=8)
    if drawn:
        save_figure(path, figure, DPI)
    return drawn


def plot_scatter(
    path: Path, found: SystemResults, utterances: list[dict]
) -> None:
    """Plot predicted against true scores of a system's first seed.

    Arguments
    ---------
    path : Path
        PNG to write.
    found : SystemResults
        With one run or more.
    utterances : list of dict
        Manifest rows in the order of the predictions.
    """
    scores, run = found.system.scores, found.runs[0]
    figure, axes = _panels(len(scores))
    methods = np.array([row["method"] for row in utterances])
    for axis, score in zip(axes, scores):
        true, predicted = run.true[score], run.predicted[score]
        scatter_methods(axis, true, predicted, methods)
        axis.plot([1, 5], [1, 5], color="grey", linewidth=0.8)
        title = title_of(score)
        axis.set(title=title, xlabel="true", ylabel="predicted")
    axes[-1].legend(fontsize=7)
    figure.suptitle(f"{found.system.name}, seed {run.seed}")
    save_figure(path, figure, DPI)


def plot_errors(path: Path, reproduction: Reproduction, column: str) -> bool:
    """Plot each system's mean absolute error per noise or SNR.

    Arguments
    ---------
    path : Path
        PNG to write.
    reproduction : Reproduction
        With runs.
    column : str
        Column of the manifest: ``noise`` or ``snr``.

    Returns
    -------
    bool
        Whether the corpus says the noise or SNR of any clip.
    """
    cells = np.array(
        [row.get(column) or NO_NOISE for row in reproduction.utterances]
    )
    groups = sorted(set(cells), key=by_number)
    if groups == [NO_NOISE]:
        return False
    figure, axes = _panels(len(SCORES), width=4 + 0.12 * len(groups))
    for axis, score in zip(axes, SCORES):
        for i, (name, found) in enumerate(reproduction.results.items()):
            if found.runs and score in found.system.scores:
                errors = absolute_errors(found, score)
                means = [np.nanmean(errors[cells == g]) for g in groups]
                axis.plot(
                    groups,
                    means,
                    # No lines between noises: they have no order.
                    linestyle=STYLES[i // N_COLORS % len(STYLES)]
                    if column == "snr"
                    else "",
                    marker=MARKERS[i // N_COLORS % len(MARKERS)],
                    color=f"C{i % N_COLORS}",
                    label=name,
                )
        turned = 90 if len(groups) > MANY else 0
        axis.tick_params(axis="x", labelrotation=turned, labelsize=7)
        axis.set(title=title_of(score), ylabel="mean absolute error")
        axis.set_xlabel("SNR in dB" if column == "snr" else column)
    axes[-1].legend(fontsize=6)
    save_figure(path, figure, DPI)
    return True


def absolute_errors(found: SystemResults, score: str) -> np.ndarray:
    """Return a system's error per utterance, averaged over seeds.

    Arguments
    ---------
    found : SystemResults
        With one run or more.
    score : str
        One of the system's.

    Returns
    -------
    np.ndarray
        Shape (utterances,), NaN without a true score.
    """
    errors = [np.abs(r.predicted[score] - r.true[score]) for r in found.runs]
    return np.mean(errors, axis=0)


def by_number(text: str) -> tuple[int, float, str]:
    """Return a sort key of a noise or an SNR: numbers by value, then names."""
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def _panels(count, width=4.2):
    """Return a figure with panels side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * count, 4.2), layout="constrained")
    return figure, np.atleast_1d(figure.subplots(1, count))
