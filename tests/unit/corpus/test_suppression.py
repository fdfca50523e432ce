"""Holes and musical noise, measured on noise and on speech.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import (
    RATE,
    decibel,
    generator,
    log_spectra,
    spectral_distance,
    speech,
)
from scipy.stats import kurtosis

from mtqnet_brain.corpus.damage.suppression import cut_holes, subtract_poorly

SPEECH = speech()
NOISE = 0.05 * generator().standard_normal(4 * RATE)
MIXTURE = SPEECH + 0.005 * generator(1).standard_normal(len(SPEECH))


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_holes_take_their_share(share):
    """Of the energy of white noise, which is everywhere."""
    left = [
        np.sum(cut_holes(NOISE, generator(seed), share, 150, 600) ** 2)
        for seed in range(5)
    ]
    found = 1 - np.mean(left) / np.sum(NOISE**2)
    assert found == pytest.approx(share, rel=0.25)


def test_a_hole_has_its_size():
    """Of 200 ms and 1 kHz, but where it reaches over the edge."""
    before = log_spectra(NOISE)  # (n_bins, n_frames)
    sizes = []
    for seed in range(6):
        holes = cut_holes(NOISE, generator(seed), 0.005, 200, 1000)
        lost = log_spectra(holes) < before - 15
        n_bins = np.count_nonzero(lost.sum(axis=1) > 6)
        n_frames = np.count_nonzero(lost.sum(axis=0) > 10)
        sizes.append((n_bins * RATE / 512, n_frames * 256 / RATE))
    assert max(sizes)[0] == pytest.approx(1000, abs=70)
    assert max(seconds for _, seconds in sizes) == pytest.approx(0.2, abs=0.05)


def test_more_holes_are_worse():
    """By the log-spectral distance."""
    found = [
        spectral_distance(
            cut_holes(SPEECH, generator(), share, 64, 500), SPEECH
        )
        for share in (0.02, 0.1, 0.5)
    ]
    assert found == sorted(found)


def test_subtraction_lowers_noise_and_makes_it_musical():
    """Less noise in pauses, and peaks: the kurtosis of its spectra rises."""
    pause = slice(0, 2000)
    damaged = subtract_poorly(MIXTURE, SPEECH, generator(), 1.5, -40, 0, 20)
    before, after = MIXTURE[pause], damaged[pause]
    assert np.mean(after**2) < 0.5 * np.mean(before**2)
    spectra = [10 ** (log_spectra(x) / 10).ravel() for x in (MIXTURE, damaged)]
    quiet = [x[: len(x) // 8] for x in spectra]
    assert kurtosis(quiet[1]) > kurtosis(quiet[0])


def test_residual_noise():
    """With everything subtracted, the smallest gain is left of noise."""
    silence = np.zeros(len(NOISE))
    damaged = subtract_poorly(NOISE, silence, generator(), 1000, -20, 0, 20)
    found = decibel(np.sum(damaged**2) / np.sum(NOISE**2))
    assert found == pytest.approx(-20, abs=0.2)


def test_pumping():
    """The level of the noise that is left comes and goes."""
    silence = np.zeros(len(NOISE))
    spreads = []
    for pumping in (0, 8):
        left = subtract_poorly(NOISE, silence, generator(), 1, -30, pumping, 20)
        energies = np.sum(left.reshape(-1, RATE // 5) ** 2, axis=1)
        spreads.append(np.std(decibel(energies[2:])))
    assert spreads[1] > 3 * spreads[0]


def test_clean_speech_is_given_noise():
    """At the SNR wanted; a mixture is not."""
    noisy = subtract_poorly(SPEECH, SPEECH, generator(), 1e-9, -40, 0, 15)
    added = decibel(np.mean((noisy - SPEECH)[:2000] ** 2))
    level = decibel(np.mean(SPEECH[SPEECH != 0] ** 2))
    assert level - added == pytest.approx(15, abs=4)
    same = subtract_poorly(MIXTURE, SPEECH, generator(), 1e-9, -40, 0, 15)
    np.testing.assert_allclose(same, MIXTURE, atol=1e-4)


def test_more_subtraction_is_worse():
    """The speech suffers the more, the more is subtracted."""
    found = [
        spectral_distance(
            subtract_poorly(MIXTURE, SPEECH, generator(), over, -40, 0, 20),
            MIXTURE,
        )
        for over in (0.5, 2, 6)
    ]
    assert found == sorted(found)
