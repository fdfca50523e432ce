"""`mtqnet score`: inputs, outputs, exit codes, resume.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.cli import main
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.inference.clips import Result
from mtqnet_brain.inference.engine import Engine
from mtqnet_brain.inference.score_tables import FileOutput, make_row

MODEL = str(Path(__file__).parents[2] / "golden" / "tiny_model")
FP32 = ["--precision", "fp32"]  # equal to 1e-5 on every machine
ROOT = Path(__file__).parents[3]
HEADER = "file,s_mos,n_mos,g_mos,warning,error"


@pytest.fixture
def folder(tmp_path):
    """Good and bad files, and a subfolder; names a person might choose."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    names = ("b.wav", "a b.flac", "c,\n√.wav", "sub/d.ogg", "e.mp3")
    for i, name in enumerate(names):
        wave = make_wave(0.6 + 0.1 * i, i, 10)
        soundfile.write(folder / name, wave, RATE)
    (folder / "f.wav").write_text("text")
    (folder / "g.wav").mkdir()
    (folder / "notes.md").write_text("no audio")
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """The hub is not asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def run(*arguments):
    """Run the command in this process."""
    return main(["score", *FP32, *map(str, arguments), "--model", MODEL])


def test_csv_on_standard_output(folder, capsys):
    """A row per file in order, the header first; nothing else."""
    assert run(folder) == 1
    printed = capsys.readouterr()
    rows = list(csv.reader(io.StringIO(printed.out)))
    assert ",".join(rows[0]) == HEADER
    names = ["a b.flac", "b.wav", "c,\n√.wav", "e.mp3", "f.wav", "g.wav"]
    assert [row[0] for row in rows[1:]] == [str(folder / n) for n in names]
    for row in rows[1:5]:
        assert all(
            len(cell.lstrip("-0.").replace(".", "")) <= 6 for cell in row[1:4]
        )
        assert 0 < float(row[3]) < 6 and row[5] == ""
    assert rows[5][1:4] == [""] * 3 and "not readable as audio" in rows[5][5]
    assert rows[6][5] == "a folder, not an audio file"
    assert "2 of 6 files refused" in printed.err


def test_exit_code_is_0_when_all_are_scored(folder, tmp_path):
    """And the file is there, the partial one gone."""
    out = tmp_path / "out" / "s.csv"
    assert run(folder / "b.wav", folder / "sub", "--output", out) == 0
    rows = read_csv(out)
    assert [Path(row["file"]).name for row in rows] == ["b.wav", "d.ogg"]
    assert [path.name for path in out.parent.iterdir()] == ["s.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "s.xlsx"], "need one of .csv, .json, .jsonl"),
        (["--frames"], "--frames: a CSV has one row per file"),
        (["--window", "0"], "window must be 0.5 to 40 s, got 0.0"),
        (["--model", "nowhere/at/all"], "nowhere/at/all"),
        (["--model", "./nowhere"], "./nowhere: no such folder"),
        (["--model", "lait"], "lait: no such folder; names on the hub are"),
        (["--model", __file__], "no such folder"),
        (["--model", ""], "--model: empty"),
        (["--model", "", "--engine", "ray"], "--model: empty"),
    ],
)
def test_wrong_calls_end_with_2(
    arguments, message, folder, capsys, monkeypatch
):
    """And say what is wrong."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    if "--model" in arguments:
        code = main(["score", str(folder / "b.wav"), *arguments])
    else:
        code = run(folder / "b.wav", *arguments)
    assert code == 2 and message in capsys.readouterr().err


def test_parquet_is_for_ray(tmp_path, capsys):
    """Said before a model is loaded."""
    assert run(tmp_path / "clips.parquet") == 2
    assert "Parquet files need --engine ray" in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(folder, capsys, monkeypatch):
    """One line, and the code of a shell."""

    def interrupted(*_arguments):
        """Be stopped."""
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "mtqnet_brain.inference.inputs.find_inputs", interrupted
    )
    assert run(folder) == 130
    said = "mtqnet: stopped; run the same command again to resume\n"
    assert capsys.readouterr().err == said


