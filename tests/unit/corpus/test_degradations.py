"""All degradations by name: what they draw, and that it decides the clip.

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import numpy as np
import pytest
from damage_measures import speech

from mtqnet_brain.commands import build_corpus
from mtqnet_brain.corpus.degradations import (
    DEGRADATIONS,
    FIRST_PARAMETERS,
    PARAMETERS,
    check_installed,
    degrade,
    draw_parameters,
    parameter_columns,
    reverberate,
)
from mtqnet_brain.corpus.rooms import room_response

RATE = 16000
CODECS = "Opus MP3 Vorbis GSM MuLaw ADPCM AMR G722 G723 G726".split()
WITH_AV = {"AMR", "G722", "G723", "G726", "Telephone", "Tandem", "Several"}
# Lowest and highest value, or all values.
RANGES = {
    "low_hz": (0, 800),
    "high_hz": (1000, 8000),
    "clipped_share": (0.002, 0.2),
    "q_db": (5, 40),
    "rt60_s": (0.2, 1.0),
    "length_m": (4, 8),
    "width_m": (3, 6),
    "height_m": (2.5, 3.5),
    "distance_m": (0.5, 2),
    "mask_exponent": (0.5, 2.5),
    "mask_error_db": (0, 12),
    "error_db": (0, 30),
    "extent": (0, 2),
    "floor_db": (-40, -8),
    "left_db": (-40, -3),
    "phase_error": (0, 2),
    "noisy_phase": {0, 1},
    "echo_ms": (30, 300),
    "echo_db": (-40, -3),
    "noise_snr_db": (0, 40),
    "noise_colour": {"white", "pink"},
    "mains_hz": {50, 60},
    "harmonics": set(range(1, 21)),
    "hum_snr_db": (10, 50),
    "wind_hz": (60, 400),
    "gust_s": (0.2, 2),
    "wind_snr_db": (-10, 30),
    "clicks_per_s": (0.3, 30),
    "click_db": (-30, 0),
    "drive_db": (-3, 24),
    "bits": set(range(4, 13)),
    "gain_kind": {"jumps", "fades", "control"},
    "gain_db": (2, 40),
    "gain_s": (0.2, 4),
    "hole_share": (0.01, 0.6),
    "hole_ms": (32, 400),
    "hole_hz": (150, 3000),
    "over": (0.5, 6),
    "residual_db": (-40, -6),
    "pumping_db": (0, 10),
    "hiss_snr_db": (5, 35),
    "input_db": (-30, 0),
    "codec": set(CODECS),
    "codec_2": set(CODECS),
    "loss_share": (0.005, 0.4),
    "frame_ms": {10, 20, 40},
    "burst_frames": (1, 8),
    "concealment": {"silence", "repeat", "pitch", "interpolate"},
    "mute_share": (0.01, 0.4),
    "mute_ms": (20, 500),
}
# As the first release drew them from a generator of seed 7.
FIRST_DRAWS = {
    "Lowpass": {"low_hz": 0, "high_hz": 4000},
    "Clip": {"clipped_share": 0.0356},
    "MNRU": {"q_db": 26.88},
    "Reverb": {
        "rt60_s": 0.7,
        "length_m": 7.589,
        "width_m": 5.327,
        "height_m": 2.725,
        "distance_m": 0.95,
    },
    "Mask": {
        "mask_exponent": 1.75,
        "mask_error_db": 10.77,
        "extent": 1.55,
        "floor_db": -32.8,
    },
    "Complex": {"left_db": -16.9, "error_db": 26.92, "extent": 1.55},
    "Phase": {"phase_error": 1.25, "noisy_phase": 1},
}


@pytest.mark.parametrize(
    "rt60, size",
    [(0.2, (8, 6, 3.5)), (0.5, (5, 4, 3)), (1.0, (6.5, 5.8, 2.9))],
)
def test_reverberation_time(rt60, size):
    """Schroeder's integral falls 60 dB in that time, within 20 %."""
    response = room_response(rt60, size, 1.0)
    left = np.array([np.sum(response[n:] ** 2) for n in range(0, 9000, 50)])
    level = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    first = np.flatnonzero(level < -5)[0]
    last = np.flatnonzero(level < -30)[0]
    seconds = (last - first) * 50 / RATE
    found = 60 / (level[first] - level[last]) * seconds
    assert found == pytest.approx(rt60, rel=0.2)


def test_paths_of_the_room():
    """Direct path at sample 0; then the floor, where geometry has it."""
    response = room_response(0.5, (6, 5, 3), 1.0)
    assert response[0] == np.max(np.abs(response)) == 1
    direct = 47 * 343 / RATE  # m: 1 m is 46.6 samples
    floor = np.hypot(direct, 2 * 1.3)
    arrival = floor / 343 * RATE - 47
    assert np.argmax(np.abs(response[60:100])) + 60 == round(arrival)
    # By the distances 0.36 of the direct path, less what the floor takes.
    assert 0.2 < response[round(arrival)] < direct / floor
    assert np.abs(response[42:70]).max() < 0.02


