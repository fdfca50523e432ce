"""Blocks, windows and timelines: the same as of the whole at once.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from synthetic import make_wave

from mtqnet_brain.audio import SAMPLE_RATE, AudioError, load_audio
from mtqnet_brain.model import MTQNet
from mtqnet_brain.scoring import blocks as blocks_module
from mtqnet_brain.scoring.blocks import check_file, read_blocks
from mtqnet_brain.scoring.screening import Screening
from mtqnet_brain.scoring.timeline import (
    Timeline,
    bridge_pauses,
    times_of,
    track_centres,
)
from mtqnet_brain.scoring.windows import cut_windows
from mtqnet_brain.tasks import Task


def read(path):
    """Return all blocks of a file."""
    info = check_file(path)
    return list(read_blocks(path, info, Screening(info)))


@pytest.mark.parametrize(
    ("rate", "channels", "ending"),
    [
        (16000, 1, "wav"),
        (8000, 1, "flac"),
        (44100, 2, "ogg"),
        (48000, 2, "wav"),
        (96000, 6, "wav"),
        (22050, 1, "mp3"),
    ],
)
def test_blocks_are_the_file(rate, channels, ending, tmp_path, monkeypatch):
    """As read, mixed down and resampled at once."""
    monkeypatch.setattr(blocks_module, "BLOCK_SECONDS", 0.1)
    generator = np.random.default_rng(0)
    samples = generator.uniform(-0.5, 0.5, size=(int(0.97 * rate), channels))
    path = tmp_path / f"x.{ending}"
    soundfile.write(path, samples, rate)
    found = read(path)
    assert len(found) > 5
    whole = load_audio(path)
    joined = np.concatenate(found)
    assert len(joined) == len(whole)
    np.testing.assert_allclose(joined, whole, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.wav", b"", "empty: 0 bytes"),
        ("text.wav", b"not sound at all\n", "not readable as audio"),
        ("folder.wav", None, "a folder, not an audio file"),
        ("missing.wav", ..., "no such file"),
    ],
)
def test_what_is_no_audio_is_refused(name, content, reason, tmp_path):
    """With the reason, without the path."""
    path = tmp_path / name
    if content is None:
        path.mkdir()
    elif content is not ...:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=f"^{reason}"):
        check_file(path)


def test_header_alone_is_refused(tmp_path):
    """A wav without samples."""
    soundfile.write(tmp_path / "x.wav", np.zeros(0), SAMPLE_RATE)
    with pytest.raises(AudioError, match="^a header without samples"):
        check_file(tmp_path / "x.wav")


def test_unreadable_file_is_refused(tmp_path, monkeypatch):
    """Where the system says so; root may read everything."""
    soundfile.write(tmp_path / "x.wav", make_wave(0.1, 0), SAMPLE_RATE)
    monkeypatch.setattr(blocks_module.os, "access", lambda *_: False)
    with pytest.raises(AudioError, match="^no permission"):
        check_file(tmp_path / "x.wav")


@pytest.mark.parametrize("n", [1, 4096, 4097, 5000, 6145, 8192, 8193, 50000])
def test_windows_cover_the_clip(n):
    """One after another, of half a window to a whole one, on the grid."""
    samples = np.random.default_rng(n).normal(size=n).astype(np.float32)
    windows = list(cut_windows(np.array_split(samples, 4), 4096))
    parts = [window.samples for window in windows]
    np.testing.assert_array_equal(np.concatenate(parts), samples)
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    assert [window.hops[0] * 256 for window in windows] == starts.tolist()
    assert not (starts % 256).any()
    assert all(min(n, 2048) <= len(part) <= 4096 for part in parts)


def test_windows_are_cut_where_it_is_quiet():
    """Also where an offset is louder than the speech."""
    wave = np.random.default_rng(0).normal(0, 0.1, 36000).astype(np.float32)
    pauses = [(10000, 12500), (22000, 24500)]
    for start, end in pauses:
        wave[start:end] *= 0.01
    windows = list(cut_windows([wave + 0.5], 16384))
    assert len(windows) == 3
    for (start, end), window in zip(pauses, windows[1:]):
        assert start < window.hops[0] * 256 < end


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
    joined = np.concatenate(track_centres(plain, n_samples))
    tracks = track_centres(network, n_samples)
    np.testing.assert_array_equal(np.concatenate(tracks), joined[::2])
    n_spectrum = 1 + n_samples // 256
    assert len(tracks[0]) == -(-n_spectrum // 2)
