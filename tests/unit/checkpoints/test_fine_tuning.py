"""Fine-tuning: a frozen encoder stays as it is, learning rates are used.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import pytest
import torch
from speechbrain.utils.train_logger import FileTrainLogger
from synthetic import make_wave
from test_transfer import RUN, WEIGHTS, state_of

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.checkpoints.transfer import begin_with, network_like
from mtqnet_brain.data.dataset import loader_options, make_dataset
from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.brain import QualityBrain, QualityEpochCounter
from mtqnet_brain.training.losses import QualityLoss
from mtqnet_brain.training.optimizers import make_optimizers

TASKS = [Task("s_mos", 1, 5), Task("mos", 1, 5)]
LR, ENCODER_LR = 1e-2, 1e-4


@pytest.fixture
def dataset(tmp_path):
    """Four clips of 0.4 s, which make one batch."""
    rows = []
    for i in range(4):
        wav = tmp_path / f"{i}.wav"
        save_audio(wav, make_wave(0.4, i))
        row = {"ID": str(i), "duration": 0.4, "wav": str(wav)}
        rows.append(row | {"s_mos": 1 + i, "mos": 5 - i, "mos_source": "x"})
    write_manifest(tmp_path / "all.csv", rows)
    return make_dataset(read_manifest(tmp_path / "all.csv"), TASKS)


def fine_tune(dataset, folder, epochs, freeze, encoder_lr=ENCODER_LR):
    """Train as fine_tune.py does; return the Brain."""
    torch.manual_seed(0)
    network = network_like(RUN, TASKS)
    begin_with(network, RUN, freeze)
    encoder_opt = encoder_lr and partial(torch.optim.Adam, lr=encoder_lr)
    brain = QualityBrain(
        modules={"network": network},
        opt_class=partial(torch.optim.Adam, lr=LR),
        encoder_opt_class=encoder_opt,
        ssl_opt_class=None,
        loss=QualityLoss(TASKS),
        epoch_counter=QualityEpochCounter(epochs, 5, "loss"),
        train_logger=FileTrainLogger(str(folder / "log.txt")),
        select_by="loss",
        seed=7,
        hparams={"unused": None},
        run_opts={"device": "cpu", "noprogressbar": True},
    )
    options = loader_options(dataset, 9.0, shuffle=False)
    brain.before = state_of(network)
    brain.modes = []
    step = brain.on_fit_batch_end
    brain.on_fit_batch_end = lambda *args: (
        brain.modes.append((network.training, network.encoder.training)),
        step(*args),
    )
    brain.fit(brain.epoch_counter, dataset, train_loader_kwargs=options)
    return brain


def changed(brain):
    """Return the names of weights and buffers that training has changed."""
    after = brain.modules.network.state_dict()
    return {k for k, v in after.items() if not torch.equal(v, brain.before[k])}


def test_a_frozen_encoder_is_bit_equal(dataset, tmp_path):
    """Weights and batch-norm buffers, while Brain.fit sets training mode."""
    brain = fine_tune(dataset, tmp_path, epochs=3, freeze=True)
    assert set(brain.modes) == {(True, False)}
    after = brain.modules.network.encoder.state_dict()
    assert any(name.endswith("num_batches_tracked") for name in after)
    for name, value in after.items():
        assert torch.equal(value, WEIGHTS[f"encoder.{name}"]), name
    heads = {f"heads.{t}.linear.weight" for t in ("s_mos", "mos")}
    assert heads < changed(brain)
    assert list(brain.optimizers_dict) == ["optimizer"]


def test_an_encoder_that_is_not_frozen_changes(dataset, tmp_path):
    """Its statistics too; so the test above can fail."""
    brain = fine_tune(dataset, tmp_path, epochs=3, freeze=False)
    assert set(brain.modes) == {(True, True)}
    assert {
        "encoder.dense.weight",
        "encoder.conv.convs.0.weight",
        "encoder.conv.norms.0.running_mean",
    } < changed(brain)


@pytest.mark.parametrize("encoder_lr", [ENCODER_LR, 3e-3, None])
def test_each_rate_moves_its_weights(dataset, tmp_path, encoder_lr):
    """Adam's first step is lr x g / (|g| + 1e-8): the rate itself."""
    brain = fine_tune(dataset, tmp_path, 1, False, encoder_lr)
    assert len(brain.modes) == 1
    largest = {"encoder": 0.0, "heads": 0.0}
    for name, weight in brain.modules.network.named_parameters():
        moved = (weight - brain.before[name]).abs().max().item()
        part = name.split(".")[0]
        # Not the filters' edges: float32 of 1000 Hz resolves 6e-5 only.
        if ".filter_bank." not in name:
            largest[part] = max(largest[part], moved)
    assert largest["heads"] == pytest.approx(LR, rel=2e-3)
    assert largest["encoder"] == pytest.approx(encoder_lr or LR, rel=2e-3)


def test_one_optimizer_per_rate():
    """SpeechBrain clips only the first group of each."""
    names = ["network.encoder.ssl.model.w", "network.encoder.dense.w"]
    names += ["network.heads.s_mos.w", "network.heads.mos.encoder_w"]
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in names]
    frozen = torch.nn.Parameter(torch.zeros(1), requires_grad=False)
    pairs = [*zip(names, weights), ("network.encoder.frozen", frozen)]
    sgd = [partial(torch.optim.SGD, lr=lr) for lr in (1, 2, 3)]
    found = {
        name: (
            o.defaults["lr"],
            [id(w) for g in o.param_groups for w in g["params"]],
        )
        for name, o in make_optimizers(pairs, *sgd).items()
    }
    ssl, dense, s_mos, mos = map(id, weights)
    assert found == {
        "optimizer": (1, [s_mos, mos]),
        "encoder_optimizer": (3, [dense]),
        "ssl_optimizer": (2, [ssl]),
    }
    two = make_optimizers(pairs, *sgd[:2])
    assert list(two) == ["optimizer", "ssl_optimizer"]
    assert len(two["optimizer"].param_groups[0]["params"]) == 3
