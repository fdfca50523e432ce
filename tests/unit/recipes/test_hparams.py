"""Every hyperparameter file loads, and the recipes differ as they say.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml

from mtqnet_brain.checkpoints.transfer import build_network
from mtqnet_brain.corpus.enhancement.trained import plan_enhancer
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.utils.hparams_files import with_base

RECIPES = Path(__file__).parents[3] / "recipes"
ENHANCEMENT = sorted(RECIPES.glob("*/enhancement/hparams/*.yaml"))
MOS_SSL = RECIPES / "TMHINT-QI" / "MOS-SSL" / "hparams" / "mos_ssl.yaml"
LITE = RECIPES / "Lite" / "hparams" / "lite.yaml"  # has no SSL stream
QUALITY = sorted({*RECIPES.rglob("*.yaml")} - {*ENHANCEMENT, MOS_SSL})
# What a user has to give.
GIVEN = {
    "fine_tune.yaml": {"csv": "unused", "label": {"mos": "score:1:5"}},
    "kt_hubert.yaml": {"pretrained": None},
    "kt_wavlm.yaml": {"pretrained": None},
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that loads a file with its placeholders filled."""

    def load_file(path, **overrides):
        """Load one file, without an SSL stream."""
        overrides = {
            "data_folder": "unused",
            "output_folder": str(tmp_path),
            **({} if path in {*ENHANCEMENT, LITE} else {"ssl": None}),
            **GIVEN.get(path.name, {}),
            **overrides,
        }
        # As Python does for the script, beside which the preparation lies.
        monkeypatch.syspath_prepend(path.parents[1])
        base, overrides = with_base(path, json.dumps(overrides))
        with open(base, encoding="utf-8") as file:
            return load_hyperpyyaml(file, overrides)

    return load_file


def build(hparams):
    """Build the network as train.py does."""
    return build_network(hparams["network"], hparams["tasks"], seed=0)


def name_of(path):
    """Name a test's file from the recipes on."""
    return str(path.relative_to(RECIPES))


@pytest.mark.parametrize("path", ENHANCEMENT, ids=name_of)
def test_enhancement_yaml_loads(path, load):
    """The network can be built again from its settings."""
    hparams = load(path)
    network = hparams["modules"]["network"]
    settings = network.settings()
    again = plan_enhancer(settings["kind"], settings, str(path)).build()
    sizes = [weight.shape for weight in network.parameters()]
    assert [weight.shape for weight in again.parameters()] == sizes
    assert hparams["checkpointer"].recoverables["network"] is network


@pytest.mark.parametrize("path", QUALITY, ids=name_of)
def test_quality_yaml_loads(path, load):
    """The network, its tasks and the loss agree."""
    hparams = load(path)
    network = build(hparams)
    assert isinstance(network, MTQNet)
    assert list(network.heads) == [t.name for t in hparams["loss"].tasks]
    assert hparams["modules"] == {}
    assert list(hparams["checkpointer"].recoverables) == ["counter"]


def test_mos_ssl_is_trained_as_by_its_authors(load, tiny_ssl):
    """SGD with momentum for all weights, L1 loss, the wav as it is."""
    ssl = {"source": tiny_ssl("wav2vec2", "group")}
    hparams = load(MOS_SSL, ssl=ssl, score="n_mos")
    network = build(hparams)
    assert [task.name for task in network.tasks] == ["n_mos"]
    assert not network.encoder.ssl.normalizes
    assert not network.encoder.ssl.freeze
    for make in (hparams["opt_class"], hparams["ssl_opt_class"]):
        optimizer = make(network.parameters())
        assert isinstance(optimizer, torch.optim.SGD)
        assert optimizer.defaults["lr"] == 1e-4
        assert optimizer.defaults["momentum"] == 0.9
    assert hparams["loss"].kind == "mae"
    assert hparams["epoch_counter"].limit == 1000


def test_paper_settings_are_the_default(load):
    """The network of mpl_huber is the paper's, the loss too."""
    path = RECIPES / "TMHINT-QI" / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
    hparams = load(path)
    settings = build(hparams).network_settings
    assert settings.channels == (16, 32, 64, 128)
    assert (settings.blstm_hidden, settings.dense_units) == (128, 128)
    assert settings.dropout == 0.3 and settings.filter_bank == "sinc"
    norms = ("waveform_norm", "compression", "conv_norm")
    assert {getattr(settings, key) for key in norms} == {"none"}
    assert (hparams["loss"].kind, hparams["loss"].delta) == ("huber", 1.0)
    assert {task.alpha for task in hparams["tasks"]} == {1.0}
    assert [t.column for t in hparams["tasks"]] == [
        "s_mos",
        "n_mos",
        "g_mos",
        "pseudo_pesq",
        "pseudo_stoi",
        "pseudo_sdi",
    ]


def test_sizes_are_overridden_through_the_network_key(load):
    """One key of the included file, the others stay."""
    path = RECIPES / "TMHINT-QI" / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
    network = build(load(path, network={"blstm_hidden": 64}))
    assert network.network_settings.blstm_hidden == 64
    assert network.network_settings.channels == (16, 32, 64, 128)


@pytest.mark.parametrize("path", [*QUALITY, MOS_SSL], ids=name_of)
def test_no_network_is_built_while_a_file_is_read(path, load, monkeypatch):
    """Neither a network nor an SSL model; nor is the pretrained run opened."""
    built = []
    monkeypatch.setattr(
        torch.nn.Module, "__init__", lambda self: built.append(type(self))
    )
    given = {}
    if "\nssl:\n" in path.read_text():  # a mapping
        given["ssl"] = {"source": "no such folder"}
    if path != MOS_SSL:
        given["pretrained"] = "no such run"
    hparams = load(path, **given)
    assert built == [] and callable(hparams["network"])


def test_ssl_settings_reach_the_encoder(load, tiny_ssl):
    """Family, freezing and source come from the one key."""
    path = RECIPES / "TMHINT-QI" / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
    ssl = {"source": tiny_ssl("hubert"), "freeze": True}
    encoder = build(load(path, ssl=ssl)).encoder.ssl
    assert encoder.freeze and encoder.encoder.config.model_type == "hubert"
    assert list(encoder.parameters()) == []
