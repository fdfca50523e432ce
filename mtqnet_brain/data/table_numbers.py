"""Numbers in the cells of other people's tables.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtqnet_brain.data.manifest import parse_label

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task


def parse_score(cell: str) -> float:
    """Return the number in a cell; as `manifest.parse_label`.

    A comma is a decimal comma, never one of thousands.

    Arguments
    ---------
    cell : str
        Of a table.

    Returns
    -------
    float
        NaN for a missing score.

    Example
    -------
    >>> parse_score("3,25")
    3.25
    """
    return parse_label(cell if "." in cell else cell.replace(",", "."))


def score_within(cell: str, task: Task) -> float:
    """Return the number in a cell if it lies in the range of a task.

    Arguments
    ---------
    cell : str
        As for `parse_score`.
    task : Task
        Its range; None for any number.

    Returns
    -------
    float
        NaN for a missing score.

    Raises
    ------
    ValueError
        Ends the sentence "the cell is ...".
    """
    try:
        value = parse_score(cell)
    except ValueError as err:
        raise ValueError("no number") from err
    # NaN, a missing score, is neither too small nor too large.
    if task and (value < task.low or value > task.high):
        raise ValueError(f"outside {task.low:g}..{task.high:g} of {task.name}")
    return value
