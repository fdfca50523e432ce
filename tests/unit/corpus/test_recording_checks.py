"""Bad speech and noise files are left out of a corpus.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import shutil

import numpy as np
import pytest
import soundfile
from tiny_corpus import RATE, build, tree

from mtqnet_brain.corpus import build_corpus, recording_checks
from mtqnet_brain.corpus.plan import plan_items
from mtqnet_brain.corpus.recording_checks import (
    check_recording,
    find_copies,
    plan_usable,
)
from mtqnet_brain.corpus.recordings import Utterance, find_speech
from mtqnet_brain.corpus.talker_split import split_talkers


def write_bad(folder):
    """Write a file of every kind of fault, each 1.2 s by its header."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(0, 0.1, 19200)
    spoilt = noise.copy()
    spoilt[7] = np.nan
    soundfile.write(folder / "cut.wav", noise, RATE)
    content = (folder / "cut.wav").read_bytes()
    (folder / "cut.wav").write_bytes(content[: 44 + 9600])
    soundfile.write(folder / "nan.wav", spoilt, RATE, subtype="FLOAT")
    soundfile.write(folder / "silent.wav", np.zeros(19200), RATE)
    (folder / "text.wav").write_text("no sound")
    (folder / "zero.wav").write_bytes(b"")


CUT = (
    "truncated: the header promises 19200 samples (1.20 s), the file holds "
    "4800 (0.30 s); copy it again"
)


@pytest.mark.parametrize("kind", ["speech", "noise"])
def test_reasons(kind, tmp_path):
    """One line for each fault, without the path."""
    write_bad(tmp_path)
    found = {
        path.name: check_recording((path, kind))[1]
        for path in tmp_path.iterdir()
    }
    assert found["cut.wav"] == CUT
    assert found["nan.wav"] == "1 NaN or infinite samples"
    assert found["silent.wav"] == f"{kind} is silent"
    for name in ("text.wav", "zero.wav"):
        assert found[name].startswith("not readable as audio (")


@pytest.mark.parametrize("n_samples, is_bad", [(1600, True), (4000, False)])
def test_short_noise_is_bad(n_samples, is_bad, tmp_path):
    """0.1 s repeated would hum; 0.25 s will do."""
    soundfile.write(tmp_path / "a.wav", np.full(n_samples, 0.1), RATE)
    path, reason = check_recording((tmp_path / "a.wav", "noise"))
    assert ("1600 samples at 16000 Hz" in reason) == is_bad == bool(reason)


def test_bad_headers_are_seen_in_the_listing(tmp_path):
    """Before any plan; a clip that is whole is kept."""
    write_bad(tmp_path / "t")
    found, skipped, bad = find_speech(tmp_path, "P")
    assert [u.path.name for u in found] == ["nan.wav", "silent.wav"]
    assert {path.name for path in bad} == {"cut.wav", "text.wav", "zero.wav"}
    assert skipped["too short"] == skipped["too long"] == 0


@pytest.fixture(scope="module")
def spoilt_sources(corpus_sources, tmp_path_factory):
    """Return the tiny corpus' sources, bad ones among them. Not to change."""
    root = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(corpus_sources, root, dirs_exist_ok=True)
    write_bad(root / "speech/talker_2")
    write_bad(root / "noise")
    hum = np.full(1600, 0.1)
    soundfile.write(root / "noise/hum.wav", hum, RATE)
    return root


def test_the_corpus_is_made_of_the_others(spoilt_sources, tmp_path, capsys):
    """As if what is listed in corpus.json had not been there."""
    output = tmp_path / "corpus"
    content = build(spoilt_sources, output, clips=24)
    printed = capsys.readouterr().out
    skipped = content["speech_skipped"]
    assert (skipped["too short"], skipped["too long"]) == (1, 1)
    assert skipped["bad"]["talker_2/cut.wav"] == CUT
    bad_noise = content["noise_skipped"]["bad"]
    assert bad_noise["nan.wav"] == "1 NaN or infinite samples"
    assert bad_noise["silent.wav"] == "noise is silent"
    n_bad = len(skipped["bad"]) + len(bad_noise)
    assert f"{n_bad} bad files were left out, listed in corpus" in printed
    assert f"  {spoilt_sources}/noise/cut.wav: {CUT}" in printed
    stored = json.loads((output / "corpus.json").read_text())
    digests = {name: stored[name] for name in ("plan", "sources_sha256")}
    assert stored == content | digests
    shutil.copytree(spoilt_sources, tmp_path / "sound")
    for name in skipped["bad"]:
        (tmp_path / "sound/speech" / name).unlink()
    for name in bad_noise:
        (tmp_path / "sound/noise" / name).unlink()
    build(tmp_path / "sound", tmp_path / "expected", clips=24)
    found, expected = tree(output), tree(tmp_path / "expected")
    assert "bad" not in expected.pop("corpus.json").decode()
    del found["corpus.json"]
    assert found == expected


