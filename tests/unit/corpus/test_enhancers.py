"""Trained enhancement systems in the corpus builder.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import pytest
import torch
from tiny_corpus import build, taken_apart, tree, wavs

from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.cli import main
from mtqnet_brain.corpus.enhancement.enhancers import (
    parse_systems,
    system_hashes,
)
from mtqnet_brain.corpus.enhancement.networks import DDAE
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of different weights."""
    root = tmp_path_factory.mktemp("runs")
    for seed in (1, 2):
        torch.manual_seed(seed)
        network = DDAE(layers=1, units=8, context=1)
        save_model(root / str(seed) / "model", network, {"run": str(seed)})
    return root


def test_names_and_runs(runs):
    """A built-in system stands for itself, a trained one for its run."""
    words = ["KLT", f"DDAE={runs / '1'}"]
    systems = parse_systems(words)
    assert systems == {"KLT": "KLT", "DDAE": str(runs / "1")}
    stored = json.loads((runs / "1/model/model.json").read_text())
    digest = stored["weights_sha256"][:16]
    assert system_hashes(systems) == {"DDAE": digest}


@pytest.mark.parametrize(
    "word, message",
    [
        ("Wiener", "'Wiener' is not one of MMSE, KLT, nor NAME=RUN"),
        ("MMSE=x", "'MMSE'=x: choose a name"),
        ("Lowpass=x", "choose a name"),
        ("Noisy=x", "choose a name"),
        ("my_net=x", "letters and digits"),
        ("FCN=nowhere", "nowhere: no model.json"),
    ],
)
def test_refused_names(word, message):
    """Each with the remedy."""
    with pytest.raises((ValueError, OSError), match=message):
        parse_systems([word])


def test_refused_runs(runs, tmp_path):
    """Another network's run, and a name with two runs."""
    network = MTQNet([Task("g_mos", 1, 5)], channels=(1, 1, 1, 1))
    save_model(tmp_path / "model", network, {"run": "x"})
    with pytest.raises(ValueError, match="not a run of the enhancement"):
        parse_systems([f"FCN={tmp_path}"])
    with pytest.raises(ValueError, match="DDAE is given twice"):
        parse_systems([f"DDAE={runs / '1'}", f"DDAE={runs / '2'}"])


def test_corpus_with_a_trained_system(corpus_sources, runs, tmp_path, capsys):
    """Its clips bear its name; processes show nowhere, weights count."""
    words = ["MMSE", f"DDAE={runs / '1'}"]
    one, two = tmp_path / "one", tmp_path / "two"
    content = build(corpus_sources, one, enhancers=words, clips=30)
    build(corpus_sources, two, enhancers=words, clips=30, workers=2)
    assert tree(one) == tree(two)
    methods = {taken_apart(path)[1] for path in wavs(one)}
    assert methods == {None, "Noisy", "MMSE", "DDAE"}
    assert content["trained_enhancers"] == system_hashes(parse_systems(words))
    sources = [f"--{k}={corpus_sources / k}" for k in ("speech", "noise")]
    command = ["build-corpus", *sources, f"--output={one}", "--clips=30"]
    command += ["--snr", "-2", "5", "20", "--seed=7", "--enhancers", "MMSE"]
    assert main([*command, f"DDAE={runs / '2'}"]) == 2
    assert "trained_enhancers" in capsys.readouterr().err


def test_systems_that_know_the_test_talkers_are_named(
    corpus_sources, tmp_path, capsys
):
    """Said, and kept in corpus.json."""
    plain = build(corpus_sources, tmp_path / "plain")
    train, test = (plain["parts"][p]["talkers"] for p in ("train", "test"))
    words = []
    for name, speakers in (("Fair", train), ("Told", [*train, test[0]])):
        run = tmp_path / name
        provenance = {"run": name, "train_speakers": speakers}
        network = DDAE(layers=1, units=8, context=1)
        save_model(run / "model", network, provenance)
        words.append(f"{name}={run}")
    assert "test_talkers_learnt" not in plain
    capsys.readouterr()
    content = build(corpus_sources, tmp_path / "x", enhancers=words)
    assert content["test_talkers_learnt"] == {"Told": [test[0]]}
    printed = capsys.readouterr().out
    assert f"Told was trained on 1 of the talkers in test/ ({test[0]})" in (
        printed
    )
    assert "Fair" not in printed
