"""Batches of items of similar length.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def batches_by_length(
    items: Iterable[Item],
    length: Callable[[Item], float],
    max_length: float,
    max_items: int | None = None,
) -> Iterator[list[Item]]:
    """Yield batches that are bounded in length, padding included.

    Arguments
    ---------
    items : iterable
        In order of rising length, so that little is padded.
    length : callable
        Length of an item, in the unit of ``max_length``.
    max_length : float
        Longest batch: its longest item times their number. A longer item
        gets a batch of its own.
    max_items : int, optional
        Most items per batch. Default: no limit.

    Yields
    ------
    list
        Consecutive items.

    Example
    -------
    >>> list(batches_by_length([1, 2, 2, 5, 9], lambda n: n, max_length=6))
    [[1, 2, 2], [5], [9]]
    """
    batch: list[Item] = []
    for item in items:
        size = len(batch) + 1
        if batch and (
            size * length(item) > max_length or size > (max_items or size)
        ):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
