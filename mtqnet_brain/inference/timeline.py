"""Frame scores at their times.

A network's frames are tracks one behind the other: of the spectrum, of the
filter bank, of the SSL model. A timeline has one score every 16 ms: the mean
of what the tracks say of that time. In the pauses of a long clip nobody speaks:
the timeline leads from the score before to the score behind.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.inference.pauses import PAUSE_DB, active_power, frame_power
from mtqnet_brain.model.encoder import Encoder
from mtqnet_brain.model.frames import HOP, spectrum_frames

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet

SSL_HOP = 320  # of wav2vec 2.0 and its kin
SSL_FIRST = 200  # centre of their first frame, of 400 samples
HANGOVER = 12  # frames, 0.2 s as in P.56


class _Framed(Protocol):
    """A stream, which counts the frames of a clip."""

    def n_frames(self, n_samples: int) -> int:
        """Return the frames of so many samples."""
        ...


def track_centres(network: MTQNet | MOSSSL, n_samples: int) -> list[np.ndarray]:
    """Return where the frames of each track of a clip are centred.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        Whose frames they are.
    n_samples : int
        Of the clip.

    Returns
    -------
    list of np.ndarray
        Samples, one array per track, in the order of the frame scores.
    """
    encoder = network.encoder
    tracks = []
    if isinstance(encoder, Encoder) and encoder.conv is not None:
        streams = cast("list[_Framed]", list(encoder.streams.values()))
        counts = [stream.n_frames(n_samples) for stream in streams]
        tracks = _strided(counts, encoder.conv.time_stride)
    if encoder.ssl is not None:
        frames = np.arange(encoder.ssl.n_frames(n_samples))
        tracks.append(SSL_FIRST + frames * SSL_HOP)
    return tracks


def _strided(counts, stride):
    """Return the centres of joined tracks of which every n-th frame is left.

    The CNN strides over the joined tracks: where the first has an odd number
    of frames, those left of the second are the odd ones.
    """
    tracks, first = [], 0
    for count in counts:
        tracks.append(np.arange(first, count, stride) * HOP)
        first = (first - count) % stride
    return tracks


def n_times(n_samples):
    """Return the length of a clip's timeline."""
    return spectrum_frames(n_samples)


def times_of(n_samples: int) -> np.ndarray:
    """Return the times of a clip's timeline.

    Arguments
    ---------
    n_samples : int
        Of the clip.

    Returns
    -------
    np.ndarray
        Seconds, shape (times,).
    """
    return np.arange(n_times(n_samples)) * HOP / SAMPLE_RATE


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
        self.loudest = 0.0  # power of the speech of the loudest window

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
            Of the clip, that the window consists of; rising.
        samples : np.ndarray
            Of the window, shape (n,).
        tracks : list of np.ndarray
            Of `track_centres`.
        frames : dict of str to np.ndarray
            Per task, shape (frames of all tracks,).
        """
        at = np.arange(n_times(len(samples))) * HOP
        span = hops
        if len(hops) < len(at):  # the time behind the last hop
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
        """Make it as long as the clip, whose end may be a pause cut out.

        Arguments
        ---------
        n_samples : int
            Of the clip.
        """
        self._grow(n_times(n_samples))

    def scores(self) -> dict[str, np.ndarray]:
        """Return the scores over time, led over pauses that were cut out.

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
        """Return where there is speech, and a little around it.

        Returns
        -------
        np.ndarray
            Bool, shape (times,); where there is none, all that was heard.
        """
        loud = self.power > self.loudest * 10 ** (-PAUSE_DB / 10)
        if not loud.any():
            return self.count > 0
        near = np.convolve(loud, np.ones(2 * HANGOVER + 1), "full") > 0
        return near[HANGOVER:][: len(loud)] & (self.count > 0)

    def _grow(self, length):
        """Make room for a number of times."""
        more = max(length - len(self.count), 0)
        self.count = np.pad(self.count, (0, more))
        self.power = np.pad(self.power, (0, more))
        for task in self.tasks:
            self.total[task] = np.pad(self.total[task], (0, more))


def bridge_pauses(scores: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Lead the scores over time from before a pause to behind it.

    Arguments
    ---------
    scores : np.ndarray
        Shape (times,).
    active : np.ndarray
        Which to keep, of `Timeline.active`.

    Returns
    -------
    np.ndarray
        Shape (times,); held at both ends of the clip.
    """
    times = np.arange(len(scores))
    return np.interp(times, times[active], scores[active])
