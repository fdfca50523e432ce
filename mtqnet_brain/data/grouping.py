"""Groups of clips dealt into parts, drawn with a seed.

Authors
 * The mtqnet-brain developers 2026
"""

import random
from collections import defaultdict
from collections.abc import Callable

PARTS = ("train", "valid", "test")


class SplitError(ValueError):
    """A corpus that cannot be split as asked."""


def by_id(rows: list[dict]) -> list[dict]:
    """Return the rows in the order of their IDs."""
    return sorted(rows, key=lambda row: row["ID"])


def groups(rows: list[dict], key: Callable, seed: int) -> list[list[dict]]:
    """Return lists of rows with the same key, in an order of the seed.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    key : callable
        Of a row; what shares it must not be torn apart.
    seed : int
        Of the order.

    Returns
    -------
    list of list of dict
        The same for rows in any order.
    """
    by_key = defaultdict(list)
    for row in by_id(rows):
        by_key[key(row)].append(row)
    order = sorted(by_key)
    random.Random(seed).shuffle(order)
    return [by_key[value] for value in order]


def deal(rows_of_groups: list[list[dict]], sizes: dict) -> dict:
    """Give each group to the part that is emptiest for its size.

    Arguments
    ---------
    rows_of_groups : list of list of dict
        Of `groups`.
    sizes : dict
        Rows wanted by part.

    Returns
    -------
    dict
        Rows by part, in the order of their IDs.

    Raises
    ------
    SplitError
        If a part stays empty.
    """
    parts: dict[str, list[dict]] = {name: [] for name in sizes}
    for group in rows_of_groups:
        name = min(sizes, key=lambda part: _filled(parts[part], sizes[part]))
        parts[name] += group
    return checked({name: by_id(rows) for name, rows in parts.items()})


def _filled(rows, size):
    """Return how full a part is; a part of size zero is full."""
    return len(rows) / size if size else float("inf")


def checked(parts: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Return the parts if none is empty, else raise a SplitError."""
    for name, rows in parts.items():
        if not rows:
            n_wavs = sum(len(part) for part in parts.values())
            raise SplitError(
                f"{name} stays empty: {n_wavs} wavs are too few to split; "
                "add clips, or split in another way"
            )
    return parts


def deal_shares(
    rows: list[dict], key: Callable, shares: dict, seed: int
) -> dict:
    """Deal groups of rows into train, valid and test at random.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    key : callable
        As for `groups`.
    shares : dict
        Shares of ``valid`` and ``test``, each between 0 and 1.
    seed : int
        Of the drawing.

    Returns
    -------
    dict
        Rows by part.

    Raises
    ------
    SplitError
        If the shares leave nothing for a part, or a part stays empty.
    """
    if min(shares.values()) <= 0 or sum(shares.values()) >= 1:
        raise SplitError(
            f"shares {shares}: each above 0, and their sum below 1"
        )
    sizes = {part: round(share * len(rows)) for part, share in shares.items()}
    n_train = len(rows) - sum(sizes.values())
    return deal(groups(rows, key, seed), {"train": n_train, **sizes})


def nested_subset(rows: list[dict], n_rows: int, seed: int) -> list[dict]:
    """Draw rows so that each smaller draw lies within every larger one.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    n_rows : int
        How many.
    seed : int
        Of the order in which they are drawn.

    Returns
    -------
    list of dict
        In the order of their IDs.

    Raises
    ------
    SplitError
        If there are not that many rows, or none is asked for.
    """
    if not 0 < n_rows <= len(rows):
        raise SplitError(
            f"max_train_clips {n_rows}: train has {len(rows)} clips; give a "
            f"number from 1 to {len(rows)}"
        )
    order = by_id(rows)
    random.Random(seed).shuffle(order)
    return by_id(order[:n_rows])
