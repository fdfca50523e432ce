"""Tables and a plot of scores against the severity of degradations.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.evaluation.judge_page import markdown_table
from mtqnet_brain.evaluation.severity import follow
from mtqnet_brain.utils.files import save_figure

if TYPE_CHECKING:
    from mtqnet_brain.evaluation.severity import Ladder, SourceMean

# Okabe and Ito's palette; markers differ too.
STYLES = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#000000", "D"),
)
N_COLUMNS = 3
PANEL = (4.2, 3.0)  # inches
LIMITS = (0.9, 5.4)


def ladder_tables(ladders: Sequence[Ladder]) -> str:
    """Return a table per ladder, and one of the steps that are out of order.

    Arguments
    ---------
    ladders : sequence of Ladder
        At least one.

    Returns
    -------
    str
        Markdown. In the first table, a rise is in bold where its 95 %
        interval leaves out 0.
    """
    scores = list(ladders[0].scores)
    summary = [
        [ladder.name, *(_verdict(ladder, score) for score in scores)]
        for ladder in ladders
    ]
    lines = markdown_table(["", *scores], summary) + [""]
    for ladder in ladders:
        climbs = [follow(ladder, score) for score in scores]
        rows = [
            [step, *(_cell(climb.means[i]) for climb in climbs)]
            for i, step in enumerate(ladder.steps)
        ]
        title = f"{ladder.name}, {ladder.unit}"
        lines += [*markdown_table([title, *scores], rows), ""]
    return "\n".join(lines)


def _verdict(ladder, score):
    """Say which steps rise, or by how much a score changes at most."""
    climb = follow(ladder, score)
    if not ladder.audible:
        return f"changes by {climb.largest():+.2f} at most"
    found = []
    for i in climb.rises():
        mean, low, _ = climb.changes[i - 1]
        mark = "**" if low > 0 else ""
        steps = f"{ladder.steps[i - 1]} to {ladder.steps[i]}"
        found.append(f"{mark}{steps}: {mean:+.2f}{mark}")
    return "; ".join(found) or "never rises"


def _cell(mean):
    """Return a mean with its interval."""
    return "{:.2f} [{:.2f}, {:.2f}]".format(*mean)


def source_table(means: Sequence[SourceMean]) -> str:
    """Return a table of clean clips by source, with the bias where expected."""
    scores = list(means[0].means)
    rows = []
    for one in means:
        cells = [_cell(one.means[score]) for score in scores]
        bias = [f"{value:+.2f}" for value in one.bias.values()]
        rows.append([one.source, str(one.n), *cells, *bias])
    header = ["source", "clips", *scores]
    header += [f"bias of {score}" for score in means[0].bias]
    return "\n".join([*markdown_table(header, rows), ""])


def plot_ladders(ladders: Sequence[Ladder], path: str | Path) -> None:
    """Draw mean scores with intervals against severity, a panel per ladder.

    Arguments
    ---------
    ladders : sequence of Ladder
        At least one.
    path : str or Path
        PNG to write.
    """
    from matplotlib.figure import Figure

    n_columns = min(N_COLUMNS, len(ladders))
    n_rows = -(-len(ladders) // n_columns)
    size = (PANEL[0] * n_columns, PANEL[1] * n_rows + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(n_rows, n_columns, sharey=True, squeeze=False)
    for axis, ladder in zip(axes.flat, ladders):
        for score, (color, marker) in zip(ladder.scores, STYLES):
            means = np.array(follow(ladder, score).means)  # (steps, 3)
            axis.errorbar(
                range(len(means)),
                means[:, 0],
                np.abs(means[:, 1:] - means[:, :1]).T,
                color=color,
                marker=marker,
                markersize=4,
                capsize=2,
                label=score,
            )
        axis.set(title=ladder.name, xlabel=ladder.unit, ylim=LIMITS)
        axis.set_xticks(range(len(ladder.steps)), ladder.steps, fontsize=8)
        axis.set_yticks(range(1, 6))
        axis.grid(color="0.9")
    for axis in axes.flat[len(ladders) :]:
        axis.set_visible(False)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    save_figure(path, figure, dpi=100)
