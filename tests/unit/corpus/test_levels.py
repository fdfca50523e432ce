"""Gains that change with time, read back from a steady tone.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import RATE, generator, spectral_distance, speech

from mtqnet_brain.corpus.damage.levels import change_level

TONE = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(6 * RATE) / RATE)


def gains(samples, of=TONE):
    """Return the gains in dB of stretches of 10 ms."""
    powers = [
        np.mean(np.reshape(x, (-1, RATE // 100)) ** 2, axis=1)
        for x in (samples, of)
    ]
    return 10 * np.log10(powers[0] / powers[1])


def test_jumps():
    """Two levels, so many dB apart, and about two changes in a second."""
    changes = []
    for seed in range(8):
        found = gains(change_level(TONE, generator(seed), "jumps", 12, 0.5))
        flat = (np.abs(found) < 0.1) | (np.abs(found + 12) < 0.1)
        assert flat.mean() > 0.9
        high = found > -6
        assert high.any() and not high.all()
        changes.append(np.count_nonzero(np.diff(high)))
    # One, and twelve more in six seconds.
    assert np.mean(changes) == pytest.approx(13, abs=4)


def test_fades():
    """Slow, over most of the range, never outside of it."""
    for seed in range(5):
        found = gains(change_level(TONE, generator(seed), "fades", 20, 1.0))
        assert found.min() > -20.1 and found.max() < 0.1
        assert np.ptp(found) > 10
        # Not faster than the whole range in the time between two turns.
        assert np.abs(np.diff(found)).max() < 20 * 0.01 * 1.2


def test_control_lifts_what_is_quiet():
    """By half of its range at most, and the slower the longer its release."""
    parts = np.where(np.arange(len(TONE)) < 3 * RATE, 1, 0.01)
    samples = TONE * parts
    half_way = []
    for release in (0.1, 1.0):
        damaged = change_level(samples, generator(), "control", 20, release)
        found = gains(damaged, samples)
        assert np.abs(found[250:300]).max() < 3.5
        assert found[-1] == pytest.approx(10, abs=1.5)
        assert found.max() < 10.1
        half_way.append(np.flatnonzero(found[300:] > 5)[0] / 100)
    assert half_way[0] == pytest.approx(0.1 * np.log(2), abs=0.04)
    assert half_way[1] == pytest.approx(1.0 * np.log(2), abs=0.25)


@pytest.mark.parametrize("kind", ["jumps", "fades", "control"])
def test_larger_changes_are_worse(kind):
    """By the log-spectral distance."""
    clean = speech()
    found = [
        spectral_distance(
            change_level(clean, generator(), kind, depth, 0.5), clean
        )
        for depth in (2, 8, 30)
    ]
    assert found == sorted(found) and found[0] > 0
