"""Training of the enhancement networks on noisy and clean pairs.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import speechbrain as sb
import torch
from speechbrain.dataio.dataset import DynamicItemDataset
from speechbrain.utils.data_pipeline import provides, takes

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.corpus.enhancement.network_base import (
    EnhancementNetwork,
    rms_gain,
)
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.model.frames import length_mask
from mtqnet_brain.training.base_brain import RecipeBrain

if TYPE_CHECKING:
    from speechbrain.dataio.batch import PaddedBatch

TINY_POWER = 1e-5  # of wavs and spectra at RMS one


def make_pairs(manifest: str | Path) -> DynamicItemDataset:
    """Make a dataset of noisy clips and their clean references.

    Arguments
    ---------
    manifest : str or Path
        CSV written by `manifest.write_manifest`, with ``reference``.

    Returns
    -------
    DynamicItemDataset
        Items ``id``, ``noisy`` and ``clean``, both (n_samples,) float32, and
        ``n_samples``; the longer one is cut to the length of the other.
    """
    data = {
        row["ID"]: {
            "wav": row["wav"],
            "reference": row["reference"],
            "duration": float(row["duration"]),
        }
        for row in read_manifest(manifest)
    }

    @takes("wav", "reference")
    @provides("noisy", "clean", "n_samples")
    def audio_pipeline(wav, reference):
        """Load the two wavs, shape (n_samples,)."""
        noisy, clean = load_audio(wav), load_audio(reference)
        n_samples = min(len(noisy), len(clean))
        yield torch.from_numpy(noisy[:n_samples])
        yield torch.from_numpy(clean[:n_samples])
        yield n_samples

    keys = ["id", "noisy", "clean", "n_samples"]
    return DynamicItemDataset(data, [audio_pipeline], keys)


def cut_pieces(
    noisy: torch.Tensor,
    clean: torch.Tensor,
    n_samples: torch.Tensor,
    length: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Cut a piece of every item at a random position, without padding.

    Arguments
    ---------
    noisy, clean : torch.Tensor
        Wavs, shape (batch, samples).
    n_samples : torch.Tensor
        True samples per item, shape (batch,).
    length : int
        Samples of a piece; fewer where an item is shorter.

    Returns
    -------
    noisy, clean, n_samples : torch.Tensor
        The pieces, shape (batch, piece), and their length, shape (batch,).
    """
    length = min(length, int(n_samples.min()))
    # The generator is seeded per step: a resumed run cuts the same pieces.
    positions = torch.rand(len(n_samples))
    starts = (positions * (n_samples.cpu() - length + 1)).long().tolist()
    noisy, clean = (
        torch.stack([w[s : s + length] for w, s in zip(wavs, starts)])
        for wavs in (noisy, clean)
    )
    return noisy, clean, torch.full_like(n_samples, length)


class EnhancementBrain(RecipeBrain):
    """Trains an enhancement network by the mean square error in dB.

    Arguments
    ---------
    modules : dict
        ``network``: one of `trained.NETWORKS`.
    opt_class : callable
        Makes the optimiser.
    segment_seconds : float
        Length of the piece that is cut from each clip in training, at a
        random position.
    **brain_options
        The other arguments of `RecipeBrain`; ``select_by`` is ``loss``.
    """

    def __init__(
        self,
        modules: dict[str, torch.nn.Module],
        opt_class: Callable,
        segment_seconds: float,
        **brain_options: Any,
    ) -> None:
        super().__init__(modules, opt_class, select_by="loss", **brain_options)
        self.segment = round(segment_seconds * SAMPLE_RATE)

    def compute_forward(
        self, batch: PaddedBatch, stage: sb.Stage
    ) -> dict[str, torch.Tensor]:
        """Estimate the representation of the clean wavs.

        Arguments
        ---------
        batch : PaddedBatch
            Items of `make_pairs`.
        stage : sb.Stage
            In training, pieces of the wavs are used.

        Returns
        -------
        dict
            ``estimate`` and ``target``, shape (batch, length, ...), and
            ``mask``, shape (batch, length).
        """
        batch = batch.to(self.device)
        noisy, clean = batch.noisy.data, batch.clean.data
        n_samples = batch.n_samples
        if stage == sb.Stage.TRAIN:
            pieces = cut_pieces(noisy, clean, n_samples, self.segment)
            noisy, clean, n_samples = pieces
        gain = rms_gain(noisy, n_samples)  # (batch, 1)
        estimate = self.network(stage)(gain * noisy)
        network = cast(EnhancementNetwork, self.own_network)
        lengths = [network.n_outputs(n) for n in n_samples.tolist()]
        return {
            "estimate": estimate,
            "target": network.represent(gain * clean),
            "mask": length_mask(lengths, estimate.shape[1], estimate.device),
        }

    def compute_objectives(
        self,
        predictions: dict[str, torch.Tensor],
        batch: PaddedBatch,
        stage: sb.Stage,
    ) -> torch.Tensor:
        """Return the mean over clips of the error in dB.

        The logarithm gives a clip at 30 dB SNR, where little has to change,
        the same weight as one at -2 dB.

        Arguments
        ---------
        predictions : dict
            Output of `compute_forward`.
        batch : PaddedBatch
            Not used.
        stage : sb.Stage
            Not used.

        Returns
        -------
        torch.Tensor
            Scalar, dB.
        """
        error = (predictions["estimate"] - predictions["target"]).square()
        mask = predictions["mask"]
        if error.ndim == 3:
            error = error.mean(dim=2)  # (batch, frames)
        power = (error * mask).sum(dim=1) / mask.sum(dim=1)  # (batch,)
        return 10 * torch.log10(power + TINY_POWER).mean()

    def on_stage_end(
        self, stage: sb.Stage, stage_loss: float, epoch: int | None = None
    ) -> None:
        """Log, and after validation save a checkpoint.

        Arguments
        ---------
        stage : sb.Stage
            Stage that ends.
        stage_loss : float
            Mean loss over the batches.
        epoch : int
            Epoch of training; None in testing.
        """
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
            return
        metrics = {"loss": self.gather_loss(stage_loss)}
        self.end_evaluation(stage, metrics, epoch)
