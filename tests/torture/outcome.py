"""What became of a case, and which cases a kind has.

A kind is a module with ``NAME``, ``names()`` and ``run_cases(numbers, seed,
box)``; with ``CASES`` if a campaign draws so many of them, and ``groups()`` if
several share a command.

Authors
 * The mtqnet-brain developers 2026
"""

import zlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """What became of one case.

    Arguments
    ---------
    kind : str
        Of the case.
    number : int
        Within its kind; the same in every run.
    name : str
        What the case is.
    faults : list of str
        Empty if it was survived.
    last_line : str
        Of what the command printed.
    path : str
        Input of the case.
    """

    kind: str
    number: int
    name: str
    faults: list = field(default_factory=list)
    last_line: str = ""
    path: str = ""

    @property
    def survived(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


def make_rng(seed, kind, number):
    """Return the random generator of one case.

    Arguments
    ---------
    seed : int
        Of the campaign.
    kind : str
        Of the case.
    number : int
        Of the case.

    Returns
    -------
    np.random.Generator
        The same for the same three.
    """
    return np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
