"""Scores over time: tracks in their place, windows joined, pauses bridged.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.inference.timeline import (
    Timeline,
    bridge_pauses,
    find_change,
    smooth,
    times_of,
)
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task


def test_timeline_averages_tracks_and_joins_windows():
    """By hand: two tracks of a window, then the next, which shares a time."""
    timeline = Timeline(["q"])
    track = np.arange(4) * 256
    frames = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    wave = np.ones(3 * 256)
    timeline.add(np.arange(3), wave, [track, track], {"q": frames})
    np.testing.assert_allclose(timeline.scores()["q"], [2, 3, 4, 5])
    timeline.add(np.arange(3, 6), wave, [track], {"q": np.full(4, 10.0)})
    expected = [2, 3, 4, 7.5, 10, 10, 10]
    np.testing.assert_allclose(timeline.scores()["q"], expected)
    assert len(times_of(6 * 256)) == 7
    assert times_of(6 * 256)[1] == pytest.approx(0.016)


def test_timeline_puts_other_frame_rates_in_place():
    """A track every 20 ms that rises with time."""
    timeline = Timeline(["q"])
    start, n_samples = 1024, 16000
    centres = 200 + 320 * np.arange(49)
    frames = {"q": (start + centres) / 16000}
    before = {"q": np.array([0.0])}
    timeline.add(np.arange(4), np.ones(1024), [np.array([0])], before)
    timeline.add(np.arange(4, 67), np.ones(n_samples), [centres], frames)
    times = times_of(start + n_samples)
    inside = (times > 0.08) & (times < 1.03)
    np.testing.assert_allclose(
        timeline.scores()["q"][inside], times[inside], atol=1e-9
    )


def test_pauses_are_no_speech():
    """30 dB below it; an offset, and a tone of 5 Hz, are nothing at all."""
    rng = np.random.default_rng(0)
    n = 64000
    level = np.where(np.arange(n) // 16000 % 3 == 0, 0.1, 0.003)
    wave = level * rng.normal(size=n)  # speech, pause, pause, speech
    hum = 0.3 + 0.05 * np.sin(2 * np.pi * 5 * np.arange(n) / 16000)
    timeline = Timeline(["q"])
    for start in range(0, n, 16128):  # 63 hops
        part = (wave + hum)[start : start + 16128]
        track = [np.arange(0, len(part) + 1, 256)]
        scores = {"q": np.full(len(track[0]), start / 16128)}
        hops = start // 256 + np.arange(-(-len(part) // 256))
        timeline.add(hops, part, track, scores)
    active = timeline.active()
    times = times_of(n)
    near = (times < 1.2) | (times > 2.8)
    clear = (np.abs(times - 1.2) > 0.05) & (np.abs(times - 2.8) > 0.05)
    np.testing.assert_array_equal(active[clear], near[clear])
    bridged = bridge_pauses(np.where(active, 4.0, 1.0), active)
    np.testing.assert_array_equal(bridged, 4.0)


def test_silence_alone_is_no_pause():
    """Then every time counts."""
    timeline = Timeline(["q"])
    timeline.add(np.arange(2), np.zeros(512), [np.zeros(1)], {"q": np.ones(1)})
    assert timeline.active().all()


@pytest.mark.parametrize("n_samples", [25600, 25700, 25856])
def test_tracks_of_strided_frames(n_samples):
    """Every second frame of the joined tracks, at its own time."""
    sizes = {"channels": (1, 1, 1, 1), "blstm_hidden": 2, "dense_units": 2}
    network = MTQNet([Task("q", 1, 5)], conv_strides="early", **sizes)
    plain = MTQNet([Task("q", 1, 5)], **sizes)
    joined = np.concatenate(plain.encoder.tracks(n_samples))
    tracks = network.encoder.tracks(n_samples)
    np.testing.assert_array_equal(np.concatenate(tracks), joined[::2])
    n_spectrum = 1 + n_samples // 256
    assert len(tracks[0]) == -(-n_spectrum // 2)


def test_smoothing_is_a_mean_of_a_quarter_of_a_second():
    """A step becomes a ramp of 15 times; a constant and a short curve stay."""
    step = np.repeat([1.0, 4.0], 50)
    expected = np.interp(np.arange(100), [42, 57], [1, 4])
    np.testing.assert_allclose(smooth(step), expected, atol=0.11)
    changed = np.flatnonzero(np.abs(smooth(step) - step) > 1e-9)
    assert changed.min() == 43 and changed.max() == 56
    np.testing.assert_allclose(smooth(np.full(4, 2.5)), 2.5)


def test_a_change_is_found():
    """Of two curves, in noise; against every split by hand."""
    rng = np.random.default_rng(0)
    curves = np.stack([np.repeat([4.0, 3.0], [130, 70]), np.full(200, 2.0)])
    curves += 0.3 * rng.normal(size=curves.shape)
    errors = {
        split: curves[:, :split].var(axis=1).sum() * split
        + curves[:, split:].var(axis=1).sum() * (200 - split)
        for split in range(20, 181)
    }
    found = find_change(curves, 20)
    assert found == min(errors, key=errors.get) and abs(found - 130) <= 2
    with pytest.raises(ValueError, match="39 times: a change needs 20"):
        find_change(curves[:, :39], 20)
