"""Audio files as blocks of mono 16 kHz samples, in bounded memory.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.audio.downmix import Mixdown
from mtqnet_brain.audio.io import (
    BLOCK_SECONDS,
    SAMPLE_RATE,
    AudioError,
    audio_info,
    mono_blocks,
)
from mtqnet_brain.audio.listing import is_audio_name, left_out_note
from mtqnet_brain.audio.resampling import resample_blocks
from mtqnet_brain.utils.error_text import reason_of

if TYPE_CHECKING:
    import numpy as np

    from mtqnet_brain.audio.decoding import AudioInfo
    from mtqnet_brain.audio.screening import Screening


def check_file(path: str | Path) -> AudioInfo:
    """Return the header of an audio file; refuse anything else.

    Raises
    ------
    AudioError
        With the reason alone, without the path.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise AudioError(f"{path!r} is not a path")
    with _reason_alone(path):
        if os.path.isdir(path):
            raise AudioError(_folder_fault(path))
        if os.path.exists(path) and not os.access(path, os.R_OK):
            raise AudioError("no permission to read it")
        if os.path.isfile(path) and not os.path.getsize(path):
            raise AudioError("empty: 0 bytes")
        info = audio_info(path)
        if info.n_samples == 0:
            raise AudioError(info.truncation or "a header without samples")
        return info


def _folder_fault(path: str | Path) -> str:
    """Say why a folder is not a clip."""
    try:
        folder = os.fsdecode(path)
        names = os.listdir(folder)
    except OSError as err:
        return f"a folder: {err.strerror}"
    if os.path.splitext(path)[1] or any(map(is_audio_name, names)):
        return "a folder, not an audio file"
    note = left_out_note(os.path.join(folder, name) for name in names)
    if note:
        return f"a folder without audio files: {note}"
    return "a folder without audio files; --recursive looks deeper"


def read_blocks(
    path: str | Path, info: AudioInfo, screening: Screening
) -> Iterator[np.ndarray]:
    """Read, mix down and resample a file block by block.

    The same samples as from the whole file at once, up to rounding.

    Arguments
    ---------
    path : str or Path
        The file.
    info : AudioInfo
        From `check_file`.
    screening : Screening
        Gets every block before mixing and after resampling.

    Yields
    ------
    np.ndarray
        Mono samples at 16 kHz, shape (n,), float32.

    Raises
    ------
    AudioError
        If the file cannot be decoded, with the reason alone.
    """
    size = int(BLOCK_SECONDS * info.sample_rate)
    with _reason_alone(path):
        mixdown = Mixdown(info.channels)
        raw = mono_blocks(path, info, size, mixdown, screening.add_raw)
        for block in resample_blocks(raw, info.sample_rate, SAMPLE_RATE, size):
            screening.add(block)
            yield block
        screening.remark(mixdown.warning)


@contextmanager
def _reason_alone(path: str | Path) -> Iterator[None]:
    """Remove the path from an error; lack of memory becomes one, too."""
    try:
        yield
    except AudioError as err:
        raise AudioError(reason_of(err, path)) from err
    except (MemoryError, RuntimeError) as err:  # NumPy's and PyTorch's
        raise AudioError("not enough memory to read it") from err
