"""Random channels and speeds for training, which do not change quality.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import torch
from scipy.fft import next_fast_len
from torchaudio.functional import resample

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import length_mask

if TYPE_CHECKING:
    from speechbrain.augment.augmenter import Augmenter

N_POINTS = 8  # of a response: 0, 102, 287, 623, 1233, 2340, 4350, 8000 Hz
LINEAR_BELOW = 125.0  # Hz; above, points are nearly octaves apart
ZEROS = 24  # of the resampling filter, each side: flat up to 7.5 kHz


def draw_channels(
    wavs: torch.Tensor, n_samples: torch.Tensor, channel_db: float
) -> torch.Tensor:
    """Filter each wav with a random smooth frequency response.

    Microphones and rooms differ in this way. The filter has zero phase.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item, shape (batch,).
    channel_db : float
        Gains between ``-channel_db`` and ``channel_db`` are drawn at
        `N_POINTS` frequencies and interpolated.

    Returns
    -------
    torch.Tensor
        Shape (batch, samples), zero after each item.
    """
    n_items, length = wavs.shape
    # On the CPU: the same draws on every device.
    drawn = torch.empty(n_items, N_POINTS).uniform_(-channel_db, channel_db)
    # Room for the ringing, which would otherwise wrap around to the start.
    size = next_fast_len(length + SAMPLE_RATE // 10, real=True)
    response = interpolate_gains(drawn.to(wavs.device), size // 2 + 1)
    spectra = torch.fft.rfft(wavs.float(), size)  # (batch, size // 2 + 1)
    spectra = spectra * 10 ** (response / 20)
    filtered = torch.fft.irfft(spectra, size)[:, :length]
    mask = length_mask(n_samples.tolist(), length, wavs.device)
    return filtered * mask


def interpolate_gains(gains: torch.Tensor, n_bins: int) -> torch.Tensor:
    """Interpolate gains over log2(1 + f / 125 Hz).

    Arguments
    ---------
    gains : torch.Tensor
        Gains in dB from 0 to 8 kHz, shape (batch, N_POINTS).
    n_bins : int
        Number of frequencies from 0 to 8 kHz.

    Returns
    -------
    torch.Tensor
        Shape (batch, n_bins).
    """
    hertz = torch.linspace(0, SAMPLE_RATE / 2, n_bins, device=gains.device)
    octaves = torch.log2(1 + hertz / LINEAR_BELOW)
    top = math.log2(1 + SAMPLE_RATE / 2 / LINEAR_BELOW)
    position = octaves / top * (N_POINTS - 1)  # (n_bins,)
    below = position.floor().long().clamp(max=N_POINTS - 2)
    rest = position - below  # (n_bins,)
    return gains[:, below] * (1 - rest) + gains[:, below + 1] * rest


def draw_speeds(
    wavs: torch.Tensor, n_samples: torch.Tensor, speeds: list[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Play each wav at a random speed: other voices, other noises.

    Pitch, formants and tempo change together.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item, shape (batch,).
    speeds : list of int
        Percent of the recorded speed, all equally likely.

    Returns
    -------
    wavs : torch.Tensor
        Shape (batch, new samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item after the change, shape (batch,).

    References
    ----------
    Ko et al., "Audio augmentation for speech recognition", Interspeech 2015.
    """
    # On the CPU: the same draws on every device.
    drawn = torch.randint(len(speeds), (len(wavs),)).tolist()
    lengths = torch.tensor(
        [
            -(-100 * n // speeds[index])
            for n, index in zip(n_samples.tolist(), drawn)
        ]
    )
    played = wavs.new_zeros(len(wavs), int(lengths.max()), dtype=torch.float32)
    for index in sorted(set(drawn)):  # all of one speed at once
        items = [i for i, own in enumerate(drawn) if own == index]
        longest = int(lengths[items].max())
        resampled = resample(
            wavs[items].float(),
            orig_freq=speeds[index],
            new_freq=100,
            lowpass_filter_width=ZEROS,
        )
        played[items, :longest] = resampled[:, :longest]
    mask = length_mask(lengths.tolist(), played.shape[1], wavs.device)
    return played * mask, lengths.to(n_samples.device)


def apply_augmenter(
    augmenter: Augmenter, wavs: torch.Tensor, n_samples: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Change wavs with SpeechBrain's Augmenter.

    It draws from Python's generator too, which is seeded from torch's here:
    a resumed run draws the same.

    Arguments
    ---------
    augmenter : Augmenter
        What it changes, how often, and whether it keeps the wavs as well.
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item, shape (batch,).

    Returns
    -------
    wavs : torch.Tensor
        Shape (new batch, new samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item after the change, shape (new batch,).
    """
    random.seed(int(torch.randint(2**31, ())))
    wavs, shares = augmenter(wavs, n_samples / wavs.shape[1])
    length = wavs.shape[1]
    n_samples = (shares * length).round().long().clamp(max=length)
    mask = length_mask(n_samples.tolist(), length, wavs.device)
    return wavs * mask, n_samples
