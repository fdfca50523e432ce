"""Label files as they come: broken, empty, stereo, of a low rate.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from label_clips import RATE, noisy, rows_of, syllables, write
from scipy.signal import resample_poly

from mtqnet_brain.labels import (
    find_pairs,
    intrusive_labels,
    label_pairs,
    read_pairs,
)

CLEAN = syllables()
GOOD = "good.wav"


@pytest.fixture
def folders(tmp_path):
    """One pair that has labels."""
    write(tmp_path / "clean" / GOOD, CLEAN)
    write(tmp_path / "noisy" / GOOD, noisy(CLEAN))
    return tmp_path / "clean", tmp_path / "noisy"


def label(folders):
    """Label the pairs of the folders; return the rows by file."""
    output = folders[0].parent / "labels.csv"
    label_pairs(find_pairs(*folders), output)
    return rows_of(output)


def cut_file(path, share):
    """Keep only the first part of a file's bytes; None for a text."""
    if share is None:
        path.write_text("file,pesq\n")
        return
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


BROKEN_FILES = {
    "empty.wav": (0.0, "empty.wav: not readable as audio"),
    "text.wav": (None, "text.wav: not readable as audio"),
    "header.wav": (0.001, "header.wav: not readable as audio"),
    "cut.flac": (0.5, "cut.flac: truncated: the header promises 16000"),
    "half.wav": (0.5, "half.wav: truncated: the header promises 16000"),
}


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_costs_one_row(name, side, folders):
    """On either side; the row names the file, the other row has labels."""
    alone = label(folders)[GOOD]
    share, reason = BROKEN_FILES[name]
    for folder in folders:
        soundfile.write(folder / name, CLEAN, RATE, subtype="PCM_16")
    cut_file(folders[side] / name, share)
    rows = label(folders)
    assert f"{folders[side]}/{reason}" in rows[name]["error"]
    assert rows[name]["pesq"] == ""
    assert rows[GOOD] == alone


