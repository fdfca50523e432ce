"""Labels of clips that are late or early, with and without compensation.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from label_clips import noisy, rows_of, syllables, write

from mtqnet_brain.cli import main
from mtqnet_brain.labels import (
    Pair,
    find_pairs,
    intrusive_labels,
    label_pairs,
    labelling,
)
from mtqnet_brain.labels.intrusive import cut_to_overlap

LAG = 320  # samples, 20 ms
CLEAN = syllables(2.0)
NOISY = noisy(CLEAN)
# What a recorder that starts LAG too soon or too late leaves of NOISY: the
# third clip has run on to its end, the others have the reference's length.
OUT_OF_TIME = {
    "late": np.concatenate([np.zeros(LAG), NOISY[:-LAG]]),
    "early": np.concatenate([NOISY[LAG:], np.zeros(LAG)]),
    "whole": np.concatenate([np.zeros(LAG), NOISY]),
}


def labels_of(folder, degraded, **settings):
    """Label one clip against CLEAN, through files; return the numbers."""
    pair = Pair(
        "a.wav",
        write(folder / "clean.wav", CLEAN),
        write(folder / "degraded.wav", degraded),
    )
    assert label_pairs([pair], folder / "labels.csv", **settings) == 0
    row = rows_of(folder / "labels.csv")["a.wav"]
    return {name: float(row[name]) for name in labelling.LABELS}


@pytest.fixture(scope="module")
def in_time(tmp_path_factory):
    """Labels of the clip that is neither late nor early."""
    return labels_of(tmp_path_factory.mktemp("in_time"), NOISY)


@pytest.mark.parametrize("name", OUT_OF_TIME)
def test_compensated_labels_equal_those_in_time(name, in_time, tmp_path):
    """The pair that remains is in time, up to 20 ms of it are missing.

    They are 1 % of the clip: a mean over its frames, as SDI and STOI, within
    0..1, moves by 0.01 at most. PESQ cuts frames of 16 ms from the start,
    which now fall elsewhere: 0.1, as much as a cut of 20 ms changes the pair
    in time. Uncompensated, SDI, the first to suffer, is far from that.
    """
    degraded = OUT_OF_TIME[name]
    found = labels_of(tmp_path, degraded, compensate_delays=True)
    for label in labelling.LABELS:
        tolerance = 0.01 if label in ("sdi", "stoi") else 0.1
        assert found[label] == pytest.approx(in_time[label], abs=tolerance)
    as_it_is = labels_of(tmp_path, degraded)
    assert as_it_is["sdi"] > in_time["sdi"] + 0.5


@pytest.mark.parametrize(
    "name, kept",
    [
        ("late", slice(None, -LAG)),
        ("early", slice(LAG, None)),
        ("whole", slice(None)),
    ],
)
def test_compensated_labels_are_those_of_the_overlap(name, kept, tmp_path):
    """To the six digits of the table, if nothing but silence was added."""
    degraded = OUT_OF_TIME[name]
    if name == "early":
        degraded = degraded[:-LAG]
    found = labels_of(tmp_path, degraded, compensate_delays=True)
    # Read as 32-bit samples, like the files.
    expected = intrusive_labels(
        CLEAN[kept].astype(np.float32), NOISY[kept].astype(np.float32)
    )
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("delay, first", [(0.5, (0, 8)), (-0.5, (8, 0))])
def test_the_overlap_by_hand(delay, first):
    """Half a millisecond is 8 samples of the late clip's start."""
    clips = cut_to_overlap(np.arange(100), np.arange(95), delay)
    assert tuple(clip[0] for clip in clips) == first
    assert len(clips[0]) == len(clips[1]) == (87 if delay > 0 else 92)


def test_clips_in_time_are_not_touched(tmp_path, in_time):
    """Nor are those 5 ms late: same table with and without the flag."""
    assert labels_of(tmp_path, NOISY, compensate_delays=True) == in_time
    late = np.roll(NOISY, 80)
    flagged = labels_of(tmp_path, late, compensate_delays=True)
    assert flagged == labels_of(tmp_path, late)


def test_the_overlap_can_be_too_short(tmp_path):
    """The row says of which file too little is left."""
    clean, rest = np.split(noisy(np.zeros(14000), 0.1), [7000])
    write(tmp_path / "clean/a.wav", clean)
    late = np.concatenate([rest[:4000], clean[:3000]])
    write(tmp_path / "late/a.wav", late)
    pairs = find_pairs(tmp_path / "clean", tmp_path / "late")
    output = tmp_path / "labels.csv"
    assert label_pairs(pairs, output, compensate_delays=True) == 1
    error = rows_of(output)["a.wav"]["error"]
    assert "clean/a.wav: 3000 samples at 16000 Hz, need at least 4000" in error


def test_the_command_reports_what_was_compensated(tmp_path, capsys):
    """How many and which clips, with sign."""
    write(tmp_path / "clean/a.wav", CLEAN)
    write(tmp_path / "late/a.wav", OUT_OF_TIME["early"])
    call = ["label", "--reference", str(tmp_path / "clean")]
    call += ["--degraded", str(tmp_path / "late"), "--workers", "1"]
    call += ["--output", str(tmp_path / "labels.csv")]
    assert main([*call, "--compensate_delays"]) == 0
    printed = capsys.readouterr().out
    assert "1 clips are more than 5 ms" in printed
    assert "compensated: a.wav (-20.0 ms)" in printed


@pytest.mark.parametrize("first", [True, False])
def test_an_interrupted_run_keeps_its_setting(first, tmp_path, monkeypatch):
    """Continued with the other setting, it is refused."""
    pairs = []
    for name, degraded in OUT_OF_TIME.items():
        clean = write(tmp_path / "clean.wav", CLEAN)
        late = write(tmp_path / f"{name}.wav", degraded)
        pairs.append(Pair(name, clean, late))
    output = tmp_path / "labels.csv"
    label_row = labelling._label_row
    seen = []

    def stop_at_second(pair, **settings):
        """Be interrupted at the second pair."""
        if seen:
            raise KeyboardInterrupt
        seen.append(pair.file)
        return label_row(pair, **settings)

    monkeypatch.setattr(labelling, "_label_row", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        label_pairs(pairs, output, compensate_delays=first)
    monkeypatch.setattr(labelling, "_label_row", label_row)
    with pytest.raises(ValueError, match="other settings"):
        label_pairs(pairs, output, compensate_delays=not first)
    assert not output.exists()
    assert label_pairs(pairs, output, compensate_delays=first) == 0
    resumed = output.read_bytes()
    label_pairs(pairs, output, compensate_delays=first)
    assert resumed == output.read_bytes()


def test_without_the_flag_the_settings_are_as_before():
    """So that the rows of an earlier release can be continued."""
    settings = labelling._settings([Pair("a", "b", "c")], False)
    assert set(settings) == {"labels", "n_pairs", "pairs"}
