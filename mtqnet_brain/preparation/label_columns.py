"""Labels that a user names on the command line: column and range of each.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from typing import NamedTuple

from torch import nn

from mtqnet_brain.data.manifest import CLIP_COLUMNS
from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.data.table_numbers import parse_score
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX, Task
from mtqnet_brain.utils.name_value import parse_pairs

EXAMPLE = "e.g. --label mos=score:1:5 s_mos=sig:1:5"
# Columns of the manifest, and a block of metrics.json.
RESERVED = {*CLIP_COLUMNS, "group", "without_clean"}


class LabelRange(NamedTuple):
    """Column of a label in the user's table, and its range."""

    column: str
    low: float
    high: float


def parse_ranges(label: dict | str | list[str]) -> dict[str, LabelRange]:
    """Read ``mos=score:1:5``: label, column, smallest and largest value.

    Arguments
    ---------
    label : dict, str or list of str
        ``{"mos": "score:1:5"}``, ``"mos=score:1:5"`` or
        ``["mos=score:1:5"]``. A column may hold colons.

    Returns
    -------
    dict of str to LabelRange
        By label.

    Raises
    ------
    ValueError
        If there is none, a name is not fit for a label, or a range is
        missing or invalid.

    Example
    -------
    >>> parse_ranges("mos=score:1:5")
    {'mos': LabelRange(column='score', low=1.0, high=5.0)}
    """
    if not label:
        raise ScoreError(f"no label is given: {EXAMPLE}")
    pairs = parse_pairs(label, "NAME=COLUMN:LOW:HIGH", "--label")
    return {name: _parse_range(name, text) for name, text in pairs.items()}


def _parse_range(name, text):
    """Return the range of one label."""
    reserved = (
        name in RESERVED
        or name.startswith(PSEUDO_PREFIX)
        or name.endswith(SOURCE_SUFFIX)
        or hasattr(nn.ModuleDict, name)  # heads are kept in one
    )
    if reserved or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        why = "is reserved" if reserved else "is not lower-case letters, "
        why += "" if reserved else "digits and underscores, a letter first"
        raise ScoreError(f"label {name!r} {why}; {EXAMPLE}")
    column, *ends = str(text).rsplit(":", 2)
    if len(ends) != 2 or not column:
        raise ScoreError(
            f"label {name}={text}: no range; {name}=COLUMN:LOW:HIGH, {EXAMPLE}"
        )
    try:
        low, high = map(_parse_end, ends)
    except ValueError as err:
        raise ScoreError(
            f"label {name}={text}: {':'.join(ends)} is not a range; {EXAMPLE}"
        ) from err
    if not low < high:
        raise ScoreError(f"label {name}={text}: {low:g} is not below {high:g}")
    return LabelRange(column, low, high)


def _parse_end(text):
    """Return an end of a range: a number as in a label cell, or infinite."""
    infinite = re.fullmatch(r"\s*[+-]?inf\s*", text, re.I)
    return float(text) if infinite else parse_score(text)


def label_tasks(label: dict | str | list[str]) -> list[Task]:
    """Return one primary task per label of `parse_ranges`."""
    return [
        Task(name, found.low, found.high)
        for name, found in parse_ranges(label).items()
    ]
