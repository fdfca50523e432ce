"""Clips of two qualities, and crops, made while training.

With one label per clip, nothing tells a network where in a clip its quality
changes (eq. 3 gives every frame the utterance's label). A clip joined of two
has two labels, and every frame that of its part. Crops keep their labels, so
that scores do not follow the length.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn.utils.rnn import pad_sequence

from mtqnet_brain.audio.io import SAMPLE_RATE

LEAST = SAMPLE_RATE  # samples of a part or a crop, 1 s
FADE = SAMPLE_RATE // 100  # of the cross-fade, 10 ms
LEVEL_DB = 6  # how far the second part may be above or below the first
STARTS = 4  # of a crop, of which the loudest is taken


class Parts(NamedTuple):
    """What the items of a batch consist of, by item.

    ``first`` and ``second`` are numbers of clips in the batch before, and
    ``boundary`` is the sample where the second begins. A clip that is not
    joined is both.
    """

    first: list[int]
    second: list[int]
    boundary: list[int]
    n_samples: list[int]


def draw_parts(
    wavs: torch.Tensor,
    n_samples: torch.Tensor,
    joined_fraction: float,
    cropped_fraction: float,
) -> tuple[torch.Tensor, Parts]:
    """Join clips of a batch at random, and crop some of the others.

    A joined clip is a random part of one clip, then one of the other, of at
    least 1 s each, and at most as long as the longer. The second part gets the
    level of the first, up to 6 dB more or less: networks that normalise the
    level of a window (``waveform_norm: level``) hear both, and cannot tell the
    quality of a part by its level.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor
        True samples of each item, shape (batch,).
    joined_fraction : float
        Probability that an item is replaced by a joined clip that contains it.
    cropped_fraction : float
        Probability that one that is not joined is cropped.

    Returns
    -------
    wavs : torch.Tensor
        Shape (batch, new samples), zero after each item.
    parts : Parts
        Which clips they consist of, and their lengths.
    """
    clips = [wav[:n] for wav, n in zip(wavs, n_samples.tolist())]
    others = torch.randint(1, max(len(clips), 2), (len(clips),)).tolist()
    parts, made = Parts([], [], [], []), []
    for i, clip in enumerate(clips):
        pair = [i, (i + others[i]) % len(clips)]
        # On the CPU: the same draws on every device.
        join, crop, swap = torch.rand(3).tolist()
        first = second = i
        boundary = None
        if join < joined_fraction and _can_join(*(clips[k] for k in pair)):
            first, second = pair[::-1] if swap < 0.5 else pair
            clip, boundary = _join(clips[first], clips[second])
        elif crop < cropped_fraction and len(clip) > LEAST:
            clip = _crop(clip, _between(LEAST, len(clip)))
        made.append(clip)
        boundary = len(clip) if boundary is None else boundary
        for column, value in zip(parts, (first, second, boundary, len(clip))):
            column.append(value)
    return pad_sequence(made, batch_first=True), parts


def frame_labels(
    labels: torch.Tensor, parts: Parts, tracks: list[list[range]]
) -> torch.Tensor:
    """Give each frame the label of the part that it lies in.

    Arguments
    ---------
    labels : torch.Tensor
        Labels of the clips before they were joined, shape (batch, tasks).
    parts : Parts
        Result of `draw_parts`.
    tracks : list of list of range
        Result of `Encoder.tracks` for each item.

    Returns
    -------
    torch.Tensor
        Shape (batch, tasks, frames), NaN after each item.
    """
    items = []
    for first, second, boundary, item in zip(
        parts.first, parts.second, parts.boundary, tracks
    ):
        ahead = [centre < boundary for track in item for centre in track]
        before = torch.tensor(ahead, device=labels.device)[:, None]
        items.append(torch.where(before, labels[first], labels[second]))
    padded = pad_sequence(items, batch_first=True, padding_value=torch.nan)
    return padded.transpose(1, 2)  # (batch, tasks, frames)


def _can_join(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two clips have room for two parts; not one and itself."""
    shorter, longer = sorted((len(one), len(other)))
    return one is not other and shorter >= LEAST and longer >= 2 * LEAST


def _join(one: torch.Tensor, other: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Return a random part of each, joined, and the boundary in samples."""
    room = max(len(one), len(other))
    head = _crop(one, _between(LEAST, min(len(one), room - LEAST)))
    room -= len(head)
    tail = _crop(other, _between(LEAST, min(len(other), room)))
    decibels = float(torch.empty(1).uniform_(-LEVEL_DB, LEVEL_DB))
    gain = head.std() / tail.std().clamp(min=1e-6) * 10 ** (decibels / 20)
    tail = tail * gain
    ramp = torch.linspace(0, 1, FADE, device=head.device)
    faded = head[-FADE:] * (1 - ramp) + tail[:FADE] * ramp
    joined = torch.cat([head[:-FADE], faded, tail[FADE:]])
    return joined, len(head) - FADE // 2


def _crop(clip: torch.Tensor, length: int) -> torch.Tensor:
    """Return so many samples; not a pause, which has no quality."""
    starts = [_between(0, len(clip) - length) for _ in range(STARTS)]
    crops = [clip[start : start + length] for start in starts]
    loudest = torch.stack([crop.var() for crop in crops]).argmax()
    return crops[int(loudest)]


def _between(low: int, high: int) -> int:
    """Draw a whole number from low to high, both included."""
    return int(torch.randint(low, high + 1, ()))
