"""The objective of MPL: eqs (1) to (3) of the paper.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from mtqnet_brain.model.frames import length_mask

if TYPE_CHECKING:
    from mtqnet_brain.model.mtqnet import Scores
    from mtqnet_brain.tasks import Task

KINDS = ("huber", "mse", "mae")


class QualityLoss:
    """Sum over tasks of utterance loss + alpha x frame loss.

    Arguments
    ---------
    tasks : list of Task
        In the order of the label columns; each has its alpha and cap.
    kind : str
        ``huber`` (eqs 2 and 3), ``mse`` (e^2) or ``mae`` (|e|).
    delta : float
        Error at which Huber's loss turns from e^2 / 2 to a straight line.

    Raises
    ------
    ValueError
        If the kind is unknown or delta is not positive.

    Example
    -------
    >>> from mtqnet_brain.model.mtqnet import Scores
    >>> from mtqnet_brain.tasks import Task
    >>> loss = QualityLoss([Task("s_mos", 1, 5)], kind="mse")
    >>> scores = Scores(
    ...     {"s_mos": torch.tensor([3.0])},
    ...     {"s_mos": torch.tensor([[2.0, 4.0]])},
    ...     torch.tensor([2]),
    ... )
    >>> loss(scores, torch.tensor([[4.0]]))  # 1 + (4 + 0) / 2
    tensor(3.)
    """

    def __init__(
        self, tasks: list[Task], kind: str = "huber", delta: float = 1.0
    ) -> None:
        if kind not in KINDS:
            raise ValueError(
                f"loss_kind: {kind!r} is not one of {', '.join(KINDS)}"
            )
        if not delta > 0:
            raise ValueError(f"delta must be above 0, got {delta}")
        self.tasks, self.kind, self.delta = tasks, kind, delta

    def __call__(self, scores: Scores, labels: torch.Tensor) -> torch.Tensor:
        """Return the objective (eq. 1).

        Arguments
        ---------
        scores : Scores
            The network's outputs.
        labels : torch.Tensor
            Shape (batch, tasks); NaN where an item has no such label. Or shape
            (batch, tasks, frames), where the frames of an item differ: NaN
            leaves frames out, and the utterance's label is the mean of those
            present.

        Returns
        -------
        torch.Tensor
            Scalar, float32.
        """
        losses = self.by_task(scores, labels)
        return torch.stack(list(losses.values())).sum()

    def by_task(
        self, scores: Scores, labels: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return each task's loss; a missing label contributes nothing.

        Arguments
        ---------
        scores, labels : Scores, torch.Tensor
            As for `__call__`.

        Returns
        -------
        dict of str to torch.Tensor
            Scalars, averaged over the labels present (0 if there is none).
        """
        losses = {}
        for task, label in zip(self.tasks, labels.float().unbind(dim=1)):
            if label.ndim == 2:
                frames = scores.frames[task.name].float()
                losses[task.name] = self._by_frame(task, frames, label)
                continue
            present = torch.isfinite(label)  # (batch,)
            # Indexing, since 0 x NaN would still be NaN.
            label = label[present].clamp(max=task.top)  # (present,)
            utterance = scores.utterance[task.name][present].float()
            frames = scores.frames[task.name][present].float()
            n_frames = scores.n_frames[present]
            loss = self._error(utterance, label)  # eq. 2
            loss = loss + task.alpha * self._frame_error(
                frames, label, n_frames
            )  # (present,)
            losses[task.name] = loss.sum() / max(len(label), 1)
        return losses

    def _by_frame(self, task, frames, label):
        """Return the loss of a task whose frames have labels of their own.

        Both terms are over the frames with a label: the utterance score is the
        mean of the frame scores, and so is its label.
        """
        present = torch.isfinite(label)  # (batch, frames)
        # Not by product, since 0 x NaN would still be NaN; not by indexing,
        # since a GPU would wait for the number of items.
        label = label.clamp(max=task.top).masked_fill(~present, 0.0)
        frames = frames.masked_fill(~present, 0.0)
        counts = present.sum(dim=1).clamp(min=1)  # (batch,)
        means = [one.sum(dim=1) / counts for one in (frames, label)]
        by_frame = self._error(frames, label).sum(dim=1) / counts
        loss = self._error(*means) + task.alpha * by_frame
        # Items without a label have an error of 0.
        return loss.sum() / present.any(dim=1).sum().clamp(min=1)

    def _frame_error(self, frames, label, n_frames):
        """Mean over each utterance's true frames (eq. 3), shape (items,)."""
        error = self._error(frames, label[:, None].expand_as(frames))
        mask = length_mask(n_frames, frames.shape[1])  # (items, frames)
        return error.masked_fill(~mask, 0.0).sum(dim=1) / n_frames

    def _error(self, predicted, label):
        """Elementwise error of the chosen kind."""
        if self.kind == "huber":
            return F.huber_loss(
                predicted, label, reduction="none", delta=self.delta
            )
        error = predicted - label
        return error.square() if self.kind == "mse" else error.abs()
