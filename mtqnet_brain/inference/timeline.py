"""Frame scores at their times.

A network's frames are tracks one behind the other: of the spectrum, of the
filter bank, of the SSL model. A timeline has one score every 16 ms: the mean
of what the tracks say of that time. In the pauses of a long clip nobody speaks:
the timeline leads from the score before to the score behind.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import get_window

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import HOP, N_FFT, spectrum_frames

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet

SSL_HOP = 320  # of wav2vec 2.0 and its kin
SSL_FIRST = 200  # centre of their first frame, of 400 samples
# Below the speech of the loudest window, a frame is part of a pause. ITU-T
# P.56 has 16 dB; softer talkers are to count.
PAUSE_DB = 20.0
HANGOVER = 12  # frames, 0.2 s as in P.56
LOWEST_BIN = 4  # of 31 Hz: below lie offset, drift, rumble and their leaks


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
    streams = encoder.streams.values()
    counts = [stream.n_frames(n_samples) for stream in streams]
    tracks = _strided(counts, encoder.conv.time_stride) if counts else []
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
        start: int,
        samples: np.ndarray,
        tracks: list[np.ndarray],
        frames: dict[str, np.ndarray],
    ) -> None:
        """Add a window.

        Arguments
        ---------
        start : int
            First sample of the window, on the grid of 256.
        samples : np.ndarray
            Of the window, shape (n,).
        tracks : list of np.ndarray
            Of `track_centres`.
        frames : dict of str to np.ndarray
            Per task, shape (frames of all tracks,).
        """
        first = start // HOP
        at = np.arange(n_times(len(samples))) * HOP
        span = slice(first, first + len(at))
        self._grow(span.stop)
        edges = np.cumsum([len(track) for track in tracks])[:-1]
        for task in self.tasks:
            parts = np.split(frames[task], edges)
            means = [np.interp(at, t, p) for t, p in zip(tracks, parts)]
            self.total[task][span] += np.mean(means, axis=0)
        self.count[span] += 1
        power = frame_power(samples)
        self.power[span] = np.maximum(self.power[span], power)
        self.loudest = max(self.loudest, active_power(power))

    def scores(self) -> dict[str, np.ndarray]:
        """Return the scores over time.

        Returns
        -------
        dict of str to np.ndarray
            Per task, shape (times,).
        """
        return {task: self.total[task] / self.count for task in self.tasks}

    def active(self) -> np.ndarray:
        """Return where there is speech, and a little around it.

        Returns
        -------
        np.ndarray
            Bool, shape (times,); all true where there is none.
        """
        loud = self.power > self.loudest * 10 ** (-PAUSE_DB / 10)
        if not loud.any():
            return np.ones_like(loud)
        near = np.convolve(loud, np.ones(2 * HANGOVER + 1), "full") > 0
        return near[HANGOVER:][: len(loud)]

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
        Of `Timeline.active`.

    Returns
    -------
    np.ndarray
        Shape (times,); held at both ends of the clip.
    """
    times = np.arange(len(scores))
    return np.interp(times, times[active], scores[active])


def frame_power(samples: np.ndarray) -> np.ndarray:
    """Return the power of what is heard of each frame of a timeline.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n,), float32.

    Returns
    -------
    np.ndarray
        Shape (times,); 512 samples around each time, in any unit.
    """
    # Zeros before and behind would make a click of an offset.
    padded = np.pad(np.nan_to_num(samples), HOP, "edge")  # (n + 512,)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    spectra = np.fft.rfft(frames * get_window("hann", N_FFT), axis=1)
    return (np.abs(spectra[:, LOWEST_BIN:]) ** 2).sum(axis=1)  # (times,)


def active_power(power: np.ndarray) -> float:
    """Return the mean power of the frames that are not much below it.

    Arguments
    ---------
    power : np.ndarray
        Of `frame_power`.

    Returns
    -------
    float
        Of the frames at most `PAUSE_DB` below it.
    """
    mean = power.mean()
    while True:
        loud = power >= mean * 10 ** (-PAUSE_DB / 10)
        if power[loud].mean() <= mean * (1 + 1e-9):
            return float(mean)
        mean = power[loud].mean()
