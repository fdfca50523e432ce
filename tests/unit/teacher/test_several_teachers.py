"""Several teachers in one run, and what they scored before.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
import torch
from synthetic import make_wave

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.cli import main
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher import follow_teacher, score_cache
from mtqnet_brain.teacher.trained_network import NetworkTeacher

SMALL = {"channels": (2, 2, 2, 4), "blstm_hidden": 4, "dense_units": 4}
MOS = [Task(name, 1, 5) for name in ("s_mos", "n_mos", "g_mos")]


@pytest.fixture
def manifest(tmp_path):
    """Three clips; two teachers of other scores, and one of the first's."""
    rows = []
    for i in range(3):
        save_audio(tmp_path / f"{i}.wav", make_wave(0.4, i))
        wav = str(tmp_path / f"{i}.wav")
        rows.append({"ID": f"u{i}", "duration": 0.4, "wav": wav})
    write_manifest(tmp_path / "in.csv", rows)
    kinds = {"mosa": ("pesq", "sdi"), "mos": ("ovrl",), "third": ("sdi",)}
    for seed, (name, tasks) in enumerate(kinds.items()):
        torch.manual_seed(seed)
        network = MTQNet([Task(task, 0, 5) for task in tasks], **SMALL)
        save_model(tmp_path / name / "model", network, {"run": name})
    return tmp_path / "in.csv"


@pytest.fixture
def scored(monkeypatch):
    """Return the names of the wavs that teachers have scored."""
    names, score = [], NetworkTeacher.score

    def count(teacher, batch):
        """Count, then score."""
        names.extend(row["wav"].rsplit("/", 1)[-1] for row in batch)
        return score(teacher, batch)

    monkeypatch.setattr(NetworkTeacher, "score", count)
    return names


def label(manifest, *teachers, output="out.csv", flags=()):
    """Run the command; return the rows written, None if it failed."""
    paths = [str(manifest.with_name(name)) for name in teachers]
    call = ["pseudo-label", str(manifest), "--teacher", *paths, *flags]
    output = manifest.with_name(output)
    code = main([*call, "--output", str(output), "--workers=1"])
    return None if code else read_csv(output)


def test_each_writes_its_own_columns(manifest):
    """The same scores and sources as alone."""
    together = label(manifest, "mosa", "mos")
    for name, columns in (("mosa", ("pesq", "sdi")), ("mos", ("ovrl",))):
        alone = label(manifest, name, output=f"{name}.csv", flags=["--restart"])
        for row, expected in zip(together, alone, strict=True):
            for column in columns:
                cell = f"pseudo_{column}"
                assert row[cell] == expected[cell] != ""
                assert row[f"{cell}_source"].startswith(f"{name} ")


def test_one_column_has_one_teacher(manifest, capsys):
    """Both are named, with the remedy; nothing is written."""
    assert label(manifest, "mosa", "mos", "third") is None
    said = capsys.readouterr().err
    assert "mosa and " in said and "third both write pseudo_sdi" in said
    assert "leave out one" in said
    assert not manifest.with_name("out.csv").exists()


def test_known_wavs_are_not_scored_again(manifest, scored):
    """Whatever they and their manifest are called; another teacher scores."""
    first = label(manifest, "mosa")
    assert sorted(scored) == ["0.wav", "1.wav", "2.wav"]
    copy = shutil.copy(manifest.with_name("1.wav"), manifest.with_name("b.wav"))
    save_audio(manifest.with_name("new.wav"), make_wave(0.4, 9))
    wavs = [copy, str(manifest.with_name("new.wav")), copy]
    rows = [
        {"ID": f"v{i}", "duration": 0.4, "wav": str(wav)}
        for i, wav in enumerate(wavs)
    ]
    other = manifest.with_name("other.csv")
    write_manifest(other, rows)
    scored.clear()
    second = label(other, "mosa", output="other_out.csv")
    assert scored == ["new.wav"]
    cells = [row["pseudo_pesq"] for row in second]
    assert cells[0] == cells[2] == first[1]["pseudo_pesq"] != cells[1]
    scored.clear()
    label(other, "mos", output="third_out.csv")
    assert sorted(scored) == ["b.wav", "new.wav"]


def test_cache_of_the_users_choice(manifest, scored):
    """Elsewhere; --restart scores again; a changed wav is another."""
    cache = ["--cache", str(manifest.with_name("kept") / "scores")]
    label(manifest, "mosa", flags=cache)
    assert not manifest.with_name("teacher_scores").exists()
    scored.clear()
    label(manifest, "mosa", output="a.csv", flags=cache)
    assert scored == []
    save_audio(manifest.with_name("2.wav"), make_wave(0.4, 7))
    label(manifest, "mosa", output="b.csv", flags=cache)
    assert scored == ["2.wav"]
    label(manifest, "mosa", output="b.csv", flags=[*cache, "--restart"])
    assert len(scored) == 4


