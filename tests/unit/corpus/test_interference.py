"""What is added to speech, measured on the difference.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import (
    RATE,
    band_level,
    decibel,
    generator,
    spectral_distance,
    speech,
)

from mtqnet_brain.corpus.damage.interference import (
    click,
    echo,
    hum,
    mnru,
    mnru_and_noise,
    wind,
)
from mtqnet_brain.corpus.mixing import active_level

SPEECH = speech(4.0)
# Of what is added as much below the active level as wanted, measured here.
LEVEL = active_level(SPEECH)


def added_level(damaged):
    """Level in dB of what was added to the speech."""
    return decibel(np.mean((damaged - SPEECH) ** 2))


@pytest.mark.parametrize("q", [5, 20, 40])
def test_mnru_has_the_ratio_q(q):
    """Noise lies Q below the signal in every stretch, none in pauses."""
    time = np.arange(20 * RATE) / RATE
    wave = 0.01 * np.sin(2 * np.pi * 440 * time)
    wave[: 10 * RATE] *= 5
    wave[-RATE:] = 0
    noise = mnru(wave, q, np.random.default_rng(0)) - wave
    for part in (slice(0, 10 * RATE), slice(10 * RATE, 19 * RATE)):
        ratio = np.sum(wave[part] ** 2) / np.sum(noise[part] ** 2)
        assert 10 * np.log10(ratio) == pytest.approx(q, abs=0.1)
    assert not noise[-RATE:].any()
    # White: neighbouring noise samples are not correlated.
    lag = np.corrcoef(noise[: 9 * RATE], noise[1 : 9 * RATE + 1])[0, 1]
    assert abs(lag) < 0.02


@pytest.mark.parametrize("colour, slope", [("white", 0), ("pink", -3)])
def test_noise_and_mnru_are_both_there(colour, slope):
    """In pauses the noise alone, in speech the sum; its slope is right."""
    damaged = mnru_and_noise(SPEECH, generator(), 10, 25, colour)
    pause = SPEECH == 0
    found = decibel(np.mean(damaged[pause].astype(float) ** 2))
    assert found == pytest.approx(LEVEL - 25, abs=1)
    in_speech = decibel(np.mean((damaged - SPEECH)[~pause].astype(float) ** 2))
    total = decibel(np.mean(SPEECH[~pause].astype(float) ** 2)) - 10
    assert in_speech == pytest.approx(
        np.logaddexp(total * np.log(10) / 10, found * np.log(10) / 10)
        * 10
        / np.log(10),
        abs=0.7,
    )
    noise = mnru_and_noise(SPEECH, generator(), 90, 0, colour) - SPEECH
    octaves = [band_level(noise, f, 2 * f) for f in (500, 1000, 2000)]
    # The octaves of white noise rise by 3 dB, of pink noise not at all.
    assert np.diff(octaves) == pytest.approx(3 + slope, abs=0.7)


@pytest.mark.parametrize("mains", [50, 60])
@pytest.mark.parametrize("wanted", [10, 50])
def test_hum(mains, wanted):
    """At its SNR, and at multiples of the mains alone."""
    damaged = hum(SPEECH, generator(), mains, 5, wanted).astype(np.float64)
    tones = damaged - SPEECH
    assert decibel(np.mean(tones**2)) == pytest.approx(LEVEL - wanted, abs=0.1)
    power = np.abs(np.fft.rfft(tones)) ** 2
    hertz = np.fft.rfftfreq(len(tones), 1 / RATE)
    near = sum(
        power[np.abs(hertz - k * mains) < 0.6].sum() for k in range(1, 7)
    )
    assert near > 0.999 * power.sum()
    assert power[np.abs(hertz - 6 * mains) < 0.6].sum() > 1e-5 * power.sum()


@pytest.mark.parametrize("wanted", [-10, 30])
def test_wind(wanted):
    """At its SNR, low, and in gusts."""
    quiet = (0.05 * SPEECH).astype(np.float32)  # so that no peak is limited
    noise = wind(quiet, generator(), 150, 0.5, wanted).astype(float) - quiet
    level = decibel(np.mean(noise**2)) - active_level(quiet)
    assert level == pytest.approx(-wanted, abs=0.1)
    # 12 dB per octave, or 24 from 600 to 2400 Hz less the width of bands.
    fall = band_level(noise, 550, 650) - band_level(noise, 2150, 2650)
    assert fall == pytest.approx(24 - decibel(5), abs=4)
    assert band_level(noise, 20, 200) > band_level(noise, 1000, 8000) + 20
    energies = np.sum(noise.reshape(-1, RATE // 10) ** 2, axis=1)
    # Steady noise of 150 Hz has 30 degrees of freedom in 100 ms: 1.1 dB.
    assert np.std(decibel(energies)) > 4


def test_clicks():
    """As many as wanted, as high as wanted, 2 ms long at most."""
    for rate, height in ((1, -20), (20, 0)):
        quiet = 0.3 * SPEECH
        clicks = click(quiet, generator(3), rate, height) - quiet
        touched = np.abs(clicks) > 1e-7
        groups = 1 + np.count_nonzero(np.diff(np.flatnonzero(touched)) > 4)
        assert groups == pytest.approx(4 * rate, abs=4 * rate**0.5)
        peak = np.abs(quiet).max() * 10 ** (height / 20)
        assert np.abs(clicks).max() == pytest.approx(peak, rel=0.3)
        assert touched.sum() <= 33 * groups * 1.2


@pytest.mark.parametrize("milliseconds", [30, 300])
def test_echo(milliseconds):
    """A pulse comes back once, so late and so loud."""
    pulse = np.zeros(RATE)
    pulse[1000] = 0.5
    damaged = echo(pulse, milliseconds, -20)
    late = 1000 + 16 * milliseconds
    assert list(np.flatnonzero(damaged)) == [1000, late]
    assert damaged[late] == pytest.approx(0.05)
    assert damaged[1000] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "damage",
    [
        lambda db: mnru(SPEECH, 40 - db, generator()),
        lambda db: mnru_and_noise(
            SPEECH, generator(), 40 - db, 40 - db, "white"
        ),
        lambda db: hum(SPEECH, generator(), 50, 10, 50 - db),
        lambda db: wind(SPEECH, generator(), 200, 0.5, 30 - db),
        lambda db: click(SPEECH, generator(), 5, -30 + db),
        lambda db: echo(SPEECH, 80, -40 + db),
    ],
    ids="mnru mnru_and_noise hum wind clicks echo".split(),
)
def test_stronger_is_worse(damage):
    """By the log-spectral distance."""
    found = [spectral_distance(damage(db), SPEECH) for db in (0, 10, 20, 30)]
    assert found == sorted(found)
    assert added_level(damage(30)) > added_level(damage(0)) + 20