def test_json_holds_frames(folder, tmp_path):
    """As numbers, in a list or line by line, equal to the CSV."""
    paths = [folder / name for name in ("b.wav", "f.wav")]
    for ending in ("json", "jsonl", "csv"):
        frames = [] if ending == "csv" else ["--frames"]
        assert run(*paths, "--output", tmp_path / f"s.{ending}", *frames) == 1
    rows = json.loads((tmp_path / "s.json").read_text())
    lines = (tmp_path / "s.jsonl").read_text().splitlines()
    assert rows == [json.loads(line) for line in lines]
    table = read_csv(tmp_path / "s.csv")
    assert float(table[0]["g_mos"]) == rows[0]["g_mos"]
    assert len(rows[0]["frames"]["time"]) == len(rows[0]["frames"]["g_mos"])
    assert rows[1]["g_mos"] is None and "frames" not in rows[1]


def test_converted_files_are_counted(tmp_path, capsys):
    """In a line each, without blank ones, and only what is true."""
    wave = make_wave(1.0, 0, 10)
    stereo = np.stack([wave, 0.5 * wave], axis=1)
    soundfile.write(tmp_path / "plain.wav", wave, RATE)
    assert run(tmp_path) == 0
    err = capsys.readouterr().err
    assert "resampled" not in err and "mono" not in err
    for rate in (8000, 48000):
        soundfile.write(tmp_path / f"{rate}.wav", wave, rate)
    soundfile.write(tmp_path / "stereo.wav", stereo, RATE)
    assert run(tmp_path) == 0
    err = capsys.readouterr().err
    counts = "resampled to 16000 Hz: 2 files\nmixed to mono: 1 file\n"
    assert err.endswith(f"\n{counts}") and "\n\n" not in err


def test_pictures(folder, tmp_path):
    """One per scored file; equal names get numbers; a refused one none."""
    (folder / "sub" / "b.flac").write_bytes((folder / "a b.flac").read_bytes())
    arguments = (folder / "b.wav", folder / "sub", folder / "f.wav")
    run(*arguments, "--plot", tmp_path / "p", "--window", 0.5)
    names = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert names == ["b.png", "b_2.png", "d.png"]
    for name in names:
        assert (tmp_path / "p" / name).read_bytes()[:4] == b"\x89PNG"


