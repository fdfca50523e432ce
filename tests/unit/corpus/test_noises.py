"""Noises: spectra and levels against what their names promise.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy.signal import freqz, lfilter, welch

from mtqnet_brain.corpus.noises import (
    GENERATORS,
    babble_noise,
    brown_noise,
    pink_noise,
    speech_shaped_noise,
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
    "generate, slope",
    [(brown_noise, -20.0), (pink_noise, -10.0), (white_noise, 0.0)],
)
def test_slope(generate, slope):
    """Power falls by 20 dB per decade in brown noise, 10 in pink, 0 else."""
    noise = generate(60 * RATE, np.random.default_rng(0))
    assert slope_db_per_decade(noise) == pytest.approx(slope, abs=0.25)


def test_brown_noise_is_heard():
    """Its power lies above 20 Hz: half of it up to 40 Hz, as 1/f^2 has it."""
    noise = brown_noise(60 * RATE, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    assert power[hertz < 19].sum() < 0.01 * power.sum()
    # Of 1/20 - 1/8000, 1/20 - 1/40.
    share = power[hertz < 40].sum() / power.sum()
    assert share == pytest.approx(0.5, abs=0.03)


def test_speech_shaped_noise_has_the_talkers_spectrum():
    """Two talkers of known spectra, one louder: the mean of both."""
    rng = np.random.default_rng(0)
    filters = [([1], [1, -0.9]), ([1, 0.5], [1, 0, 0.8])]
    voices = [
        gain * lfilter(*coefficients, rng.standard_normal(20 * RATE))
        for gain, coefficients in zip((0.001, 0.1), filters)
    ]
    noise = speech_shaped_noise(voices, 40 * RATE, rng)
    frequency, density = welch(noise, RATE, nperseg=256)
    band = (frequency > 100) & (frequency < 7500)
    expected = 0
    for b, a in filters:
        _, response = freqz(b, a, worN=frequency, fs=RATE)
        expected += np.abs(response) ** 2 / np.mean(np.abs(response) ** 2)
    found = 10 * np.log10(density / density[band].mean())[band]
    wanted = 10 * np.log10(expected / expected[band].mean())[band]
    assert np.ptp(wanted) > 10
    assert np.abs(found - wanted).max() < 1.0


def test_speech_shaped_noise_is_stationary():
    """Speech with pauses gives a noise whose level does not change."""
    time = np.arange(4 * RATE) / RATE
    white = np.random.default_rng(1).standard_normal(len(time))
    voice = white * (np.sin(2 * np.pi * time) > 0)
    noise = speech_shaped_noise([voice], 4 * RATE, np.random.default_rng(0))
    levels = noise.reshape(-1, RATE // 4).std(axis=1)
    assert levels.std() < 0.05 * levels.mean()


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
    with pytest.raises(ValueError, match="silent"):
        speech_shaped_noise([np.zeros(600)], 100, np.random.default_rng(0))
