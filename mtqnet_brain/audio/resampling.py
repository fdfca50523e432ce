"""Resamples mono samples at once or block by block, in bounded memory.

The smaller the common divisor of two rates, the larger torchaudio's kernel: a
few thousand values between common rates, 22 billion from 192,001 Hz to 16 kHz.
Where it would exceed that of 11,025 Hz, soxr resamples, which takes any ratio.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from mtqnet_brain.audio.decoding import AudioError, rate_fault

# Values per zero crossing of the kernel from 11,025 Hz to 16 kHz, the largest
# among the common rates from 8 to 192 kHz.
MAX_KERNEL = 441 * 640
# Samples at the lower rate that torchaudio's kernel reaches to either side,
# with a margin: 6 zero crossings of a filter that cuts off at 0.99.
REACH = 8


def resample_audio(
    samples: np.ndarray, from_rate: int, to_rate: int
) -> np.ndarray:
    """Resample mono samples.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n_samples,), float32.
    from_rate, to_rate : int
        Rates in Hz.

    Returns
    -------
    np.ndarray
        Shape (ceil(n_samples * to_rate / from_rate),), float32.

    Raises
    ------
    AudioError
        If no speech is stored at such a rate.
    """
    if from_rate == to_rate or not len(samples):
        return samples
    fault = rate_fault(from_rate)
    if fault:
        raise AudioError(fault)
    if not _is_common(from_rate, to_rate):
        blocks = list(_resample_any([samples], from_rate, to_rate))
        return np.concatenate(blocks)
    import torch
    from torchaudio.functional import resample

    wave = torch.from_numpy(np.ascontiguousarray(samples))
    return resample(wave, from_rate, to_rate).numpy()


def resample_blocks(
    blocks: Iterable[np.ndarray], from_rate: int, to_rate: int, size: int
) -> Iterator[np.ndarray]:
    """Resample consecutive blocks to the same samples as their whole.

    Arguments
    ---------
    blocks : iterable of np.ndarray
        Shape (n,) each, of any lengths, float32.
    from_rate, to_rate : int
        Rates in Hz.
    size : int
        Approximate number of samples to resample at once.

    Yields
    ------
    np.ndarray
        Shape (n,), float32; equal to those of `resample_audio` up to
        rounding.
    """
    if from_rate == to_rate:
        yield from blocks
    elif _is_common(from_rate, to_rate):
        unit = from_rate // math.gcd(from_rate, to_rate)
        blocks = regroup(blocks, unit * max(1, size // unit))
        yield from _resample_common(blocks, from_rate, to_rate, unit)
    else:
        yield from _resample_any(blocks, from_rate, to_rate)


def _is_common(from_rate: int, to_rate: int) -> bool:
    """Whether torchaudio's kernel between two rates is small."""
    common = math.gcd(from_rate, to_rate)
    return from_rate // common * (to_rate // common) <= MAX_KERNEL


def regroup(blocks: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Yield the same samples in blocks of one size, the last one shorter."""
    parts, n_held = [np.zeros(0, dtype=np.float32)], 0
    for block in blocks:
        parts.append(block)
        n_held += len(block)
        if n_held >= size:
            held = np.concatenate(parts)
            n_held = len(held) % size
            for start in range(0, len(held) - n_held, size):
                yield held[start : start + size]
            parts = [held[len(held) - n_held :]]
    if n_held:
        yield np.concatenate(parts)


def _resample_common(
    blocks: Iterable[np.ndarray], from_rate: int, to_rate: int, unit: int
) -> Iterator[np.ndarray]:
    """Resample blocks, each with context from its neighbours.

    All but the last one hold whole units, after which the kernel is in phase
    again.
    """
    reach = REACH * max(1, math.ceil(from_rate / to_rate))
    context = unit * math.ceil(reach / unit)
    before = np.zeros(0, dtype=np.float32)
    current: np.ndarray | None = None
    for block in blocks:
        if current is not None:
            after = block[:context]
            yield _resample_one(before, current, after, from_rate, to_rate)
            before = np.concatenate([before, current])[-context:]
        current = block
    if current is not None:
        yield _resample_one(before, current, current[:0], from_rate, to_rate)


def _resample_one(
    before: np.ndarray,
    block: np.ndarray,
    after: np.ndarray,
    from_rate: int,
    to_rate: int,
) -> np.ndarray:
    """Resample a block with context; return the samples of the block."""
    wide = np.concatenate([before, block, after])
    narrow = resample_audio(wide, from_rate, to_rate)
    start = len(before) * to_rate // from_rate
    length = math.ceil(len(block) * to_rate / from_rate)
    return narrow[start : start + length]


def _resample_any(
    blocks: Iterable[np.ndarray], from_rate: int, to_rate: int
) -> Iterator[np.ndarray]:
    """Resample blocks of any lengths with soxr.

    soxr ends at the nearest sample, torchaudio after the last one: zeros
    make up for it.
    """
    import soxr

    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32")
    n_read, n_written = 0, 0
    for block in blocks:
        n_read += len(block)
        resampled = stream.resample_chunk(np.ascontiguousarray(block))
        n_written += len(resampled)
        yield resampled
    zeros = np.zeros(math.ceil(from_rate / to_rate) + 1, dtype=np.float32)
    rest = stream.resample_chunk(zeros, last=True)
    yield rest[: -(-n_read * to_rate // from_rate) - n_written]
