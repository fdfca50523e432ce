"""Pseudo-labelling: values, source, refusal, resuming.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
import soundfile
import torch
from synthetic import make_wave

from mtqnet_brain.audio.io import load_audio, save_audio
from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.checkpoints.trained_on import write_known_wavs
from mtqnet_brain.cli import main
from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher import pseudo_label_manifest
from mtqnet_brain.teacher.trained_network import NetworkTeacher

TASKS = [Task("pesq", 1.0, 4.65), Task("sdi", 0, cap=2)]


def make_teacher(folder, seed=0, pesq=9.0):
    """Save a small random teacher, by default with PESQ out of range."""
    torch.manual_seed(seed)
    network = MTQNet(
        TASKS, channels=(2, 2, 2, 4), blstm_hidden=4, dense_units=4
    ).eval()
    with torch.no_grad():
        network.heads["pesq"].linear.bias.fill_(pesq)
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


def write_clips(folder, monkeypatch):
    """Write clips of 2 s, 12 s and 25 s, and 2 s in stereo at 44.1 kHz."""
    monkeypatch.chdir(folder)
    clips = {"a.wav": 2, "b.wav": 12, "c.wav": 25, "d.wav": 2}
    for i, (name, seconds) in enumerate(clips.items()):
        save_audio(name, make_wave(seconds, i))
    sides = np.stack([make_wave(5.5125, 7), make_wave(5.5125, 8)], axis=1)
    soundfile.write("d.wav", sides, 44100)
    rows = [
        {"ID": name[0], "duration": seconds, "wav": name}
        for name, seconds in clips.items()
    ]
    write_manifest("in.csv", rows)
    return list(clips)


def test_pseudo_labels_are_what_mtqnet_score_prints(tmp_path, monkeypatch):
    """To the last digit: short and long clips, another rate, two channels."""
    names = write_clips(tmp_path, monkeypatch)
    make_teacher(tmp_path / "teacher", pesq=2.0)
    score = ["score", *names, "--model=teacher", "--precision=fp32"]
    label = ["pseudo-label", "in.csv", "--teacher=teacher", "--workers=1"]
    assert main([*score, "--output=scores.csv"]) == 0
    assert main([*label, "--output=out.csv"]) == 0
    printed, rows = read_csv("scores.csv"), read_csv("out.csv")
    assert [row["wav"] for row in rows] == names
    for task in TASKS:
        values = [row[task.name] for row in printed]
        assert [row[f"pseudo_{task.name}"] for row in rows] == values
        assert len(set(values)) > 1 and all(values)


def test_scores_of_a_teacher_are_the_predictors(tmp_path, monkeypatch):
    """Bit for bit."""
    names = write_clips(tmp_path, monkeypatch)
    make_teacher(tmp_path / "teacher")
    predictor = SpeechQualityPredictor.from_hparams("teacher")
    predictor.precision = "fp32"
    teacher = NetworkTeacher("teacher")
    for name in names:
        (scores,) = teacher.score([{"wav": name}])
        found = predictor.score_file(name)
        assert scores == {task.name: found[task.name] for task in TASKS}


def test_truncated_wavs_get_no_label(tmp_path, monkeypatch):
    """They are scored, but nothing is learnt from them."""
    write_clips(tmp_path, monkeypatch)
    make_teacher(tmp_path / "teacher")
    wav = tmp_path / "a.wav"
    wav.write_bytes(wav.read_bytes()[:40000])
    (found,) = NetworkTeacher("teacher").score([{"wav": "a.wav"}])
    assert found["error"].startswith("a.wav: truncated: the header promises")


def test_silence_gets_no_label(tmp_path):
    """A network's score of zeros says nothing; the others keep theirs."""
    make_teacher(tmp_path / "teacher")
    manifest, output = make_long_manifest(tmp_path), tmp_path / "out.csv"
    save_audio(tmp_path / "bad.wav", np.zeros(11200))
    failed = {}
    call = (manifest, tmp_path / "teacher", output)
    pseudo_label_manifest(*call, failed=failed)
    rows = read_manifest(output)
    empty = [row["ID"] for row in rows if not row["pseudo_sdi"]]
    assert empty == ["u7"] == list(failed) and "silence" in failed["u7"]
    assert rows[7]["pseudo_sdi_source"] == ""


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
    from mtqnet_brain.teacher import trained_network as module

    make_teacher(tmp_path / "teacher")
    whole = tmp_path / "other" / "whole.csv"
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
    call = (manifest, tmp_path / "teacher")
    pseudo_label_manifest(*call, one)
    pseudo_label_manifest(*call, two, workers=2, restart=True)
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


def change(manifest, column, cells):
    """Give the rows of a manifest other cells."""
    rows = read_manifest(manifest)
    for row, cell in zip(rows, cells):
        row[column] = cell
    write_manifest(manifest, rows)


