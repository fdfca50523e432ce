"""Intervals of files, from a folder with a calibration and one without.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import shutil

import numpy as np
import pytest
import soundfile
from recipe_scripts import load_script
from synthetic import make_wave

from mtqnet_brain.cli import main
from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped model without its calibration, 54 clips, their table."""
    folder = tmp_path_factory.mktemp("calibrated")
    shutil.copytree(SHIPPED, folder / "model")
    (folder / "model" / "calibration.json").unlink(missing_ok=True)
    rows = []
    rng = np.random.default_rng(0)
    for i in range(54):
        wave = make_wave(0.4, i % 9, 20 - i % 30)
        soundfile.write(folder / f"{i}.wav", wave, 16000)
        labels = rng.uniform(1, 5, 3).round(2)
        rows.append(
            {
                "wav": f"{i}.wav",
                "source": f"s{i % 3}",
                **dict(zip(("s_mos", "n_mos", "g_mos"), labels)),
            }
        )
    with open(folder / "clips.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_the_whole_way(folder, capsys, monkeypatch):
    """Refused without; calibrated; then as columns, in Python, with scores
    that stay as they were."""
    model, wav = str(folder / "model"), str(folder / "0.wav")
    score = ["score", wav, "--model", model, "--precision", "fp32"]
    assert main(score) == 0
    before = capsys.readouterr().out
    assert main([*score, "--intervals"]) == 2
    assert "intervals: the model has no calibration.json" in (
        capsys.readouterr().err
    )
    arguments = [model, "--clips", str(folder / "clips.csv")]
    monkeypatch.setattr("sys.argv", ["calibrate.py", *arguments])
    load_script("Lite", "calibrate").main()
    table = capsys.readouterr().out
    assert table.count("| 18 |") == 3 and "| mean of sources | 54 |" in table
    assert main(score) == 0
    after = capsys.readouterr().out
    assert after.splitlines()[0] == before.splitlines()[0]
    assert after.splitlines()[1].startswith(before.splitlines()[1].rstrip(","))
    assert main([*score, "--intervals"]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    predictor = SpeechQualityPredictor.from_hparams(model)
    found = predictor.score_file(wav, intervals=True)
    assert list(row) == [
        "file",
        *("s_mos", "n_mos", "g_mos"),
        *("s_mos_low", "s_mos_high", "n_mos_low", "n_mos_high"),
        *("g_mos_low", "g_mos_high", "warning", "error"),
    ]
    for task in ("s_mos", "n_mos", "g_mos"):
        ends = [float(row[f"{task}{end}"]) for end in ("_low", "", "_high")]
        assert ends == sorted(ends) and ends[2] - ends[0] > 0.5
        assert ends[0] == pytest.approx(found[f"{task}_low"], abs=1e-4)
    assert "s_mos_low" not in predictor.score_file(wav)
    long = predictor.score_array(
        np.tile(make_wave(2.0, 1, 20), 8), 16000, intervals=True
    )
    assert long["s_mos_low"] <= long["s_mos"] <= long["s_mos_high"]


def test_a_calibration_of_other_weights_is_refused(folder, tmp_path):
    """A model that was trained again."""
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / "calibration.json").write_text(
        json.dumps({"weights_sha256": "0" * 64})
    )
    with pytest.raises(ValueError, match="calibration.json: no mean"):
        SpeechQualityPredictor.from_hparams(tmp_path / "model")
