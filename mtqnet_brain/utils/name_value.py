"""NAME=VALUE pairs of a command line.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence


def parse_pairs(
    given: Mapping[str, str] | str | Sequence[str],
    form: str = "NAME=VALUE",
    option: str = "",
) -> dict[str, str]:
    """Read NAME=VALUE pairs.

    Arguments
    ---------
    given : dict, str or list of str
        ``{"a": "B"}``, ``"a=B c=D"`` or ``["a=B", "c=D"]``. In a string,
        values with blanks stand in quotes. ``"a B c D"``, which SpeechBrain's
        argument parser gets from ``--OPTION a=B c=D``, means the same.
    form : str
        Shown in errors, e.g. ``LABEL=COLUMN``.
    option : str
        Prefix of error messages, e.g. ``--label``.

    Returns
    -------
    dict of str to str
        Value by name, in the order given.

    Raises
    ------
    ValueError
        If there is none, one is not a pair, or a name is given twice.

    Example
    -------
    >>> parse_pairs("s_mos='S MOS' pesq=P")
    {'s_mos': 'S MOS', 'pesq': 'P'}
    """
    if isinstance(given, Mapping):
        return dict(given)
    words = shlex.split(given) if isinstance(given, str) else list(given)
    if not any("=" in word for word in words) and len(words) % 2 == 0:
        words = [f"{n}={v}" for n, v in zip(words[::2], words[1::2])]
    pairs: dict[str, str] = {}
    for word in words or [""]:
        name, _, value = word.partition("=")
        if not (name and value):
            raise ValueError(f"{option} {word}: expected {form}".strip())
        if name in pairs:
            raise ValueError(f"{option} {word}: {name} is given twice".strip())
        pairs[name] = value
    return pairs
