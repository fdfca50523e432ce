"""A tiny corpus with all degradations, from end to end.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import shutil
import sys
from inspect import signature

import numpy as np
import pytest
import soundfile
from tiny_corpus import RATE, build, tree, wavs, write_voice
from tmhintqi_release import MOS

from mtqnet_brain.cli import main
from mtqnet_brain.corpus import build_corpus
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.data.table_files import read_csv

METHODS = ("Lowpass", "Clip", "MNRU", "Reverb")


def build_degraded(sources, output, workers=1):
    """Build a corpus with all degradations."""
    return build(
        sources,
        output,
        workers,
        noise=None,
        clips=40,
        snrs=(0, 20),
        enhancers=(),
        noises=("brown", "ssn"),
        degradations=METHODS,
    )


@pytest.fixture(scope="module")
def degraded_corpus(corpus_sources, tmp_path_factory):
    """Return a corpus with all degradations. Not to be changed."""
    output = tmp_path_factory.mktemp("degraded") / "corpus"
    build_degraded(corpus_sources, output)
    return output


def test_clips(degraded_corpus):
    """Every method on mixtures and on clean speech, told by its name."""
    rows = read_csv(degraded_corpus / "raw_data.csv")
    assert len(rows) == len(wavs(degraded_corpus)) == 40
    conditions = set()
    for row in rows:
        if row["method"] == "None":
            continue
        snr, noise = row["snr"] or "inf", row["noise"] or "none"
        start = f"{row['method']}_snr{snr}_{noise}_"
        assert row["file_name"] == f"{start}{row['uttr']}.wav"
        assert (snr == "inf") == (noise == "none")
        conditions.add((row["method"], snr))
    assert conditions == {
        *((m, s) for m in ("Noisy", *METHODS) for s in ("0", "20")),
        *((m, "inf") for m in METHODS),
    }


def test_parameters_describe_the_clips(degraded_corpus):
    """degradations.csv gives the Q and the clipped fraction of clean speech."""
    rows = read_csv(degraded_corpus / "degradations.csv")
    names = wavs(degraded_corpus)
    expected = [n for n in names if n.split("/")[1].startswith(METHODS)]
    assert sorted(row["file"] for row in rows) == expected
    checked = set()
    for row in rows:
        if "_snrinf_none_" not in row["file"]:
            continue
        part, stem = row["file"].split("/")
        clean = f"{part}/{stem.split('_snrinf_none_')[1]}"
        speech = soundfile.read(degraded_corpus / clean)[0]
        clip = soundfile.read(degraded_corpus / row["file"])[0]
        assert len(clip) == len(speech)
        if row["method"] == "MNRU":
            ratio = np.sum(speech**2) / np.sum((clip - speech) ** 2)
            found = 10 * np.log10(ratio)
            assert found == pytest.approx(float(row["q_db"]), abs=0.5)
        elif row["method"] == "Clip":
            fraction = np.mean(np.abs(clip) >= np.abs(clip).max() - 2**-15)
            wanted = float(row["clipped_share"])
            assert fraction == pytest.approx(wanted, rel=0.2, abs=0.002)
        checked.add(row["method"])
    assert checked == set(METHODS)


def test_two_processes_write_the_same_bytes(
    corpus_sources, degraded_corpus, tmp_path
):
    """The number of workers shows nowhere."""
    build_degraded(corpus_sources, tmp_path / "two", workers=2)
    assert tree(tmp_path / "two") == tree(degraded_corpus)


def test_resume(corpus_sources, degraded_corpus, tmp_path):
    """Missing files are made again; a command without them is refused."""
    output = tmp_path / "corpus"
    shutil.copytree(degraded_corpus, output)
    for name in wavs(output)[::4]:
        (output / name).unlink()
    (output / "degradations.csv").unlink()
    (output / "corpus.json").rename(output / "corpus.json.partial")
    build_degraded(corpus_sources, output)
    assert tree(output) == tree(degraded_corpus)
    with pytest.raises(ValueError, match=r"degradations \[.*\], now None"):
        build(
            corpus_sources,
            output,
            noise=None,
            clips=40,
            snrs=(0, 20),
            enhancers=(),
            noises=("brown", "ssn"),
        )


def test_restart_removes_the_parameters(
    corpus_sources, degraded_corpus, tmp_path
):
    """No list of degradations stays behind in a corpus without any."""
    output = tmp_path / "corpus"
    shutil.copytree(degraded_corpus, output)
    build(corpus_sources, output, clips=12, noise=None, restart=True)
    assert not (output / "degradations.csv").exists()
    content = json.loads((output / "corpus.json").read_text())
    assert not {"noises", "degradations"} & set(content)


def test_prepare(recipe, degraded_corpus, tmp_path):
    """The recipe reads it; clips without noise have no SNR."""
    recipe.prepare_tmhintqi(
        degraded_corpus,
        tmp_path,
        MOS,
        split="official",
        label_source="composite",
    )
    parts = ("train", "valid", "test")
    rows = [r for p in parts for r in read_manifest(tmp_path / f"{p}.csv")]
    assert len(rows) == 40
    labels = {
        row["file"]: row for row in read_csv(degraded_corpus / "labels.csv")
    }
    for row in rows:
        file = row["wav"].removeprefix(f"{degraded_corpus}/")
        assert float(row["g_mos"]) == pytest.approx(
            float(labels[file]["covl"]), abs=1e-4
        )
        if "_snrinf_none_" in row["ID"]:
            assert row["snr"] == row["noise"] == ""
            assert row["method"] in METHODS
            assert row["reference"].endswith(
                f"{row['ID'].split('none_')[1]}.wav"
            )


def test_a_file_may_be_called_as_a_noise_that_was_not_chosen(tmp_path):
    """Three files of a tone are read, not taken for generated noises."""
    time = np.arange(RATE) / RATE
    for talker in range(4):
        write_voice(tmp_path / f"speech/t{talker}/a.wav", 100, 1.2)
    tone = np.sin(2 * np.pi * 5000 * time)
    for name, level in (("brown", 0.1), ("ssn", 0.11), ("babble", 0.12)):
        path = tmp_path / f"noise/{name}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, level * tone, RATE)
    build_corpus(
        tmp_path / "out",
        speech=tmp_path / "speech",
        noise=tmp_path / "noise",
        noises=["files"],
        clips=14,
        snrs=[0, 5],
        enhancers=["MMSE"],
    )
    mixtures = [n for n in wavs(tmp_path / "out") if "Noisy_" in n]
    assert mixtures
    for name in mixtures:
        part, stem = name.split("/")
        clean = f"{part}/{stem.split('_', 3)[3]}"
        noise = np.subtract(
            soundfile.read(tmp_path / "out" / name)[0],
            soundfile.read(tmp_path / "out" / clean)[0],
        )
        power = np.abs(np.fft.rfft(noise)) ** 2
        hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
        near = np.abs(hertz - 5000) < 20
        assert power[near].sum() > 0.9 * power.sum()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"degradations": ["Hiss"]}, "Hiss.*Lowpass, Clip, MNRU, Reverb"),
        ({"noises": ["red", "files"]}, "red.*brown"),
        ({"noises": ["pink"]}, "add files to --noises"),
        ({"noises": ["files"], "noise": None}, "--noise FOLDER"),
        ({"snrs": [5, float("inf")]}, "inf.*not all finite"),
    ],
)
def test_refusals(corpus_sources, tmp_path, changes, message):
    """Settings that cannot be met are refused with the remedy."""
    with pytest.raises(ValueError, match=message):
        build(corpus_sources, tmp_path / "corpus", **changes)
    assert not (tmp_path / "corpus").exists()


def test_missing_pyroomacoustics_is_named_at_once(
    corpus_sources, tmp_path, monkeypatch
):
    """Before anything is written, with what to type."""
    monkeypatch.setitem(sys.modules, "pyroomacoustics", None)
    with pytest.raises(ImportError, match=r"mtqnet-brain\[rooms\]"):
        build(corpus_sources, tmp_path / "corpus", degradations=["Reverb"])
    assert not (tmp_path / "corpus").exists()


def test_command(monkeypatch):
    """The command hands the choices over; its defaults are the library's."""
    calls = []
    monkeypatch.setattr(
        "mtqnet_brain.corpus.build.build_corpus",
        lambda **arguments: calls.append(arguments),
    )
    words = "build-corpus --preset demo --output x".split()
    assert main(words) == 0
    more = "--noises ssn brown --degradations Reverb MNRU".split()
    assert main(words + more) == 0
    defaults = {
        name: list(parameter.default)
        for name, parameter in signature(build_corpus).parameters.items()
        if name in ("noises", "degradations")
    }
    assert [list(calls[0][name]) for name in defaults] == [*defaults.values()]
    assert calls[1]["noises"] == ["ssn", "brown"]
    assert calls[1]["degradations"] == ["Reverb", "MNRU"]
