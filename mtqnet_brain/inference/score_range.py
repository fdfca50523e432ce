"""Warnings of scores that no label could have.

Authors
 * The mtqnet-brain developers 2026
"""

import math

from mtqnet_brain.tasks import Task

# A regression leaves its range a little at the ends: by 0.5 on 1 to 5.
MARGIN = 1 / 8


def range_warnings(tasks: list[Task], scores: dict[str, float]) -> list[str]:
    """Return a warning for each score far outside the range of its labels.

    Example
    -------
    >>> range_warnings([Task("g_mos", 1, 5)], {"g_mos": 5.4})
    []
    >>> range_warnings([Task("g_mos", 1, 5)], {"g_mos": 5.6})
    ['g_mos 5.6: score outside 1..5']
    """
    found = []
    for task in tasks:
        score, high = scores[task.name], task.top
        # Scores without an upper end have a range of 4, as MOS.
        margin = MARGIN * (high - task.low if math.isfinite(high) else 4)
        if not task.low - margin <= score <= high + margin:
            found.append(
                f"{task.name} {score:.3g}: score outside {task.low:g}..{high:g}"
            )
    return found
