"""Networks that begin with the weights of a trained one.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.checkpoints.transfer import (
    begin_with,
    build_network,
    initialize_from,
    network_like,
)
from mtqnet_brain.model import ssl as ssl_module
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task

# Heads s_mos, n_mos, g_mos, pesq; batch norm; random weights.
RUN = Path(__file__).parents[2] / "golden" / "tiny_model"
WEIGHTS = load_file(RUN / "model.safetensors")
HEAD = ("attention", "linear.weight", "linear.bias")
# Settings of the run that must match; others may differ.
MATCHING = {"compression": "power", "conv_norm": "batch"}


def state_of(network):
    """Return copies of weights and buffers by name."""
    return {k: v.clone() for k, v in network.state_dict().items()}


def test_encoder_and_heads_of_the_same_task_are_taken(caplog):
    """A new head, and one with another activation, start anew."""
    tasks = [
        Task("s_mos", 1, 5),
        Task("mos", 1, 5),
        Task("pesq", 0, 1, activation="sigmoid"),
    ]
    network = network_like(RUN, tasks)
    before = state_of(network)
    with caplog.at_level("INFO"):
        transfer = initialize_from(network, RUN)
    after = state_of(network)
    fresh = {f"heads.{task}.{w}" for task in ("mos", "pesq") for w in HEAD}
    assert set(transfer.fresh) == fresh
    assert all(torch.equal(after[name], before[name]) for name in fresh)
    taken = {name for name in WEIGHTS if name.startswith("encoder.")}
    taken |= {f"heads.s_mos.{w}" for w in HEAD}
    assert set(transfer.taken) == taken == after.keys() - fresh
    assert all(torch.equal(after[name], WEIGHTS[name]) for name in taken)
    assert set(transfer.unused) == WEIGHTS.keys() - taken
    # Batch-norm statistics are buffers, and count.
    assert any(name.endswith("running_var") for name in taken)
    lines = caplog.text.splitlines()
    assert f"c0f417f9f7bc: {len(taken)} weights taken" in lines[0]
    assert "heads.s_mos" in lines[0]
    assert lines[1] == "new here: heads.mos, heads.pesq"
    assert lines[2] == "not taken: heads.g_mos, heads.n_mos, heads.pesq"


def test_only_weights_of_the_same_shape_are_taken():
    """Another width behind the CNN: the CNN is taken, the rest is not."""
    network = MTQNet(
        [Task("s_mos", 1, 5)],
        channels=(2, 2, 4, 4),
        **MATCHING,
        blstm_hidden=6,
        dense_units=8,
    )
    before = state_of(network)
    transfer = initialize_from(network, RUN)
    after = state_of(network)
    fresh = ("encoder.blstm.", "encoder.dense.weight")
    assert transfer.fresh
    assert all(name.startswith(fresh) for name in transfer.fresh)
    assert all(torch.equal(after[n], before[n]) for n in transfer.fresh)
    assert "encoder.conv.convs.0.weight" in transfer.taken
    assert "encoder.dense.bias" in transfer.taken


def test_nothing_in_common_is_refused():
    """Without an encoder there would be nothing to keep."""
    network = MTQNet(
        [Task("s_mos", 1, 5)],
        **MATCHING,
        channels=(3, 3, 3, 3),
        blstm_hidden=5,
        dense_units=5,
    )
    with pytest.raises(ValueError, match="no weight of its encoder fits"):
        initialize_from(network, RUN)


@pytest.mark.parametrize(
    "settings, problem",
    [
        ({"waveform_norm": "peak"}, "waveform_norm: peak here, none there"),
        ({"filter_bank": "fixed"}, "filter_bank: fixed here, sinc there"),
        ({"conv_norm": "none"}, "conv_norm: none here, batch there"),
        ({"compression": "none"}, "compression: none here, power there"),
        ({"compression_floor": 0.1}, "compression_floor: 0.1 here, 0.01"),
    ],
)
def test_an_encoder_with_other_settings_is_refused(settings, problem):
    """The same weights would mean something else; all is named."""
    network = MTQNet(
        [Task("s_mos", 1, 5)],
        **{**MATCHING, **settings},
        channels=(2, 2, 4, 4),
        blstm_hidden=8,
        dense_units=8,
    )
    before = state_of(network)
    with pytest.raises(ValueError, match=problem) as caught:
        initialize_from(network, RUN)
    assert "--adopt_settings True" in str(caught.value)
    assert all(torch.equal(before[k], v) for k, v in state_of(network).items())


def test_another_ssl_model_is_refused(tmp_path, tiny_ssl):
    """Its embeddings mean something else, normalised or not too."""
    sources = tiny_ssl("wavlm"), tiny_ssl("hubert")
    sizes = {"channels": (2, 2, 4, 4), "blstm_hidden": 4, "dense_units": 4}
    tasks = [Task("s_mos", 1, 5)]

    def network(source, normalize):
        """Make a network with a frozen SSL model."""
        ssl = {"source": source, "freeze": True, "normalize": normalize}
        return MTQNet(tasks, ssl=ssl, **sizes)

    save_model(tmp_path, network(sources[0], True), {"run": "first"})
    with pytest.raises(ValueError, match="ssl normalize: False here, True"):
        initialize_from(network(sources[0], False), tmp_path)
    with pytest.raises(ValueError, match=f"{sources[1]} here, {sources[0]}"):
        initialize_from(network(sources[1], True), tmp_path)


@pytest.mark.parametrize(
    "run, adopt, channels",
    [
        (None, True, (1, 1, 1, 1)),
        (RUN, False, (1, 1, 1, 1)),
        (RUN, True, (2, 2, 4, 4)),
    ],
)
def test_sizes_are_the_recipes_or_the_runs(run, adopt, channels):
    """Sizes come from the run if adopted, else from the recipe."""
    make = partial(MTQNet, channels=[1, 1, 1, 1])
    network = build_network(make, [Task("mos", 1, 5)], run, adopt, seed=0)
    assert network.network_settings.channels == channels
    assert list(network.heads) == ["mos"]


def test_initial_weights_depend_on_the_seed_alone():
    """Not on the numbers drawn before, e.g. while a teacher is opened."""
    tasks, states = [Task("mos", 1, 5)], []
    for seed, n_drawn in ((1, 0), (1, 5), (2, 0)):
        torch.rand(n_drawn)
        states.append(state_of(build_network(MTQNet, tasks, seed=seed)))
    first, second, other = (one["heads.mos.attention"] for one in states)
    assert torch.equal(first, second) and not torch.equal(first, other)


def test_no_ssl_model_is_loaded_in_vain(tiny_ssl, tmp_path, monkeypatch):
    """The recipe's is not opened where the run's settings are adopted."""
    tasks = [Task("mos", 1, 5)]
    sizes = {"channels": (2, 2, 4, 4), "blstm_hidden": 4, "dense_units": 4}
    ssl = {"source": tiny_ssl("wavlm"), "freeze": True}
    save_model(tmp_path, MTQNet(tasks, ssl=ssl, **sizes), {})
    loaded = []
    load = ssl_module.load_lobe
    monkeypatch.setattr(
        ssl_module, "load_lobe", lambda *a: loaded.append(a[0]) or load(*a)
    )
    make = partial(MTQNet, ssl={"source": "no such folder"})
    network = build_network(make, tasks, tmp_path, True, seed=0)
    assert loaded == [ssl["source"]]
    assert network.network_settings.channels == (2, 2, 4, 4)


def test_where_training_begins():
    """With the run's weights, or with those there were."""
    network = network_like(RUN, [Task("s_mos", 1, 5)])
    before = state_of(network)
    assert begin_with(network, None, False) is None
    assert all(torch.equal(before[k], v) for k, v in state_of(network).items())
    origin = begin_with(network, RUN, True)
    assert origin.endswith("c0f417f9f7bc")
    assert all(torch.equal(WEIGHTS[k], v) for k, v in state_of(network).items())
    trained = {n for n, w in network.named_parameters() if w.requires_grad}
    assert trained == {f"heads.s_mos.{weight}" for weight in HEAD}


def test_refusals(tmp_path):
    """A random encoder is not frozen; a folder without a network is named."""
    network = network_like(RUN, [Task("s_mos", 1, 5)])
    with pytest.raises(ValueError, match="freeze_encoder: True without"):
        begin_with(network, None, True)
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}: no model.json"):
        build_network(MTQNet, [Task("mos", 1, 5)], tmp_path, True, seed=0)
