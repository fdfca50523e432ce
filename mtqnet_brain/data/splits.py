"""Splits of a corpus into train, valid and test, drawn with a seed.

Rows stay in the order of their IDs in every part.

Authors
 * The mtqnet-brain developers 2026
"""

import itertools
from collections import defaultdict
from pathlib import Path

from mtqnet_brain.data.grouping import (
    SplitError,
    by_id,
    fill_parts,
    groups,
    refuse_empty,
)

# Section 3.1 of the paper: 11,000 wavs, 10 % of them for validation, and
# 2,500 for testing.
PAPER_TRAIN_AND_VALID = 11000
PAPER_TEST = 2500
VALID_FRACTION = 0.1


def paper_sizes(n_wavs: int) -> dict:
    """Return the sizes of the paper's split, by part.

    They are 9,900, 1,100 and 2,500 wavs, or the same proportions of a smaller
    corpus.

    Example
    -------
    >>> paper_sizes(14000)
    {'train': 9900, 'valid': 1100, 'test': 2500}
    >>> paper_sizes(135)
    {'train': 99, 'valid': 11, 'test': 25}
    """
    full = PAPER_TRAIN_AND_VALID + PAPER_TEST
    n_used = min(n_wavs, full)
    n_test = round(n_used * PAPER_TEST / full)
    n_valid = round((n_used - n_test) * VALID_FRACTION)
    n_train = n_used - n_test - n_valid
    return {"train": n_train, "valid": n_valid, "test": n_test}


def split_paper(rows: list[dict], seed: int) -> dict:
    """Draw the paper's split: random wavs, none in two parts.

    Copies of a clip, with the same name in two folders, stay together.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    seed : int
        Seed of the split.

    Returns
    -------
    dict
        Rows by part: 13,500 wavs at most, others are not used.
    """
    stems = groups(rows, lambda row: Path(row["wav"]).stem, seed)
    sizes = paper_sizes(len(rows))
    used, n_used = [], 0
    for group in stems:
        if n_used < sum(sizes.values()):
            used.append(group)
            n_used += len(group)
    return fill_parts(used, sizes)


def split_official(rows: list[dict], seed: int) -> dict:
    """Split by the release's folders ``train`` and ``test``.

    ``valid`` is 10 % of ``train``, at random.

    Arguments
    ---------
    rows, seed
        As for `split_paper`.

    Returns
    -------
    dict
        Rows by part.

    Raises
    ------
    SplitError
        If a wav lies in another folder or a part is left empty.
    """
    folders = defaultdict(list)
    for row in rows:
        folders[Path(row["wav"]).parent.name].append(row)
    for folder in set(folders) - {"train", "test"}:
        raise SplitError(
            f"{folders[folder][0]['wav']} is neither in train/ nor in "
            "test/; choose another split"
        )
    n_valid = round(len(folders["train"]) * VALID_FRACTION)
    sizes = {"train": len(folders["train"]) - n_valid, "valid": n_valid}
    parts = fill_parts(
        groups(folders["train"], lambda row: row["ID"], seed), sizes
    )
    return refuse_empty(parts | {"test": by_id(folders["test"])})


def split_by(rows: list[dict], key: str, seed: int) -> dict:
    """Split so that no sentence, or no speaker, is in two parts.

    Arguments
    ---------
    rows, seed
        As for `split_paper`.
    key : str
        Column, ``sentence`` or ``speaker``.

    Returns
    -------
    dict
        Rows by part, about in the paper's proportions.

    Raises
    ------
    SplitError
        If a row has no value in the column, or there are fewer than three.
    """
    for row in rows:
        if not row[key]:
            raise SplitError(
                f"{row['ID']}: no {key}; choose another split, or add it"
            )
    values = groups(rows, lambda row: row[key], seed)
    if len(values) < 3:
        found = sorted({row[key] for row in rows})
        raise SplitError(
            f"{key}s {found}: need at least three; choose another split"
        )
    parts = fill_parts(values, paper_sizes(len(rows)))
    refuse_overlap(parts, key)
    return parts


SPLITS = {
    "paper": split_paper,
    "official": split_official,
    "sentence": lambda rows, seed: split_by(rows, "sentence", seed),
    "speaker": lambda rows, seed: split_by(rows, "speaker", seed),
}


def split_rows(rows: list[dict], split: str, seed: int) -> dict:
    """Split rows by the name of the split.

    Arguments
    ---------
    rows, seed
        As for `split_paper`.
    split : str
        ``paper``, ``official``, ``sentence`` or ``speaker``.

    Returns
    -------
    dict
        Rows by part.

    Raises
    ------
    SplitError
        If the split is unknown or the corpus does not allow it.
    """
    if split not in SPLITS:
        raise SplitError(f"split {split!r} is not one of {list(SPLITS)}")
    return SPLITS[split](by_id(rows), seed)


def report_overlap(parts: dict, key: str) -> dict:
    """Count the values that each two parts have in common.

    Arguments
    ---------
    parts : dict
        Rows by part.
    key : str
        Column, ``sentence`` or ``speaker``.

    Returns
    -------
    dict
        Number of common values by pair of parts.
    """
    values = {
        name: {row[key] for row in rows if row[key]}
        for name, rows in parts.items()
    }
    return {
        (first, second): len(values[first] & values[second])
        for first, second in itertools.combinations(values, 2)
    }


def refuse_overlap(parts: dict, key: str) -> None:
    """Raise a SplitError if two parts share a value of the column."""
    for (first, second), count in report_overlap(parts, key).items():
        if count:
            raise SplitError(f"{first} and {second} share {count} {key}s")
