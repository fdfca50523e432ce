"""Recordings without primary labels: pseudo-labels alone train and count.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import numpy as np
import pytest
import torch
from speechbrain.utils.train_logger import FileTrainLogger
from synthetic import make_wave

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.data.dataset import loader_options, make_parts
from mtqnet_brain.model.mtqnet import MTQNet, Scores
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.brain import QualityBrain, QualityEpochCounter
from mtqnet_brain.training.checkpointer import WholeCheckpointer
from mtqnet_brain.training.losses import QualityLoss

TASKS = [Task("g_mos", 1, 5), Task("ovrl", 1, 5, role="auxiliary")]
LABELLED = ("0", "1")  # two of six clips


@pytest.fixture
def rows(tmp_path):
    """Manifest rows, most of them without a primary label or a reference."""
    found = []
    for i in range(6):
        save_audio(tmp_path / f"{i}.wav", make_wave(0.4, i))
        row = {"ID": str(i), "duration": 0.4, "reference": "", "g_mos": ""}
        if str(i) in LABELLED:
            row["g_mos"] = f"{2 + i}"
        wav = str(tmp_path / f"{i}.wav")
        found.append(row | {"wav": wav, "pseudo_ovrl": f"{1.5 + i / 2}"})
    return found


def make_brain(folder):
    """Assemble a Brain as train.py does."""
    torch.manual_seed(0)
    network = MTQNet(
        TASKS, channels=(2, 2, 2, 4), blstm_hidden=4, dense_units=4
    )
    counter = QualityEpochCounter(1, 5, "mse")
    return QualityBrain(
        modules={"network": network},
        opt_class=partial(torch.optim.Adam, lr=1e-2),
        ssl_opt_class=None,
        loss=QualityLoss(TASKS),
        epoch_counter=counter,
        train_logger=FileTrainLogger(str(folder / "log.txt"), precision=6),
        select_by="mse",
        seed=7,
        hparams={"unused": None},
        run_opts={"device": "cpu", "noprogressbar": True},
        checkpointer=WholeCheckpointer(
            folder / "save",
            recoverables={"network": network, "counter": counter},
        ),
    )


def test_a_batch_without_primary_labels():
    """Finite loss, the pseudo-labels' alone; no gradient from the others."""
    scores = {t.name: torch.full((2,), 3.0) for t in TASKS}
    frames = {t.name: torch.full((2, 4), 3.0) for t in TASKS}
    for tensor in (*scores.values(), *frames.values()):
        tensor.requires_grad_()
    n_frames = torch.tensor([4, 2])
    labels = torch.tensor([[torch.nan, 3.5], [torch.nan, 3.5]])
    loss = QualityLoss(TASKS, kind="mse")(
        Scores(scores, frames, n_frames), labels
    )
    assert loss.item() == pytest.approx(2 * 0.5**2)  # utterance and frames
    loss.backward()
    assert torch.equal(scores["g_mos"].grad, torch.zeros(2))
    assert (scores["ovrl"].grad != 0).all()


def test_training_learns_from_them(rows, tmp_path):
    """Batches of one clip: every weight moves, and none becomes NaN."""
    brain = make_brain(tmp_path)
    parts = {"train": rows[2:], "valid": rows}
    datasets, loaders = make_parts(
        {"valid": rows}, TASKS, True, 2.0, seed=1, num_workers=0
    )
    unlabelled = datasets["valid"].filtered_sorted(
        key_test={"id": lambda name: name not in LABELLED}
    )
    single = loader_options(unlabelled, 0.5, shuffle=True, seed=1)
    network = brain.modules.network
    before = {n: p.detach().clone() for n, p in network.named_parameters()}
    brain.fit(
        brain.epoch_counter,
        unlabelled,
        datasets["valid"],
        train_loader_kwargs=single,
        valid_loader_kwargs=loaders["valid"],
    )
    after = dict(network.named_parameters())
    moved = {n for n, p in after.items() if not torch.equal(p, before[n])}
    assert all(torch.isfinite(p).all() for p in after.values())
    assert any(n.startswith("heads.ovrl") for n in moved)
    assert not any(n.startswith("heads.g_mos") for n in moved)
    assert len(parts["train"]) == len(unlabelled)


def test_validation_skips_them(rows, tmp_path):
    """MSE of the primary task over the clips that have a label."""
    brain = make_brain(tmp_path)
    datasets, loaders = make_parts(
        {"valid": rows}, TASKS, True, 2.0, seed=1, num_workers=0
    )
    brain.fit(
        brain.epoch_counter,
        datasets["valid"],
        datasets["valid"],
        train_loader_kwargs=loaders["valid"],
        valid_loader_kwargs=loaders["valid"],
    )
    stats = brain.stats
    known = [i for i, name in enumerate(stats.ids) if name in LABELLED]
    true = np.array([2.0 + int(stats.ids[i]) for i in known])
    predicted = np.asarray(stats.predicted)[known, 0]
    expected = np.mean((predicted - true) ** 2)
    assert len(stats.ids) == 6 and len(known) == 2
    assert stats.summarize("mse") == pytest.approx(expected, rel=1e-5)
