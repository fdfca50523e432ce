"""The network over batches of windows, in the chosen precision.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet


class WindowScores(NamedTuple):
    """The network's outputs for one window, by task."""

    utterance: dict[str, np.floating]
    frames: dict[str, np.ndarray]  # (frames of all tracks,)
    pooled: np.ndarray  # (channels,), of `Scores`


class WindowScorer:
    """Runs a network over windows.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        In eval mode, on its device.
    precision : str
        ``fp32`` or ``bf16``.

    Raises
    ------
    ValueError
        If the precision is another one, or the weights are not float32.
    """

    def __init__(self, network: MTQNet | MOSSSL, precision: str) -> None:
        if precision not in ("fp32", "bf16"):
            raise ValueError(f"precision: {precision!r}, need fp32 or bf16")
        check_weights(network)
        self.network = network
        self.precision = precision
        self.tasks = [task.name for task in network.tasks]
        self.device = next(network.parameters()).device

    def __call__(self, samples: list[np.ndarray]) -> list[WindowScores]:
        """Score windows in one batch.

        Arguments
        ---------
        samples : list of np.ndarray
            Samples of each window, shape (n,), float32.

        Returns
        -------
        list of WindowScores
            One per window.
        """
        wavs, n_samples = self._pad(samples)
        bf16 = self.precision == "bf16"
        with (
            torch.no_grad(),
            torch.autocast(self.device.type, torch.bfloat16, enabled=bf16),
            full_float32(),
        ):
            scores = self.network(wavs, n_samples)
        utterance = self._fetch(scores.utterance)  # (tasks, batch)
        frames = self._fetch(scores.frames)  # (tasks, batch, frames)
        pooled = scores.pooled.cpu().numpy()  # (batch, channels)
        return [
            WindowScores(
                dict(zip(self.tasks, utterance[:, i])),
                dict(zip(self.tasks, frames[:, i, :n])),
                pooled[i],
            )
            for i, n in enumerate(scores.n_frames.tolist())
        ]

    def _pad(
        self, samples: list[np.ndarray]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a batch on the network's device, and its true lengths."""
        counts = [len(one) for one in samples]
        # Type and device are given: the defaults belong to the caller.
        wavs = torch.zeros(
            len(samples),
            max(counts),
            dtype=torch.float32,
            device="cpu",
            pin_memory=self.device.type == "cuda",
        )
        for row, one in zip(wavs.numpy(), samples):
            row[: len(one)] = one
        wavs = wavs.to(self.device, non_blocking=True)  # (batch, samples)
        return wavs, torch.tensor(counts, device="cpu")

    def _fetch(self, by_task: dict[str, torch.Tensor]) -> np.ndarray:
        """Copy the scores of all tasks to the CPU at once."""
        stacked = torch.stack([by_task[task] for task in self.tasks])
        return stacked.cpu().numpy()


@contextmanager
def full_float32() -> Iterator[None]:
    """Switch TF32 off on a GPU for a while.

    SpeechBrain switches it on, which moves scores by 1e-3.
    """
    products = torch.backends.cuda.matmul
    before, products.allow_tf32 = products.allow_tf32, False
    try:
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
    finally:
        products.allow_tf32 = before


def check_weights(network: torch.nn.Module) -> None:
    """Refuse a network that was cast to another type than float32."""
    kinds = {p.dtype for p in network.parameters()} - {torch.float32}
    if kinds:
        raise ValueError(
            f"the network's weights are {kinds.pop()}, need torch.float32: "
            "call .float(); precision='bf16' computes faster"
        )
