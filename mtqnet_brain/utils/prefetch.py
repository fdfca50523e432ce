"""Items computed ahead of their use, and items in groups.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def read_ahead(
    pool: Executor,
    function: Callable[[Item], Outcome],
    items: Iterable[Item],
    depth: int,
) -> Iterator[Outcome]:
    """Yield a function's results in order, up to ``depth`` ahead of time.

    Unlike ``pool.map``, which takes all items at once before Python 3.14.
    """
    pending: deque[Future[Outcome]] = deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= depth:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of consecutive items: `itertools.batched` of Python 3.12."""
    items = iter(items)
    while group := list(islice(items, size)):
        yield group
