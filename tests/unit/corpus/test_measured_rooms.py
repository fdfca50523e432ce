"""Speech in measured rooms.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile

from mtqnet_brain.corpus.measured_rooms import (
    find_rooms,
    put_in_room,
    room_parameters,
)
from mtqnet_brain.corpus.mixing import active_level

RATE = 16000


def write_room(path, delay=400, t60=0.5, level=0.05):
    """Write a direct sound after a delay, and a tail that decays."""
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    tail = level * rng.standard_normal(RATE) * 10 ** (-3 * time / t60)
    tail[0] = 1
    path.parent.mkdir(parents=True, exist_ok=True)
    response = np.concatenate([np.zeros(delay), tail])
    soundfile.write(path, 0.5 * response, RATE, subtype="FLOAT")
    return path


def speech():
    """Return noise under syllables of 4 Hz, (2 s,)."""
    rng = np.random.default_rng(1)
    time = np.arange(2 * RATE) / RATE
    return 0.05 * rng.standard_normal(2 * RATE) * np.sin(4 * np.pi * time) ** 2


def test_a_room_that_only_delays_changes_nothing(tmp_path):
    """Neither the time nor the level."""
    path = write_room(tmp_path / "a.wav", delay=1234, level=0)
    np.testing.assert_allclose(put_in_room(speech(), path), speech(), atol=1e-6)


def test_the_direct_sound_comes_on_time(tmp_path):
    """The cross-correlation with the dry speech has its peak at lag 0."""
    path = write_room(tmp_path / "a.wav")
    dry = speech()
    wet = put_in_room(dry, path)
    lags = np.correlate(wet, dry, mode="full")
    assert np.argmax(np.abs(lags)) == len(dry) - 1
    assert len(wet) == len(dry)
    assert active_level(wet) == pytest.approx(active_level(dry), abs=0.1)


@pytest.mark.parametrize("t60", [0.3, 0.8])
def test_reverberation_time(tmp_path, t60):
    """T60 of an exponential decay is found, direct sound or not."""
    path = write_room(tmp_path / "room.wav", t60=t60, level=0.5)
    row = room_parameters(path)
    assert row["room"] == "room.wav"
    assert row["t60_s"] == pytest.approx(t60, rel=0.1)


def test_a_device_without_a_decay_has_no_reverberation_time(tmp_path):
    """A single sample: the response of a wire."""
    path = write_room(tmp_path / "wire.wav", level=0)
    assert room_parameters(path)["t60_s"] == ""


def test_bad_responses_are_listed(tmp_path):
    """A silent one, and text."""
    room = write_room(tmp_path / "a.wav")
    soundfile.write(tmp_path / "b.wav", np.zeros(RATE), RATE)
    (tmp_path / "c.wav").write_text("no sound")
    rooms, bad = find_rooms(tmp_path)
    assert rooms == [room]
    assert "silent" in bad[tmp_path / "b.wav"]
    assert "not readable" in bad[tmp_path / "c.wav"]
    assert find_rooms(None) == ([], {})
