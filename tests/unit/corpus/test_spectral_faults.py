"""Artefacts of enhancement networks, where the answer is known.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from synthetic import make_wave

from mtqnet_brain.corpus.enhancement.classical import analyse, synthesise
from mtqnet_brain.corpus.spectral_faults import (
    complex_error,
    imperfect_mask,
    split_mixture,
    wrong_phase,
)

CLEAN = make_wave(2.0, 1).astype(np.float64)
NOISE = 0.02 * np.random.default_rng(0).standard_normal(len(CLEAN))
NOISY = 0.8 * CLEAN + NOISE


def rng():
    """Return a generator that always draws the same."""
    return np.random.default_rng(3)


def snr(found, wanted=0.8 * CLEAN):
    """Ratio of wanted signal to what differs from it, in dB."""
    error = found - wanted
    return 10 * np.log10(np.sum(wanted**2) / np.sum(error**2))


def test_synthesis_undoes_analysis():
    """Sample by sample, for lengths that are no multiple of the hop."""
    for n in (1, 255, 256, 257, 5000):
        wave = np.random.default_rng(n).standard_normal(n)
        found = synthesise(analyse(wave), n)
        np.testing.assert_allclose(found, wave, atol=1e-6)


def test_split_finds_the_speech():
    """Also where the mixture was scaled; the sum is the mixture."""
    speech, noise = split_mixture(NOISY, CLEAN)
    np.testing.assert_allclose(speech + noise, NOISY, atol=1e-12)
    assert snr(speech) > 30


def test_mask_without_errors_enhances():
    """Better than the mixture; clean speech stays as it is."""
    found = imperfect_mask(NOISY, CLEAN, rng(), 1, 0, 0, -80)
    assert snr(found) > snr(NOISY) + 3
    same = imperfect_mask(CLEAN, CLEAN, rng(), 1, 0, 0, -80)
    np.testing.assert_allclose(same, CLEAN, atol=1e-6)


def test_mask_has_a_floor():
    """Noise alone is lowered by it."""
    silence = np.zeros(16000)
    silence[0] = 1e-9
    noise = NOISE[:16000]
    found = imperfect_mask(noise, silence, rng(), 1, 0, 0, -20)
    level = 10 * np.log10(np.mean(found**2) / np.mean(noise**2))
    assert level == pytest.approx(-20, abs=0.1)


def test_errors_of_a_mask_cost_quality():
    """The more, the worse; too weak or too strong a mask also."""
    found = [
        snr(imperfect_mask(NOISY, CLEAN, rng(), 1, error, 0.5, -40))
        for error in (0, 4, 12)
    ]
    assert found[0] > found[1] > found[2]
    weak, wiener, strong = (
        snr(imperfect_mask(NOISY, CLEAN, rng(), exponent, 0, 0, -40))
        for exponent in (0.3, 2, 20)
    )
    assert weak < wiener and strong < wiener


def test_complex_errors_have_the_level_asked_for():
    """Without errors: the mixture, or the speech."""
    found = complex_error(NOISY, CLEAN, rng(), 0, 200, 0)
    np.testing.assert_allclose(found, NOISY, atol=1e-5)
    assert snr(complex_error(NOISY, CLEAN, rng(), -200, 200, 0)) > 30
    for extent in (0, 1.5):
        found = complex_error(NOISY, CLEAN, rng(), -200, 10, extent)
        # Overlap-add keeps the half of an error that frames agree on.
        assert 9 < snr(found) < 15


def test_phase_errors_damage_the_wave_not_the_magnitudes():
    """None: the speech; the more, the less alike."""
    assert snr(wrong_phase(NOISY, CLEAN, rng(), 0, False)) > 30
    found = [
        snr(wrong_phase(NOISY, CLEAN, rng(), error, False))
        for error in (0.3, 1.0, 2.0)
    ]
    assert found[0] > found[1] > found[2]
    noisy_phase = wrong_phase(NOISY, CLEAN, rng(), 0, True)
    assert snr(NOISY) < snr(noisy_phase) < 30