def test_reverberant_speech_is_aligned():
    """The dry speech is found at lag zero, and nothing precedes it."""
    dry = np.zeros(RATE)
    dry[4000:] = 0.01 * np.random.default_rng(0).standard_normal(12000)
    wet = reverberate(dry, 0.6, (5, 4, 3), 1.5)
    assert wet.shape == dry.shape
    lags = range(-20, 200)
    found = [np.dot(np.roll(dry, lag), wet) for lag in lags]
    assert lags[int(np.argmax(found))] == 0
    assert np.abs(wet[:4000]).max() < 1e-6


@pytest.mark.parametrize("method", FIRST_DRAWS)
def test_draws_of_the_first_release(method):
    """Corpora that are built again get the same clips and tables."""
    drawn = draw_parameters(method, np.random.default_rng(7))
    assert drawn == FIRST_DRAWS[method]
    assert [*drawn] == [*FIRST_DRAWS[method]]


@pytest.mark.parametrize("method", [*DEGRADATIONS])
def test_draws_stay_in_their_ranges(method):
    """Over 400 draws, which reach most of each range."""
    rng = np.random.default_rng(0)
    drawn = [draw_parameters(method, rng) for _ in range(400)]
    columns = {name for parameters in drawn for name in parameters}
    assert columns == set(DEGRADATIONS[method].columns) <= set(PARAMETERS)
    for name in columns - {"kbps", "kbps_2", "chain"}:
        values = [one[name] for one in drawn if name in one]
        if isinstance(RANGES[name], set):
            assert set(values) <= RANGES[name]
            continue
        low, high = RANGES[name]
        assert low <= min(values) <= max(values) <= high
        if method not in ("Lowpass", "Band", "Several"):
            assert min(values) < low + 0.1 * (high - low)
            assert max(values) > high - 0.1 * (high - low)


def test_every_column_has_a_range():
    """And every range a column."""
    assert {*RANGES, "kbps", "kbps_2", "chain"} == set(PARAMETERS)


@pytest.mark.parametrize("method", DEGRADATIONS)
def test_the_generator_decides_every_sample(method):
    """The same generator, the same clip; its length stays, it fits."""
    if method in WITH_AV:
        pytest.importorskip("av")
    noise = np.random.default_rng(0).standard_normal(8000) / 4
    clips = [
        degrade(noise, 0.5 * noise, method, np.random.default_rng(seed))
        for seed in (1, 1, 4)
    ]
    assert np.array_equal(clips[0], clips[1])
    assert not np.allclose(clips[0], clips[2])
    for clip in clips:
        assert clip.shape == (8000,) and clip.dtype == np.float32
        assert np.abs(clip).max() <= 0.991


@pytest.mark.parametrize("method", sorted({*DEGRADATIONS} - WITH_AV))
def test_speech_and_short_clips(method):
    """Real pauses, and the shortest clip that is scored: all finite."""
    for clip in (speech(1.0), speech(1.0)[4000:4400]):
        for seed in range(3):
            rng = np.random.default_rng(seed)
            damaged = degrade(clip, clip, method, rng)
            assert damaged.shape == clip.shape and damaged.any()
            assert np.isfinite(damaged).all()


def test_columns_of_the_table():
    """Those of the first release in any case, and what occurs, in order."""
    assert parameter_columns([{"q_db": 3}]) == [*FIRST_PARAMETERS]
    rows = [{"file": "a.wav", "method": "Hum", "mains_hz": 50}, {"bits": 4}]
    assert parameter_columns(rows) == [*FIRST_PARAMETERS, "mains_hz", "bits"]


def test_the_command_offers_them_all():
    """Under these names, without importing them."""
    assert build_corpus.DEGRADATIONS == [*DEGRADATIONS]
    words = build_corpus.EXAMPLES.split("degradations:")[1].split()
    assert not set(DEGRADATIONS) - set(words)


@pytest.mark.parametrize("method", sorted(WITH_AV))
def test_missing_pyav_is_named(method, monkeypatch):
    """Before anything is built; what does without it is not refused."""
    monkeypatch.setitem(sys.modules, "av", None)
    check_installed(["Opus", "Loss"])
    with pytest.raises(ImportError, match=r"mtqnet-brain\[codecs\]"):
        check_installed(["Opus", method])


def test_missing_rooms_are_named(monkeypatch):
    """With what to type."""
    monkeypatch.setitem(sys.modules, "pyroomacoustics", None)
    with pytest.raises(ImportError, match=r"mtqnet-brain\[rooms\]"):
        check_installed(["Reverb"])
