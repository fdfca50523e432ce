"""Teachers of every kind, and the student's tasks that follow them.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from keras_files import write_file
from label_clips import noisy, syllables, write

from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.cli import main
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task, mosanet_tasks
from mtqnet_brain.teacher import follow_teacher, open_teacher

MOS = [Task(name, 1, 5) for name in ("s_mos", "n_mos", "g_mos")]


@pytest.fixture
def pairs(tmp_path):
    """A manifest of three noisy clips with references; clips by ID."""
    clean = syllables(1.0)
    write(tmp_path / "clean.wav", clean)
    rows, clips = [], {}
    for i, level in enumerate((0.003, 0.01, 0.05)):
        path = write(tmp_path / f"{i}.wav", noisy(clean, level))
        clips[f"u{i}"] = noisy(clean, level)
        rows.append(
            {
                "ID": f"u{i}",
                "duration": 1.0,
                "wav": str(path),
                "reference": str(tmp_path / "clean.wav"),
            }
        )
    write_manifest(tmp_path / "in.csv", rows)
    return tmp_path / "in.csv", rows, clean, clips


def run(manifest, teacher, *flags):
    """Run the command; return the rows written, None if it failed."""
    output = manifest.with_name("out.csv")
    call = ["pseudo-label", str(manifest), "--teacher", str(teacher)]
    code = main([*call, "--output", str(output), "--workers=1", *flags])
    return None if code else read_csv(output)


def test_a_folder_is_no_manifest(tmp_path, capsys):
    """And the error says what labels clips without one."""
    (tmp_path / "wavs").mkdir()
    assert run(tmp_path / "wavs", "dnsmos") is None
    assert "wavs: not a manifest (.csv)" in capsys.readouterr().err


def test_intrusive_is_the_measures_themselves(pairs):
    """PESQ and STOI of the packages, SDI by its formula."""
    pesq = pytest.importorskip("pesq")
    pystoi = pytest.importorskip("pystoi")
    manifest, _, clean, clips = pairs
    rows = run(manifest, "intrusive")
    for row in rows:
        x, y = (a.astype(np.float32) for a in (clean, clips[row["ID"]]))
        sdi = np.sum((x - y) ** 2) / np.sum(x**2)
        expected = {
            "pesq": pesq.pesq(16000, x, y, "wb"),
            "stoi": pystoi.stoi(x, y, 16000),
            "sdi": sdi,
        }
        for name, value in expected.items():
            cell = float(row[f"pseudo_{name}"])
            assert cell == pytest.approx(value, rel=1e-4), name
            assert row[f"pseudo_{name}_source"].startswith("intrusive 20")


def test_intrusive_needs_references(pairs, caplog):
    """A row without one has no labels; the others have theirs."""
    pytest.importorskip("pesq")
    manifest, rows, _, _ = pairs
    rows[1]["reference"] = ""
    write_manifest(manifest, rows)
    with caplog.at_level("WARNING"):
        written = run(manifest, "intrusive")
    assert "1 of 3 rows lack the wav and reference" in caplog.text
    assert [bool(row["pseudo_pesq"]) for row in written] == [True, False, True]
    assert written[1]["pseudo_sdi"] == written[1]["pseudo_sdi_source"] == ""


def test_keras_file_needs_its_ssl_model(tmp_path, pairs, monkeypatch):
    """Opened by its ending; HuBERT's absence is said when it scores."""
    pytest.importorskip("h5py")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    path = write_file(tmp_path / "published.h5")
    teacher = open_teacher(path)
    assert teacher.tasks == mosanet_tasks()
    assert teacher.name.startswith("published.h5 ")
    with pytest.raises(OSError, match="hubert-large.*neither a local folder"):
        teacher.score(pairs[1])


def test_unknown_teacher_names_the_kinds(pairs, capsys):
    """A word that is no folder."""
    assert run(pairs[0], "pesqnet") is None
    message = capsys.readouterr().err
    for kind in ("pesqnet", "model.json", ".h5", "intrusive", "dnsmos"):
        assert kind in message


def auxiliary(*names):
    """Return auxiliary tasks with a weight of their own."""
    return [
        Task(name, 0, 5, role="auxiliary", alpha=0.5, cap=2) for name in names
    ]


def test_tasks_follow_the_teacher():
    """Listed ones stay as listed; a teacher of none gives its own."""
    pytest.importorskip("pesq")
    tasks = MOS + auxiliary("pesq", "sdi", "sig")
    assert follow_teacher(tasks, None) == tasks
    assert follow_teacher(MOS, "intrusive") == MOS
    kept = follow_teacher(tasks, "intrusive")
    assert kept == MOS + auxiliary("pesq", "sdi")
    other = follow_teacher(MOS + auxiliary("mos"), "intrusive")
    assert [task.name for task in other[3:]] == ["pesq", "stoi", "sdi"]
    assert [task.column for task in other[3:]] == [
        "pseudo_pesq",
        "pseudo_stoi",
        "pseudo_sdi",
    ]
    assert {task.role for task in other[3:]} == {"auxiliary"}


def test_a_student_is_no_teacher(tmp_path):
    """It scores what is learnt from true labels: said by name."""
    network = MTQNet(MOS, channels=(1, 1, 1, 1), blstm_hidden=2, dense_units=2)
    save_model(tmp_path / "model", network, {"run": "student"})
    with pytest.raises(ValueError, match="scores s_mos, n_mos, g_mos, which"):
        follow_teacher(MOS + auxiliary("pesq"), tmp_path)


def test_a_teacher_that_fails_leaves_nothing(pairs, tmp_path):
    """So that the corrected command is not refused."""
    pytest.importorskip("pesq")
    manifest, rows, _, _ = pairs
    for row in rows:
        row["reference"] = ""
    write_manifest(manifest, rows)
    assert run(manifest, "intrusive") is None
    network = MTQNet(
        mosanet_tasks(), channels=(1, 1, 1, 1), blstm_hidden=2, dense_units=2
    )
    save_model(tmp_path / "run" / "model", network, {"run": "other"})
    assert len(run(manifest, tmp_path / "run")) == 3


def test_plcmos_is_the_network_of_the_package(tmp_path):
    """Fed by the package's own object, with the five raters that stay."""
    plcmos = pytest.importorskip("speechmos.plcmos")
    wave = noisy(syllables(1.0), 0.02)
    path = write(tmp_path / "a.wav", wave)
    (found,) = open_teacher("plcmos").score([{"wav": str(path)}])
    package = plcmos.PLCMOS()
    features = np.float32(package.stft_transform(soundfile.read(path)[0]))
    raters = np.random.default_rng(0).standard_normal((5, 64))
    scores = [
        package.session.run(
            None,
            {
                "degraded_audio": features[None, None],
                "rater_embed": np.float32(rater)[None],
            },
        )[0].item()
        for rater in raters
    ]
    assert found["plcmos"] == pytest.approx(np.mean(scores), abs=1e-3)
