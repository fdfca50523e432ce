"""Codecs measured: delay, band, bit rate and what is left of the speech.

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import numpy as np
import pytest
import soundfile
from damage_measures import (
    RATE,
    band_level,
    generator,
    lag,
    snr,
    spectral_distance,
    speech,
)

from mtqnet_brain.corpus.damage import codecs
from mtqnet_brain.corpus.damage.codecs import CODECS, TELEPHONE, code
from mtqnet_brain.corpus.damage.coding import CODING, tandem, telephone

SPEECH = speech(1.2)
NARROW = ("GSM", "MuLaw", "AMR", "G723", "G726")
needs_av = {name for name, codec in CODECS.items() if codec.extra}


@pytest.fixture(autouse=True)
def _installed(request):
    """Skip a codec of PyAV where that is missing."""
    if "codec" in request.fixturenames:
        if request.getfixturevalue("codec") in needs_av:
            pytest.importorskip("av")


@pytest.mark.parametrize("codec", CODECS)
def test_no_delay_and_the_same_level(codec):
    """At the lowest and the highest bit rate; the last word is there."""
    for kbps in {CODECS[codec].kbps[0], CODECS[codec].kbps[-1]}:
        coded = code(SPEECH, codec, kbps)
        assert coded.shape == SPEECH.shape and coded.dtype == np.float32
        assert abs(lag(coded, SPEECH)) <= 1
        for part in (slice(0, RATE // 2), slice(RATE // 2, None)):
            levels = [band_level(x[part], 300, 3000) for x in (coded, SPEECH)]
            assert levels[0] == pytest.approx(levels[1], abs=3)


@pytest.mark.parametrize("codec", CODECS)
def test_band(codec):
    """Nothing above 4 kHz where the codec knows nothing above."""
    noise = 0.05 * generator().standard_normal(RATE)
    coded = code(noise, codec, CODECS[codec].kbps[-1])
    step = band_level(coded, 4500, 5500) - band_level(coded, 2000, 3000)
    assert (step < -40) == (codec in NARROW)


@pytest.mark.parametrize(
    "codec", [name for name, codec in CODECS.items() if len(codec.kbps) > 1]
)
def test_more_bits_are_better(codec):
    """The highest bit rate has the smaller log-spectral distance."""
    rates = CODECS[codec].kbps
    assert list(rates) == sorted(rates)
    worst, best = (code(SPEECH, codec, kbps) for kbps in (rates[0], rates[-1]))
    found = [spectral_distance(x, SPEECH) for x in (worst, best)]
    assert found[0] > found[1] + 0.5


def test_mu_law_is_the_formula():
    """Of G.711: 8 bits on a logarithmic scale, mu 255."""
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    coded = code(tone, "MuLaw", 64)
    curve = np.log1p(255 * np.abs(tone)) / np.log(256)
    rounded = np.sign(tone) * np.round(curve * 127) / 127
    expected = np.sign(tone) * (256 ** np.abs(rounded) - 1) / 255
    # Coded at 8 kHz: half of the noise is filtered off at 16 kHz.
    assert snr(coded, tone) == pytest.approx(snr(expected, tone), abs=4)


def test_a_quiet_talker_loses_more():
    """The gain is undone, what 13 bits round away is not."""
    levels = [code(SPEECH, "GSM", 13, db) for db in (0, -30)]
    assert snr(levels[0], SPEECH) > snr(levels[1], SPEECH) + 3
    quiet = code(SPEECH, "ADPCM", 64, -20)
    assert np.std(quiet) == pytest.approx(np.std(SPEECH), rel=0.05)


@pytest.mark.parametrize(
    "codec, kbps", [("MP3", 16), ("MP3", 48), ("Opus", 8), ("Opus", 32)]
)
def test_bit_rate(codec, kbps, monkeypatch):
    """The bytes of a second more, without headers; that of Opus varies."""
    sizes = []

    def count(file, *args, **options):
        """Write, and count."""
        write(file, *args, **options)
        sizes.append(file.tell())

    write = soundfile.write
    monkeypatch.setattr(soundfile, "write", count)
    noise = 0.02 * generator().standard_normal(2 * RATE)
    for seconds in (1, 2):
        code(noise[: seconds * RATE], codec, kbps)
    rate = (sizes[1] - sizes[0]) * 8 / 1000
    assert rate == pytest.approx(kbps, rel=0.3 if codec == "Opus" else 0.05)


def test_telephone_is_narrow_and_bright():
    """No bass, nothing above 4 kHz, and rising between."""
    noise = 0.05 * generator().standard_normal(2 * RATE)
    coded = telephone(noise, "MuLaw", 64, 0)
    levels = {f: band_level(coded, f - 50, f + 50) for f in (150, 500, 2500)}
    assert levels[2500] - levels[500] == pytest.approx(9, abs=2)
    assert levels[500] - levels[150] > 15
    assert band_level(coded, 4200, 8000) < band_level(coded, 300, 3400) - 40
    assert set(TELEPHONE) == set(NARROW)


def test_tandem_is_worse_than_either():
    """Two codecs in a row are the second behind the first."""
    both = tandem(SPEECH, "GSM", 13, "MP3", 16, 0)
    expected = code(code(SPEECH, "GSM", 13), "MP3", 16)
    assert np.array_equal(both, expected)
    for codec, kbps in (("GSM", 13), ("MP3", 16)):
        once = code(SPEECH, codec, kbps)
        assert snr(both, SPEECH) < snr(once, SPEECH)
    assert lag(both, SPEECH) == 0


def test_every_codec_is_a_degradation():
    """With its own bit rates."""
    for name, codec in CODECS.items():
        drawn = [CODING[name].draw(generator(seed)) for seed in range(200)]
        assert {one["kbps"] for one in drawn} == set(codec.kbps)
    drawn = [CODING["Tandem"].draw(generator(seed)) for seed in range(200)]
    assert {one["codec_2"] for one in drawn} == set(CODECS)


def test_missing_pyav_is_named(monkeypatch):
    """With what to type."""
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"mtqnet-brain\[codecs\]"):
        code(SPEECH, "AMR", 12.2)


def test_short_clips_are_coded():
    """Shorter than a frame of the codec."""
    for codec in set(CODECS) - needs_av:
        coded = code(SPEECH[3000:3100], codec, CODECS[codec].kbps[0])
        assert coded.shape == (100,)
    assert codecs.NARROW == 8000
