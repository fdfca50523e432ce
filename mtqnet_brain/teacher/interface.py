"""What a teacher is: named scores of wavs, where they come from.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task


class Teacher(ABC):
    """Gives pseudo-labels: manifest rows in, named scores out.

    It is sent to worker processes, so it holds plain values and loads what is
    large in `score`.

    Attributes
    ----------
    name : str
        Source of the pseudo-labels, with what identifies its state.
    digest : str
        Changes with anything that changes a score.
    tasks : list of Task
        What it scores, with ranges.
    needs_durations : bool
        Whether rows must say how long their wavs are.
    """

    name = ""
    digest = ""
    tasks: Sequence[Task] = ()
    needs_durations = False

    def batches(self, rows: list[dict]) -> list[list[dict]]:
        """Group rows that are scored together: here one by one.

        Arguments
        ---------
        rows : list of dict
            Manifest rows.

        Returns
        -------
        list of list of dict
            Every row once.
        """
        return [[row] for row in rows]

    def count_known(self, rows: list[dict]) -> int:
        """Count the wavs that the teacher was trained on: here none.

        Arguments
        ---------
        rows : list of dict
            Manifest rows.

        Returns
        -------
        int
            Their number.
        """
        return 0

    @abstractmethod
    def score(self, batch: list[dict]) -> list[dict]:
        """Return the scores of each row.

        Arguments
        ---------
        batch : list of dict
            One of `batches`: ``wav``, and ``reference`` where there is one.

        Returns
        -------
        list of dict
            Score by task; NaN or absent where there is none. ``error``, the
            reason, where there is none at all.
        """
