"""Band limits: telephone, low-pass and high-pass, the path of a handset.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.signal import fftconvolve, firwin, firwin2

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.damage.drawing import Degradation, fixed_damage
from mtqnet_brain.corpus.mixing import limit_peak

BANDS = ((300, 3400), (0, 4000))  # Hz
NYQUIST = SAMPLE_RATE // 2
N_TAPS = 511  # the edges are about 100 Hz wide
# Gain in dB at frequencies in Hz, after the sending side of ITU-T P.48.
HANDSET = {
    0: -60,
    100: -45,
    200: -19,
    300: -12,
    400: -8,
    600: -6,
    1000: -4,
    1600: -1,
    2500: 2,
    3200: 2,
    3500: -8,
    4000: -40,
    NYQUIST: -60,
}


def band_limit(samples: np.ndarray, low: float, high: float) -> np.ndarray:
    """Keep a band of frequencies of samples (n_samples,), without delay.

    Edges are in Hz, at -6 dB; low 0 gives a low-pass, high 8000 a high-pass.
    Returns float32, peak at most 0.99.
    """
    edges, kind = ([low, high], "bandpass") if low else (high, "lowpass")
    if high >= NYQUIST:
        edges, kind = low, "highpass"
    taps = firwin(N_TAPS, edges, pass_zero=kind, fs=SAMPLE_RATE)
    return limit_peak(fftconvolve(samples, taps, mode="same"))


def handset(samples: np.ndarray) -> np.ndarray:
    """Filter samples (n_samples,) as the sending side of a telephone does.

    Between 300 and 3400 Hz, rising by 10 dB from 400 to 2500 Hz. Returns
    float32, peak at most 0.99, without delay.

    Source: an intermediate reference system as in ITU-T P.48, read roughly.
    """
    gains = 10 ** (np.array([*HANDSET.values()]) / 20)
    taps = firwin2(N_TAPS, [*HANDSET], gains, fs=SAMPLE_RATE)
    return limit_peak(fftconvolve(samples, taps, mode="same"))


def _draw_old_band(rng):
    """Draw one of the two bands."""
    low, high = BANDS[rng.integers(len(BANDS))]
    return {"low_hz": low, "high_hz": high}


def _draw_band(rng):
    """Draw a telephone's band, a low-pass or a high-pass, as often each."""
    kind = rng.integers(3)
    low = _log(rng, 200, 500) if kind == 0 else _log(rng, 50, 800)
    high = _log(rng, 2800, 3800) if kind == 0 else _log(rng, 1000, 7500)
    return {
        "low_hz": 0 if kind == 1 else low,
        "high_hz": NYQUIST if kind == 2 else high,
    }


def _log(rng, low, high):
    """Draw a frequency in whole Hz, as often in every octave."""
    return int(round(np.exp(rng.uniform(np.log(low), np.log(high)))))


def _limit(samples, low_hz, high_hz):
    """Apply `band_limit` with drawn parameters."""
    return band_limit(samples, low_hz, high_hz)


_APPLY = fixed_damage(_limit).apply
_COLUMNS = ("low_hz", "high_hz")
LOWPASS = Degradation(_draw_old_band, _APPLY, _COLUMNS)
BAND = Degradation(_draw_band, _APPLY, _COLUMNS)
