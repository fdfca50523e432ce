"""The interface of a teacher: named scores of wavs, and their source.

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
    """Makes pseudo-labels: manifest rows in, named scores out.

    It is sent to worker processes, so it holds plain values, and loads large
    ones in `score`.

    Attributes
    ----------
    name : str
        Source of the pseudo-labels, with a version or hash.
    digest : str
        Changes with everything that changes a score.
    tasks : sequence of Task
        Scores that it gives, with ranges.
    reads : sequence of str
        Columns of the files that it reads. Rows without one of them are left
        out.
    needs_durations : bool
        Whether rows must have the durations of their wavs.
    """

    name = ""
    digest = ""
    tasks: Sequence[Task] = ()
    reads: Sequence[str] = ("wav",)
    needs_durations = False

    def batches(self, rows: list[dict]) -> list[list[dict]]:
        """Group manifest rows that are scored together; here one by one."""
        return [[row] for row in rows]

    def count_known(self, rows: list[dict]) -> int:
        """Count the wavs that the teacher was trained on; here none."""
        return 0

    @abstractmethod
    def score(self, batch: list[dict]) -> list[dict]:
        """Return the scores of each row.

        Arguments
        ---------
        batch : list of dict
            One of `batches`: rows with the columns of ``reads``.

        Returns
        -------
        list of dict
            Score by task, NaN or absent where missing. Where all are missing,
            the reason under ``error``.
        """