@pytest.mark.parametrize(
    "column, cells, faults",
    [
        ("ID", ["a", "b", "a"], ["row 4, ID = 'a': duplicate ID, first in"]),
        (
            "duration",
            ["nan", "-1", "0", "1_0", ""],
            [f"duration = '{cell}'" for cell in ("nan", "-1", "0", "1_0", "")],
        ),
    ],
)
def test_faults_of_the_manifest(
    manifest, tmp_path, capsys, column, cells, faults
):
    """All in one error; nothing is scored."""
    make_teacher(tmp_path / "teacher")
    change(manifest, column, cells)
    output = tmp_path / "out.csv"
    arguments = ["pseudo-label", str(manifest), f"--output={output}"]
    assert main([*arguments, f"--teacher={tmp_path / 'teacher'}"]) == 2
    said = capsys.readouterr().err
    assert f"{len(faults)} fault" in said
    assert all(fault in said for fault in faults)
    assert not list(tmp_path.glob("out*"))


def test_one_wav_under_two_ids(manifest, tmp_path):
    """Has the score of its samples twice."""
    make_teacher(tmp_path / "teacher")
    rows = read_manifest(manifest)
    change(manifest, "wav", [rows[3]["wav"], rows[1]["wav"], rows[3]["wav"]])
    output = tmp_path / "out.csv"
    pseudo_label_manifest(manifest, tmp_path / "teacher", output)
    scores = [float(row["pseudo_sdi"]) for row in read_manifest(output)]
    assert scores[0] == pytest.approx(scores[3], abs=2e-6)
    assert scores[2] == pytest.approx(scores[3], abs=2e-6)
    assert scores[1] != pytest.approx(scores[3], abs=1e-5)


def make_long_manifest(tmp_path):
    """Write a manifest of 40 rows with the same wav, but for one."""
    save_audio(tmp_path / "a.wav", make_wave(0.3, 0))
    rows = [
        {"ID": f"u{i}", "duration": 0.3, "wav": str(tmp_path / "a.wav")}
        for i in range(40)
    ]
    rows[7]["wav"] = str(tmp_path / "bad.wav")
    (tmp_path / "bad.wav").write_text("no audio")
    write_manifest(tmp_path / "long.csv", rows)
    return tmp_path / "long.csv"


def test_a_bad_wav_costs_one_label(tmp_path, capsys):
    """The others of its batch are scored; the exit code says so."""
    make_teacher(tmp_path / "teacher")
    manifest, output = make_long_manifest(tmp_path), tmp_path / "out.csv"
    arguments = ["pseudo-label", str(manifest), f"--output={output}"]
    arguments += [f"--teacher={tmp_path / 'teacher'}", "--workers=1"]
    assert main(arguments) == 1
    rows = read_manifest(output)
    empty = [row["ID"] for row in rows if not row["pseudo_sdi"]]
    assert empty == ["u7"] and rows[7]["pseudo_sdi_source"] == ""
    save_audio(tmp_path / "bad.wav", make_wave(0.3, 0))
    assert main(arguments) == 0
    assert all(row["pseudo_sdi"] for row in read_manifest(output))


def test_too_many_bad_wavs_are_refused(manifest, tmp_path):
    """One of five; what was scored is kept for the next try."""
    make_teacher(tmp_path / "teacher")
    wave = tmp_path / "3.wav"
    good = wave.read_bytes()
    wave.write_bytes(b"")
    output = tmp_path / "out.csv"
    call = (manifest, tmp_path / "teacher", output)
    with pytest.raises(ValueError, match="1 of 5 wavs.* u3: .*more than 5%"):
        pseudo_label_manifest(*call)
    assert not output.exists()
    wave.write_bytes(good)
    pseudo_label_manifest(*call)
    assert not list(tmp_path.glob("out.csv.*"))


def test_scores_of_changed_wavs_are_made_again(manifest, tmp_path, monkeypatch):
    """Killed after the last score and before the manifest is written."""
    from mtqnet_brain.teacher import pseudo_label as module

    make_teacher(tmp_path / "teacher")
    output = tmp_path / "out.csv"
    call = (manifest, tmp_path / "teacher", output)

    def killed(*_):
        """Die in time."""
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_manifest", killed)
    with pytest.raises(KeyboardInterrupt):
        pseudo_label_manifest(*call)
    monkeypatch.undo()
    pseudo_label_manifest(manifest, tmp_path / "teacher", tmp_path / "a.csv")
    before = {
        r["ID"]: r["pseudo_sdi"] for r in read_manifest(tmp_path / "a.csv")
    }
    save_audio(tmp_path / "4.wav", make_wave(1.1, 77))
    monkeypatch.setattr(
        "mtqnet_brain.teacher.trained_network.BATCH_SECONDS", 0.1
    )  # so that each is scored by itself
    scored, score = [], NetworkTeacher.score
    monkeypatch.setattr(
        NetworkTeacher,
        "score",
        lambda teacher, batch: (
            scored.extend(row["ID"] for row in batch) or score(teacher, batch)
        ),
    )
    pseudo_label_manifest(*call)
    assert scored == ["u4"]
    after = {r["ID"]: r["pseudo_sdi"] for r in read_manifest(output)}
    assert after.pop("u4") != before.pop("u4") and after == before
