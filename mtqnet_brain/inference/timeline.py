"""Scores over time, from the frame scores of windows.

A network's frames are tracks, one after another: of the spectrum, of the
filter bank, of the SSL model. A timeline has one score every 16 ms, the mean of
all tracks at that time. There is nothing to score in a pause of a long clip;
there, the scores before and after it are interpolated. The curve that is shown
is its mean over a quarter of a second.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.inference.pauses import PAUSE_DB, active_power, frame_power
from mtqnet_brain.model.frames import HOP, spectrum_frames

SMOOTH = 15  # times, 0.24 s
HANGOVER = 12  # frames, 0.2 s as in P.56


def times_of(n_samples: int) -> np.ndarray:
    """Return the times of a clip's timeline in seconds, shape (times,)."""
    return np.arange(spectrum_frames(n_samples)) * HOP / SAMPLE_RATE


class Timeline:
    """Joins the frame scores of consecutive windows.

    Arguments
    ---------
    tasks : list of str
        Names of the scores.
    """

    def __init__(self, tasks: list[str]) -> None:
        self.tasks = list(tasks)
        self.total = {task: np.zeros(0) for task in self.tasks}
        self.count = np.zeros(0)
        self.power = np.zeros(0)
        self.loudest = 0.0  # power of the speech in the loudest window

    def add(
        self,
        hops: np.ndarray,
        samples: np.ndarray,
        tracks: list[np.ndarray],
        frames: dict[str, np.ndarray],
    ) -> None:
        """Add a window.

        Arguments
        ---------
        hops : np.ndarray
            Numbers of the window's hops in the clip, rising.
        samples : np.ndarray
            The window's samples, shape (n,).
        tracks : list of np.ndarray
            Centres of the frames of each track in samples, rising, in the
            order of the frame scores.
        frames : dict of str to np.ndarray
            Frame scores per task, shape (frames of all tracks,).
        """
        at = np.arange(spectrum_frames(len(samples))) * HOP
        span = hops
        if len(hops) < len(at):  # the time after the last hop
            span = np.append(hops, hops[-1] + 1)
        self._grow(span[-1] + 1)
        edges = np.cumsum([len(track) for track in tracks])[:-1]
        for task in self.tasks:
            parts = np.split(frames[task], edges)
            means = [np.interp(at, t, p) for t, p in zip(tracks, parts)]
            self.total[task][span] += np.mean(means, axis=0)
        self.count[span] += 1
        power = frame_power(samples)
        self.power[span] = np.maximum(self.power[span], power)
        self.loudest = max(self.loudest, active_power(power))

    def end(self, n_samples: int) -> None:
        """Make it as long as the clip, which may end with a pause cut out."""
        self._grow(spectrum_frames(n_samples))

    def scores(self) -> dict[str, np.ndarray]:
        """Return the scores over time, interpolated in pauses cut out.

        Returns
        -------
        dict of str to np.ndarray
            Per task, shape (times,).
        """
        heard = self.count > 0
        means = {
            t: self.total[t] / np.maximum(self.count, 1) for t in self.tasks
        }
        if heard.all():
            return means
        return {t: bridge_pauses(means[t], heard) for t in self.tasks}

    def active(self) -> np.ndarray:
        """Return the times with speech, or up to 0.2 s from it.

        Returns
        -------
        np.ndarray
            Bool, shape (times,); all times in a window if there is no speech.
        """
        loud = self.power > self.loudest * 10 ** (-PAUSE_DB / 10)
        if not loud.any():
            return self.count > 0
        near = np.convolve(loud, np.ones(2 * HANGOVER + 1), "full") > 0
        return near[HANGOVER:][: len(loud)] & (self.count > 0)

    def _grow(self, length: int) -> None:
        """Make room for so many times."""
        more = max(length - len(self.count), 0)
        self.count = np.pad(self.count, (0, more))
        self.power = np.pad(self.power, (0, more))
        for task in self.tasks:
            self.total[task] = np.pad(self.total[task], (0, more))


def bridge_pauses(scores: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Interpolate scores over time in the pauses.

    Arguments
    ---------
    scores : np.ndarray
        Shape (times,).
    active : np.ndarray
        Times outside the pauses, bool, shape (times,); not all False.

    Returns
    -------
    np.ndarray
        Shape (times,); constant before the first and after the last active
        time.
    """
    times = np.arange(len(scores))
    return np.interp(times, times[active], scores[active])


def smooth(scores: np.ndarray) -> np.ndarray:
    """Average scores over the 0.24 s around each time, shape (times,)."""
    return uniform_filter1d(scores, SMOOTH, mode="nearest")


def find_change(curves: np.ndarray, margin: int) -> int:
    """Return when the level of curves changes most.

    Arguments
    ---------
    curves : np.ndarray
        Scores over time, shape (tasks, times).
    margin : int
        Least times before and after the change.

    Returns
    -------
    int
        Number of the first time after it: where two constants per curve leave
        the least squared error.

    Raises
    ------
    ValueError
        If the curves are shorter than twice the margin.
    """
    n_times = curves.shape[1]
    if margin < 1 or n_times < 2 * margin:
        raise ValueError(
            f"{n_times} times: a change needs {max(margin, 1)} on each side"
        )
    before = np.arange(margin, n_times - margin + 1)  # times before a change
    after = n_times - before
    centred = curves - curves.mean(axis=1, keepdims=True)
    sums = centred.cumsum(axis=1)[:, before - 1]  # (tasks, changes)
    # What two means explain; the sum of a whole centred curve is 0.
    explained = (sums**2 * (1 / before + 1 / after)).sum(axis=0)
    return int(before[explained.argmax()])
