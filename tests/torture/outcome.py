"""The outcome of a case, and its random generator.

A kind is a module with ``NAME``, ``names()`` of its cases, and
``run_cases(numbers, seed, box)``, which runs cases of a campaign with this seed
in an empty box and returns a list of `Outcome`; with ``CASES``, the number that
a campaign draws, if it does not run all; and with ``groups()`` if several cases
share a command.

Authors
 * The mtqnet-brain developers 2026
"""

import zlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """The outcome of one case.

    Arguments
    ---------
    kind : str
        Kind of the case.
    number : int
        Number within its kind; the same in every run.
    name : str
        Name of the case.
    faults : list of str
        Empty if the case was survived.
    last_line : str
        Last line that the command printed.
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
    """Return the random generator of a case: a campaign's seed, its number."""
    return np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
