"""Labels of clips above 20 s: whole-clip measures, PESQ of pieces.

Authors
 * The mtqnet-brain developers 2026
"""

import tracemalloc

import numpy as np
import pytest
from label_clips import RATE, noisy, rows_of, syllables, write
from scipy.signal import correlate

from mtqnet_brain.labels import composite as composite_module
from mtqnet_brain.labels import (
    find_pairs,
    intrusive,
    intrusive_labels,
    label_pairs,
    long_clips,
)
from mtqnet_brain.labels import frames as frames_module
from mtqnet_brain.labels.composite import composite_labels
from mtqnet_brain.labels.long_clips import long_delay, long_stoi
from mtqnet_brain.labels.pesq_stoi import LabelError

pesq = pytest.importorskip("pesq")
pystoi = pytest.importorskip("pystoi")


@pytest.fixture(scope="module")
def pair():
    """24 s with silent passages, clean and noisy."""
    clean = syllables(24.0)
    clean[5 * RATE : 9 * RATE] *= 1e-4
    clean[15 * RATE : 15 * RATE + 4000] = 0
    return clean, noisy(clean)


def test_pesq_is_the_mean_of_two_halves(pair):
    """By the package; the other measures are of the whole clip."""
    clean, degraded = pair
    labels = intrusive_labels(clean, degraded)
    halves = [
        pesq.pesq(RATE, clean[part], degraded[part], "wb")
        for part in (slice(0, 12 * RATE), slice(12 * RATE, None))
    ]
    assert abs(halves[0] - halves[1]) > 0.01
    assert labels["pesq"] == pytest.approx(np.mean(halves), abs=1e-6)
    assert labels["stoi"] == pytest.approx(pystoi.stoi(clean, degraded, RATE))
    distortion = np.sum((clean - degraded) ** 2) / np.sum(clean**2)
    assert labels["sdi"] == pytest.approx(distortion)
    assert all(1 <= labels[name] <= 5 for name in ("csig", "cbak", "covl"))


@pytest.mark.parametrize("block", [4000, 97])
def test_stoi_in_blocks_is_stoi(pair, monkeypatch, block):
    """Wherever the blocks end."""
    monkeypatch.setattr(long_clips, "STOI_BLOCK", block)
    expected = pystoi.stoi(*pair, RATE)
    assert long_stoi(*pair) == pytest.approx(expected, abs=1e-12)


def test_stoi_needs_speech():
    """As in a short clip."""
    click = np.zeros(21 * RATE)
    click[RATE] = 1
    with pytest.raises(LabelError, match="less than 0.4 s of speech"):
        long_stoi(click, click)


def test_composite_measures_in_blocks_are_the_same(pair, monkeypatch):
    """To the last bit: each frame is by itself."""
    whole = composite_labels(*pair, 3.0)
    monkeypatch.setattr(frames_module, "BLOCK_FRAMES", 700)
    assert len(list(composite_module.frame_blocks(len(pair[0])))) == 5
    assert composite_labels(*pair, 3.0) == whole


@pytest.mark.parametrize("shift", [0, 400, -400, 9 * RATE])
def test_delays_in_blocks(pair, monkeypatch, shift):
    """Those of the whole cross-correlation."""
    monkeypatch.setattr(long_clips, "DELAY_BLOCK", 7 * RATE)
    clean, degraded = pair
    late = -np.roll(degraded, shift)
    lags = np.abs(correlate(late, clean, method="fft"))
    assert long_delay(clean, late) == lags.argmax() - len(clean) + 1 == shift


def test_pieces_without_speech_are_left_out():
    """The mean is that of the others."""
    clean = syllables(42.0)
    clean[14 * RATE : 28 * RATE] = 0
    degraded = noisy(clean)
    thirds = [
        pesq.pesq(RATE, clean[part], degraded[part], "wb")
        for part in (slice(0, 14 * RATE), slice(28 * RATE, None))
    ]
    labels = intrusive_labels(clean, degraded)
    assert labels["pesq"] == pytest.approx(np.mean(thirds), abs=1e-6)


def test_a_silent_piece_costs_pesq_alone(tmp_path):
    """The row has the others, and the reason why not this one."""
    clean = syllables(24.0)
    degraded = noisy(clean)
    degraded[12 * RATE :] = 0
    write(tmp_path / "clean/a.wav", clean)
    write(tmp_path / "noisy/a.wav", degraded)
    pairs = find_pairs(tmp_path / "clean", tmp_path / "noisy")
    assert label_pairs(pairs, tmp_path / "l.csv") == 1
    row = rows_of(tmp_path / "l.csv")["a.wav"]
    assert "silent from 12.0 to 24.0 s" in row["error"]
    assert row["stoi"] and row["sdi"]
    assert not any(row[name] for name in ("pesq", "csig", "cbak", "covl"))


def test_the_end_of_a_run_names_long_clips(pair, tmp_path, capsys):
    """And how their PESQ was made."""
    for name, clip in zip(("clean", "noisy"), pair):
        write(tmp_path / name / "a.wav", clip)
        write(tmp_path / name / "b.wav", clip[:RATE])
    pairs = find_pairs(tmp_path / "clean", tmp_path / "noisy")
    assert label_pairs(pairs, tmp_path / "l.csv") == 0
    printed = capsys.readouterr().out
    assert "1 clips are longer than 20 s" in printed
    assert "mean over equal pieces of at most that length: a.wav (24 s)" in (
        printed
    )


def test_clips_beyond_all_measure(monkeypatch):
    """Are refused before memory is taken."""
    monkeypatch.setattr(intrusive, "MAX_LABEL_SAMPLES", 30 * RATE)
    with pytest.raises(LabelError, match="reference: 31 s, more than 30 s"):
        intrusive_labels(np.ones(31 * RATE), np.ones(31 * RATE))


@pytest.mark.parametrize(
    "measure, most",
    [
        # Of 8 bytes a sample, and 5 after STOI's resampling.
        (intrusive.check_pair, 10),  # one copy, to look for infinite ones
        (long_clips.long_delay, 5),  # no padded copy
        (long_clips.long_stoi, 16),  # one clip at a time
    ],
)
def test_bytes_per_sample(measure, most, monkeypatch):
    """An hour takes 1.6 GB and not 2.4, samples included."""
    monkeypatch.setattr(long_clips, "STOI_BLOCK", 200)
    monkeypatch.setattr(long_clips, "DELAY_BLOCK", RATE)
    monkeypatch.setattr(long_clips, "MAX_LAG", RATE)
    clean = syllables(40)
    clips = clean, noisy(clean)
    measure(*(clip[: 25 * RATE] for clip in clips))  # what is imported once
    tracemalloc.start()
    try:
        measure(*clips)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most * len(clean)
