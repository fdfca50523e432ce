"""Clipping, overload and few bits, where the answer is known.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import RATE, generator, snr, speech

from mtqnet_brain.corpus.damage.amplitude import clip_peaks, overload, quantise

SPEECH = speech()


@pytest.mark.parametrize("fraction", [0.002, 0.1, 0.2])
def test_clipped_fraction(fraction):
    """Of 1000 magnitudes the largest are equal, the others unchanged."""
    rng = np.random.default_rng(0)
    ramp = rng.permutation(np.arange(1, 1001)) / 1000
    samples = ramp * rng.choice([-1, 1], 1000)
    silence = np.zeros(500)
    clipped = clip_peaks(np.concatenate([samples, silence]), fraction)
    touched = np.abs(clipped[:1000] - samples) > 1e-6
    assert touched.sum() == 1000 * fraction
    assert ramp[touched].min() > ramp[~touched].max()
    assert np.ptp(np.abs(clipped[:1000][touched])) == 0
    assert np.array_equal(np.sign(clipped[:1000]), np.sign(samples))
    assert not clipped[1000:].any()


def test_silence_cannot_be_clipped():
    """There is no loudest sample."""
    with pytest.raises(ValueError, match="silent"):
        clip_peaks(np.zeros(100), 0.1)


def test_overload_makes_harmonics():
    """Odd ones of a tone, the more the harder; the energy stays."""
    tone = 0.1 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
    thirds = []
    for drive in (-3, 6, 24):
        spectrum = np.abs(np.fft.rfft(overload(tone, drive)))
        thirds.append(spectrum[1500] / spectrum[500])
        assert spectrum[1000] < 1e-3 * spectrum[500]
        energy = np.sum(overload(tone, drive) ** 2)
        assert energy == pytest.approx(np.sum(tone**2), rel=1e-4)
    assert thirds == sorted(thirds)
    # A square wave's third harmonic has a third of its amplitude.
    assert thirds[-1] == pytest.approx(1 / 3, rel=0.1)
    # tanh(a sin) = a sin - (a sin)^3 / 3: the third is about a^2 / 12.
    gentle = np.abs(np.fft.rfft(overload(tone, -20)))
    assert gentle[1500] / gentle[500] == pytest.approx(0.01 / 12, rel=0.05)


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_quantised_levels(bits):
    """So many values, equally far apart; 6 dB for a bit."""
    noise = generator().uniform(-0.5, 0.5, 50000)
    coarse = quantise(noise, bits)
    values = np.unique(coarse)
    assert len(values) == 2**bits - 1
    np.testing.assert_allclose(np.diff(values), np.diff(values)[0], rtol=1e-4)
    # Of a uniform distribution: as many dB as 20 log10 of the levels.
    expected = 20 * np.log10(2**bits - 2)
    assert snr(coarse, noise) == pytest.approx(expected, abs=0.2)


def test_fewer_bits_are_worse():
    """On speech."""
    found = [snr(quantise(SPEECH, bits), SPEECH) for bits in range(4, 13)]
    assert found == sorted(found)


def test_silence_stays_silence():
    """Nothing is divided by zero."""
    silence = np.zeros(1000, np.float32)
    for damaged in (overload(silence, 10), quantise(silence, 4)):
        assert not damaged.any() and len(damaged) == 1000
