"""Reports of a split: counts compared with the paper's, overlap of parts.

Authors
 * The mtqnet-brain developers 2026
"""

import logging

from mtqnet_brain.data.manifest import label_columns
from mtqnet_brain.data.splits import (
    PAPER_TEST,
    PAPER_TRAIN_AND_VALID,
    paper_sizes,
    report_overlap,
)

PAPER_SIZES = paper_sizes(PAPER_TRAIN_AND_VALID + PAPER_TEST)


def log_split(
    parts: dict, n_wavs: int, split: str, logger: logging.Logger
) -> None:
    """Log how the split differs from the paper's and what its parts share.

    Arguments
    ---------
    parts : dict
        Manifest rows by part.
    n_wavs : int
        Number of wavs before the split.
    split : str
        Name of the split.
    logger : logging.Logger
        Gets one line per pair of parts.
    """
    n_used = sum(map(len, parts.values()))
    if split == "paper" and n_wavs != sum(PAPER_SIZES.values()):
        logger.info(
            f"{n_wavs} wavs instead of the {sum(PAPER_SIZES.values())} that "
            f"the paper draws: {n_used} are used, in its proportions"
        )
    for key in ("sentence", "speaker"):
        for (one, other), count in report_overlap(parts, key).items():
            plural = "" if count == 1 else "s"
            logger.info(f"{one} and {other} share {count} {key}{plural}")


def split_summary(parts: dict, split: str) -> str:
    """Return `part_table` of a split of TMHINT-QI, with the paper's sizes."""
    expected = PAPER_SIZES if split == "paper" else {}
    return part_table(parts, ("sentence", "speaker"), expected)


def part_table(
    parts: dict, keys: tuple[str, ...], expected: dict | None = None
) -> str:
    """Return a table of the parts: wavs, distinct values, labels.

    Arguments
    ---------
    parts : dict
        Manifest rows by part.
    keys : tuple of str
        Columns whose distinct values are counted.
    expected : dict
        Number of wavs that a part should have. Default: unknown.

    Returns
    -------
    str
        One line per part.
    """
    head = "part    wavs  expected"
    lines = ["".join([head, *(f"  {key}s" for key in keys), "  labels"])]
    for part, rows in parts.items():
        number = (expected or {}).get(part, "-")
        line = f"{part:5s} {len(rows):6d} {number:>9}"
        for key in keys:
            count = len({row[key] for row in rows})
            line += f"{count:{len(key) + 3}d}"
        lines.append(f"{line}  {', '.join(label_columns(rows)) or '-'}")
    return "\n".join(lines)
