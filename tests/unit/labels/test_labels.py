"""Labels of pairs: measures, bad inputs, kill and resume.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
from label_clips import RATE, noisy, rows_of, syllables, write

from mtqnet_brain.cli import main
from mtqnet_brain.labels import (
    find_pairs,
    intrusive_labels,
    label_pairs,
    labelling,
)
from mtqnet_brain.labels.intrusive import find_delay
from mtqnet_brain.labels.pesq_stoi import speech_distortion_index

SCORES = ("pesq", "stoi", "sdi", "csig", "cbak", "covl")


@pytest.fixture
def folders(tmp_path):
    """Three clean clips and a noisy version of each, of the same name."""
    for i in range(3):
        clean = syllables(0.8, seed=i)
        write(tmp_path / f"clean/x/clip{i}.wav", clean)
        write(tmp_path / f"noisy/x/clip{i}.wav", noisy(clean))
    return tmp_path / "clean", tmp_path / "noisy"


def test_a_clip_against_itself_is_perfect():
    """The ends of all ranges, PESQ's being 4.6439 (P.862.2)."""
    labels = intrusive_labels(syllables(), syllables())
    assert labels == pytest.approx(
        {"pesq": 4.6439, "stoi": 1, "sdi": 0, "csig": 5, "cbak": 5, "covl": 5},
        abs=1e-4,
    )
    assert {type(value) for value in labels.values()} == {float}


def test_more_noise_is_worse_in_every_measure():
    """All six measures order two noise levels."""
    clean = syllables()
    little, much = (
        intrusive_labels(clean, noisy(clean, level)) for level in (0.003, 0.05)
    )
    assert little.pop("sdi") < much.pop("sdi")
    assert all(little[name] > much[name] for name in little)


def test_distortion_index_by_hand():
    """sum (x - y)^2 / sum x^2 = (1 + 0 + 4) / (1 + 4 + 0) = 1."""
    clean, degraded = np.array([1.0, 2.0, 0.0]), np.array([0.0, 2.0, 2.0])
    assert speech_distortion_index(clean, degraded) == pytest.approx(1.0)


def test_lengths_up_to_five_percent_apart_are_cut():
    """The surplus of the longer clip changes nothing."""
    clean = syllables()
    degraded = noisy(clean)
    assert intrusive_labels(clean, degraded[:-500]) == intrusive_labels(
        clean[:-500], degraded[:-500]
    )


@pytest.mark.parametrize("shift", [0, 400, -400])
def test_a_delay_is_found(shift):
    """25 ms late or early, also with inverted polarity."""
    clean = syllables()
    late = -np.roll(noisy(clean), shift)
    assert find_delay(clean, late) == pytest.approx(shift / 16)


BAD_CLIPS = {
    "silent": (np.zeros(RATE), syllables(), "reference: silent"),
    "muted": (syllables(), np.zeros(RATE), "degraded clip: silent"),
    "offset": (syllables(), np.full(RATE, 0.1), "degraded clip: silent"),
    "short": (syllables(0.2), syllables(0.2), "need at least 4000"),
    "apart": (syllables(1.0), syllables(0.9), "differ by more than 5 %"),
    "nan": (syllables(), np.full(RATE, np.nan), "NaN"),
    "click": (np.eye(1, RATE)[0], np.eye(1, RATE)[0], "PESQ|STOI"),
    "stereo": (syllables()[None], syllables(), "shape"),
}


@pytest.mark.parametrize("name", BAD_CLIPS)
def test_bad_clips_are_refused(name):
    """Each with the reason."""
    reference, degraded, reason = BAD_CLIPS[name]
    with pytest.raises(ValueError, match=reason):
        intrusive_labels(reference, degraded)


def test_a_bad_pair_costs_one_row(folders, tmp_path):
    """Every fault is told in its row and leaves the other rows as they are."""
    clean, degraded = folders
    alone = tmp_path / "alone.csv"
    assert label_pairs(find_pairs(clean, degraded), alone) == 0
    for name in ("silent", "muted", "short", "apart", "nan"):
        write(clean / f"{name}.wav", BAD_CLIPS[name][0])
        write(degraded / f"{name}.wav", BAD_CLIPS[name][1])
    (degraded / "text.wav").write_text("no sound")
    write(clean / "text.wav", syllables())
    write(degraded / "orphan.wav", syllables())
    output = tmp_path / "all.csv"
    assert label_pairs(find_pairs(clean, degraded), output) == 7
    rows = rows_of(output)
    for name, reason in {
        "silent": f"reference {clean}/silent.wav: silent",
        "muted": f"degraded {degraded}/muted.wav: silent",
        "apart": f"degraded {degraded}/apart.wav: 14400, lengths differ by "
        "more than 5 %",
        "short": f"{clean}/short.wav: 3200 samples",
        "nan": f"{degraded}/nan.wav: 16000 NaN",
        "text": f"{degraded}/text.wav: not readable",
        "orphan": "no reference named orphan",
    }.items():
        assert reason in rows[f"{name}.wav"]["error"]
    bad = [row for row in rows.values() if row["error"]]
    assert not any(row[name] for row in bad for name in SCORES)
    good = {file: row for file, row in rows.items() if not row["error"]}
    assert good == rows_of(alone)


