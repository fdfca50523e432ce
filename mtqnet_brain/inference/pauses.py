"""Tells speech from pauses.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.signal import get_window

from mtqnet_brain.model.frames import HOP, N_FFT

# A frame so far below the level of the speech belongs to a pause. ITU-T P.56
# has 16 dB; a second, softer talker must count as speech.
PAUSE_DB = 20.0
# A long pause so far below the speech is cut out. Louder noise is scored with
# the speech.
QUIET_DB = 30.0
LONG = 60  # hops, 1 s: the pauses of fluent speech are shorter
MARGIN = 8  # hops kept on each side, as much as within a sentence
LOWEST_BIN = 4  # 125 Hz: below lie offset, drift, rumble and their leakage


def frame_power(samples: np.ndarray) -> np.ndarray:
    """Return the audible power of each frame of a timeline.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n,), float32.

    Returns
    -------
    np.ndarray
        Power of 512 samples around each time, shape (times,); the unit is
        arbitrary.
    """
    # Padded with zeros, an offset would begin and end with a click.
    padded = np.pad(np.nan_to_num(samples), HOP, "edge")  # (n + 512,)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    spectra = np.fft.rfft(frames * get_window("hann", N_FFT), axis=1)
    return (np.abs(spectra[:, LOWEST_BIN:]) ** 2).sum(axis=1)  # (times,)


def active_power(power: np.ndarray) -> float:
    """Return the power of the speech, as ITU-T P.56 measures active speech.

    Arguments
    ---------
    power : np.ndarray
        Result of `frame_power`, shape (times,).

    Returns
    -------
    float
        The mean over the frames that are at most `PAUSE_DB` below this mean.
    """
    mean = power.mean()
    while True:
        loud = power >= mean * 10 ** (-PAUSE_DB / 10)
        if power[loud].mean() <= mean * (1 + 1e-9):
            return float(mean)
        mean = power[loud].mean()


def kept_hops(power: np.ndarray, loudest: float, ended: bool) -> np.ndarray:
    """Return which hops remain when long pauses are cut out.

    ::

        speech . . . . . . . . speech . . . . . . . end
        kept   . .         . . kept   . .

    Arguments
    ---------
    power : np.ndarray
        Power of the frames at the edges of the hops, shape (hops + 1,).
    loudest : float
        Power of the speech.
    ended : bool
        Whether the clip ends with these hops; then nothing is kept at the
        end of a pause that reaches it.

    Returns
    -------
    np.ndarray
        Bool, shape (hops,).
    """
    quiet = power < loudest * 10 ** (-QUIET_DB / 10)
    quiet = quiet[:-1] & quiet[1:]  # (hops,)
    edges = np.flatnonzero(np.diff(np.r_[False, quiet, False]))
    kept = np.ones(len(quiet), dtype=bool)
    for first, end in edges.reshape(-1, 2):
        if end - first > LONG:
            over = ended and end == len(quiet)
            head = first + MARGIN if first else 0
            kept[head : end if over else end - MARGIN] = False
    return kept
