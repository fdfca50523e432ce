"""Speech-like waves that the tests make themselves.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

RATE = 16000


def make_wave(seconds, seed, snr=None):
    """Return a harmonic tone with syllable-like swells, and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = rng.uniform(90, 220)
    wave = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
    wave *= np.sin(np.pi * rng.uniform(2, 4) * t) ** 2
    wave *= 0.05 / np.sqrt(np.mean(wave**2))
    if snr is not None:
        noise = rng.standard_normal(len(t))
        wave = wave + noise * 0.05 * 10 ** (-snr / 20)
    return (0.5 * wave).astype(np.float32)
