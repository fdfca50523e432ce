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
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import length_mask

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
    drawn = _draw_spans(n_samples.tolist(), joined_fraction, cropped_fraction)
    spans = _Spans(*(values.to(wavs.device) for values in drawn))
    power = _running_power(wavs)
    first, second = [_loudest(power, spans, part) for part in (0, 1)]
    n_made = spans.lengths.sum(dim=1)  # (batch,)
    joined = spans.lengths[:, 1] > 0
    # Half of the cross-fade is before the boundary, half after it.
    boundary = torch.where(joined, spans.lengths[:, 0] - FADE // 2, n_made)
    n_made = torch.where(joined, n_made - FADE, n_made)
    first_clips, second_clips = spans.clips.T.tolist()
    parts = Parts(first_clips, second_clips, boundary.tolist(), n_made.tolist())
    gain = _level(power, spans, first, 0) / _level(power, spans, second, 1)
    gain = gain * 10 ** (spans.decibels / 20)  # (batch,)
    return _lay(wavs, spans, (first, second), gain, n_made), parts


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
    # Built on the CPU and moved once: a transfer for each item is slow.
    centres = [
        torch.cat([torch.arange(t.start, t.stop, t.step) for t in item])
        for item in tracks
    ]
    places = pad_sequence(centres, batch_first=True)  # (batch, frames)
    before = places < torch.tensor(parts.boundary)[:, None]
    true = length_mask([len(c) for c in centres], places.shape[1])
    before, true = before.to(labels.device), true.to(labels.device)
    first, second = (
        labels[clips].unsqueeze(2) for clips in (parts.first, parts.second)
    )  # (batch, tasks, 1)
    found = torch.where(before.unsqueeze(1), first, second)
    return found.masked_fill(~true.unsqueeze(1), torch.nan)


class _Spans(NamedTuple):
    """What is drawn for a batch.

    ``clips`` are numbers of clips and ``lengths`` samples of the two parts,
    both (batch, 2), the second 0 for a clip that is not joined; ``starts`` are
    the places where each part may begin, (batch, 2, STARTS); ``decibels`` is
    the level of the second part above the first, (batch,).
    """

    clips: torch.Tensor
    lengths: torch.Tensor
    starts: torch.Tensor
    decibels: torch.Tensor


def _draw_spans(sizes, joined_fraction, cropped_fraction):
    """Draw clips, lengths, places and levels of the parts.

    On the CPU: the same draws on every device.
    """
    n_clips = len(sizes)
    others = torch.randint(1, max(n_clips, 2), (n_clips,)).tolist()
    clips, lengths = [], []
    for i, size in enumerate(sizes):
        pair = [i, (i + others[i]) % n_clips]
        join, crop, swap = torch.rand(3).tolist()
        if join < joined_fraction and _can_join(pair[0], pair[1], sizes):
            pair = pair[::-1] if swap < 0.5 else pair
            lengths.append(_draw_lengths(*(sizes[k] for k in pair)))
        else:
            pair = [i, i]
            cropped = crop < cropped_fraction and size > LEAST
            lengths.append([_between(LEAST, size) if cropped else size, 0])
        clips.append(pair)
    kept, spans = torch.tensor(clips), torch.tensor(lengths)
    room = torch.tensor(sizes)[kept] - spans  # (batch, 2)
    drawn = torch.rand(n_clips, 2, STARTS) * (room[..., None] + 1)
    starts = torch.minimum(drawn.long(), room[..., None])
    decibels = torch.empty(n_clips).uniform_(-LEVEL_DB, LEVEL_DB)
    return _Spans(kept, spans, starts, decibels)


def _can_join(one: int, other: int, sizes: list[int]) -> bool:
    """Return whether two clips have room for two parts; not one and itself."""
    shorter, longer = sorted((sizes[one], sizes[other]))
    return one != other and shorter >= LEAST and longer >= 2 * LEAST


def _draw_lengths(one: int, other: int) -> list[int]:
    """Draw the samples of two parts, together at most those of the longer."""
    room = max(one, other)
    head = _between(LEAST, min(one, room - LEAST))
    return [head, _between(LEAST, min(other, room - head))]


def _running_power(wavs):
    """Return sums of samples and squares up to each, (2, batch, samples + 1).

    In double precision: differences of the sums are those of short spans.
    """
    powers = torch.stack([wavs, wavs.square()]).double()
    return F.pad(powers.cumsum(dim=2), (1, 0))


def _variance(power, clips, starts, lengths):
    """Return the variance of spans of clips, of the shape of the starts."""
    sums = [power[:, clips, edge] for edge in (starts, starts + lengths)]
    mean, square = (sums[1] - sums[0]) / lengths.clamp(min=1)
    return (square - mean.square()).clamp(min=0)


def _loudest(power, spans, part):
    """Return where a part begins; not in a pause, which has no quality."""
    starts = spans.starts[:, part]  # (batch, STARTS)
    clips, lengths = spans.clips[:, part, None], spans.lengths[:, part, None]
    best = _variance(power, clips, starts, lengths).argmax(dim=1, keepdim=True)
    return starts.gather(1, best).squeeze(1)  # (batch,)


def _level(power, spans, starts, part):
    """Return the standard deviation of a part, (batch,)."""
    clips, lengths = spans.clips[:, part], spans.lengths[:, part]
    deviation = _variance(power, clips, starts, lengths).sqrt()
    return deviation.clamp(min=1e-6).float()


def _lay(wavs, spans, starts, gain, n_made):
    """Lay the parts one after the other, (batch, new samples)."""
    clips, lengths = spans.clips, spans.lengths
    time = torch.arange(int(n_made.max()), device=wavs.device)
    tail_from = (lengths[:, 0] - FADE)[:, None]  # where the fade begins
    joined = (lengths[:, 1] > 0)[:, None]
    end = wavs.shape[1] - 1
    ahead = (starts[0][:, None] + time).clamp(max=end)
    behind = (starts[1][:, None] + time - tail_from).clamp(0, end)
    head = wavs[clips[:, :1], ahead]
    tail = wavs[clips[:, 1:], behind] * gain[:, None]
    share = ((time - tail_from) / (FADE - 1)).clamp(0, 1)
    # Each with its own: a clip that is not joined keeps its samples.
    made = torch.where(joined, head * (1 - share) + tail * share, head)
    mask = length_mask(n_made.tolist(), len(time), wavs.device)
    return made * mask


def _between(low: int, high: int) -> int:
    """Draw a whole number from low to high, both included."""
    return int(torch.randint(low, high + 1, ()))
