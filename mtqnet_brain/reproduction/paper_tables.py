"""Tables 1 to 3 and the values of Fig. 2, ours next to the paper's.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.evaluation.bootstrap import METRICS
from mtqnet_brain.reproduction.published import BEST_DELTA, PUBLISHED
from mtqnet_brain.reproduction.systems import (
    ALL_SYSTEMS,
    DELTAS,
    DELTAS_NO_SSL,
    NO_SSL,
    SCORES,
    TABLES,
)

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.results import Reproduction
    from mtqnet_brain.reproduction.statistics import Evaluated

CAPTIONS = {
    1: "Table 1. Training mechanisms (loss: MSE)",
    2: "Table 2. Loss functions of MPL",
    3: "Table 3. MTQ-Net and MOS-SSL",
}
NOT_RUN = "not run"


def title_of(score: str) -> str:
    """Return a score as the paper writes it: ``S-MOS`` for ``s_mos``."""
    return score.upper().replace("_", "-")


def results_table(
    number: int, reproduction: Reproduction, evaluated: Evaluated
) -> str:
    """Lay out a table of the paper.

    Arguments
    ---------
    number : int
        1, 2 or 3.
    reproduction : Reproduction
        The reproduction's request and results.
    evaluated : dict
        Result of `statistics.evaluate`.

    Returns
    -------
    str
        Markdown, a block per score.
    """
    head = ["System", "Method"]
    for name in METRICS:
        head += [f"{name.upper()}, paper", f"{name.upper()}, ours"]
    lines = [f"## {CAPTIONS[number]}", ""]
    for score in SCORES:
        rows = [
            system
            for system in (ALL_SYSTEMS[name] for name in TABLES[number])
            if score in system.scores
            # Systems of our own are shown if they were run.
            and (system.ssl != NO_SSL or system.name in reproduction.results)
        ]
        lines += [f"**{title_of(score)}**", ""]
        lines += [markdown_row(head), markdown_row(["---"] * len(head))]
        for system in rows:
            method = system.loss_title if number > 1 else system.method
            cells = [system.title, method]
            for name in METRICS:
                cells.append(_published(system, score, name))
                cells.append(
                    _ours(system, score, name, rows, evaluated)
                    or _absence(system, reproduction)
                )
            lines.append(markdown_row(cells))
        lines.append("")
    return "\n".join(lines)


def delta_table(reproduction: Reproduction, evaluated: Evaluated) -> str:
    """Lay out the values of Fig. 2.

    Arguments
    ---------
    reproduction, evaluated
        As for `results_table`.

    Returns
    -------
    str
        Markdown: SRCC by delta and score, and the best delta.
    """
    lines = ["## Fig. 2. Delta of the Huber loss, SRCC", ""]
    titles = [title_of(score) for score in SCORES]
    for names in (DELTAS, DELTAS_NO_SSL):
        systems = [ALL_SYSTEMS[name] for name in names]
        if names is DELTAS_NO_SSL and not (
            {*names} & reproduction.results.keys()
        ):
            continue
        head = [f"delta, {systems[0].title}", *titles]
        lines += [markdown_row(head), markdown_row(["---"] * len(head))]
        for system in systems:
            cells = [f"{system.delta:g}"] + [
                _ours(system, score, "srcc", systems, evaluated)
                or _absence(system, reproduction)
                for score in SCORES
            ]
            lines.append(markdown_row(cells))
        best = [_best_delta(systems, score, evaluated) for score in SCORES]
        lines.append(markdown_row(["best, ours", *best]))
        paper = [f"{BEST_DELTA[score]:g}" for score in SCORES]
        lines += [markdown_row(["best, paper", *paper]), ""]
    return "\n".join(lines)


def markdown_row(cells: list[str]) -> str:
    """Return a row of a Markdown table.

    Arguments
    ---------
    cells : list of str
        A pipe in one is escaped.

    Returns
    -------
    str
        One line.
    """
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _published(system, score, name):
    """Return the paper's value."""
    values = PUBLISHED.get(system.name, {}).get(score)
    return "-" if values is None else f"{values[METRICS.index(name)]:.3f}"


def _ours(system, score, name, rows, evaluated):
    """Return our value with spread and interval; None if there is none.

    Bold where it beats every other row that was run.
    """
    if (system.name, score) not in evaluated:
        return None
    own = evaluated[system.name, score][name]
    rivals = [
        evaluated[row.name, score][name]
        for row in rows
        if row.name != system.name and (row.name, score) in evaluated
    ]
    if np.isnan(own.mean):
        return "undefined"
    text = f"{own.mean:.3f}"
    rivals = [rival for rival in rivals if not np.isnan(rival.mean)]
    if rivals and all(own.beats(rival) for rival in rivals):
        text = f"**{text}**"
    if own.spread is not None:
        text += f" ± {own.spread:.3f} ({len(own.seeds)} seeds)"
    low, high = own.interval
    return f"{text} [{low:.3f}, {high:.3f}]"


def _absence(system, reproduction):
    """Return why a system has no results."""
    found = reproduction.results.get(system.name)
    if found is None or not found.failures:
        return NOT_RUN
    return f"failed (seed {', '.join(map(str, found.failures))})"


def _best_delta(systems, score, evaluated):
    """Return the delta of the highest SRCC; a dash unless all were run."""
    keys = [(system.name, score) for system in systems]
    if any(key not in evaluated for key in keys):
        return "-"
    means = [evaluated[system.name, score]["srcc"].mean for system in systems]
    if np.isnan(means).all():
        return "-"
    return f"{systems[np.nanargmax(means)].delta:g}"
