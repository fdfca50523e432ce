"""Labels and other numbers in the cells of a table.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from mtqnet_brain.data.manifest import parse_label

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task


def parse_score(cell: str | None) -> float:
    """Return the number in a cell, as `manifest.parse_label` does.

    A comma is a decimal comma, never a separator of thousands.

    Example
    -------
    >>> parse_score("3,25")
    3.25
    """
    if cell is not None and "." not in cell:
        cell = cell.replace(",", ".")
    return parse_label(cell)


def read_label(
    cell: str | None,
    task: Task | None,
    parse: Callable[[str | None], float] = parse_score,
) -> tuple[float, str]:
    """Return the label in a cell, and what is wrong with it.

    Arguments
    ---------
    cell : str
        Cell of a table.
    task : Task
        Task whose range the label must lie in; None for any number.
    parse : callable, optional
        `parse_score`, or `manifest.parse_label` where the table is ours.

    Returns
    -------
    value : float
        NaN for a label that is missing or invalid.
    fault : str
        Ends the sentence "the cell is ..."; empty if nothing is wrong. A
        missing label is no fault.

    Example
    -------
    >>> from mtqnet_brain.tasks import Task
    >>> read_label("7", Task("g_mos", 1, 5))
    (nan, 'outside 1..5 of g_mos')
    """
    try:
        value = parse(cell)
    except ValueError:
        return math.nan, "not a number"
    # NaN, a missing label, is neither too small nor too large.
    if task and (value < task.low or value > task.high):
        return math.nan, f"outside {task.low:g}..{task.high:g} of {task.name}"
    return value, ""
