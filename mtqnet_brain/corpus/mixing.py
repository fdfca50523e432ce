"""Levels of speech and noise, and mixtures at a wanted SNR.

All clean speech is brought to the same active level, so that a mixture
would clip only if the noise has strong peaks; such a mixture is attenuated as
a whole, its clean reference is not.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

from mtqnet_brain.audio.io import SAMPLE_RATE

SPEECH_LEVEL = -26.0  # dBov, the nominal level of ITU-T P.56 and P.800
PEAK_LIMIT = 0.99
MARGIN = 15.9  # dB between active level and threshold, ITU-T P.56
HANGOVER = 0.2  # s
TIME_CONSTANT = 0.03  # s, of the envelope


def active_level(speech: np.ndarray) -> float:
    """Measure the active speech level, as in ITU-T P.56, method B.

    The energy is divided by the time during which the envelope (two
    exponential averages of |x|, 30 ms each, with a hangover of 200 ms)
    exceeds a threshold 15.9 dB below that level, interpolated in dB between
    thresholds that are powers of two. P.56's band limitation is left out.

    Arguments
    ---------
    speech : np.ndarray
        Samples at 16 kHz, shape (n_samples,), full scale = 1.

    Returns
    -------
    float
        Level in dBov (0: a full-scale square wave); -inf for silence.
    """
    energy = float(np.sum(np.square(speech, dtype=np.float64)))
    thresholds = 2.0 ** -np.arange(1, 16)  # as in P.56 for 16 bits
    counts = _active_counts(speech, thresholds)
    heard = counts > 0
    if energy == 0 or not heard.any():
        return _decibel(energy / max(1, len(speech)))
    levels = 10 * np.log10(energy / counts[heard])  # falling
    excess = levels - 20 * np.log10(thresholds[heard])  # rising
    if excess[-1] < MARGIN:
        return float(levels[-1])
    return float(np.interp(MARGIN, excess, levels))


def _active_counts(speech, thresholds):
    """Count the active samples per threshold, with the hangover."""
    decay = np.exp(-1 / (SAMPLE_RATE * TIME_CONSTANT))
    smooth = ([1 - decay], [1, -decay])
    envelope = lfilter(*smooth, lfilter(*smooth, np.abs(speech)))
    hangover = int(HANGOVER * SAMPLE_RATE)
    # The largest value of the last 200 ms: the filter looks back only.
    held = maximum_filter1d(
        envelope, hangover + 1, mode="constant", origin=hangover // 2
    )
    return np.array([np.count_nonzero(held >= c) for c in thresholds])


def _decibel(power):
    """Return a power in dB, -inf for none."""
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def normalize_speech(speech: np.ndarray) -> np.ndarray:
    """Bring speech to the active level of -26 dBov.

    Arguments
    ---------
    speech : np.ndarray
        Samples at 16 kHz, shape (n_samples,).

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32; quieter where the peak would exceed 0.99.

    Raises
    ------
    ValueError
        If the speech is silent.
    """
    level = active_level(speech)
    if not np.isfinite(level):
        raise ValueError("speech is silent; remove the clip")
    return limit_peak(speech * 10 ** ((SPEECH_LEVEL - level) / 20))


def limit_peak(samples: np.ndarray) -> np.ndarray:
    """Attenuate samples to a peak of at most 0.99; float32, (n_samples,)."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    gain = PEAK_LIMIT / peak if peak > PEAK_LIMIT else 1.0
    return np.asarray(samples * gain, dtype=np.float32)


def cut_noise(
    noise: np.ndarray, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Cut a piece of noise at a random position.

    Arguments
    ---------
    noise : np.ndarray
        Shape (n_noise,); repeated without a gap where it is too short.
    n_samples : int
        Length of the piece.
    rng : np.random.Generator
        Draws the position.

    Returns
    -------
    np.ndarray
        Shape (n_samples,); the piece around the loudest sample if the one
        drawn is digital silence.

    Raises
    ------
    ValueError
        If the noise is silent.
    """
    loudest = int(np.argmax(np.abs(noise)))
    if noise[loudest] == 0:
        raise ValueError("noise is silent; remove the clip")
    if len(noise) < n_samples:
        start = int(rng.integers(len(noise)))
        index = np.arange(start, start + n_samples)
        return np.take(noise, index, mode="wrap")  # (n_samples,)
    last = len(noise) - n_samples
    start = int(rng.integers(last + 1))
    piece = noise[start : start + n_samples]
    if piece.any():
        return piece
    start = min(last, max(0, loudest - n_samples // 2))
    return noise[start : start + n_samples]


def mix_at_snr(
    speech: np.ndarray, noise: np.ndarray, snr: float, rng: np.random.Generator
) -> np.ndarray:
    """Add noise to speech at a signal-to-noise ratio.

    Arguments
    ---------
    speech : np.ndarray
        Clean samples at 16 kHz, shape (n_samples,), at their final level.
    noise : np.ndarray
        Shape (n_noise,), any length and level; a random piece is taken.
    snr : float
        Active speech level over RMS of the noise piece, in dB.
    rng : np.random.Generator
        Draws the piece.

    Returns
    -------
    np.ndarray
        Mixture, shape (n_samples,), float32, peak at most 0.99: attenuated
        as a whole where it would be more.

    Raises
    ------
    ValueError
        If speech or noise is silent.
    """
    piece = cut_noise(noise, len(speech), rng).astype(np.float64)
    level = active_level(speech)
    if not np.isfinite(level):
        raise ValueError("speech is silent; remove the clip")
    gain_db = level - snr - _decibel(np.mean(piece**2))
    return limit_peak(speech + piece * 10 ** (gain_db / 20))
