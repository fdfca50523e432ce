"""Removes inaudible low frequencies: an offset, drift and strong rumble.

Networks that compress magnitudes react to them: an offset of 0.01 cost the
shipped one two points. The offset is always removed, and other sound below
20 Hz where it is stronger than in ordinary recordings, on which networks are
trained as they are.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
import torch.nn.functional as F

from mtqnet_brain.audio.io import SAMPLE_RATE

CUTOFF = 28.0  # Hz, at half of the amplitude; 13 Hz is removed, 43 Hz stays
N_TAPS = 1601  # 0.1 s
STRIDE = 32  # samples: such low frequencies need 500 values per second
# Slow part against the rest, in dB: kept up to the first value, removed from
# the second on. 148 of 150 ordinary recordings lie below the first.
LEFT_DB, GONE_DB = -14.0, -10.0


def remove_unheard(wavs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Remove the offset of each item, and strong rumble.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), float32, zero after each item.
    mask : torch.Tensor
        Shape (batch, samples), 1 within each item, 0 after it.

    Returns
    -------
    torch.Tensor
        Shape (batch, samples), zero after each item.
    """
    counts = mask.sum(dim=1, keepdim=True)  # (batch, 1)
    wavs = (wavs - wavs.sum(dim=1, keepdim=True) / counts) * mask
    slow = slow_part(wavs, mask)
    rest = wavs - slow
    ratio = (slow * slow).sum(dim=1, keepdim=True) + 1e-12
    ratio = ratio / ((rest * rest).sum(dim=1, keepdim=True) + 1e-12)
    excess = 10 * ratio.log10() - LEFT_DB  # (batch, 1)
    return wavs - slow * (excess / (GONE_DB - LEFT_DB)).clamp(0, 1)


def slow_part(wavs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the part below `CUTOFF`, shape (batch, samples).

    A windowed sinc over each item's own samples, computed every 32 samples
    and joined by straight lines.
    """
    half = N_TAPS // 2
    taps = slow_taps().to(wavs)[None, None]  # (1, 1, taps)
    both = F.pad(torch.stack([wavs, mask]), (half, half + STRIDE))
    slow, weight = F.conv1d(
        both.flatten(0, 1)[:, None], taps, stride=STRIDE
    ).chunk(2)  # (batch, 1, steps) each
    # Far after an item both are zero.
    slow = (slow / weight.masked_fill(weight < 0.05, 1.0))[:, 0, :, None]
    steps = torch.arange(STRIDE, device=wavs.device, dtype=wavs.dtype)
    rise = steps / STRIDE
    lines = slow[:, :-1] * (1 - rise) + slow[:, 1:] * rise
    return lines.flatten(1)[:, : wavs.shape[1]] * mask


def slow_taps() -> torch.Tensor:
    """Return the filter of `slow_part`, shape (N_TAPS,), float64."""
    half = N_TAPS // 2
    n = torch.arange(-half, half + 1, dtype=torch.float64, device="cpu")
    taps = torch.sinc(2 * CUTOFF / SAMPLE_RATE * n)
    taps = taps * torch.cos(torch.pi * n / (N_TAPS + 1)) ** 2
    return taps / taps.sum()