def test_a_damaged_cache_is_named(manifest, capsys):
    """With what to do about it."""
    folder = manifest.with_name("teacher_scores")
    folder.mkdir()
    (folder / "scores.sqlite").write_text("no database at all" * 100)
    assert label(manifest, "mosa") is None
    said = capsys.readouterr().err
    assert "scores.sqlite" in said and "delete the file" in said


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE scores SET cells = '[]'",
        "UPDATE scores SET cells = '5'",
        "UPDATE scores SET cells = NULL",
        """UPDATE scores SET cells = '["nan", "1"]'""",
        """UPDATE scores SET cells = '["1e308", "1"]'""",
        "UPDATE scores SET cells = printf('%.*c', 99999, '[')",
        "UPDATE scores SET cells = printf('%.*c', 999999, '[')",
        "UPDATE scores SET day = NULL",
        "UPDATE scores SET day = '=cmd'",
        "CREATE TRIGGER t AFTER INSERT ON scores BEGIN SELECT 1; END",
        "ALTER TABLE scores ADD COLUMN more TEXT",
        "ALTER TABLE scores RENAME TO more",
    ],
)
def test_what_no_teacher_wrote_is_refused(manifest, capsys, change):
    """Neither programs in the cache nor cells that are no scores."""
    label(manifest, "mosa")
    path = manifest.with_name("teacher_scores") / "scores.sqlite"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(change)
    assert label(manifest, "mosa", output="b.csv") is None
    said = capsys.readouterr().err
    assert "scores.sqlite: scores of earlier runs cannot be used" in said


@pytest.mark.parametrize("make", [os.mkfifo, lambda p: p.symlink_to("x")])
def test_a_cache_is_a_regular_file(manifest, capsys, make):
    """No pipe, and no link to a file elsewhere."""
    path = manifest.with_name("teacher_scores") / "scores.sqlite"
    path.parent.mkdir()
    make(path)
    assert label(manifest, "mosa") is None
    assert "not a regular file" in capsys.readouterr().err
    assert not path.with_name("x").exists()


def test_a_busy_cache_is_not_to_be_deleted(manifest, capsys, monkeypatch):
    """It has the scores of the command that writes it."""
    monkeypatch.setattr(score_cache, "SECONDS", 0)
    label(manifest, "mosa")
    path = manifest.with_name("teacher_scores") / "scores.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.execute("BEGIN EXCLUSIVE")
        assert label(manifest, "mosa", output="b.csv") is None
    said = capsys.readouterr().err
    assert "try again later" in said and "delete" not in said


def test_a_wav_that_changes_meanwhile_is_not_kept(
    manifest, scored, capsys, monkeypatch
):
    """Its new score must not be found by its former content."""
    wav, score = manifest.with_name("1.wav"), NetworkTeacher.score
    before = wav.read_bytes()

    def change(teacher, batch):
        """Change a wav, then score."""
        save_audio(wav, make_wave(0.4, 9))
        return score(teacher, batch)

    with monkeypatch.context() as patch:
        patch.setattr(NetworkTeacher, "score", change)
        assert label(manifest, "mosa") is None
    assert "u1: changed while it was scored" in capsys.readouterr().err
    wav.write_bytes(before)
    del scored[:]
    label(manifest, "mosa")
    assert scored == ["1.wav"]


def test_a_pipe_in_a_manifest_is_a_reason(manifest, capsys):
    """Not a run that waits for ever."""
    wav = manifest.with_name("1.wav")
    wav.unlink()
    os.mkfifo(wav)
    assert label(manifest, "mosa") is None
    assert "u1" in capsys.readouterr().err


def names(tasks):
    """Return the names of tasks."""
    return [task.name for task in tasks]


def test_the_student_learns_the_union(manifest):
    """Listed tasks as listed; those of a teacher of none behind them."""
    folder = manifest.parent
    listed = [Task(n, 0, 5, role="auxiliary", alpha=0.5) for n in ("sdi", "x")]
    both = [folder / "mosa", folder / "mos"]
    tasks = follow_teacher(MOS + listed, both)
    assert tasks[:4] == [*MOS, listed[0]] and names(tasks[4:]) == ["ovrl"]
    assert tasks[4].role == "auxiliary" and tasks[4].column == "pseudo_ovrl"
    assert follow_teacher(MOS, both) == MOS
    assert follow_teacher(MOS + listed, []) == MOS + listed
    with pytest.raises(ValueError, match="both write pseudo_sdi"):
        follow_teacher(MOS + listed, [*both, folder / "third"])


def test_tasks_with_labels_of_their_own_stay():
    """What the corpus has measured needs no teacher."""
    pytest.importorskip("speechmos")
    tasks = [
        Task("s_mos", 1, 5),
        Task("csig", 1, 5, role="auxiliary", column="csig"),
        Task("pesq", 1, 4.65, role="auxiliary"),
        Task("plcmos", 1, 5, role="auxiliary"),
    ]
    kept = [task.name for task in follow_teacher(tasks, "plcmos")]
    assert kept == ["s_mos", "csig", "plcmos"]