def test_two_processes_and_a_second_run(spoilt_sources, tmp_path):
    """The number of workers shows nowhere, nor does an interruption."""
    build(spoilt_sources, tmp_path / "one", clips=24)
    output = tmp_path / "two"
    build(spoilt_sources, output, workers=2, clips=24)
    assert tree(output) == tree(tmp_path / "one")
    (output / "corpus.json").rename(output / "corpus.json.partial")
    for path in list(output.glob("*/*.wav"))[::3]:
        path.unlink()
    build(spoilt_sources, output, clips=24)
    assert tree(output) == tree(tmp_path / "one")


def test_only_what_is_planned_is_decoded(monkeypatch):
    """Once each, though two of them are bad and there are 4000 clips."""
    utterances = [
        Utterance(f"P_t{t}_{u}", f"t{t}", f"t{t}/{u}.wav")
        for t in range(20)
        for u in range(200)
    ]
    decoded = []

    def check(job):
        """The first two of all are bad."""
        decoded.append(job)
        return job[0], "spoilt" if len(decoded) in (1, 2) else ""

    def plan(speech, noises):
        """Plan 60 clips, none with babble."""
        splits = split_talkers(speech, noises, 0, ["pink"])
        return splits, plan_items(splits, 60, [0, 5], ["Noisy"], seed=0)

    monkeypatch.setattr(recording_checks, "check_recording", check)
    _, items, bad = plan_usable(plan, utterances, {}, {}, 1)
    assert len(bad) == 2
    paths = {item.utterance.path for item in items}
    assert not paths & set(bad)
    assert len(decoded) == len(set(decoded)) < 200
    assert paths | set(bad) <= {path for path, _ in decoded}


@pytest.mark.parametrize("kind, n_bad", [("speech", 3), ("noise", 5)])
def test_nothing_is_left_of_a_kind(kind, n_bad, corpus_sources, tmp_path):
    """No corpus without the noise that was asked for."""
    folders = {"speech": corpus_sources / "speech", "noise": None}
    folders[kind] = tmp_path / "bad"
    write_bad(folders[kind])
    if kind == "speech":  # what is left has one talker: another error
        (tmp_path / "bad/nan.wav").unlink()
        (tmp_path / "bad/silent.wav").unlink()
    message = f"no {kind} file can be used: {n_bad} bad files, first .*cut.wav"
    with pytest.raises(ValueError, match=message):
        build_corpus(tmp_path / "out", clips=600, **folders)


def test_too_few_talkers_are_left(corpus_sources, tmp_path):
    """The error says why the others do not count."""
    speech = tmp_path / "speech"
    for talker in ("talker_0", "talker_1", "talker_3"):
        shutil.copytree(corpus_sources / "speech" / talker, speech / talker)
    write_bad(speech / "t4")
    (speech / "t4/nan.wav").unlink()
    (speech / "t4/silent.wav").unlink()
    with pytest.raises(ValueError) as caught:
        build_corpus(tmp_path / "out", speech=speech, clips=24)
    assert "3 talkers in the speech folder" in str(caught.value)
    assert "not counted: 3 bad files, first " in str(caught.value)


def test_copies_of_a_noise_file_are_left_out(tmp_path):
    """By content: another file of the same size stays."""
    for name in ("a/hum", "b/other", "c/copy"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(name[0].encode() * 8)
    shutil.copy(tmp_path / "a/hum", tmp_path / "c/copy")
    (tmp_path / "short").write_bytes(b"a")
    paths = [p for p in tmp_path.rglob("*") if p.is_file()]
    hum, copy = tmp_path / "a/hum", tmp_path / "c/copy"
    assert find_copies(paths) == {copy: f"the same content as {hum}"}
