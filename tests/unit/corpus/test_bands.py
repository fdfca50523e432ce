"""Band limits, by tones and by Welch's method.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import RATE, band_level, generator

from mtqnet_brain.corpus.damage.bands import BAND, band_limit, handset


def amplitude(samples, frequency):
    """Amplitude of a tone in one second of samples."""
    return 2 * np.abs(np.fft.rfft(samples)[frequency]) / RATE


@pytest.mark.parametrize(
    "band, kept, lost",
    [
        ((300, 3400), (400, 1000, 3300), (100, 200, 3500, 5000)),
        ((0, 4000), (50, 1000, 3900), (4100, 5000, 7900)),
        ((500, 8000), (600, 3000, 7900), (50, 200, 400)),
    ],
)
def test_band_limit(band, kept, lost):
    """Tones inside the band stay as they are, others lose 40 dB."""
    time = np.arange(3 * RATE) / RATE
    tones = {f: np.cos(2 * np.pi * f * time) / 10 for f in (*kept, *lost)}
    middle = slice(RATE, 2 * RATE)
    found = band_limit(sum(tones.values()), *band)[middle]
    for frequency in lost:
        assert amplitude(found, frequency) < 0.1 / 100
    # Equal sample by sample: no delay either.
    expected = sum(tones[f] for f in kept)[middle]
    assert np.abs(found - expected).max() < 0.01


def test_drawn_bands_hold_what_they_say():
    """The noise lies between the drawn edges, whichever kind was drawn."""
    noise = 0.05 * generator().standard_normal(2 * RATE)
    kinds = set()
    for seed in range(12):
        drawn = BAND.draw(generator(seed))
        low, high = drawn["low_hz"], drawn["high_hz"]
        kinds.add((low == 0, high == 8000))
        limited = BAND.apply(noise, noise, generator(), **drawn)
        inside = band_level(limited, low + 100, high - 100)
        assert inside == pytest.approx(
            band_level(noise, low + 100, high - 100), abs=0.3
        )
        if high < 7500:
            assert band_level(limited, high + 150, 8000) < inside - 35
        if low > 250:
            assert band_level(limited, 0, low - 150) < inside - 35
    assert kinds == {(False, False), (True, False), (False, True)}


def test_low_passes_are_as_frequent_in_every_octave():
    """Half of them lie below the geometric mean of 1 and 7.5 kHz."""
    drawn = [BAND.draw(generator(seed)) for seed in range(900)]
    edges = [one["high_hz"] for one in drawn if not one["low_hz"]]
    assert 250 < len(edges) < 350
    assert 1000 <= min(edges) < max(edges) <= 7500
    middle = np.sqrt(1000 * 7500)
    assert np.mean(np.array(edges) < middle) == pytest.approx(0.5, abs=0.08)


def test_handset_follows_its_curve():
    """10 dB up from 400 to 2500 Hz, -19 dB at 200 Hz, without delay."""
    pulse = np.zeros(RATE)
    pulse[8000] = 0.5
    found = handset(pulse)
    gains = 20 * np.log10(np.abs(np.fft.rfft(found)) / 0.5)
    assert gains[2500] - gains[400] == pytest.approx(10, abs=0.5)
    assert gains[200] == pytest.approx(-19, abs=1.5)
    assert gains[4200:].max() < -35
    assert np.argmax(np.abs(found)) == 8000
