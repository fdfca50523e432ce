"""Noises: spectra and levels against what their names promise.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy.signal import welch

from mtqnet_brain.corpus.noises import (
    GENERATORS,
    babble_noise,
    pink_noise,
    street_noise,
    white_noise,
)

RATE = 16000


def slope_db_per_decade(noise):
    """Slope of a Welch spectrum between 50 Hz and 6 kHz."""
    frequency, density = welch(noise, RATE, nperseg=4096)
    band = (frequency > 50) & (frequency < 6000)
    log_frequency = np.log10(frequency[band])
    # Each decade counts the same.
    weights = 1 / np.sqrt(frequency[band])
    decibel = 10 * np.log10(density[band])
    return np.polyfit(log_frequency, decibel, 1, w=weights)[0]


@pytest.mark.parametrize(
    "generate, slope", [(pink_noise, -10.0), (white_noise, 0.0)]
)
def test_slope(generate, slope):
    """Power falls by 10 dB per decade in pink noise, not in white."""
    noise = generate(60 * RATE, np.random.default_rng(0))
    assert slope_db_per_decade(noise) == pytest.approx(slope, abs=0.25)


def test_street_is_a_rumble_that_swells():
    """Most power lies below 300 Hz, and the level changes over time."""
    noise = street_noise(20 * RATE, np.random.default_rng(0))
    frequency, density = welch(noise, RATE, nperseg=4096)
    assert density[frequency < 300].sum() > 0.7 * density.sum()
    levels = noise.reshape(-1, RATE // 2).std(axis=1)
    white = white_noise(20 * RATE, np.random.default_rng(0))
    spread = levels.std() / levels.mean()
    steady = white.reshape(-1, RATE // 2).std(axis=1)
    assert spread > 5 * steady.std() / steady.mean()


@pytest.mark.parametrize("kind", sorted(GENERATORS))
@pytest.mark.parametrize("n_samples", [400, 16001])
def test_length_and_seed(kind, n_samples):
    """Length as asked; the generator's seed decides every sample."""
    noises = [
        GENERATORS[kind](n_samples, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    assert all(noise.shape == (n_samples,) for noise in noises)
    assert np.array_equal(noises[0], noises[1])
    assert not np.allclose(noises[0], noises[2])


def test_babble_voices_are_equally_loud():
    """Two tones of RMS 0.5 and 0.05 have equal lines in the babble."""
    time = np.arange(RATE) / RATE
    voices = [
        0.5 * np.sqrt(2) * np.sin(2 * np.pi * 500 * time),
        0.05 * np.sqrt(2) * np.sin(2 * np.pi * 800 * time[: RATE // 2]),
    ]
    babble = babble_noise(voices, 2 * RATE, np.random.default_rng(0))
    lines = np.abs(np.fft.rfft(babble)) / RATE
    # Amplitude sqrt(2) over 2 s: |X| = sqrt(2) * 2 * RATE / 2.
    assert lines[1000] == pytest.approx(np.sqrt(2), rel=1e-6)
    assert lines[1600] == pytest.approx(np.sqrt(2), rel=1e-6)


def test_babble_refuses_silence():
    """A silent voice cannot be brought to a level."""
    with pytest.raises(ValueError, match="silent"):
        babble_noise([np.zeros(100)], 100, np.random.default_rng(0))
