"""Attention to the frames nearby, for scores that follow the time.

With attention over the whole clip, a fault in one half shows in both. Frames
of several streams lie one after another; each attends within its own stream.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import join


def frames_within(seconds: float, hop: int) -> int:
    """Return the frames, ``hop`` samples apart, within so many seconds."""
    return max(int(seconds * SAMPLE_RATE / hop), 1)


class LocalFrames:
    """The frames of a batch, each with its neighbours; shared by all heads.

    Arguments
    ---------
    x : torch.Tensor
        Output of the encoder, shape (batch, frames, channels).
    tracks : list of list of range
        Result of `Encoder.tracks` for each item.
    seconds : float
        Farthest neighbour.
    """

    def __init__(
        self, x: torch.Tensor, tracks: list[list[range]], seconds: float
    ) -> None:
        by_track = list(zip(*tracks))
        self.lengths = [[len(one) for one in track] for track in by_track]
        reaches = [frames_within(seconds, t[0].step) for t in by_track]
        self.tracks = [
            _LocalTrack(*track)
            for track in zip(self._split(x), self.lengths, reaches)
        ]

    def attend(self, queries: torch.Tensor) -> torch.Tensor:
        """Average the neighbours of each frame.

        Arguments
        ---------
        queries : torch.Tensor
            Shape (batch, frames, channels).

        Returns
        -------
        torch.Tensor
            Shape of the queries; undefined after each item.
        """
        parts = [
            track.attend(part)
            for track, part in zip(self.tracks, self._split(queries))
        ]
        if len(parts) == 1:
            return parts[0]
        return join(parts, self.lengths)[0]

    def _split(self, x):
        """Undo `join`: one padded tensor per track."""
        if len(self.lengths) == 1:
            return [x]
        items = [
            item.split([*counts, len(item) - sum(counts)])
            for item, *counts in zip(x, *self.lengths)
        ]
        parts = list(zip(*items))[:-1]  # the last is the padding
        return [pad_sequence(list(part), batch_first=True) for part in parts]


class _LocalTrack:
    """Frames of one track, in blocks that attend to three blocks of keys.

    ::

        keys     |-----|-----|-----|
        queries        |-----|            each to those within reach

    Memory grows with the frames, not their square.
    """

    def __init__(self, x: torch.Tensor, lengths: list[int], reach: int) -> None:
        n_frames = x.shape[1]
        self.block = min(reach, n_frames)
        self.n_blocks = -(-n_frames // self.block)
        self.rest = self.n_blocks * self.block - n_frames
        padded = F.pad(x, (0, 0, self.block, self.rest + self.block))
        keys = padded.unfold(1, 3 * self.block, self.block)
        self.keys = keys.transpose(2, 3)  # (batch, blocks, 3 block, channels)
        self.mask = self._mask(lengths, reach, x.device)

    def _mask(self, lengths, reach, device):
        """Mark keys in reach, shape (batch, blocks, block, 3 block).

        Every frame may attend to itself: without any key, those in the padding
        would become NaN, and so would the gradient.
        """
        query = torch.arange(self.block, device=device)[:, None]
        key = torch.arange(3 * self.block, device=device) - self.block
        near = (key - query).abs() <= reach  # (block, 3 block)
        starts = torch.arange(self.n_blocks, device=device) * self.block
        places = (starts[:, None] + key)[:, None]  # (blocks, 1, 3 block)
        ends = torch.tensor(lengths, device=device)[:, None, None, None]
        true = (places >= 0) & (places < ends)
        return near & (true | (key == query))

    def attend(self, queries):
        """Average the neighbours of each frame, (batch, frames, channels)."""
        blocks = F.pad(queries, (0, 0, 0, self.rest)).unflatten(
            1, (self.n_blocks, self.block)
        )  # (batch, blocks, block, channels)
        attended = F.scaled_dot_product_attention(
            blocks, self.keys, self.keys, attn_mask=self.mask, scale=1.0
        ).flatten(1, 2)  # (batch, blocks * block, channels)
        return attended[:, : queries.shape[1]]
