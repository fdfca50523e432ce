"""The Brain: frozen SSL, checkpoints, optimisers, refusals, loaders.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import numpy as np
import pytest
import speechbrain as sb
import torch
from speechbrain.dataio.batch import PaddedBatch
from speechbrain.utils.epoch_loop import EpochCounter
from speechbrain.utils.train_logger import FileTrainLogger
from synthetic import make_wave

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.data.dataset import loader_options, make_dataset
from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.brain import QualityBrain, QualityEpochCounter
from mtqnet_brain.training.checkpointer import WholeCheckpointer
from mtqnet_brain.training.losses import QualityLoss

TASKS = [
    Task("g_mos", 1, 5),
    Task("pesq", 1, 4.65, role="auxiliary"),
]
SMALL = {"channels": (2, 2, 2, 4), "blstm_hidden": 4, "dense_units": 4}


@pytest.fixture
def dataset(tmp_path):
    """Six clips of 0.3 to 0.8 s; one lacks its pseudo-label."""
    rows = []
    for i in range(6):
        seconds = 0.3 + 0.1 * i
        save_audio(tmp_path / f"{i}.wav", make_wave(seconds, i))
        rows.append(
            {
                "ID": str(i),
                "duration": seconds,
                "wav": str(tmp_path / f"{i}.wav"),
                "method": "Noisy",
                "g_mos": 1 + i / 2,
                "pseudo_pesq": "" if i == 3 else 2.0,
            }
        )
    write_manifest(tmp_path / "all.csv", rows)
    return make_dataset(read_manifest(tmp_path / "all.csv"), TASKS)


def make_brain(folder, ssl=None, epochs=2, select_by="mse", **run_opts):
    """Assemble a Brain as train.py does."""
    torch.manual_seed(0)
    network = MTQNet(TASKS, ssl=ssl, **SMALL)
    counter = QualityEpochCounter(epochs, 5, select_by)
    return QualityBrain(
        modules={"network": network},
        opt_class=partial(torch.optim.Adam, lr=1e-2),
        ssl_opt_class=partial(torch.optim.Adam, lr=1e-5),
        loss=QualityLoss(TASKS),
        epoch_counter=counter,
        train_logger=FileTrainLogger(str(folder / "log.txt"), precision=4),
        select_by=select_by,
        seed=7,
        hparams={"unused": None},
        run_opts={"device": "cpu", "noprogressbar": True, **run_opts},
        checkpointer=WholeCheckpointer(
            folder / "save",
            recoverables={"network": network, "counter": counter},
        ),
    )


def fit(brain, dataset):
    """Train and validate on the same clips."""
    options = [
        loader_options(dataset, 2.0, shuffle, seed=1)
        for shuffle in (True, False)
    ]
    brain.fit(
        brain.epoch_counter,
        dataset,
        dataset,
        train_loader_kwargs=options[0],
        valid_loader_kwargs=options[1],
    )


def test_frozen_ssl_stays_in_eval_and_out_of_checkpoints(
    dataset, tiny_ssl, tmp_path
):
    """Also while Brain.fit has switched everything to training mode."""
    ssl = {"source": tiny_ssl(), "freeze": True}
    brain = make_brain(tmp_path, ssl)
    encoder = brain.modules.network.encoder.ssl
    modes, weights = [], encoder.encoder.state_dict()
    before = {name: weight.clone() for name, weight in weights.items()}
    step = brain.on_fit_batch_end
    brain.on_fit_batch_end = lambda *args: (
        modes.append((brain.modules.training, encoder.encoder.training)),
        step(*args),
    )
    fit(brain, dataset)
    assert modes and set(modes) == {(True, False)}
    assert all(torch.equal(before[k], v) for k, v in weights.items())
    saved = torch.load(next(tmp_path.glob("save/CKPT*/network.ckpt")))
    assert saved and not [name for name in saved if ".ssl." in name]
    assert list(brain.optimizers_dict) == ["optimizer"]


def test_an_epoch_counter_without_early_stopping(dataset, tmp_path):
    """All epochs are trained, each with a checkpoint to pick."""
    brain = make_brain(tmp_path)
    brain.epoch_counter = EpochCounter(2)
    brain.checkpointer.recoverables["counter"] = brain.epoch_counter
    fit(brain, dataset)
    assert brain.epoch_counter.current == 2
    saved = brain.checkpointer.find_checkpoint(min_key="mse")
    assert saved.meta["epoch"] in (1, 2)


def test_fine_tuned_ssl_has_its_own_optimizer(dataset, tiny_ssl, tmp_path):
    """Its learning rate is its own; every weight is in one optimiser."""
    brain = make_brain(tmp_path, {"source": tiny_ssl(), "freeze": False})
    fit(brain, dataset)
    rates = {
        name: optimizer.param_groups[0]["lr"]
        for name, optimizer in brain.optimizers_dict.items()
    }
    assert rates == {"optimizer": 1e-2, "ssl_optimizer": 1e-5}
    counts = sum(
        len(group["params"])
        for optimizer in brain.optimizers_dict.values()
        for group in optimizer.param_groups
    )
    trainable = [p for p in brain.modules.parameters() if p.requires_grad]
    assert counts == len(trainable)


def test_no_epoch_scores_a_pretrained_network(dataset, tmp_path):
    """As it is; the scores are those of its own forward pass."""
    brain = make_brain(tmp_path, epochs=0)
    brain.hparams.pretrained = "some run"
    before = {k: v.clone() for k, v in brain.modules.state_dict().items()}
    fit(brain, dataset)
    options = loader_options(dataset, 2.0, False, seed=1)
    brain.evaluate(dataset, test_loader_kwargs=options)
    for name, weight in brain.modules.state_dict().items():
        assert torch.equal(weight, before[name])
    assert len(brain.stats.ids) == len(dataset)
    assert not list((tmp_path / "save").glob("CKPT*"))


def test_evaluate_without_checkpoint_is_refused(dataset, tmp_path):
    """Random weights are not scored."""
    brain = make_brain(tmp_path)
    options = loader_options(dataset, 2.0, False)
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        brain.evaluate(dataset, test_loader_kwargs=options)


def test_evaluate_loads_the_best_epoch(dataset, tmp_path):
    """The checkpoint with the smallest validation figure, not the last."""
    brain = make_brain(tmp_path, epochs=6)
    fit(brain, dataset)
    log = (tmp_path / "log.txt").read_text().splitlines()
    parts = [line.split("valid mse: ")[1] for line in log]
    figures = [float(part.split(",")[0]) for part in parts]
    assert len(figures) == 6
    options = loader_options(dataset, 2.0, False)
    brain.evaluate(dataset, test_loader_kwargs=options)
    assert brain.stats.summarize("mse") == pytest.approx(min(figures), rel=1e-3)


def test_diverged_training_stops(dataset, tmp_path):
    """NaN predictions never reach a checkpoint's figure."""
    brain = make_brain(tmp_path, nonfinite_patience=100)
    with torch.no_grad():
        brain.modules.network.encoder.dense.bias.fill_(float("nan"))
    with pytest.raises(ValueError, match="diverged"):
        fit(brain, dataset)
    assert not list((tmp_path / "save").glob("CKPT*"))


