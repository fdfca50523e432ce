"""Degradations measured on signals whose answer is known.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.corpus.degradations import (
    DEGRADATIONS,
    PARAMETERS,
    band_limit,
    clip_peaks,
    degrade,
    draw_parameters,
    mnru,
    reverberate,
)
from mtqnet_brain.corpus.rooms import room_response

RATE = 16000
RANGES = {
    "low_hz": (0, 300),
    "high_hz": (3400, 4000),
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
    "noisy_phase": (0, 1),
}


def amplitude(samples, frequency):
    """Amplitude of a tone in one second of samples."""
    return 2 * np.abs(np.fft.rfft(samples)[frequency]) / RATE


@pytest.mark.parametrize(
    "band, kept, lost",
    [
        ((300, 3400), (400, 1000, 3300), (100, 200, 3500, 5000)),
        ((0, 4000), (50, 1000, 3900), (4100, 5000, 7900)),
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


@pytest.mark.parametrize("q", [5, 20, 40])
def test_mnru_has_the_ratio_q(q):
    """Noise lies Q below the signal in every stretch, none in pauses."""
    time = np.arange(20 * RATE) / RATE
    speech = 0.01 * np.sin(2 * np.pi * 440 * time)
    speech[: 10 * RATE] *= 5
    speech[-RATE:] = 0
    noise = mnru(speech, q, np.random.default_rng(0)) - speech
    for part in (slice(0, 10 * RATE), slice(10 * RATE, 19 * RATE)):
        ratio = np.sum(speech[part] ** 2) / np.sum(noise[part] ** 2)
        assert 10 * np.log10(ratio) == pytest.approx(q, abs=0.1)
    assert not noise[-RATE:].any()
    # White: neighbouring noise samples are not correlated.
    lag = np.corrcoef(noise[: 9 * RATE], noise[1 : 9 * RATE + 1])[0, 1]
    assert abs(lag) < 0.02


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
    speech = np.zeros(RATE)
    speech[4000:] = 0.01 * np.random.default_rng(0).standard_normal(12000)
    wet = reverberate(speech, 0.6, (5, 4, 3), 1.5)
    assert wet.shape == speech.shape
    lags = range(-20, 200)
    found = [np.dot(np.roll(speech, lag), wet) for lag in lags]
    assert lags[int(np.argmax(found))] == 0
    assert np.abs(wet[:4000]).max() < 1e-6


@pytest.mark.parametrize("method", DEGRADATIONS)
def test_draws_stay_in_their_ranges(method):
    """Over 300 draws, which reach most of each range."""
    rng = np.random.default_rng(0)
    drawn = [draw_parameters(method, rng) for _ in range(300)]
    assert set(drawn[0]) <= set(PARAMETERS) == set(RANGES)
    for name in drawn[0]:
        low, high = RANGES[name]
        values = [parameters[name] for parameters in drawn]
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high


@pytest.mark.parametrize("method", DEGRADATIONS)
def test_the_generator_decides_every_sample(method):
    """The same generator, the same clip; its length stays, it fits."""
    speech = np.random.default_rng(0).standard_normal(8000) / 4
    clips = [
        degrade(speech, 0.5 * speech, method, np.random.default_rng(seed))
        for seed in (1, 1, 4)
    ]
    assert np.array_equal(clips[0], clips[1])
    assert not np.allclose(clips[0], clips[2])
    for clip in clips:
        assert clip.shape == (8000,) and clip.dtype == np.float32
        assert np.abs(clip).max() <= 0.991
