"""The 12-convolution CNN of MOSA-Net, exact in a batch.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.frames import length_mask

FREQUENCY_STRIDE = 3
KERNEL = 3


def same_padding(size: int, stride: int = FREQUENCY_STRIDE) -> tuple[int, int]:
    """Return Keras' SAME padding (left, right): (0, 1) for 257 bins."""
    total = max((-(-size // stride) - 1) * stride + KERNEL - size, 0)
    return total // 2, total - total // 2


def _block_strides(strides, block):
    """Return the strides on time and frequency of one width."""
    if strides == "late":
        return (1, 1), (1, 1), (1, FREQUENCY_STRIDE)
    return (2 if block == 1 else 1, FREQUENCY_STRIDE), (1, 1), (1, 1)


class MaskedBatchNorm(nn.BatchNorm2d):
    """Batch norm over true frames only; padding becomes 0."""

    def forward(
        self, input: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Normalise each channel.

        Arguments
        ---------
        input : torch.Tensor
            Shape (batch, channels, frames, bins).
        mask : torch.Tensor, optional
            Bool, shape (batch, frames), True for true frames. Default: no
            item is padded.

        Returns
        -------
        torch.Tensor
            Shape of the input.
        """
        if mask is None:
            return super().forward(input)
        n_items, n_channels, n_frames, n_bins = input.shape
        rows = input.permute(0, 2, 3, 1).reshape(n_items * n_frames, -1)
        kept = mask.flatten().nonzero().squeeze(1)  # (true frames,)
        true = rows.index_select(0, kept).view(-1, n_bins, n_channels)
        true = super().forward(true.permute(0, 2, 1).unsqueeze(-1))
        true = true.squeeze(-1).permute(0, 2, 1).flatten(1)
        rows = rows.new_zeros(rows.shape, dtype=true.dtype)
        rows = rows.index_copy(0, kept, true)
        frames = rows.view(n_items, n_frames, n_bins, n_channels)
        return frames.permute(0, 3, 1, 2)


def silence_padding(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Set the frames after each item to 0.

    Arguments
    ---------
    x : torch.Tensor
        Shape (batch, channels, frames, bins), channels last in memory.
    mask : torch.Tensor
        Bool, shape (batch, frames); None if no item is padded.

    Returns
    -------
    torch.Tensor
        Shape of ``x``.
    """
    if mask is None:
        return x
    # As rows: broadcasting over four strides is 5 times slower.
    frames = x.permute(0, 2, 3, 1)  # (batch, frames, bins, channels)
    rows = frames.flatten(2) * mask.unsqueeze(-1).to(x.dtype)
    return rows.view(frames.shape).permute(0, 3, 1, 2)


class ConvStack(nn.Module):
    """Three 3x3 convolutions per width, one of them striding by 3 on
    frequency: 257 -> 86 -> 29 -> 10 -> 4 bins; ReLU after each.

    Frequency is padded as Keras does (asymmetrically), so that weights of
    the published MOSA-Net mean the same here.

    Arguments
    ---------
    channels : sequence of int
        Widths. Default: those of the paper.
    norm : str
        ``none``, or ``batch``: masked batch norm before each ReLU.
    strides : str
        ``late``: the third convolution of each width strides, as in the
        paper. ``early``: the first does, and at the second width by 2 on
        time too, for a fraction of the work.
    n_bins : int
        Frequency bins of the input.
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 128),
        norm: str = "none",
        strides: str = "late",
        n_bins: int = 257,
    ) -> None:
        super().__init__()
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        self.paddings: list[int] = []
        self.time_strides: list[int] = []
        n_in = 1
        for block, width in enumerate(channels):
            for on_time, stride in _block_strides(strides, block):
                left, right = same_padding(n_bins, stride)
                # The convolution pads both sides itself, without a copy.
                self.paddings.append(right - left)
                self.time_strides.append(on_time)
                self.convs.append(
                    nn.Conv2d(n_in, width, 3, (on_time, stride), (1, left))
                )
                if norm == "batch":
                    self.norms.append(MaskedBatchNorm(width))
                n_in, n_bins = width, -(-n_bins // stride)
        self.n_outputs = n_in * n_bins
        self.time_stride = math.prod(self.time_strides)
        # 5 times faster in bf16 on a CPU with matrix instructions. PyTorch's
        # annotations lack this documented form of `to`.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(
        self, x: torch.Tensor, n_frames: list[int]
    ) -> tuple[torch.Tensor, list[int]]:
        """Encode every frame with its neighbours.

        Arguments
        ---------
        x : torch.Tensor
            Shape (batch, frames, bins), zero after each item.
        n_frames : list of int
            True frames of each item.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, n_outputs), zero after each item;
            frequency major, channel fastest.
        list of int
            True frames of each item, fewer where time is strided.
        """
        mask = self._mask(x, n_frames)
        x = x.unsqueeze(1)  # (batch, 1, frames, bins)
        x = x.contiguous(memory_format=torch.channels_last)
        for i, (conv, padding) in enumerate(zip(self.convs, self.paddings)):
            x = conv(F.pad(x, (0, padding)) if padding else x)
            if self.time_strides[i] > 1:
                n_frames = [-(-n // self.time_strides[i]) for n in n_frames]
                mask = self._mask(x.transpose(1, 2), n_frames)
            if self.norms:
                x = F.relu(self.norms[i](x, mask))
            else:  # bias and ReLU fill the padding
                x = silence_padding(F.relu(x), mask)
        x = x.permute(0, 2, 3, 1)  # (batch, frames, bins, channels)
        return x.flatten(2), n_frames  # (batch, frames, bins * channels)

    def _mask(self, x, n_frames):
        """Mark true frames; None if there is no padding to silence."""
        if min(n_frames) == x.shape[1]:
            return None
        return length_mask(n_frames, x.shape[1], x.device)