def test_unknown_figure_is_named(tmp_path):
    """select_by is checked when the Brain is made."""
    with pytest.raises(ValueError, match="'accuracy'"):
        make_brain(tmp_path, select_by="accuracy")


def test_early_stopping(dataset, tmp_path):
    """Training ends when the figure no longer improves."""
    brain = make_brain(tmp_path, epochs=50)
    brain.epoch_counter.limit_to_stop = 1
    scores = iter([3.0, 2.0, 2.5, 1.0])
    brain.summarize = lambda loss: dict.fromkeys(("loss", "mse"), next(scores))
    fit(brain, dataset)
    assert brain.epoch_counter.current == 3


def test_batches_are_bounded_and_reshuffled(dataset):
    """Seconds with padding stay below the limit; epochs differ."""
    sampler = loader_options(dataset, 1.2, True, seed=3)["batch_sampler"]
    durations = [0.3 + 0.1 * i for i in range(6)]
    orders = []
    for epoch in (1, 2, 3):
        sampler.set_epoch(epoch)
        batches = list(sampler)
        orders.append(batches)
        assert sorted(sum(batches, [])) == list(range(6))
        for batch in batches:
            longest = max(durations[i] for i in batch)
            assert len(batch) == 1 or longest * len(batch) <= 1.2 + 1e-3
    assert orders[0] != orders[1] or orders[1] != orders[2]


def test_missing_label_is_nan_in_the_batch(dataset):
    """An empty cell becomes NaN for that task alone."""
    with dataset.output_keys_as(["labels", "n_samples"]):
        item = dataset[3]
    assert item["labels"][0] == 2.5 and torch.isnan(item["labels"][1])
    assert item["n_samples"] == 9600


def test_dropout_is_seeded_by_step(tmp_path):
    """Same step, same draw; another step or seed, another draw."""
    brain = make_brain(tmp_path)
    draws = []
    for seed, step in ((7, 0), (7, 1), (8, 0), (7, 0)):
        brain.seed, brain.optimizer_step = seed, step
        brain.on_fit_batch_start(None, True)
        draws.append(torch.rand(1).item())
    assert draws[0] == draws[3] and len(set(draws)) == 3


def test_learning_rate_falls_linearly(dataset, tmp_path):
    """In equal steps to the share given, also when a killed run goes on."""
    seen = []

    class Killed(Exception):
        """Stands for what ends a run."""

    class Watching(QualityBrain):
        """Notes the rate of every epoch; dies at the start of the third."""

        def on_stage_start(self, stage, epoch=None):
            """Note it."""
            super().on_stage_start(stage, epoch)
            if stage == sb.Stage.TRAIN:
                if epoch == 3 and len(seen) == 2:
                    raise Killed
                seen.append(self.optimizer.param_groups[0]["lr"])

    def brain():
        """Make one that falls to a fifth over five epochs."""
        made = make_brain(tmp_path, epochs=5)
        made.__class__, made.final_lr_share = Watching, 0.2
        return made

    with pytest.raises(Killed):
        fit(brain(), dataset)
    seen.append(None)  # so that the second one lives
    fit(brain(), dataset)
    seen.remove(None)
    np.testing.assert_allclose(seen, [1e-2, 8e-3, 6e-3, 4e-3, 2e-3])


