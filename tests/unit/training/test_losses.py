"""Eqs (1) to (3) against an independent NumPy calculation.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import torch

from mtqnet_brain.model.mtqnet import Scores
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.losses import QualityLoss

TASKS = [
    Task("s_mos", 1, 5, alpha=0.5),
    Task("pesq", 1, 4.65, role="auxiliary"),
    Task("sdi", 0, cap=2, role="auxiliary", alpha=2.0),
]


def element(kind, delta, error):
    """Elementwise loss, as the paper writes it."""
    size = abs(error)
    if kind == "mse":
        return error**2
    if kind == "mae":
        return size
    return 0.5 * error**2 if size <= delta else delta * (size - 0.5 * delta)


def reference(kind, delta, utterance, frames, n_frames, labels):
    """Loop over tasks, utterances and frames."""
    total = 0.0
    for j, task in enumerate(TASKS):
        terms = []
        for u in range(len(labels)):
            label = labels[u, j]
            if np.isnan(label):
                continue
            if task.cap is not None:
                label = min(label, task.cap)
            loss = element(kind, delta, label - utterance[j][u])
            per_frame = [
                element(kind, delta, label - frames[j][u, f])
                for f in range(n_frames[u])
            ]
            terms.append(loss + task.alpha * sum(per_frame) / n_frames[u])
        total += sum(terms) / len(terms) if terms else 0.0
    return total


@pytest.fixture
def batch():
    """Scores of four utterances of unequal length, labels with gaps."""
    rng = np.random.default_rng(0)
    n_frames = np.array([3, 7, 1, 5])
    utterance = rng.uniform(0, 5, (3, 4))
    frames = rng.uniform(0, 5, (3, 4, 7))
    labels = rng.uniform(0, 5, (4, 3))
    labels[1, 0] = labels[:3, 1] = np.nan
    return utterance, frames, n_frames, labels


def to_scores(utterance, frames, n_frames):
    """Make the network's output of arrays."""
    names = [task.name for task in TASKS]
    return Scores(
        {n: torch.tensor(u).float() for n, u in zip(names, utterance)},
        {n: torch.tensor(f).float() for n, f in zip(names, frames)},
        torch.tensor(n_frames),
    )


@pytest.mark.parametrize(
    "kind, delta", [("huber", 1.0), ("huber", 0.5), ("mse", 1), ("mae", 1)]
)
def test_loss_equals_numpy(batch, kind, delta):
    """Every kind, missing labels, frames averaged within the utterance."""
    utterance, frames, n_frames, labels = batch
    loss = QualityLoss(TASKS, kind, delta)
    ours = loss(to_scores(utterance, frames, n_frames), torch.tensor(labels))
    expected = reference(kind, delta, *batch)
    assert float(ours) == pytest.approx(expected, rel=1e-5)


def test_missing_labels_send_no_gradient(batch):
    """A NaN label moves neither its utterance nor its frames."""
    utterance, frames, n_frames, labels = batch
    scores = to_scores(utterance, frames, n_frames)
    for values in (*scores.utterance.values(), *scores.frames.values()):
        values.requires_grad_()
    QualityLoss(TASKS)(scores, torch.tensor(labels)).backward()
    pesq = scores.utterance["pesq"].grad
    assert pesq[:3].tolist() == [0, 0, 0] and pesq[3] != 0
    assert not scores.frames["pesq"].grad[:3].any()
    assert scores.frames["pesq"].grad[3, :5].all()
    assert not scores.frames["pesq"].grad[3, 5:].any()


def test_task_without_any_label_costs_nothing(batch):
    """All labels missing: loss 0, not NaN."""
    utterance, frames, n_frames, labels = batch
    labels[:] = np.nan
    scores = to_scores(utterance, frames, n_frames)
    assert float(QualityLoss(TASKS)(scores, torch.tensor(labels))) == 0.0


def test_wrong_settings_are_refused():
    """Unknown kind, delta of 0."""
    with pytest.raises(ValueError, match="'l2'"):
        QualityLoss(TASKS, "l2")
    with pytest.raises(ValueError, match="delta"):
        QualityLoss(TASKS, delta=0)


@pytest.mark.parametrize("kind", ["huber", "mse", "mae"])
def test_one_label_per_frame(kind, batch):
    """By hand: means over the frames that have a label."""
    rng = np.random.default_rng(1)
    n_frames = [3, 7, 1, 5]
    frames = rng.uniform(0, 5, (3, 4, 7))
    labels = rng.uniform(0, 5, (4, 3, 7))
    for u, n in enumerate(n_frames):
        frames[:, u, n:] = 0
        labels[u, :, n:] = np.nan
    labels[1, 0, 2:5] = np.nan  # one part of a clip
    labels[3, 1] = np.nan
    expected = 0.0
    for j, task in enumerate(TASKS):
        terms = []
        for u in range(4):
            at = np.flatnonzero(np.isfinite(labels[u, j]))
            if not len(at):
                continue
            label = np.minimum(labels[u, j, at], task.cap or task.high)
            score = frames[j, u, at]
            term = element(kind, 0.7, label.mean() - score.mean())
            errors = [element(kind, 0.7, e) for e in label - score]
            terms.append(term + task.alpha * np.mean(errors))
        expected += np.mean(terms)
    names = [task.name for task in TASKS]
    scores = Scores(
        {},
        dict(zip(names, torch.from_numpy(frames).float().requires_grad_())),
        torch.tensor(n_frames),
    )
    loss = QualityLoss(TASKS, kind, 0.7)
    found = loss(scores, torch.from_numpy(labels).float())
    assert float(found.detach()) == pytest.approx(expected, rel=1e-5)
    found.backward()
