"""The second stream: SpeechBrain's filter bank, or the published MOSA-Net's.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import torch
import torch.nn.functional as F
from speechbrain.nnet.CNN import SincConv
from torch import nn

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import HOP, N_BINS, filter_bank_frames

N_TAPS = 251


class SincFilterBank(nn.Module):
    """SpeechBrain's SincConv: 257 learnable band-passes of 251 taps.

    Zero padding, since the default reflection reaches from an item's padding
    into its last frame. Ravanelli and Bengio, "Speaker recognition from raw
    waveform with SincNet", SLT 2018.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sinc = SincConv(
            out_channels=N_BINS,
            kernel_size=N_TAPS,
            in_channels=1,
            stride=HOP,
            padding="same",
            padding_mode="constant",
            sample_rate=SAMPLE_RATE,
        )

    def n_frames(self, n_samples: int) -> int:
        """Return the frames of an item of ``n_samples``."""
        return filter_bank_frames(n_samples)

    def forward(self, wavs: torch.Tensor, n_samples: list[int]) -> torch.Tensor:
        """Return the filter outputs.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), zero after each item.
        n_samples : list of int
            Not used: the zeros suffice.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, 257).
        """
        return self.sinc(wavs.unsqueeze(-1))  # (batch, frames, 257)


def mosanet_filters() -> torch.Tensor:
    """Return the filters of the published MOSA-Net, which never change.

    Its sinc variables belong to no Keras layer, so they are neither trained
    nor saved. Python 2's integer division makes ``(fs / 2) / 700``
    equal to 11: the top centre frequency is 7700 Hz.

    Returns
    -------
    torch.Tensor
        Shape (257, 251), float32.
    """
    top_mel = 2595 * math.log10(1 + (SAMPLE_RATE // 2) // 700)
    mel = torch.linspace(80, top_mel, N_BINS, dtype=torch.float64)
    centre = 700 * (10 ** (mel / 2595) - 1)  # (257,) Hz
    low = torch.roll(centre, 1)
    low[0] = 30.0
    high = torch.roll(centre, -1)
    high[-1] = SAMPLE_RATE / 2 - 100.0
    start = low.abs() + 50.0
    end = start + (high - low).abs() + 50.0
    n_side = N_TAPS // 2
    t = torch.arange(1, n_side + 1, dtype=torch.float64) / SAMPLE_RATE

    def low_pass(cutoff: torch.Tensor) -> torch.Tensor:
        """Return a low-pass filter per cutoff in Hz, shape (257, 251)."""
        angle = 2 * math.pi * cutoff[:, None] * t  # (257, 125)
        side = torch.sin(angle) / angle
        taps = [side.flip(1), torch.ones_like(side[:, :1]), side]
        return 2 * cutoff[:, None] * torch.cat(taps, dim=1)  # (257, 251)

    band = low_pass(end) - low_pass(start)
    band = band / band.amax(dim=1, keepdim=True)
    n = torch.linspace(0, N_TAPS, N_TAPS, dtype=torch.float64)
    window = 0.54 - 0.46 * torch.cos(2 * math.pi * n / N_TAPS)
    return (band * window).float()


class FixedFilterBank(nn.Module):
    """The published MOSA-Net's filter bank, fixed, with Keras' padding.

    TensorFlow's SAME padding depends on the item's own length, so each item
    is padded by itself.
    """

    filters: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        # A constant, not a weight: kept out of checkpoints.
        self.register_buffer(
            "filters", mosanet_filters().unsqueeze(1), persistent=False
        )  # (257, 1, 251)

    def n_frames(self, n_samples: int) -> int:
        """Return the frames of an item of ``n_samples``."""
        return filter_bank_frames(n_samples)

    def forward(self, wavs: torch.Tensor, n_samples: list[int]) -> torch.Tensor:
        """Return the filter outputs.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), zero after each item.
        n_samples : list of int
            True samples of each item.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, 257).
        """
        span = (filter_bank_frames(max(n_samples)) - 1) * HOP + N_TAPS
        padded = torch.stack(
            [self._shift(wav, n, span) for wav, n in zip(wavs, n_samples)]
        )  # (batch, span)
        bands = F.conv1d(padded.unsqueeze(1), self.filters, stride=HOP)
        return bands.transpose(1, 2)  # (batch, frames, 257)

    def _shift(self, wav, n_samples, span):
        """Pad one item as SAME padding would, to ``span`` samples."""
        total = (filter_bank_frames(n_samples) - 1) * HOP + N_TAPS - n_samples
        if total < 0:  # the last samples come after the last filter
            wav = wav[: n_samples + total]
        left = max(total, 0) // 2
        wav = wav[: min(n_samples, len(wav))]
        return F.pad(wav, (left, span - left - len(wav)))
