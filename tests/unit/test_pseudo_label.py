"""Pseudo-labelling: values, source, refusal, resuming.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
import torch
from synthetic import make_wave

from mtqnet_brain.audio import load_audio, save_audio
from mtqnet_brain.checkpoint import save_model
from mtqnet_brain.cli import main
from mtqnet_brain.files import read_csv
from mtqnet_brain.known_wavs import write_known_wavs
from mtqnet_brain.manifest import read_manifest, write_manifest
from mtqnet_brain.model import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher import pseudo_label_manifest

TASKS = [Task("pesq", 1.0, 4.65), Task("sdi", 0, cap=2)]


def make_teacher(folder, seed=0):
    """Save a small random teacher whose PESQ head is out of range."""
    torch.manual_seed(seed)
    network = MTQNet(
        TASKS, channels=(2, 2, 2, 4), blstm_hidden=4, dense_units=4
    ).eval()
    with torch.no_grad():
        network.heads["pesq"].linear.bias.fill_(9.0)
        network.heads["sdi"].linear.bias.fill_(0.7)
    save_model(folder / "model", network, {"run": folder.name})
    return network


@pytest.fixture
def manifest(tmp_path):
    """Five clips of unequal length, with true SDI labels."""
    rows = []
    for i in range(5):
        path = tmp_path / f"{i}.wav"
        save_audio(path, make_wave(0.3 + 0.2 * i, i))
        rows.append(
            {
                "ID": f"u{i}",
                "duration": 0.3 + 0.2 * i,
                "wav": str(path),
                "sdi": 0.5 + 0.1 * i,
                "sdi_source": "intrusive",
            }
        )
    write_manifest(tmp_path / "in.csv", rows)
    return tmp_path / "in.csv"


def test_values_are_the_networks_own(manifest, tmp_path):
    """Alone, one by one; lowered to the range; source with hash and date."""
    network = make_teacher(tmp_path / "teacher")
    output = tmp_path / "out.csv"
    figures = pseudo_label_manifest(manifest, tmp_path / "teacher", output)
    info = json.loads((tmp_path / "teacher/model/model.json").read_text())
    rows = read_manifest(output)
    assert [row["ID"] for row in rows] == [f"u{i}" for i in range(5)]
    for row in rows:
        wave = torch.from_numpy(load_audio(row["wav"]))
        with torch.no_grad():
            scores = network(wave[None], torch.tensor([len(wave)]))
        assert float(row["pseudo_sdi"]) == pytest.approx(
            scores.utterance["sdi"].item(), rel=1e-5
        )
        assert row["pseudo_pesq"] == "4.65"
        source = row["pseudo_sdi_source"]
        assert source.startswith(f"teacher {info['weights_sha256'][:12]} 20")
    assert figures["sdi"]["n"] == 5 and "pesq" not in figures


def test_silence_gets_no_label(manifest, tmp_path):
    """A network's score of zeros says nothing; the others keep theirs."""
    make_teacher(tmp_path / "teacher")
    save_audio(tmp_path / "2.wav", np.zeros(11200))
    output = tmp_path / "out.csv"
    figures = pseudo_label_manifest(manifest, tmp_path / "teacher", output)
    labels = [row["pseudo_sdi"] for row in read_manifest(output)]
    assert [bool(label) for label in labels] == [True, True, False, True, True]
    assert read_manifest(output)[2]["pseudo_sdi_source"] == ""
    assert figures["sdi"]["n"] == 4


def test_another_teacher_needs_replace(manifest, tmp_path, capsys):
    """Refused by name; the same teacher may write again."""
    make_teacher(tmp_path / "first")
    make_teacher(tmp_path / "second", seed=1)
    output = tmp_path / "out.csv"

    def label(teacher, source, *flags):
        """Run the command; return its exit code."""
        return main(
            [
                "pseudo-label",
                str(source),
                f"--teacher={tmp_path / teacher}",
                f"--output={output}",
                *flags,
            ]
        )

    assert label("first", manifest) == 0
    written = output.read_bytes()
    assert label("first", output) == 0
    assert output.read_bytes() == written
    assert label("second", output) == 2
    assert "--replace" in capsys.readouterr().err
    assert output.read_bytes() == written
    assert label("second", output, "--replace") == 0
    assert read_csv(output)[0]["pseudo_sdi_source"].startswith("second")


def test_interrupted_run_goes_on(manifest, tmp_path, monkeypatch):
    """Scores already written are kept; the output is the same."""
    from mtqnet_brain.teacher import network as module

    make_teacher(tmp_path / "teacher")
    whole = tmp_path / "whole.csv"
    pseudo_label_manifest(manifest, tmp_path / "teacher", whole)
    monkeypatch.setattr(module, "BATCH_SECONDS", 0.1)
    score, calls = module.NetworkTeacher.score, []

    def stop_at_third(teacher, batch):
        """Fail like a kill between two batches."""
        calls.append(batch[0]["ID"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return score(teacher, batch)

    output = tmp_path / "out.csv"
    monkeypatch.setattr(module.NetworkTeacher, "score", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        pseudo_label_manifest(manifest, tmp_path / "teacher", output)
    assert not output.exists()
    pseudo_label_manifest(manifest, tmp_path / "teacher", output)
    assert calls == ["u0", "u1", "u2", "u2", "u3", "u4"]
    assert output.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob("out.csv.*"))


def test_several_processes_write_the_same(manifest, tmp_path):
    """Started afresh, with the network loaded in each."""
    make_teacher(tmp_path / "teacher")
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    pseudo_label_manifest(manifest, tmp_path / "teacher", one)
    pseudo_label_manifest(manifest, tmp_path / "teacher", two, workers=2)
    assert one.read_bytes() == two.read_bytes()


def test_wavs_of_the_teachers_training_are_reported(manifest, tmp_path, caplog):
    """By content, wherever the wav lies now."""
    make_teacher(tmp_path / "teacher")
    rows = read_manifest(manifest)
    copy = tmp_path / "elsewhere.wav"
    copy.write_bytes((tmp_path / "3.wav").read_bytes())
    known = [rows[0], {"wav": str(copy)}, {"wav": str(manifest)}]
    write_known_wavs(tmp_path / "teacher", known)
    with caplog.at_level("WARNING"):
        pseudo_label_manifest(
            manifest, tmp_path / "teacher", tmp_path / "out.csv"
        )
    assert "was trained on 2 of these 5 wavs" in caplog.text
