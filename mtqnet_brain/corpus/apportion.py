"""Whole numbers in proportion to weights.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence
from math import floor


def apportion(
    total: int, weights: Sequence[float], offset: float = 0.5
) -> list[int]:
    """Divide a whole number in proportion to weights, into whole numbers.

    Each is the exact share rounded up or down; over offsets that are drawn
    uniformly from 0 to 1 its mean is the exact share.

    Example
    -------
    >>> apportion(10, [1, 1, 2])
    [3, 2, 5]
    """
    whole = sum(weights) or 1
    edges, sum_so_far = [0], 0.0
    for weight in weights:
        sum_so_far += weight
        edges.append(floor(total * sum_so_far / whole + offset))
    edges[-1] = total
    return [after - before for before, after in zip(edges, edges[1:])]
