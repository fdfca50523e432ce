"""Weighted spectral slope distance (WSS), for all frames at once.

Source: D. Klatt, "Prediction of perceived phonetic distance from
critical-band spectra: a first step", ICASSP 1982; filters of composite.m
(Hu and Loizou 2008).

Authors
 * The mtqnet-brain developers 2026
"""

from functools import cache

import numpy as np

from mtqnet_brain.labels.spectra import N_FFT

BIN_WIDTH = 16000 / N_FFT  # Hz
# Klatt, p. 1280: weight of the largest band and of the nearest peak.
K_MAX = 20.0
K_LOC_MAX = 1.0
BAND_FLOOR = 1e-10  # energy of a band
FILTER_FLOOR = np.exp(-30.0 / (2.0 * 2.303))
BAND_CENTRES = np.array(
    [50, 120, 190, 260, 330, 400, 470, 540, 617.372, 703.378, 798.717]
    + [904.128, 1020.38, 1148.30, 1288.72, 1442.54, 1610.70, 1794.16]
    + [1993.93, 2211.08, 2446.71, 2701.97, 2978.04, 3276.17, 3597.63]
)  # Hz
BAND_WIDTHS = np.array(
    [70, 70, 70, 70, 70, 70, 70, 77.3724, 86.0056, 95.3398, 105.411]
    + [116.256, 127.914, 140.423, 153.823, 168.154, 183.457, 199.776]
    + [217.153, 235.631, 255.255, 276.072, 298.126, 321.465, 346.136]
)  # Hz


def weighted_spectral_slopes(
    reference_power: np.ndarray, degraded_power: np.ndarray
) -> np.ndarray:
    """Compare the slopes of the critical-band spectra of each frame.

    Arguments
    ---------
    reference_power, degraded_power : np.ndarray
        Power spectra, shape (n_frames, 513).

    Returns
    -------
    np.ndarray
        Weighted mean of the squared slope differences in dB^2, shape
        (n_frames,); the weights (Klatt 1982) favour spectral peaks.
    """
    reference = band_levels(reference_power)  # (n_frames, 25)
    degraded = band_levels(degraded_power)  # (n_frames, 25)
    weights = (klatt_weights(reference) + klatt_weights(degraded)) / 2
    differences = np.diff(reference) - np.diff(degraded)  # (n_frames, 24)
    return (weights * differences**2).sum(axis=1) / weights.sum(axis=1)


@cache
def critical_bands() -> list[tuple[int, np.ndarray]]:
    """Return (first bin, weights) of the 25 Gaussian band filters."""
    bins = np.arange(N_FFT // 2)
    bands = []
    for centre, width in zip(BAND_CENTRES, BAND_WIDTHS, strict=True):
        distance = (bins - np.floor(centre / BIN_WIDTH)) * BIN_WIDTH / width
        gains = np.exp(-11 * distance**2) * BAND_WIDTHS[0] / width
        (kept,) = np.nonzero(gains > FILTER_FLOOR)
        bands.append((int(kept[0]), gains[kept]))
    return bands


def band_levels(power: np.ndarray) -> np.ndarray:
    """Return the levels of the 25 critical bands in dB, (n_frames, 25)."""
    levels = np.empty((len(power), len(BAND_CENTRES)))
    for band, (first, gains) in enumerate(critical_bands()):
        span = power[:, first : first + len(gains)]
        levels[:, band] = np.einsum("ij,j->i", span, gains)
    return 10 * np.log10(np.maximum(levels, BAND_FLOOR))


def klatt_weights(levels: np.ndarray) -> np.ndarray:
    """Weight each slope by its distance from the spectral peaks.

    Arguments
    ---------
    levels : np.ndarray
        Band levels in dB, shape (n_frames, 25).

    Returns
    -------
    np.ndarray
        Weights up to 1, shape (n_frames, 24).
    """
    lower = levels[:, :-1]  # (n_frames, 24)
    loudest = levels.max(axis=1, keepdims=True)  # (n_frames, 1)
    by_loudest = K_MAX / (K_MAX + loudest - lower)
    return by_loudest * K_LOC_MAX / (K_LOC_MAX + nearest_peaks(levels) - lower)


def nearest_peaks(levels: np.ndarray) -> np.ndarray:
    """Find the spectral peak that each band climbs to.

    Arguments
    ---------
    levels : np.ndarray
        Band levels in dB, shape (n_frames, 25).

    Returns
    -------
    np.ndarray
        Level of the peak to the right where the slope rises, else to the
        left, shape (n_frames, 24). On the right it is the band before the
        peak, as in composite.m, for which the ratings were fitted.
    """
    rises = np.diff(levels) > 0  # (n_frames, 24)
    n_slopes = rises.shape[1]
    index = np.arange(n_slopes)
    falls_at = np.where(rises, n_slopes, index)  # (n_frames, 24)
    next_fall = np.minimum.accumulate(falls_at[:, ::-1], axis=1)[:, ::-1]
    last_rise = np.maximum.accumulate(np.where(rises, index, -1), axis=1)
    peak = np.where(rises, next_fall - 1, last_rise + 1)  # (n_frames, 24)
    return np.take_along_axis(levels, peak, axis=1)
