"""Frame-count arithmetic, masks and the compact join, as pure functions.

All lengths are integers: relative lengths in float32 are off by one frame now
and then.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence

import torch
from torch.nn.utils.rnn import pad_sequence

from mtqnet_brain.audio.io import MIN_SAMPLES, SAMPLE_RATE

N_FFT = 512
N_BINS = N_FFT // 2 + 1
HOP = 256
SSL_HOP = 320  # hop of wav2vec 2.0, HuBERT and WavLM
SSL_FIRST = 200  # centre of their first frame, which has 400 samples


def spectrum_frames(n_samples: int) -> int:
    """Return the frames of the centred STFT: 1 + floor(n / hop)."""
    return 1 + n_samples // HOP


def filter_bank_frames(n_samples: int) -> int:
    """Return the frames of the filter bank: ceil(n / hop)."""
    return -(-n_samples // HOP)


def strided_tracks(counts: Sequence[int], stride: int) -> list[range]:
    """Return the centres of the frames that a strided CNN keeps.

    The CNN strides over the joined streams: if the first has an odd number of
    frames and the stride is 2, it keeps frames 1, 3, 5 ... of the second.

    Arguments
    ---------
    counts : sequence of int
        Frames of each stream, one every `HOP` samples.
    stride : int
        Stride on time.

    Returns
    -------
    list of range
        Samples from the start, one range per stream.
    """
    tracks, first = [], 0
    for count in counts:
        tracks.append(range(first * HOP, count * HOP, stride * HOP))
        first = (first - count) % stride
    return tracks


def ssl_track(n_frames: int) -> range:
    """Return the centres of an SSL model's frames in samples."""
    return range(SSL_FIRST, SSL_FIRST + n_frames * SSL_HOP, SSL_HOP)


def length_mask(
    lengths: Sequence[int] | torch.Tensor,
    size: int,
    device: torch.device | None = None,
) -> torch.Tensor:
    """Mark the true positions of padded sequences.

    Arguments
    ---------
    lengths : list of int or torch.Tensor
        True length of each item.
    size : int
        Padded length.
    device : torch.device, optional
        Device of the mask. Default: that of ``lengths``, else the CPU.

    Returns
    -------
    torch.Tensor
        Bool, shape (batch, size), True inside the item.
    """
    ends = torch.as_tensor(lengths, device=device)
    positions = torch.arange(size, device=ends.device)
    return positions[None, :] < ends[:, None]  # (batch, size)


def pool_frames(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Average the true frames of each item, without gradient.

    Arguments
    ---------
    x : torch.Tensor
        Shape (batch, frames, channels).
    mask : torch.Tensor
        Bool, shape (batch, frames), True for true frames.

    Returns
    -------
    torch.Tensor
        Shape (batch, channels), float32.
    """
    kept = mask.unsqueeze(-1)  # (batch, frames, 1)
    total = x.detach().float().masked_fill(~kept, 0.0).sum(dim=1)
    return total / kept.sum(dim=1)  # (batch, channels)


def join(
    streams: Sequence[torch.Tensor], lengths: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, list[int]]:
    """Join padded sequences on time without padding between them.

    ::

        a: A A A . .      joined: A A A a a . .
           A A A A A              A A A A A a a
        b: a a .
           a a a          (2nd item here: a a)

    Padding may only be at the end: in between, it would shift every later
    frame of an item by an amount that depends on its neighbours.

    Arguments
    ---------
    streams : list of torch.Tensor
        Each of shape (batch, frames, channels).
    lengths : list of list of int
        True frames per stream and item.

    Returns
    -------
    torch.Tensor
        Shape (batch, max total frames, channels), zero after each item.
    list of int
        True frames of each joined item.
    """
    items = zip(
        *[
            [item[:n] for item, n in zip(stream, counts)]
            for stream, counts in zip(streams, lengths)
        ]
    )
    joined = [torch.cat(parts) for parts in items]  # (frames, channels) each
    totals = [len(item) for item in joined]
    return pad_sequence(joined, batch_first=True), totals


def check_lengths(n_samples: list[int], size: int) -> None:
    """Refuse items that are too short for a frame, or longer than the batch.

    Arguments
    ---------
    n_samples : list of int
        True samples of each item.
    size : int
        Samples of the batch, padding included.

    Raises
    ------
    ValueError
        If an item is too short or longer than the batch.
    """
    if min(n_samples) < MIN_SAMPLES:
        raise ValueError(
            f"{min(n_samples)} samples at {SAMPLE_RATE} Hz: the network "
            f"needs at least {MIN_SAMPLES}"
        )
    if max(n_samples) > size:
        raise ValueError(
            f"n_samples {max(n_samples)} exceeds the batch's {size} samples"
        )
