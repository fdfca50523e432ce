"""Scatter plots of listeners' votes against scores.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.evaluation.judgement import (
    CONDITIONS,
    FILES,
    SCALE,
    Judgement,
    on_scale,
)
from mtqnet_brain.evaluation.metrics import format_metric, system_means
from mtqnet_brain.utils.files import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mtqnet_brain.evaluation.listening_tests import Question

# Okabe and Ito's palette, told apart by the colour-blind; shapes differ too.
CLIP, CONDITION, MAPPING = "#56B4E9", "#D55E00", "#000000"
LIMITS = (0.9, 5.1)  # of an axis: points at 1 and 5 are seen whole
PANEL = 3.6  # inches


def plot_question(question: Question, path: Path) -> None:
    """Draw votes against scores, one panel per rater.

    Arguments
    ---------
    question : Question
        With its judgements.
    path : Path
        PNG to write. Scores outside 1 to 5 are drawn at the edge.
    """
    from matplotlib.figure import Figure

    judged = question.at_level(FILES)
    figure = Figure(
        figsize=(PANEL * len(judged) + 0.4, PANEL + 0.8), layout="constrained"
    )
    axes = figure.subplots(1, len(judged), sharey=True, squeeze=False)[0]
    for axis, judgement in zip(axes, judged):
        _draw_panel(axis, question, judgement)
    axes[0].set_ylabel(f"votes: {question.column}")
    figure.suptitle(
        f"{question.test}, n = {len(question.files)}".replace("$", r"\$")
    )
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=4 if judged[1:] else 2,
        fontsize=8,
    )
    save_figure(path, figure, dpi=110)


def _draw_panel(axis: Axes, question: Question, judgement: Judgement) -> None:
    """Draw one rater: clips, conditions, the mapping."""
    scores = question.rated[judgement.rater][1]
    (small,) = axis.plot(_inside(scores), question.votes, "o", color=CLIP)
    small.set(markersize=3, alpha=0.6, label="clip")
    if question.conditions and question.at_level(CONDITIONS):
        x, y = system_means(scores, question.votes, question.conditions)
        (large,) = axis.plot(_inside(x), y, "D", color=CONDITION)
        large.set(markeredgecolor="black", label="mean of a condition")
    mapping = judgement.mapping
    x = np.linspace(mapping.low, mapping.high, 200)
    axis.plot(_inside(x), mapping(x), color=MAPPING, lw=1.5, label="mapping")
    if on_scale(question.votes):
        axis.plot(SCALE, SCALE, ":", color="grey", lw=1, label="score = vote")
        axis.set(ylim=LIMITS, yticks=range(1, 6))
    axis.set(xlim=LIMITS, xticks=range(1, 6))
    axis.set_xlabel(f"{judgement.rater}: {judgement.score}")
    axis.set_title(_title(question, judgement), fontsize=9)
    axis.grid(color="0.9")
    axis.set_axisbelow(True)


def _title(question, judgement):
    """Return the LCC per file and per condition."""
    parts = [
        f"LCC {format_metric(one.values['lcc'], 2)} per {one.level}"
        for one in question.judgements
        if one.rater == judgement.rater
    ]
    return ", ".join(parts)


def _inside(scores):
    """Return scores limited to the scale."""
    return np.clip(scores, *SCALE)
