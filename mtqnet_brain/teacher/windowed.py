"""Teachers that score windows of one length, many clips in one batch.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from mtqnet_brain.audio.io import AudioError, load_audio
from mtqnet_brain.audio.screening import is_silent
from mtqnet_brain.teacher.interface import Teacher

CLIPS = 16  # per job
WINDOWS = 4  # per batch: about 0.6 GB in either network


def spread_starts(n_samples: int, size: int, hop: int) -> list[int]:
    """Return where windows begin that cover a clip evenly.

    Arguments
    ---------
    n_samples : int
        Length of the clip.
    size : int
        Length of a window.
    hop : int
        Longest distance between the starts of two windows.

    Returns
    -------
    list of int
        The first is 0, the last window ends with the clip; only 0 for a clip
        that is not longer than a window.

    Example
    -------
    >>> spread_starts(21, size=10, hop=8)
    [0, 5, 11]
    """
    rest = max(n_samples - size, 0)
    n_windows = -(-rest // hop) + 1
    return [int(share * rest) for share in np.linspace(0, 1, n_windows)]


class WindowTeacher(Teacher):
    """A teacher whose scores of a clip are the means over its windows."""

    def batches(self, rows: list[dict]) -> list[list[dict]]:
        """Group rows in their order."""
        return [rows[i : i + CLIPS] for i in range(0, len(rows), CLIPS)]

    @abstractmethod
    def cut(self, wave: np.ndarray) -> np.ndarray:
        """Return the windows of a clip at 16 kHz, shape (windows, samples)."""

    @abstractmethod
    def predict(self, windows: np.ndarray) -> np.ndarray:
        """Return the scores of windows, shape (windows, tasks)."""

    def score(self, batch: list[dict]) -> list[dict]:
        """Return the scores of each row; an error for silence.

        Windows wait until there are enough for the network, so that short
        clips are scored together and a long one never is as a whole.
        """
        found: list[dict] = [{} for _ in batch]
        sums = np.zeros((len(batch), len(self.tasks)))
        counts = np.zeros(len(batch))
        waiting: list[tuple[int, np.ndarray]] = []
        for i, row in enumerate(batch):
            try:
                wave = _load(row["wav"])
            except AudioError as err:
                found[i] = {"error": str(err)}
                continue
            for window in self.cut(wave):
                waiting.append((i, window))
                if len(waiting) == WINDOWS:
                    self._add(waiting, sums, counts)
        self._add(waiting, sums, counts)
        names = [task.name for task in self.tasks]
        for i in np.flatnonzero(counts).tolist():
            found[i] = dict(zip(names, (sums[i] / counts[i]).tolist()))
        return found

    def _add(self, waiting, sums, counts):
        """Add the scores of the windows that wait to those of their clips."""
        if waiting:
            clips, windows = zip(*waiting, strict=True)
            np.add.at(sums, list(clips), self.predict(np.stack(windows)))
            np.add.at(counts, list(clips), 1)
            waiting.clear()


def _load(wav):
    """Load a wav that is not silent."""
    wave = load_audio(wav)
    if is_silent(wave):
        raise AudioError(f"{wav}: silence")
    return wave
