"""Items read ahead of their use, and in groups.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import deque


def remember(items, paths):
    """Hand items on, keeping their paths by key."""
    for key, path in items:
        paths[key] = path
        yield key, path


def read_ahead(pool, function, items, depth):
    """Yield a function's results in order, some of them ahead of time."""
    pending = deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= depth:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def groups(items, size):
    """Yield lists of consecutive items."""
    group = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
