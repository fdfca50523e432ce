"""Degradations besides noise: band, clipping, MNRU, rooms, wrong spectra.

Parameters drawn per clip and written to ``degradations.csv``:

========  ==================  =============================================
method    columns             range
========  ==================  =============================================
Lowpass   low_hz, high_hz     300 to 3400 Hz (telephone) or 0 to 4000 Hz
Clip      clipped_share       0.002 to 0.2 of the samples, log-uniform
MNRU      q_db                5 to 40 dB
Reverb    rt60_s              0.2 to 1.0 s
..        length_m, width_m   4 to 8 m, 3 to 6 m
..        height_m            2.5 to 3.5 m
..        distance_m          0.5 to 2 m from talker to microphone
Mask      mask_exponent       0.5 to 2.5, power of the ratio mask
..        mask_error_db       0 to 12 dB
..        extent              0 to 2 frames and bins, size of an error
..        floor_db            -40 to -8 dB, smallest gain
Complex   left_db             -40 to -3 dB, gain of the remaining noise
..        error_db            0 to 30 dB below the speech
..        extent              0 to 2 frames and bins, size of an error
Phase     phase_error         0 to 2 radians
..        noisy_phase         0 or 1: the speech's phase, or the mixture's
========  ==================  =============================================

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.signal import fftconvolve, firwin

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.corpus.rooms import room_response
from mtqnet_brain.corpus.spectral_faults import (
    complex_error,
    imperfect_mask,
    wrong_phase,
)

BANDS = ((300, 3400), (0, 4000))  # Hz
N_TAPS = 511  # the edges are about 100 Hz wide
REVERB = "Reverb"


def band_limit(samples: np.ndarray, low: float, high: float) -> np.ndarray:
    """Keep a band of frequencies of samples (n_samples,), without delay.

    Edges are in Hz, at -6 dB; low 0 gives a low-pass. Returns float32, peak at
    most 0.99.
    """
    edges, kind = ([low, high], "bandpass") if low else (high, "lowpass")
    taps = firwin(N_TAPS, edges, pass_zero=kind, fs=SAMPLE_RATE)
    return limit_peak(fftconvolve(samples, taps, mode="same"))


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


def mnru(samples: np.ndarray, q: float, rng: np.random.Generator) -> np.ndarray:
    """Add noise that is proportional to the samples, as quantisation noise is.

    ``q`` is the ratio of signal to modulated noise in dB. Returns float32,
    shape (n_samples,), peak at most 0.99.

    Source: ITU-T P.810, "Modulated noise reference unit", without its
    band-pass filters: x * (1 + 10^(-Q/20) * n), n Gaussian of power 1.
    """
    noise = rng.standard_normal(len(samples))
    return limit_peak(samples * (1 + 10 ** (-q / 20) * noise))


def reverberate(
    samples: np.ndarray,
    rt60: float,
    size: Sequence[float],
    distance: float,
) -> np.ndarray:
    """Put samples (n_samples,) into a `rooms.room_response`, without delay.

    Returns float32, peak at most 0.99. The direct path is the dry speech
    itself unless the peak is limited; the reverberation that would follow its
    last sample is cut off.

    Raises
    ------
    ImportError
        If pyroomacoustics is missing.
    """
    response = room_response(rt60, size, distance)
    return limit_peak(fftconvolve(samples, response)[: len(samples)])


Draw = Callable[[np.random.Generator], dict[str, float]]


class Degradation(NamedTuple):
    """How a degradation is drawn and applied.

    Arguments
    ---------
    draw : Callable
        Takes a generator; returns the parameters that it draws, as a dict.
    apply : Callable
        Takes samples, the clean speech in them, a generator and the
        parameters by name; returns samples.
    """

    draw: Draw
    apply: Callable[..., np.ndarray]


def _uniform(**ranges: tuple[float, float, int]) -> Draw:
    """Return a function that draws parameters uniformly.

    Each range holds the lowest and the highest value and decimal places.
    """

    def draw(rng):
        """Draw the parameters in the order of the ranges."""
        return {
            name: round(rng.uniform(low, high), digits)
            for name, (low, high, digits) in ranges.items()
        }

    return draw


def _draw_band(rng):
    """Draw one of the two bands."""
    low, high = BANDS[rng.integers(len(BANDS))]
    return {"low_hz": low, "high_hz": high}


def _draw_clipping(rng):
    """Draw the fraction of clipped samples."""
    fraction = 10 ** rng.uniform(np.log10(0.002), np.log10(0.2))
    return {"clipped_share": round(fraction, 4)}


def _draw_phase(rng):
    """Draw the errors of a phase."""
    error = round(rng.uniform(0, 2), 3)
    return {"phase_error": error, "noisy_phase": int(rng.integers(2))}


def _reverberate(samples, _clean, _rng, rt60_s, distance_m, **size):
    """Apply `reverberate` with drawn parameters."""
    sides = [size[f"{side}_m"] for side in ("length", "width", "height")]
    return reverberate(samples, rt60_s, sides, distance_m)


DEGRADATIONS = {
    "Lowpass": Degradation(
        _draw_band,
        lambda x, _clean, _rng, low_hz, high_hz: band_limit(x, low_hz, high_hz),
    ),
    "Clip": Degradation(
        _draw_clipping,
        lambda x, _clean, _rng, clipped_share: clip_peaks(x, clipped_share),
    ),
    "MNRU": Degradation(
        _uniform(q_db=(5, 40, 2)),
        lambda x, _clean, rng, q_db: mnru(x, q_db, rng),
    ),
    REVERB: Degradation(
        _uniform(
            rt60_s=(0.2, 1.0, 3),
            length_m=(4, 8, 3),
            width_m=(3, 6, 3),
            height_m=(2.5, 3.5, 3),
            distance_m=(0.5, 2, 3),
        ),
        _reverberate,
    ),
    "Mask": Degradation(
        _uniform(
            mask_exponent=(0.5, 2.5, 2),
            mask_error_db=(0, 12, 2),
            extent=(0, 2, 2),
            floor_db=(-40, -8, 1),
        ),
        imperfect_mask,
    ),
    "Complex": Degradation(
        _uniform(left_db=(-40, -3, 1), error_db=(0, 30, 2), extent=(0, 2, 2)),
        complex_error,
    ),
    "Phase": Degradation(_draw_phase, wrong_phase),
}
# Columns of degradations.csv.
PARAMETERS = tuple(
    "low_hz high_hz clipped_share q_db rt60_s length_m width_m height_m "
    "distance_m mask_exponent mask_error_db error_db extent floor_db left_db "
    "phase_error noisy_phase".split()
)


def draw_parameters(method: str, rng: np.random.Generator) -> dict[str, float]:
    """Draw the `PARAMETERS` of one of `DEGRADATIONS`."""
    return DEGRADATIONS[method].draw(rng)


def degrade(
    samples: np.ndarray,
    clean: np.ndarray,
    method: str,
    rng: np.random.Generator,
) -> np.ndarray:
    """Degrade samples (n_samples,), given the clean speech in them.

    The parameters are those that `draw_parameters` draws from an equal
    generator. Returns float32, peak at most 0.99.
    """
    draw, apply = DEGRADATIONS[method]
    return apply(samples, clean, rng, **draw(rng))
