"""Measures of damaged speech that the tests of degradations share.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.signal import correlate, stft, welch
from synthetic import RATE, make_wave


def speech(seconds=3.0, seed=1):
    """Return swelling tones and, between them, hiss, as float32 at 16 kHz.

    About -26 dBov; there is a pause before, between and after.
    """
    voiced = make_wave(seconds, seed).astype(np.float64)
    rng = np.random.default_rng(seed)
    time = np.arange(len(voiced)) / RATE
    hiss = np.maximum(np.sin(2 * np.pi * 1.3 * time + seed), 0) ** 4
    wave = 2 * voiced + 0.01 * hiss * rng.standard_normal(len(time))
    fade = np.minimum(time, time[::-1]) > 0.15
    return (fade * wave).astype(np.float32)


def decibel(power):
    """Return a power in dB."""
    return 10 * np.log10(power)


def snr(samples, wanted):
    """Ratio in dB of what is wanted to what differs from it."""
    wanted = np.asarray(wanted, dtype=np.float64)
    return decibel(np.sum(wanted**2) / np.sum((samples - wanted) ** 2))


def band_level(samples, low, high):
    """Level in dB of a band in Hz, by Welch's method."""
    hertz, density = welch(samples, RATE, nperseg=2048)
    inside = (hertz >= low) & (hertz < high)
    return decibel(np.sum(density[inside]) * hertz[1] + 1e-20)


def log_spectra(samples):
    """Return spectra in dB, those below -100 dB equal, (n_bins, n_frames)."""
    spectra = stft(samples, RATE, nperseg=512)[2]
    return decibel(np.abs(spectra) ** 2 + 1e-10)


def spectral_distance(samples, wanted):
    """Log-spectral distance in dB: root mean square over bins and frames."""
    difference = log_spectra(samples) - log_spectra(wanted)
    return np.sqrt(np.mean(difference**2))


def lag(samples, wanted, most=60):
    """Delay in samples: where the cross-correlation is largest.

    Of differences, since codecs turn the phase of the lowest frequencies, and
    within less than a period of the speech.
    """
    later, earlier = np.diff(samples), np.diff(wanted)
    middle = len(earlier) - 1
    likeness = correlate(later, earlier)[middle - most : middle + most + 1]
    return int(np.argmax(likeness)) - most


def generator(seed=0):
    """Return a generator that always draws the same."""
    return np.random.default_rng(seed)
