"""Levels and mixtures against slow or hand calculations.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.corpus.mixing import (
    active_level,
    cut_noise,
    limit_peak,
    mix_at_snr,
    normalize_speech,
)

RATE = 16000


def tone(seconds, rms, frequency=440.0):
    """A tone of a given RMS."""
    time = np.arange(int(seconds * RATE)) / RATE
    return rms * np.sqrt(2) * np.sin(2 * np.pi * frequency * time)


def slow_active_level(speech):
    """ITU-T P.56, method B, sample by sample as its text has it."""
    g = np.exp(-1 / (RATE * 0.03))
    thresholds = [2.0**-j for j in range(15, 0, -1)]
    hangover = int(0.2 * RATE)
    counts, idle = [0] * 15, [hangover + 1] * 15
    p = q = 0.0
    for x in speech:
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j, c in enumerate(thresholds):
            idle[j] = 0 if q >= c else idle[j] + 1
            counts[j] += idle[j] <= hangover
    energy = float(np.sum(np.square(speech)))
    before = None
    for j, c in enumerate(thresholds):
        if counts[j] == 0:
            return before[0]
        level = 10 * np.log10(energy / counts[j])
        excess = level - 20 * np.log10(c)
        if excess <= 15.9:
            if before is None:
                return level
            share = (before[1] - 15.9) / (before[1] - excess)
            return before[0] + share * (level - before[0])
        before = (level, excess)
    return before[0]


@pytest.mark.parametrize("rms", [0.2, 0.01, 0.001])
def test_active_level_equals_the_slow_one(rms):
    """Vectorised and sample-by-sample P.56 agree to rounding."""
    rng = np.random.default_rng(0)
    bursts = np.repeat([0, 1, 0, 0.3, 0, 0, 1], 2500)
    speech = rms * bursts * rng.standard_normal(len(bursts))
    expected = slow_active_level(speech)
    assert active_level(speech) == pytest.approx(expected, abs=1e-9)


def test_active_level_leaves_pauses_out():
    """A tone of -20 dBov for half of the time has an active level of it."""
    speech = np.concatenate([np.zeros(5 * RATE), tone(10, 0.1)])
    assert active_level(speech) == pytest.approx(-20, abs=0.1)
    overall = 10 * np.log10(np.mean(speech**2))
    assert overall < -21.7


def test_active_level_of_silence():
    """Silence has no level."""
    assert active_level(np.zeros(1000)) == -np.inf


def test_normalized_level():
    """A steady tone ends at an RMS of -26 dBov, whatever it was before."""
    for rms in (0.5, 0.003):
        speech = normalize_speech(tone(3, rms))
        level = 10 * np.log10(np.mean(speech.astype(float) ** 2))
        assert level == pytest.approx(-26, abs=0.1)


def test_normalize_refuses_silence():
    """Silence cannot be brought to a level."""
    with pytest.raises(ValueError, match="silent"):
        normalize_speech(np.zeros(RATE))


@pytest.mark.parametrize("snr", [-2, 0, 5, 30])
@pytest.mark.parametrize("n_noise", [RATE // 3, 5 * RATE])
def test_snr(snr, n_noise):
    """A steady tone over what was added to it has the wanted SNR."""
    speech = tone(2, 0.05)
    rng = np.random.default_rng(snr + 10)
    noise = 7.0 * rng.standard_normal(n_noise)
    added = mix_at_snr(speech, noise, snr, rng) - speech
    found = 10 * np.log10(np.mean(speech**2) / np.mean(added**2))
    assert found == pytest.approx(snr, abs=0.1)


def test_mixture_is_attenuated_as_a_whole():
    """A mixture with a strong click keeps its shape and does not clip."""
    speech = tone(1, 0.05)
    noise = np.zeros(RATE)
    noise[RATE // 2] = 1.0
    mixture = mix_at_snr(speech, noise, -2, np.random.default_rng(0))
    assert np.max(np.abs(mixture)) == pytest.approx(0.99, abs=1e-6)
    quiet = np.abs(np.arange(RATE) - RATE // 2) > 10
    gains = mixture[quiet][100:200] / speech[quiet][100:200]
    finite = np.isfinite(gains)
    assert np.ptp(gains[finite]) < 1e-3
    # RMS of the click is 10^((level + 2) / 20); its peak sqrt(RATE) times it.
    peak = 0.05 * 10 ** (2 / 20) * np.sqrt(RATE) + speech[RATE // 2]
    assert np.median(gains[finite]) == pytest.approx(0.99 / peak, rel=2e-2)


def test_short_noise_is_repeated_without_a_gap():
    """A ramp of 0..9 goes on from 9 to 0 again."""
    piece = cut_noise(np.arange(10.0), 35, np.random.default_rng(3))
    assert set(np.diff(piece)) == {1.0, -9.0}


def test_noise_starts_anywhere():
    """Pieces of a long noise start at different places, all inside."""
    rng = np.random.default_rng(0)
    starts = {cut_noise(np.arange(1.0, 31), 10, rng)[0] for _ in range(300)}
    assert starts == set(np.arange(1.0, 22))


def test_silent_stretch_of_noise_is_not_taken():
    """One audible sample in a long file is always in the piece."""
    noise = np.zeros(10000)
    noise[9990] = 0.5
    rng = np.random.default_rng(0)
    assert all(cut_noise(noise, 100, rng).any() for _ in range(20))


def test_silent_noise_is_refused():
    """Silence cannot be brought to an SNR."""
    with pytest.raises(ValueError, match="noise is silent"):
        mix_at_snr(tone(1, 0.1), np.zeros(50), 0, np.random.default_rng(0))


def test_limit_peak_leaves_quiet_samples_alone():
    """Samples below the limit come back bit-identical."""
    samples = np.array([0.5, -0.98], np.float32)
    assert np.array_equal(limit_peak(samples), samples)
