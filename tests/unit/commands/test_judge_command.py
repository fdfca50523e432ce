"""`mtqnet judge`: raters, kept scores, what it writes.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json

import pytest
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.cli import main
from mtqnet_brain.commands import judge_raters
from mtqnet_brain.inference import SpeechQualityPredictor
from mtqnet_brain.utils.files import write_csv

N = 6


@pytest.fixture
def votes(tmp_path):
    """Six clips with votes, and a table of another's scores."""
    folder = tmp_path / "kitchen"
    (folder / "audio").mkdir(parents=True)
    for i in range(N):
        wave = make_wave(0.6, i, snr=8 * i - 10)
        soundfile.write(folder / "audio" / f"{i}.wav", wave, RATE)
    rows = [{"file": f"{i}.wav", "bak": 1 + i / 2} for i in range(N)]
    write_csv(folder / "labels.csv", rows)
    others = [{"file": f"{i}.wav", "noi": 5 - i, "note": "x"} for i in range(N)]
    write_csv(tmp_path / "other.csv", others)
    return folder / "labels.csv", tmp_path / "other.csv", tmp_path / "out"


def read(path):
    """Return the rows of a CSV."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_model_is_judged_beside_a_table(votes, capsys):
    """With the scores of the predictor; all files are written."""
    labels, other, out = votes
    command = ["judge", str(labels), "--beside", f"them={other}"]
    command += ["--output", str(out), "--resamples", "20"]
    assert main([*command, "--label", "n_mos=bak", "noi=bak"]) == 0
    predictor = SpeechQualityPredictor.from_pretrained()
    scores = [r for r in read(out / "scores.csv") if r["rater"] == "shipped"]
    for row in scores:
        alone = predictor.score_file(labels.parent / "audio" / row["file"])
        assert float(row["scored"]) == pytest.approx(alone["n_mos"], abs=1e-4)
    ours, them = read(out / "judge.csv")
    assert float(them["lcc"]) == pytest.approx(-1)
    assert ours["n"] == str(N) and ours["score"] == "n_mos"
    kept = json.loads((out / "judge.json").read_text())["values"]
    assert kept[1]["rater"] == "them" and kept[1]["lcc"] == pytest.approx(-1)
    report = (out / "report.md").read_text()
    assert "kitchen_bak.png" in report and (out / "kitchen_bak.png").exists()
    assert (out / "card.md").read_text() in report
    assert "kitchen bak" in capsys.readouterr().out


def test_scores_are_kept(votes, monkeypatch):
    """A second run scores nothing but the clip that has changed."""
    labels, other, out = votes
    command = ["judge", str(labels), "--output", str(out), "--resamples", "9"]
    assert main(command) == 0
    asked = []
    rate = judge_raters.ModelRater.rate

    def count(self, wavs):
        """Note what is scored."""
        asked.extend(wavs)
        return rate(self, wavs)

    monkeypatch.setattr(judge_raters.ModelRater, "rate", count)
    changed = labels.parent / "audio" / "2.wav"
    soundfile.write(changed, make_wave(0.7, 99), RATE)
    assert main(command) == 0
    assert asked == [str(changed)]


def test_refused_clips_end_with_1(votes, capsys):
    """They are named with the reason, and the others are judged."""
    labels, _, out = votes
    soundfile.write(labels.parent / "audio" / "4.wav", [0.0] * RATE, RATE)
    command = ["judge", str(labels), "--output", str(out), "--resamples", "9"]
    assert main(command) == 1
    assert "1 of 6 files have no score of shipped: 4.wav" in (
        capsys.readouterr().out
    )
    assert len(read(out / "scores.csv")) == N - 1


def test_two_raters_of_one_name_are_refused(votes, capsys):
    """With the way out."""
    labels, other, out = votes
    command = ["judge", str(labels), "--output", str(out), "--beside"]
    assert main([*command, str(other), f"other={other}"]) == 2
    assert "give NAME=WHAT" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../../escaped", "a/b", "a\nb"])
def test_names_are_no_paths(votes, capsys, name):
    """Kept scores stay in their folder."""
    labels, other, out = votes
    command = ["judge", str(labels), "--model", f"{name}={other}"]
    assert main([*command, "--output", str(out)]) == 2
    assert "is no name of a file; give NAME=WHAT" in capsys.readouterr().err
    assert not out.exists()


def test_scores_that_overflow_are_no_scores(votes, capsys):
    """Their squares are infinite, and correlations of them nothing."""
    labels, other, out = votes
    write_csv(
        other, [{"file": f"{i}.wav", "bak": f"{i}e200"} for i in range(N)]
    )
    command = ["judge", str(labels), "--model", str(other)]
    assert main([*command, "--output", str(out)]) == 2
    assert "no column of scores" in capsys.readouterr().err


@pytest.mark.parametrize(
    "second, message",
    [
        ({"file": "3.wav", "bak": 1}, "3.wav has other scores than in row 5"),
        ({"clip": "3.wav", "bak": 1}, "no column 'file'"),
    ],
)
def test_tables_of_scores_that_are_refused(votes, capsys, second, message):
    """Two scores of a clip, and none by file."""
    labels, other, out = votes
    rows = [{"file": f"{i}.wav", "bak": 5 - i} for i in range(N)]
    rows = [*rows, second] if "file" in second else [second]
    write_csv(other, rows)
    command = ["judge", str(labels), "--model", str(other)]
    assert main([*command, "--output", str(out)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "clip, vote, score, message",
    [
        (2, "", 3, "kitchen: 1 of 6 files have no vote bak: 2.wav"),
        (2, 2, "", "kitchen: 1 of 6 files have no bak of other: 2.wav"),
        (5, 9, 3, "1 votes bak are not from 1 to 5, and are used as they"),
    ],
)
def test_what_is_left_out_or_odd_is_said(
    votes, capsys, clip, vote, score, message
):
    """Empty cells of either table, and a vote of 9."""
    labels, other, out = votes
    for table, cell in ((labels, vote), (other, score)):
        rows = [{"file": f"{i}.wav", "bak": 1 + i / 2} for i in range(N)]
        rows[clip]["bak"] = cell
        write_csv(table, rows)
    command = ["judge", str(labels), "--model", str(other)]
    assert main([*command, "--output", str(out), "--resamples", "9"]) == 1
    assert message in capsys.readouterr().out