def test_other_rates_are_resampled(tmp_path):
    """A clip at 48 kHz against its version at 16 kHz is almost perfect."""
    t = np.arange(3 * RATE) / (3 * RATE)
    tone = 0.1 * np.sin(2 * np.pi * 300 * t) * (1 + np.sin(2 * np.pi * 3 * t))
    write(tmp_path / "clean/a.wav", tone, rate=3 * RATE)
    write(tmp_path / "noisy/a.wav", tone[::3])
    pairs = find_pairs(tmp_path / "clean", tmp_path / "noisy")
    label_pairs(pairs, tmp_path / "labels.csv")
    assert float(rows_of(tmp_path / "labels.csv")["a.wav"]["sdi"]) < 1e-4


def test_workers_do_not_change_the_file(folders, tmp_path):
    """Two processes write the bytes that one writes."""
    pairs = find_pairs(*folders)
    for workers in (1, 2):
        label_pairs(pairs, tmp_path / f"{workers}.csv", workers=workers)
    one, two = ((tmp_path / f"{n}.csv").read_bytes() for n in (1, 2))
    assert one == two
    assert one.count(b"\n") == 4


def test_an_interrupted_run_goes_on(folders, tmp_path, monkeypatch):
    """Finished pairs are not done again, failed ones are; same bytes."""
    pairs = find_pairs(*folders)
    label_pairs(pairs, tmp_path / "whole.csv")
    output = tmp_path / "labels.csv"
    label_row = labelling._label_row
    seen = []

    def stop_at_third(pair, **settings):
        """Fail at the second pair and be interrupted at the third."""
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(pair.file)
        row = label_row(pair, **settings)
        return row | {"error": "disk away"} if len(seen) == 2 else row

    monkeypatch.setattr(labelling, "_label_row", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        label_pairs(pairs, output)
    assert not output.exists()
    with open(tmp_path / "labels.csv.partial", "a", encoding="utf-8") as file:
        file.write('{"file": "x/clip2.wav", "pe')

    resumed = []
    monkeypatch.setattr(
        labelling,
        "_label_row",
        lambda pair, **settings: (
            resumed.append(pair.file) or label_row(pair, **settings)
        ),
    )
    assert label_pairs(pairs, output) == 0
    assert resumed == ["x/clip1.wav", "x/clip2.wav"]
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not (tmp_path / "labels.csv.partial").exists()


def test_rows_of_other_pairs_are_not_taken_over(folders, tmp_path):
    """What another run has left is refused, and discarded on demand."""
    pairs = find_pairs(*folders)
    output = tmp_path / "labels.csv"
    left = json.dumps({"pairs": "others"}) + "\n"
    (tmp_path / "labels.csv.partial").write_text(left)
    with pytest.raises(ValueError, match="--restart"):
        label_pairs(pairs, output)
    assert label_pairs(pairs, output, restart=True) == 0


def test_delays_are_reported_and_scores_kept(folders, tmp_path, capsys):
    """The end of the run names clips that are late."""
    clean, degraded = folders
    late = np.roll(noisy(syllables(0.8, seed=1)), 160)
    write(degraded / "x/clip1.wav", late)
    label_pairs(find_pairs(clean, degraded), tmp_path / "labels.csv")
    printed = capsys.readouterr().out
    assert "3 of 3 pairs labelled" in printed
    assert "1 clips are more than 5 ms" in printed
    assert "x/clip1.wav (+10.0 ms)" in printed
    assert rows_of(tmp_path / "labels.csv")["x/clip1.wav"]["pesq"]


def test_the_command(folders, tmp_path, capsys):
    """Exit code 0 without, 1 with failed pairs, 2 for a wrong call."""
    clean, degraded = map(str, folders)
    output = str(tmp_path / "labels.csv")
    call = ["label", "--reference", clean, "--degraded", degraded]
    call += ["--output", output, "--workers", "1"]
    assert main(call) == 0
    write(folders[1] / "orphan.wav", syllables())
    assert main(call) == 1
    assert len(rows_of(output)) == 4
    assert main(["label", "--output", output]) == 2
