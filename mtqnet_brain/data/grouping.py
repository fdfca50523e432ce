"""Group splits: clips of one group go to one part, drawn with a seed.

Authors
 * The mtqnet-brain developers 2026
"""

import random
from collections import defaultdict
from collections.abc import Callable

PARTS = ("train", "valid", "test")


class SplitError(ValueError):
    """A corpus does not allow the split that was asked for."""


def by_id(rows: list[dict]) -> list[dict]:
    """Return the rows sorted by ID."""
    return sorted(rows, key=lambda row: row["ID"])


def groups(rows: list[dict], key: Callable, seed: int) -> list[list[dict]]:
    """Group the rows by a key, the groups in a random order.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    key : callable
        Returns the group of a row, such as its speaker.
    seed : int
        Seed of the order.

    Returns
    -------
    list of list of dict
        Rows of each group; does not depend on the order of the rows.
    """
    by_key = defaultdict(list)
    for row in by_id(rows):
        by_key[key(row)].append(row)
    order = sorted(by_key)
    random.Random(seed).shuffle(order)
    return [by_key[value] for value in order]


def fill_parts(rows_of_groups: list[list[dict]], sizes: dict) -> dict:
    """Add each group to the part that is least full.

    Arguments
    ---------
    rows_of_groups : list of list of dict
        Groups of `groups`, in the order in which they are added.
    sizes : dict
        Number of rows wanted, by part.

    Returns
    -------
    dict
        Rows by part, sorted by ID.

    Raises
    ------
    SplitError
        If a part is left empty.
    """
    parts: dict[str, list[dict]] = {name: [] for name in sizes}
    for group in rows_of_groups:
        name = min(sizes, key=lambda part: _filled(parts[part], sizes[part]))
        parts[name] += group
    return refuse_empty({name: by_id(rows) for name, rows in parts.items()})


def _filled(rows, size):
    """Return the fraction of a part that is filled; 0 of 0 is full."""
    return len(rows) / size if size else float("inf")


def refuse_empty(parts: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Return the parts if none is empty, else raise a SplitError."""
    for name, rows in parts.items():
        if not rows:
            n_wavs = sum(len(part) for part in parts.values())
            raise SplitError(
                f"{name} is left empty: {n_wavs} wavs are too few for this "
                "split; add clips, or choose another split"
            )
    return parts


def split_groups(
    rows: list[dict], key: Callable, fractions: dict[str, float], seed: int
) -> dict:
    """Split groups of rows into train, valid and test at random.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    key : callable
        As for `groups`.
    fractions : dict of str to float
        Fractions of ``valid`` and ``test``, each between 0 and 1.
    seed : int
        Seed of the split.

    Returns
    -------
    dict
        Rows by part.

    Raises
    ------
    SplitError
        If the fractions leave nothing for a part, or a part is left empty.
    """
    if min(fractions.values()) <= 0 or sum(fractions.values()) >= 1:
        raise SplitError(
            f"fractions {fractions}: need each above 0 and their sum below 1"
        )
    sizes = {part: round(x * len(rows)) for part, x in fractions.items()}
    n_train = len(rows) - sum(sizes.values())
    return fill_parts(groups(rows, key, seed), {"train": n_train, **sizes})


def nested_subset(rows: list[dict], n_rows: int, seed: int) -> list[dict]:
    """Draw a subset of the rows; smaller subsets lie within larger ones.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    n_rows : int
        Rows to draw.
    seed : int
        Seed of the order in which they are drawn.

    Returns
    -------
    list of dict
        Sorted by ID.

    Raises
    ------
    SplitError
        If there are fewer rows, or ``n_rows`` is below 1.
    """
    if not 0 < n_rows <= len(rows):
        raise SplitError(
            f"max_train_clips {n_rows}: train has {len(rows)} clips; give a "
            f"number from 1 to {len(rows)}"
        )
    order = by_id(rows)
    random.Random(seed).shuffle(order)
    return by_id(order[:n_rows])