def test_killed_run_goes_on(tmp_path, monkeypatch):
    """kill -9; the same command scores the rest and what has changed."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(60):
        soundfile.write(folder / f"{i:02d}.wav", make_wave(1.0, i, 5), RATE)
    out = tmp_path / "s.csv"
    partial = tmp_path / "s.csv.partial"
    command = [sys.executable, "-m", "mtqnet_brain.cli", "score", str(folder)]
    command += FP32
    command += ["--model", MODEL, "--output", str(out), "--batch_size", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if partial.exists() and partial.read_text().count("\n") > 8:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    kept = partial.read_text().splitlines()[1:]
    assert 5 < len(kept) < 60
    # A changed and an emptied file are scored again, the others are not.
    changed, emptied = (Path(json.loads(line)["file"]) for line in kept[:2])
    wave = make_wave(1.0, 99, 30)
    soundfile.write(changed, wave, RATE)
    emptied.write_bytes(b"")
    scored = []
    score = Engine.score_paths

    def counting(engine, items, workers):
        """Note what is scored."""
        scored.extend(key for key, _ in items)
        return score(engine, items, workers)

    monkeypatch.setattr(Engine, "score_paths", counting)
    arguments = ("--batch_size", 1, "--output")
    assert run(folder, *arguments, out) == 1
    assert len(scored) == 60 - len(kept) + 2
    rows = {row["file"]: row for row in read_csv(out)}
    assert len(rows) == 60
    assert not rows[str(emptied)]["g_mos"] and rows[str(emptied)]["error"]
    whole = tmp_path / "whole.csv"
    assert run(folder, *arguments, whole) == 1
    assert whole.read_bytes() == out.read_bytes()


def test_failed_files_are_tried_again(folder, tmp_path, monkeypatch):
    """After an interruption, once they are there."""
    out, missing = tmp_path / "s.csv", folder / "later.wav"

    def interrupted(*_):
        """Be stopped."""
        raise KeyboardInterrupt

    monkeypatch.setattr(FileOutput, "finish", interrupted)
    arguments = (folder / "b.wav", missing, "--output", out)
    assert run(*arguments) == 130
    monkeypatch.undo()
    assert "no such file" in (tmp_path / "s.csv.partial").read_text()
    soundfile.write(missing, make_wave(1.0, 0, 10), RATE)
    assert run(*arguments) == 0
    assert [row["error"] for row in read_csv(out)] == ["", ""]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_names_for_spreadsheets(tmp_path, monkeypatch, ending):
    """Only in a CSV, by a path that leads to the same file."""
    monkeypatch.chdir(tmp_path)
    names = ["=1.wav", "-2.wav", "@3.wav", "+4.wav", "a\rb.wav"]
    for name in names:
        soundfile.write(name, make_wave(0.5, 0, 10), RATE)
    (tmp_path / "list.txt").write_bytes("\n".join(names[:4]).encode())
    assert run("list.txt", "./a\rb.wav", "--output", f"s.{ending}") == 0
    if ending == "json":
        rows = json.loads((tmp_path / "s.json").read_text())
        assert [row["file"] for row in rows] == names
        return
    found = [row["file"] for row in read_csv("s.csv")]
    assert found == [f"./{name}" for name in names[:4]] + names[4:]
    assert all(Path(name).is_file() for name in found)


def test_scores_that_are_no_numbers_are_null():
    """In JSON, over time too."""
    nan, inf = float("nan"), float("inf")
    frames = {"time": [0.1, 0.2], "g_mos": [nan, -inf]}
    row = make_row(Result("a.wav", {"g_mos": inf}, frames=frames), ["g_mos"])
    assert row["g_mos"] is None
    assert row["frames"] == {"time": [0.1, 0.2], "g_mos": [None, None]}


@pytest.mark.parametrize("place", ["folder", "input", "taken"])
def test_outputs_are_refused_before_a_model_is_loaded(
    folder, tmp_path, capsys, monkeypatch, place
):
    """A folder, an input, what another command writes."""
    monkeypatch.setattr(
        "mtqnet_brain.inference.predictor.SpeechQualityPredictor.from_hparams",
        None,
    )
    out = tmp_path / "s.csv"
    if place == "folder":
        out.mkdir()
    if place == "input":
        out.write_bytes((folder / "b.wav").read_bytes())
    with ExitStack() as stack:
        if place == "taken":
            lock = stack.enter_context(open(tmp_path / "s.csv.lock", "w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(out, folder / "b.wav", "--output", out) == 2
    reasons = {
        "folder": f"output {out}: a folder",
        "input": f"output {out}: is read by this command",
        "taken": "another command is writing it",
    }
    (line,) = capsys.readouterr().err.splitlines()
    assert reasons[place] in line


def test_another_setting_does_not_go_on(folder, tmp_path, capsys):
    """Unless told to begin anew."""
    out = tmp_path / "s.csv"
    settings = {"model": "another", "frames": False}
    (tmp_path / "s.csv.partial").write_text(json.dumps(settings) + "\n")
    assert run(folder / "b.wav", "--output", out) == 2
    assert "started with other settings" in capsys.readouterr().err
    assert run(folder / "b.wav", "--output", out, "--restart") == 0


def test_names_that_are_no_utf8(tmp_path, monkeypatch):
    """Bytes as they are in CSV; in JSON, which is UTF-8, they are escaped."""
    name = os.fsencode(tmp_path) + b"/in/bad\xff.wav"
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "x.wav", make_wave(1.0, 0, 10), RATE)
    os.rename(tmp_path / "x.wav", name)
    for ending in ("csv", "json"):
        out = tmp_path / f"s.{ending}"
        assert run(tmp_path / "in", "--output", out) == 0
        if ending == "csv":
            assert name in out.read_bytes()
            continue
        (row,) = json.loads(out.read_text(encoding="utf-8"))
        assert os.fsencode(row["file"]) == name


def test_a_device_that_is_not_there(folder, capsys):
    """Is named, without a traceback."""
    assert run(folder / "b.wav", "--device", "cuda:99") == 2
    assert "--device cuda:99: " in capsys.readouterr().err


def test_a_run_that_goes_on_is_no_model(folder, tmp_path, capsys):
    """It has hyperparameters, which nobody need admit, and no model yet."""
    text = "a: &b 1\nc: *b\n"
    (tmp_path / "hyperparams.yaml").write_text(text, encoding="utf-8")
    arguments = ["score", str(folder / "b.wav"), "--model", str(tmp_path)]
    assert main(arguments) == 2
    message = "no network.ckpt, and not a finished training run"
    assert message in capsys.readouterr().err