def test_channels_are_drawn_in_training_alone(dataset, tmp_path):
    """Each utterance its own; the same for a step."""
    brain = make_brain(tmp_path)
    brain.channel_db = 6.0
    heard = []
    brain.modules.network.forward = lambda wavs, _: heard.append(wavs)
    options = loader_options(dataset, 9.0, False, seed=1)
    batch = next(iter(brain.make_dataloader(dataset, sb.Stage.TEST, **options)))
    for stage in (sb.Stage.VALID, sb.Stage.TRAIN, sb.Stage.TRAIN):
        brain.step, brain.optimizer_step = 1, 4
        brain.on_fit_batch_start(batch, True)
        brain.compute_forward(batch, stage)
    plain, drawn, again = heard
    assert torch.equal(plain, batch.sig.data) and torch.equal(drawn, again)
    decibels = 20 * torch.log10(drawn.norm(dim=1) / plain.norm(dim=1))
    assert decibels.abs().max() <= 6.01
    assert len(set(decibels.tolist())) == len(plain) > 1


def test_speeds_are_drawn_in_training_alone(dataset, tmp_path):
    """The network gets the new lengths too; the same for a step."""
    brain = make_brain(tmp_path)
    brain.speeds = [80, 125]
    heard = []
    brain.modules.network.forward = lambda *heard_now: heard.append(heard_now)
    options = loader_options(dataset, 9.0, False, seed=1)
    batch = next(iter(brain.make_dataloader(dataset, sb.Stage.TEST, **options)))
    for stage in (sb.Stage.VALID, sb.Stage.TRAIN, sb.Stage.TRAIN):
        brain.step, brain.optimizer_step = 1, 4
        brain.on_fit_batch_start(batch, True)
        brain.compute_forward(batch, stage)
    (plain, n_plain), (drawn, n_drawn), (again, n_again) = heard
    assert torch.equal(plain, batch.sig.data) and torch.equal(drawn, again)
    assert torch.equal(n_plain, batch.n_samples)
    assert torch.equal(n_drawn, n_again)
    ratios = (n_plain / n_drawn).tolist()
    assert all(min(abs(r - 0.8), abs(r - 1.25)) < 1e-3 for r in ratios)


def test_parts_are_drawn_in_training_alone(tmp_path):
    """Frames of a joined clip learn the labels of both; same for a step."""
    brain = make_brain(tmp_path)
    brain.joined_fraction, brain.cropped_fraction = 1.0, 1.0
    assert brain.changes_wavs
    wavs = torch.randn(3, 40000, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[1.0, 2.0], [3.0, torch.nan], [5.0, 4.0]])
    batch = PaddedBatch(
        [
            {"id": str(i), "sig": wav, "n_samples": 40000, "labels": label}
            for i, (wav, label) in enumerate(zip(wavs, labels))
        ]
    )
    seen = []
    brain.loss = lambda scores, given: seen.append((scores, given))
    brain.loss.tasks = TASKS
    for stage in (sb.Stage.VALID, sb.Stage.TRAIN, sb.Stage.TRAIN):
        brain.step, brain.optimizer_step = 1, 4
        brain.on_fit_batch_start(batch, True)
        with torch.no_grad():
            scores = brain.compute_forward(batch, stage)
        brain.compute_objectives(scores, batch, stage)
    (_, plain), (scores, given), (_, again) = seen
    torch.testing.assert_close(plain, labels, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(given, again, rtol=0, atol=0, equal_nan=True)
    assert given.shape[2] == scores.frames["pesq"].shape[1]
    for one in given:  # g_mos of two clips
        values = set(one[0][one[0].isfinite()].tolist())
        assert len(values) == 2 and values < {1.0, 3.0, 5.0}


class Wrapper(torch.nn.Module):
    """Holds a network as DistributedDataParallel does."""

    def __init__(self, module):
        super().__init__()
        self.module = module


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_last_epochs_are_without_dropout(wrapped, dataset, tmp_path):
    """Three of five have it; a run that resumes behind them has none."""
    brain = make_brain(tmp_path)
    network = brain.modules.network
    network.encoder.dropout.p = 0.3
    brain.dropout_epochs = 3
    brain.on_fit_start()
    if wrapped:
        brain.modules["network"] = Wrapper(network)
    seen = []
    for epoch in range(1, 6):
        brain.on_stage_start(sb.Stage.TRAIN, epoch)
        seen.append(network.encoder.dropout.p)
    assert seen == [0.3, 0.3, 0.3, 0.0, 0.0]
