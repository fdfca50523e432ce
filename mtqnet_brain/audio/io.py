"""From a file to checked mono 16 kHz samples.

Files are opened and decoded by `decoding`, channels mixed by `downmix`, rates
changed by `resampling`.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from mtqnet_brain.audio.decoding import (
    MAX_VALUES,
    AudioError,
    AudioInfo,
    audio_info,
    decode,
    scale_fault,
)
from mtqnet_brain.audio.downmix import Mixdown
from mtqnet_brain.audio.resampling import resample_audio
from mtqnet_brain.utils.files import whole_path

__all__ = [
    "MIN_SAMPLES",
    "SAMPLE_RATE",
    "AudioError",
    "AudioInfo",
    "audio_info",
    "check_rate",
    "check_samples",
    "load_audio",
    "load_with_warning",
    "mono_blocks",
    "resample_audio",
    "save_audio",
]

SAMPLE_RATE = 16000
# Shortest input that the convolutions of wav2vec 2.0 and its kin accept.
MIN_SAMPLES = 400
BLOCK_SECONDS = 10
MIXDOWN_SECONDS = 60


def load_audio(
    path: str | bytes | Path,
    resample: bool = True,
    min_samples: int = MIN_SAMPLES,
) -> np.ndarray:
    """Load an audio file as mono samples at 16 kHz.

    Arguments
    ---------
    path : str, bytes or Path
        Audio file of any rate and channel count. Channels are averaged; of
        channels that cancel each other the loudest is taken, with a warning.
    resample : bool
        Whether another rate is resampled; if not, it is refused.
    min_samples : int
        Fewest samples at 16 kHz that are accepted.

    Returns
    -------
    np.ndarray
        Samples, shape (n_samples,), float32, full scale = 1.

    Raises
    ------
    AudioError
        If the file is missing, unreadable, truncated, of a refused rate, too
        short, or holds NaN or infinite samples.
    """
    samples, warning = load_with_warning(path, resample, min_samples)
    if warning:
        warnings.warn(f"{os.fsdecode(path)}: {warning}", stacklevel=2)
    return samples


def load_with_warning(
    path: str | bytes | Path,
    resample: bool = True,
    min_samples: int = MIN_SAMPLES,
) -> tuple[np.ndarray, str]:
    """Load an audio file as `load_audio` does, and return its warning.

    The warning is what a reader of the score should know; empty if nothing.
    """
    info = audio_info(path)
    name = os.fsdecode(path)
    check_rate(info.sample_rate, name, resample)
    _refuse_truncated(info, name)
    mixdown = Mixdown(info.channels)
    try:
        size = BLOCK_SECONDS * info.sample_rate
        blocks = list(mono_blocks(path, info, size, mixdown))
        samples = np.concatenate([np.zeros(0, np.float32), *blocks])
        del blocks
        _refuse_truncated(info._replace(n_samples=len(samples)), name)
        samples = resample_audio(samples, info.sample_rate, SAMPLE_RATE)
    except (MemoryError, RuntimeError) as err:  # NumPy's and PyTorch's
        reason = "not enough memory to load it; cut it into shorter files"
        raise AudioError(f"{name}: {reason}") from err
    warning = "; ".join(filter(None, [mixdown.warning, info.excess]))
    return check_samples(samples, name, min_samples), warning


def mono_blocks(
    path: str | bytes | Path,
    info: AudioInfo,
    size: int,
    mixdown: Mixdown,
    look: Callable[[np.ndarray], object] | None = None,
) -> Iterator[np.ndarray]:
    """Decode a file and mix it down, block by block.

    Arguments
    ---------
    path : str, bytes or Path
        The file.
    info : AudioInfo
        From `audio_info`.
    size : int
        Most samples in a block.
    mixdown : Mixdown
        Decides by the first minute, or less of a file with many channels.
    look : callable, optional
        Called with every block before it is mixed, shape (n, channels).

    Yields
    ------
    np.ndarray
        Shape (n,), float32, at the file's own rate.

    Raises
    ------
    AudioError
        If the file cannot be decoded, or its channels cancel only later.
    """
    blocks = decode(path, size)
    if look is not None:
        blocks = _seen(blocks, look)
    most = min(MIXDOWN_SECONDS * info.sample_rate, MAX_VALUES // info.channels)
    yield from mixdown.mix_blocks(blocks, most)
    if mixdown.is_wrong:
        raise AudioError(
            f"{os.fsdecode(path)}: channels cancel each other, though not at "
            "the beginning; use one channel"
        )


def _seen(
    blocks: Iterable[np.ndarray], look: Callable[[np.ndarray], object]
) -> Iterator[np.ndarray]:
    """Call a function with each block before yielding it."""
    for block in blocks:
        look(block)
        yield block


def check_rate(sample_rate: int, name: str | Path, resample: bool) -> None:
    """Raise an AudioError if a rate is not 16 kHz and may not be resampled."""
    if sample_rate != SAMPLE_RATE and not resample:
        raise AudioError(
            f"{name}: {sample_rate} Hz, expected {SAMPLE_RATE}; convert the "
            "file or allow resampling (resample: True)"
        )


def _refuse_truncated(info: AudioInfo, name: str) -> None:
    """Refuse a file that holds less than its header promises."""
    if info.truncation:
        raise AudioError(f"{name}: {info.truncation}")


def check_samples(
    samples: np.ndarray, name: str | Path, min_samples: int = MIN_SAMPLES
) -> np.ndarray:
    """Return mono samples, shape (n,), if a network can score them.

    Raises
    ------
    AudioError
        If there are too few samples, or NaN, infinite or absurdly large ones.
    """
    if len(samples) < min_samples:
        raise AudioError(
            f"{name}: {len(samples)} samples at {SAMPLE_RATE} Hz, need at "
            f"least {min_samples}; remove the clip"
        )
    if not np.isfinite(samples).all():
        bad = int((~np.isfinite(samples)).sum())
        raise AudioError(f"{name}: {bad} NaN or infinite samples")
    fault = scale_fault(float(np.abs(samples).max(initial=0.0)))
    if fault:
        raise AudioError(f"{name}: {fault}")
    return samples


def save_audio(path: str | Path, samples: np.ndarray) -> None:
    """Write samples, shape (n,), as a 16-bit wav of 16 kHz, whole.

    Raises
    ------
    AudioError
        If a sample lies outside -1..1: it would be clipped.
    """
    peak = float(np.max(np.abs(samples), initial=0.0))
    if not peak <= 1.0:
        raise AudioError(f"{path}: peak {peak:.3f} would clip; scale it down")
    with whole_path(path) as temporary:
        soundfile.write(
            str(temporary), samples, SAMPLE_RATE, subtype="PCM_16", format="WAV"
        )
