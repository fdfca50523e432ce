"""Samples at their limits: clipping, overload, few bits.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.corpus.damage.drawing import (
    fixed_damage,
    log_uniform,
    one_of,
    uniform,
)
from mtqnet_brain.corpus.mixing import limit_peak

TINY = 1e-9  # divides silence


def clip_peaks(samples: np.ndarray, fraction: float) -> np.ndarray:
    """Clip a fraction (0 to 1) of the samples (n_samples,), the loudest ones.

    Zeros do not count. Returns float32.

    Raises
    ------
    ValueError
        If the clip is silent.
    """
    magnitudes = np.abs(samples)
    if not magnitudes.any():
        raise ValueError("speech is silent; remove the clip")
    limit = np.quantile(magnitudes[magnitudes > 0], 1 - fraction)
    return np.clip(samples, -limit, limit).astype(np.float32)


def overload(samples: np.ndarray, drive_db: float) -> np.ndarray:
    """Overdrive an amplifier softly; the energy of (n_samples,) stays.

    The amplifier's curve is a hyperbolic tangent, which the peak enters
    ``drive_db`` above the level where it begins to bend. Returns float32.
    """
    samples = np.asarray(samples, dtype=np.float64)
    peak = max(float(np.max(np.abs(samples), initial=0.0)), TINY)
    driven = np.tanh(samples / peak * 10 ** (drive_db / 20))
    gain = np.linalg.norm(samples) / max(float(np.linalg.norm(driven)), TINY)
    return limit_peak(gain * driven)


def quantise(samples: np.ndarray, bits: int) -> np.ndarray:
    """Round samples (n_samples,) to 2^bits - 1 levels between their peaks.

    Returns float32. Independent of the level: a converter whose range is used.
    """
    peak = max(float(np.max(np.abs(samples), initial=0.0)), TINY)
    steps = 2 ** (bits - 1) - 1  # on either side of zero
    return limit_peak(np.round(samples / peak * steps) / steps * peak)


CLIP = fixed_damage(
    lambda samples, clipped_share: clip_peaks(samples, clipped_share),
    clipped_share=log_uniform(0.002, 0.2, 4),
)
AMPLITUDE = {
    "Overload": fixed_damage(overload, drive_db=uniform(-3, 24, 1)),
    "Quantise": fixed_damage(quantise, bits=one_of(*range(4, 13))),
}
