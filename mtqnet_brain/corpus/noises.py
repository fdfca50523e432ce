"""Generated noise: white, pink, brown, street, babble, speech-shaped.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import welch

from mtqnet_brain.audio.io import SAMPLE_RATE

N_BABBLE = (5, 8)  # voices in a babble, fewest and most
LOWEST = 20.0  # Hz, lower limit of hearing
N_WELCH = 512  # samples, bins of 31 Hz


def white_noise(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian white noise, shape (n_samples,), RMS about 1."""
    return rng.standard_normal(n_samples)


def pink_noise(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise with a power density of exactly 1/f, RMS 1, no offset."""
    return _shaped(n_samples, rng, lambda f: 1 / np.sqrt(f))


def brown_noise(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise with a power density of exactly 1/f^2, RMS 1.

    Nothing below 20 Hz: most of the power would be inaudible.
    """
    return _shaped(n_samples, rng, lambda f: (f >= LOWEST) / f)


def street_noise(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Street-like noise: traffic rumble, passing vehicles, a few horns.

    Rumble falls 12 dB/octave above 120 Hz and swells slowly; vehicles (about
    one in 2 s) are noise up to 2.5 kHz under a bell of 0.3 to 1 s; horns
    (about one in 8 s) are two harmonic tones of 350 to 550 Hz.

    Arguments
    ---------
    n_samples : int
        Length.
    rng : np.random.Generator
        Draws the noise.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), RMS about 1 before vehicles and horns.
    """
    time = np.arange(n_samples) / SAMPLE_RATE
    rate, phase = rng.uniform(0.2, 0.8), rng.uniform(0, 2 * np.pi)
    swell = 1 + 0.5 * np.sin(2 * np.pi * rate * time + phase)
    rumble = _shaped(n_samples, rng, lambda f: 1 / (1 + (f / 120) ** 2))
    air = _shaped(n_samples, rng, lambda f: 1 / np.sqrt(1 + (f / 2500) ** 4))
    street = swell * rumble + 0.1 * air
    for _ in range(1 + rng.poisson(time[-1] / 2)):
        street += _vehicle(time, rng)
    for _ in range(rng.poisson(time[-1] / 8)):
        street += _horn(time, rng)
    return street


def babble_noise(
    voices: list[np.ndarray], n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Add talkers who speak at once, each at the same level.

    Arguments
    ---------
    voices : list of np.ndarray
        Speech of one talker each, shape (n,) of any length: read from a
        random start and repeated without a gap.
    n_samples : int
        Length.
    rng : np.random.Generator
        Draws the starts.

    Returns
    -------
    np.ndarray
        Shape (n_samples,).

    Raises
    ------
    ValueError
        If a voice is silent.
    """
    babble = np.zeros(n_samples)
    for voice in voices:
        rms = np.sqrt(np.mean(np.square(voice, dtype=np.float64)))
        if rms == 0:
            raise ValueError("a voice of the babble is silent; remove the clip")
        start = rng.integers(len(voice))
        index = np.arange(start, start + n_samples)
        babble += np.take(voice, index, mode="wrap") / rms
    return babble


def speech_shaped_noise(
    voices: list[np.ndarray], n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Stationary Gaussian noise with the long-term spectrum of talkers.

    Arguments
    ---------
    voices : list of np.ndarray
        Speech of one talker each, shape (n,), 512 samples or more; all are
        scaled to the same power.
    n_samples : int
        Length.
    rng : np.random.Generator
        Draws the noise.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), RMS 1.

    Raises
    ------
    ValueError
        If a voice is silent.
    """
    density = np.zeros(N_WELCH // 2 + 1)
    for voice in voices:
        voice = np.asarray(voice, dtype=np.float64)
        power = np.mean(voice**2)
        if power == 0:
            raise ValueError("a voice is silent; remove the clip")
        frequency, own = welch(voice, SAMPLE_RATE, nperseg=N_WELCH)
        density += own / power  # (257,)
    magnitude = np.sqrt(density)
    return _shaped(n_samples, rng, lambda f: np.interp(f, frequency, magnitude))


def _shaped(
    n_samples: int,
    rng: np.random.Generator,
    magnitude: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Gaussian noise of RMS 1 whose spectrum follows magnitude(Hz)."""
    # The FFT runs on a length with small factors; the noise is cut from it.
    n_fft = 1 << (n_samples - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(n_fft))
    frequency = np.fft.rfftfreq(n_fft, 1 / SAMPLE_RATE)
    spectrum[1:] *= magnitude(frequency[1:])
    spectrum[0] = 0  # no offset
    noise = np.fft.irfft(spectrum)[:n_samples]  # (n_samples,)
    return noise / np.sqrt(np.mean(noise**2))


def _vehicle(time, rng):
    """One passing vehicle: low-pass noise under a bell."""
    low = _shaped(len(time), rng, lambda f: 1 / (1 + (f / 800) ** 2))
    centre, width = rng.uniform(0, time[-1]), rng.uniform(0.3, 1.0)
    bell = np.exp(-0.5 * ((time - centre) / width) ** 2)
    return rng.uniform(0.5, 1.5) * bell * low


def _horn(time, rng):
    """One horn: two harmonic tones, faded in and out over 20 ms."""
    start, length = rng.uniform(0, time[-1]), rng.uniform(0.2, 0.6)
    fade = np.clip(np.minimum(time - start, start + length - time), 0, 0.02)
    pitch = rng.uniform(350, 550)
    tone = np.zeros(len(time))
    for fundamental in (pitch, 1.25 * pitch):
        for harmonic in range(1, 7):
            angle = 2 * np.pi * fundamental * harmonic * time
            tone += np.sin(angle) / harmonic
    return rng.uniform(0.3, 0.8) * tone * fade / 0.02


GENERATORS = {
    "white": white_noise,
    "pink": pink_noise,
    "brown": brown_noise,
    "street": street_noise,
}
FROM_SPEECH = {"babble": babble_noise, "ssn": speech_shaped_noise}
