"""Files and samples as clips: read, screened and cut into windows.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.audio.screening import Screening
from mtqnet_brain.inference.clips import (
    CLIP_ERRORS,
    LongClip,
    Result,
    ShortClip,
    clip_fault,
)
from mtqnet_brain.inference.windows import Window, cut_windows

if TYPE_CHECKING:
    import numpy as np


def open_file(
    key: Any, path: str | Path, window: int
) -> ShortClip | LongClip | Result:
    """Open a file; read it if it is no longer than a window.

    Arguments
    ---------
    key : object
        The caller's name for the clip.
    path : str or Path
        The file.
    window : int
        Most samples of a window.

    Returns
    -------
    ShortClip, LongClip or Result
        A Result if the file is refused.
    """
    try:
        info = check_file(path)
        screening = Screening(info)
        windows = cut_windows(read_blocks(path, info, screening), window)
        if info.duration > window / SAMPLE_RATE:
            return LongClip(key, screening, windows, path=path)
        return _admit(key, screening, list(windows), path)
    except CLIP_ERRORS as err:
        return Result(key, error=clip_fault(err), path=path)


def open_samples(
    key: Any, samples: np.ndarray, window: int, warning: str = ""
) -> ShortClip | LongClip | Result:
    """Make a clip of samples.

    Arguments
    ---------
    key : object
        The caller's name for the clip.
    samples : np.ndarray
        Mono at 16 kHz, shape (n,), float32.
    window : int
        Most samples of a window.
    warning : str, optional
        A warning from the conversion to mono.

    Returns
    -------
    ShortClip, LongClip or Result
        A Result if the samples are refused.
    """
    screening = Screening()
    screening.remark(warning)
    screening.add_raw(samples[:, None])
    screening.add(samples)
    return _admit(key, screening, list(cut_windows([samples], window)))


def _admit(
    key: Any,
    screening: Screening,
    windows: list[Window],
    path: str | Path = "",
) -> ShortClip | LongClip | Result:
    """Return a clip that was read, or the reason why it is refused."""
    clip = LongClip(key, screening, windows, path=path)
    if screening.refusal():
        return clip.refused(screening.refusal())
    if len(windows) == 1:
        return ShortClip(key, screening, windows[0], path=path)
    return clip