def test_half_a_clip_is_suspected(folders):
    """In a readable wav: the message suggests that it is cut off."""
    write(folders[0] / "half.wav", CLEAN)
    write(folders[1] / "half.wav", CLEAN[: len(CLEAN) // 2])
    assert "neither is cut off" in label(folders)["half.wav"]["error"]


@pytest.mark.parametrize("seconds, n_samples", [(0.1, 1600), (0.0, 0)])
def test_a_clip_too_short(seconds, n_samples, folders):
    """0.1 s, and a wav that holds a header only."""
    for folder in folders:
        write(folder / "short.wav", syllables(seconds))
    error = label(folders)["short.wav"]["error"]
    assert f"clean/short.wav: {n_samples} samples at 16000 Hz" in error
    assert "need at least 4000" in error


@pytest.mark.parametrize("side", [0, 1])
def test_a_silent_recording_is_named(side, folders):
    """16-bit noise of one step is silence too."""
    step = 2.0**-15 * np.resize([1.0, -1.0], RATE)
    write(folders[1 - side] / "mute.wav", CLEAN)
    write(folders[side] / "mute.wav", step)
    rows = label(folders)
    error = rows["mute.wav"]["error"]
    assert f"{folders[side]}/mute.wav: silent, peak 3.1e-05" in error
    assert rows[GOOD]["pesq"]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_counted(side, value, folders):
    """Two of them, on either side."""
    spoilt = CLEAN.copy()
    spoilt[[5, 9]] = value
    write(folders[1 - side] / "nan.wav", CLEAN)
    write(folders[side] / "nan.wav", spoilt)
    rows = label(folders)
    error = rows["nan.wav"]["error"]
    assert f"{folders[side]}/nan.wav: 2 NaN or infinite samples" in error
    assert rows[GOOD]["pesq"]


def test_a_reference_that_is_gone_is_named(folders):
    """A row of a CSV of pairs; the other row stands."""
    table = folders[0].parent / "pairs.csv"
    table.write_text(
        "reference,degraded\nclean/good.wav,noisy/good.wav\n"
        "clean/gone.wav,noisy/other.wav\n"
    )
    write(folders[1] / "other.wav", CLEAN)
    output = folders[0].parent / "labels.csv"
    label_pairs(read_pairs(table), output)
    rows = rows_of(output)
    error = rows["noisy/other.wav"]["error"]
    assert error == f"{folders[0]}/gone.wav: no such file"
    assert rows["noisy/good.wav"]["pesq"]


def test_unlike_rates_are_labelled_and_noted(folders, capsys):
    """48 kHz against 16 kHz, the same sound; the other pair is not noted."""
    tripled = resample_poly(CLEAN, 3, 1)
    write(folders[0] / "a.wav", tripled, 3 * RATE)
    write(folders[1] / "a.wav", CLEAN)
    row = label(folders)["a.wav"]
    assert not row["error"]
    assert float(row["stoi"]) > 0.99
    printed = capsys.readouterr().out
    assert "1 pairs have files of different sampling rates" in printed
    assert printed.endswith("resampled: a.wav (48000 and 16000 Hz)\n")


def test_stereo_has_the_labels_of_its_mean(folders):
    """Two channels that differ, against a mono reference."""
    left, right = noisy(CLEAN, seed=2), noisy(CLEAN, 0.03, seed=3)
    write(folders[0] / "stereo.wav", CLEAN)
    write(folders[1] / "stereo.wav", np.stack([left, right], axis=1))
    row = label(folders)["stereo.wav"]
    expected = intrusive_labels(CLEAN, (left + right) / 2)
    found = {name: float(row[name]) for name in expected}
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("sides", [(0,), (1,), (0, 1)])
def test_clips_of_8_khz_are_labelled_and_noted(sides, folders, capsys):
    """Whichever of the two it is; the pair at 16 kHz is not noted."""
    clips = [CLEAN, noisy(CLEAN)]
    for side, samples in enumerate(clips):
        rate = RATE
        if side in sides:
            samples, rate = resample_poly(samples, 1, 2), RATE // 2
            clips[side] = resample_poly(samples, 2, 1)
        write(folders[side] / "phone.wav", samples, rate)
    row = label(folders)["phone.wav"]
    assert not row["error"]
    # SciPy cuts off less close to 4 kHz than torchaudio, which PESQ hears.
    expected = intrusive_labels(*clips)
    for name in ("stoi", "sdi"):
        assert float(row[name]) == pytest.approx(expected[name], rel=0.05)
    printed = capsys.readouterr().out
    assert "1 pairs have a file below 16000 Hz" in printed
    assert printed.rstrip().endswith("phone.wav")


def test_a_failed_run_says_so_for_each_of_the_first(folders, capsys):
    """Five of seven failures are shown, the rest is in the table."""
    for i in range(7):
        write(folders[1] / f"orphan{i}.wav", CLEAN)
    rows = label(folders)
    printed = capsys.readouterr().out
    assert "1 of 8 pairs labelled" in printed
    assert printed.count("failed: orphan") == 5
    assert "more: see the column error" in printed
    assert rows["orphan6.wav"]["error"] == "no reference named orphan6"


def test_channels_that_cancel_are_named_in_the_table(folders):
    """On either side, as `mtqnet score` does; a good pair has no warning."""
    words = "channels cancel each other: channel 2 of 2 alone is used, the loud"
    opposed = np.stack([-0.5 * CLEAN, CLEAN], axis=1)
    write(folders[0] / "a.wav", CLEAN)
    write(folders[1] / "a.wav", opposed)
    write(folders[0] / "b.wav", opposed)
    write(folders[1] / "b.wav", noisy(CLEAN))
    rows = label(folders)
    assert rows["a.wav"]["warning"].startswith(f"degraded: {words}")
    assert rows["a.wav"]["sdi"] == "0"
    assert rows["b.wav"]["warning"].startswith(f"reference: {words}")
    assert rows[GOOD]["warning"] == rows["b.wav"]["error"] == ""


def test_what_is_counted_at_the_end_stands_in_the_rows(folders, capsys):
    """Late clips and low rates; a failed pair keeps what was heard first."""
    write(folders[0] / "a.wav", CLEAN)
    late = np.r_[np.zeros(160), CLEAN[:-160]]
    write(folders[1] / "a.wav", late)
    write(folders[0] / "b.wav", CLEAN)
    write(folders[1] / "b.wav", resample_poly(CLEAN, 1, 2), RATE // 2)
    write(folders[0] / "c.wav", CLEAN)
    opposed = np.stack([CLEAN, -CLEAN], axis=1)
    write(folders[1] / "c.wav", opposed[: len(CLEAN) // 2])
    rows = label(folders)
    assert rows["a.wav"]["warning"] == "10.0 ms late, labelled as it is"
    assert rows["b.wav"]["warning"] == (
        "different sampling rates: 16000 and 8000 Hz; 8000 Hz: the upper "
        "band is missing"
    )
    assert rows["c.wav"]["warning"].startswith("degraded: channels cancel")
    assert "neither is cut off" in rows["c.wav"]["error"]
    assert "1 clips are more than 5 ms late" in capsys.readouterr().out
