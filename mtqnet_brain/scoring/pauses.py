"""What of a clip is speech and what is a pause.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.signal import get_window

from mtqnet_brain.frames import HOP, N_FFT

# Below the speech, a frame is part of a pause. ITU-T P.56 has 16 dB; softer
# talkers are to count.
PAUSE_DB = 20.0
# Below the speech, a pause is cut out where it is long. Noise that is louder
# is heard with the speech.
QUIET_DB = 30.0
LONG = 60  # hops, 1 s: the pauses of fluent speech are shorter
MARGIN = 8  # hops that stay on each side: as in the middle of a sentence
LOWEST_BIN = 4  # of 31 Hz: below lie offset, drift, rumble and their leaks


def frame_power(samples):
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


def active_power(power):
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


def kept_hops(power, loudest, ended):
    """Say which hops stay when long pauses are cut out.

    ::

        speech . . . . . . . . speech . . . . . . . end
        kept   . .         . . kept   . .

    Arguments
    ---------
    power : np.ndarray
        Of the frames before, between and behind the hops, shape (hops + 1,).
    loudest : float
        Power of the speech.
    ended : bool
        Whether the clip ends with these hops.

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
