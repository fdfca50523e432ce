"""What is added to speech: noise, hum, wind, clicks, its own echo.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.signal import butter, sosfilt

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.damage.drawing import (
    fixed_damage,
    log_uniform,
    one_of,
    random_damage,
    uniform,
)
from mtqnet_brain.corpus.mixing import limit_peak, mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise, white_noise

COLOURS = {"white": white_noise, "pink": pink_noise}
CLICK = 32  # samples, 2 ms


def mnru(samples: np.ndarray, q: float, rng: np.random.Generator) -> np.ndarray:
    """Add noise that is proportional to the samples, as quantisation noise is.

    ``q`` is the ratio of signal to modulated noise in dB. Returns float32,
    shape (n_samples,), peak at most 0.99.

    Source: ITU-T P.810, "Modulated noise reference unit", without its
    band-pass filters: x * (1 + 10^(-Q/20) * n), n Gaussian of power 1.
    """
    noise = rng.standard_normal(len(samples))
    return limit_peak(samples * (1 + 10 ** (-q / 20) * noise))


def mnru_and_noise(
    samples: np.ndarray,
    rng: np.random.Generator,
    q_db: float,
    noise_snr_db: float,
    noise_colour: str,
) -> np.ndarray:
    """Distort speech by an MNRU, then add noise, as reference conditions are.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws both noises.
    q_db : float
        As for `mnru`.
    noise_snr_db : float
        Active level of the distorted speech over the noise's.
    noise_colour : str
        ``white`` or ``pink``.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    distorted = mnru(samples, q_db, rng)
    noise = COLOURS[noise_colour](len(samples), rng)
    return mix_at_snr(distorted, noise, noise_snr_db, rng)


def hum(
    samples: np.ndarray,
    rng: np.random.Generator,
    mains_hz: int,
    harmonics: int,
    hum_snr_db: float,
) -> np.ndarray:
    """Add the hum of the mains, at an SNR in dB, to samples (n_samples,).

    The fundamental and its ``harmonics`` have random strengths, the higher
    the weaker. Returns float32, peak at most 0.99.
    """
    time = np.arange(len(samples)) / SAMPLE_RATE
    orders = np.arange(1, harmonics + 2)
    strengths = rng.uniform(0.2, 1, len(orders)) / orders
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    tones = sum(
        strength * np.sin(2 * np.pi * mains_hz * order * time + phase)
        for order, strength, phase in zip(orders, strengths, phases)
    )
    return mix_at_snr(samples, tones, hum_snr_db, rng)


def wind(
    samples: np.ndarray,
    rng: np.random.Generator,
    wind_hz: float,
    gust_s: float,
    wind_snr_db: float,
) -> np.ndarray:
    """Add wind on a microphone: low-frequency noise in gusts.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the noise and the gusts.
    wind_hz : float
        Above it the noise falls by 12 dB per octave, below it by none.
    gust_s : float
        Mean time between gusts.
    wind_snr_db : float
        Active level of the speech over the wind's.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    low = butter(2, wind_hz, fs=SAMPLE_RATE, output="sos")
    high = butter(1, 15, "highpass", fs=SAMPLE_RATE, output="sos")
    noise = rng.standard_normal(len(samples))
    noise = sosfilt(high, sosfilt(low, noise))
    step = gust_s * SAMPLE_RATE / 3  # a third of random points are peaks
    points = np.arange(-step, len(samples) + step, step)
    gusts = rng.exponential(size=len(points)) ** 1.5 + 0.05
    envelope = np.interp(np.arange(len(samples)), points, gusts)
    return mix_at_snr(samples, noise * envelope, wind_snr_db, rng)


def click(
    samples: np.ndarray,
    rng: np.random.Generator,
    clicks_per_s: float,
    click_db: float,
) -> np.ndarray:
    """Add clicks to samples (n_samples,), one at least.

    Each is a burst of noise that decays within 2 ms; ``click_db`` is its peak
    relative to that of the samples. Returns float32, peak at most 0.99.
    """
    peak = float(np.max(np.abs(samples), initial=0.0))
    n_clicks = max(1, rng.poisson(clicks_per_s * len(samples) / SAMPLE_RATE))
    starts = rng.integers(len(samples), size=n_clicks)
    output = np.pad(np.asarray(samples, dtype=np.float64), (0, CLICK))
    for start in starts:
        pulse = rng.standard_normal(CLICK) * np.exp(-np.arange(CLICK) / 6)
        pulse *= peak * 10 ** (click_db / 20) / np.abs(pulse).max()
        output[start : start + CLICK] += pulse
    return limit_peak(output[: len(samples)])


def echo(samples: np.ndarray, echo_ms: float, echo_db: float) -> np.ndarray:
    """Add a copy of samples (n_samples,), later and by a gain in dB.

    Returns float32, peak at most 0.99.
    """
    delay = min(len(samples), round(SAMPLE_RATE * echo_ms / 1000))
    late = np.zeros(len(samples))
    late[delay:] = samples[: len(samples) - delay]
    return limit_peak(samples + 10 ** (echo_db / 20) * late)


MNRU = random_damage(
    lambda samples, rng, q_db: mnru(samples, q_db, rng), q_db=uniform(5, 40, 2)
)
INTERFERENCE = {
    "Echo": fixed_damage(
        echo, echo_ms=log_uniform(30, 300, 1), echo_db=uniform(-40, -3, 1)
    ),
    "MNRUNoise": random_damage(
        mnru_and_noise,
        q_db=uniform(5, 40, 2),
        noise_snr_db=uniform(0, 40, 2),
        noise_colour=one_of(*COLOURS),
    ),
    "Hum": random_damage(
        hum,
        mains_hz=one_of(50, 60),
        harmonics=one_of(*range(1, 21)),
        hum_snr_db=uniform(10, 50, 1),
    ),
    "Wind": random_damage(
        wind,
        wind_hz=log_uniform(60, 400, 0),
        gust_s=log_uniform(0.2, 2, 2),
        wind_snr_db=uniform(-10, 30, 1),
    ),
    "Clicks": random_damage(
        click,
        clicks_per_s=log_uniform(0.3, 30, 2),
        click_db=uniform(-30, 0, 1),
    ),
}
