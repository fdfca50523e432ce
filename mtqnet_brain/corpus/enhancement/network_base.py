"""What all enhancement networks have in common.

Each is one class with three methods::

    noisy --estimate--> estimate --waveform--> enhanced
    clean --represent-> target        loss: level of estimate - target

All wavs have an RMS of one (`rms_gain`), so that no network depends on the
level.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import Any

import torch
from torch import nn

from mtqnet_brain.corpus.enhancement.enhancer_settings import SIZES
from mtqnet_brain.model.frames import spectrum_frames
from mtqnet_brain.utils import schema


class EnhancementNetwork(nn.Module):
    """A network with three methods, and settings that can be saved.

    Arguments
    ---------
    **network_settings
        The constructor's arguments, as plain values.
    """

    def __init__(self, **network_settings: Any) -> None:
        super().__init__()
        self.network_settings = network_settings

    @classmethod
    def setting_rules(cls) -> dict[str, schema.Rule]:
        """Return the rule of each setting, by name."""
        return SIZES[cls.__name__]

    def settings(self) -> dict[str, Any]:
        """Return ``kind`` (the class) and the constructor's arguments."""
        return {"kind": type(self).__name__, **self.network_settings}

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Estimate `represent` of the clean wavs from the noisy ones."""
        raise NotImplementedError

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return the training target for clean wavs, (batch, samples)."""
        raise NotImplementedError

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return the enhanced wavs for an estimate, (batch, samples)."""
        raise NotImplementedError

    def forward(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return the estimate: DistributedDataParallel calls this method."""
        return self.estimate(noisy)

    def n_outputs(self, n_samples: int) -> int:
        """Return the true length of an estimate: here one per frame."""
        return spectrum_frames(n_samples)


class WaveformNetwork(EnhancementNetwork):
    """A network that estimates the enhanced wavs directly."""

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return the clean wavs themselves, shape (batch, samples)."""
        return clean

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return the estimate itself, shape (batch, samples)."""
        return estimate

    def n_outputs(self, n_samples: int) -> int:
        """Return the true length of an estimate: one value per sample."""
        return n_samples


def rms_gain(wavs: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
    """Return the factor that brings each wav to an RMS of one.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor
        True samples per item, shape (batch,).

    Returns
    -------
    torch.Tensor
        Shape (batch, 1); one for digital silence.
    """
    power = wavs.square().sum(dim=1) / n_samples  # (batch,)
    gain = torch.where(power > 0, power, 1.0).rsqrt()
    return gain.unsqueeze(1)
