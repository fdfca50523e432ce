"""Building a corpus again: other processes, kills, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

import fcntl
import json
import shutil

import numpy as np
import pytest
import soundfile
from tiny_corpus import CLIPS, RATE, build, tree, wavs

from mtqnet_brain.cli import main
from mtqnet_brain.corpus import build_corpus
from mtqnet_brain.data.table_files import read_csv


def kill_at(number, monkeypatch):
    """Let a build die at that utterance."""
    from mtqnet_brain.corpus import build as module

    calls = []
    render = module.render_item

    def killed(job):
        """Die in time."""
        calls.append(job)
        if len(calls) == number:
            raise KeyboardInterrupt
        return render(job)

    monkeypatch.setattr(module, "render_item", killed)


def test_two_processes_write_the_same_bytes(
    corpus_sources, tiny_corpus, tmp_path
):
    """The number of workers shows nowhere."""
    build(corpus_sources, tmp_path / "two", workers=2)
    assert tree(tmp_path / "two") == tree(tiny_corpus)


def test_another_seed_gives_another_corpus(
    corpus_sources, tiny_corpus, tmp_path
):
    """The seed decides the talkers, mixtures and noise samples."""
    build(corpus_sources, tmp_path / "other", seed=8, clips=24)
    assert wavs(tmp_path / "other") != wavs(tiny_corpus)


def test_resume(corpus_sources, tiny_corpus, tmp_path):
    """What is missing is made again, what is there is kept."""
    output = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, output)
    names = wavs(output)
    for name in names[::3]:
        (output / name).unlink()
    (output / "labels.csv").unlink()
    settings = json.loads((output / "corpus.json").read_text())
    (output / "corpus.json").unlink()
    (output / "corpus.json.partial").write_text(json.dumps(settings))
    kept = output / names[1]
    before = kept.stat().st_mtime_ns
    build(corpus_sources, output)
    assert tree(output) == tree(tiny_corpus)
    assert kept.stat().st_mtime_ns == before


def test_kill(corpus_sources, tiny_corpus, tmp_path, monkeypatch):
    """Interrupted in the middle of the wavs, the command resumes."""
    output = tmp_path / "corpus"
    kill_at(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        build(corpus_sources, output)
    assert 0 < len(wavs(output)) < CLIPS
    assert not (output / "corpus.json").exists()
    monkeypatch.undo()
    build(corpus_sources, output)
    assert tree(output) == tree(tiny_corpus)


def test_wavs_that_are_no_longer_whole_are_made_again(
    corpus_sources, tiny_corpus, tmp_path
):
    """Emptied, cut, overwritten after the corpus was done; labels too."""
    output = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, output)
    emptied, cut, text, *_ = (output / name for name in wavs(output))
    emptied.write_bytes(b"")
    cut.write_bytes(cut.read_bytes()[:1000])
    text.write_text("no audio")
    (output / "labels.csv.lock").write_text("1")  # of a killed process
    (output / "corpus.json.lock").write_text("1")
    build(corpus_sources, output)
    assert tree(output) == tree(tiny_corpus)


def test_a_changed_source_is_refused(corpus_sources, tmp_path, monkeypatch):
    """Though its name is the same: half the clips would be of the old one."""
    sources, output = tmp_path / "sources", tmp_path / "corpus"
    shutil.copytree(corpus_sources, sources)
    kill_at(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        build(sources, output, clips=24)
    monkeypatch.undo()
    for path in (sources / "noise").iterdir():
        samples, rate = soundfile.read(path)
        soundfile.write(path, samples[::-1], rate)
    with pytest.raises(ValueError, match="have changed.*--restart"):
        build(sources, output, clips=24)


def test_two_builds_of_one_corpus(corpus_sources, tmp_path):
    """The second is told of the first, and changes nothing."""
    output = tmp_path / "corpus"
    output.mkdir()
    with open(output / "corpus.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="another command is writing it"):
            build(corpus_sources, output, restart=True)
    assert tree(output) == {"corpus.json.lock": b""}


def test_a_corpus_inside_its_speech(corpus_sources, tmp_path):
    """Its clips would be read as speech the next time."""
    speech = tmp_path / "speech"
    shutil.copytree(corpus_sources / "speech", speech)
    with pytest.raises(ValueError, match="lies in .*speech, from which speech"):
        build(corpus_sources, speech / "corpus", speech=speech)
    assert not (speech / "corpus").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\xff"])
def test_settings_that_are_damaged(corpus_sources, tmp_path, text):
    """Named, and nothing is removed."""
    path = tmp_path / "corpus.json.partial"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="corpus.json.partial: (damaged|not)"):
        build(corpus_sources, tmp_path, restart=True)
    assert tree(tmp_path) == {path.name: text.encode("latin-1")}


def test_other_settings_are_refused(corpus_sources, tiny_corpus, tmp_path):
    """A folder with another corpus needs --restart, which replaces it."""
    output = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, output)
    (output / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="seed 7, now 9.*--restart"):
        build(corpus_sources, output, seed=9)
    assert len(wavs(output)) == CLIPS
    build(corpus_sources, output, clips=24, restart=True)
    assert len(wavs(output)) == 24
    assert (output / "notes.txt").read_text() == "mine"
    assert len(read_csv(output / "labels.csv")) == 24


def test_restart_removes_no_file_of_the_user(
    corpus_sources, tiny_corpus, tmp_path
):
    """A wav that was added by hand stays, and the folder is refused."""
    output = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, output)
    (output / "train" / "mine.wav").write_bytes(b"mine")
    with pytest.raises(ValueError, match="not made by"):
        build(corpus_sources, output, restart=True)
    assert tree(output) == {"train/mine.wav": b"mine"}


def test_changed_sources_are_refused(corpus_sources, tmp_path):
    """Another noise file in the folder changes the plan."""
    changed = tmp_path / "sources"
    shutil.copytree(corpus_sources, changed)
    output = tmp_path / "corpus"
    build(changed, output, clips=24)
    shutil.copy(changed / "noise/shop_1.wav", changed / "noise/new.wav")
    with pytest.raises(ValueError, match="changed.*--restart"):
        build(changed, output, clips=24)


def test_a_corrected_command_resumes(corpus_sources, tiny_corpus, tmp_path):
    """What was refused before the first clip leaves nothing in the way."""
    output = tmp_path / "corpus"
    with pytest.raises(ValueError, match="change --clips"):
        build(corpus_sources, output, clips=100000, seed=1)
    with pytest.raises(ValueError, match="no such folder"):
        build(corpus_sources, output, noise="nowhere", degradations=["Clip"])
    build(corpus_sources, output)
    assert tree(output) == tree(tiny_corpus)


@pytest.mark.parametrize("changes", [{"seed": 9}, {"degradations": ["Clip"]}])
def test_a_plan_without_clips_is_replaced(
    corpus_sources, tiny_corpus, tmp_path, monkeypatch, changes
):
    """Killed at the first clip: its tables go, the user's file stays."""
    output = tmp_path / "corpus"
    kill_at(1, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        build(corpus_sources, output, **changes)
    monkeypatch.undo()
    assert (output / "raw_data.csv").exists()
    (output / "notes.txt").write_text("mine")
    build(corpus_sources, output)
    assert tree(output) == tree(tiny_corpus) | {"notes.txt": b"mine"}


def test_one_clip_of_other_settings_is_not_replaced(
    corpus_sources, tmp_path, monkeypatch
):
    """The first utterance's clips are there: refused, and kept."""
    output = tmp_path / "corpus"
    kill_at(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        build(corpus_sources, output)
    monkeypatch.undo()
    before = tree(output)
    with pytest.raises(ValueError, match="seed 7, now 9.*--restart"):
        build(corpus_sources, output, seed=9)
    assert tree(output) == before


def test_sources_may_change_before_the_first_clip(
    corpus_sources, tmp_path, monkeypatch
):
    """A noise file that is added then is one of the corpus."""
    changed = tmp_path / "sources"
    shutil.copytree(corpus_sources, changed)
    output = tmp_path / "corpus"
    kill_at(1, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        build(changed, output, clips=24)
    monkeypatch.undo()
    samples, rate = soundfile.read(changed / "noise/shop_1.wav")
    soundfile.write(changed / "noise/new.wav", samples[::-1], rate)
    build(changed, output, clips=24)
    listed = {row["file_name"] for row in read_csv(output / "raw_data.csv")}
    assert listed == {name.split("/")[1] for name in wavs(output)}
    content = json.loads((output / "corpus.json").read_text())
    files = [part["noise_files"] for part in content["parts"].values()]
    assert sum(map(len, files)) == 6


@pytest.mark.parametrize("restart", [False, True])
def test_foreign_folder_is_left_alone(corpus_sources, tmp_path, restart):
    """A release of TMHINT-QI itself is never written to."""
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.wav").write_bytes(b"recording")
    with pytest.raises(ValueError, match="not made by"):
        build(corpus_sources, tmp_path, restart=restart)
    assert tree(tmp_path) == {"train/a.wav": b"recording"}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"speech": None}, "--speech FOLDER or --preset"),
        ({"preset": "demo"}, "--speech FOLDER or --preset"),
        ({"speech": "nowhere"}, "nowhere: no such folder"),
        ({"enhancers": ["FCN"]}, "FCN"),
        ({"snrs": []}, "no SNR"),
        ({"clips": 5}, "test: 1 clips"),
        ({"clips": 100000}, "--clips"),
    ],
)
def test_refusals(corpus_sources, tmp_path, changes, message):
    """Settings that cannot be met are refused with the remedy."""
    with pytest.raises((ValueError, OSError), match=message):
        build(corpus_sources, tmp_path / "corpus", **changes)
    assert not wavs(tmp_path)


def test_silent_speech_is_named(tmp_path):
    """A silent clip stops the build and is named."""
    for talker in range(4):
        path = tmp_path / f"speech/t{talker}/silent{talker}.wav"
        path.parent.mkdir(parents=True)
        soundfile.write(path, np.zeros(2 * RATE), RATE)
    with pytest.raises(ValueError, match=r"silent\d\.wav: speech is silent"):
        build_corpus(tmp_path / "out", speech=tmp_path / "speech", clips=24)


def test_too_few_talkers(corpus_sources, tmp_path):
    """One talker cannot be in both splits."""
    speech = corpus_sources / "speech/mixed"
    with pytest.raises(ValueError, match=r"\['anna'\]; need 4"):
        build_corpus(tmp_path, speech=speech)


def test_command(capsys, tmp_path):
    """The command ends with 2 and a message."""
    assert main(["build-corpus", "--output", str(tmp_path / "x")]) == 2
    assert "--speech FOLDER or --preset" in capsys.readouterr().err
