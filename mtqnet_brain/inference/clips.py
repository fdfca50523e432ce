"""A clip in the engine, and its result.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import soundfile

from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError, AudioInfo
from mtqnet_brain.utils.error_text import one_line

if TYPE_CHECKING:
    import numpy as np

    from mtqnet_brain.audio.screening import Screening
    from mtqnet_brain.inference.windows import Window

# What one clip may raise. Of RuntimeErrors only those of memory and of
# decoding: others are bugs of this program and must be seen.
CLIP_ERRORS = (AudioError, OSError, MemoryError, RuntimeError)
NO_MEMORY = ("out of memory", "can't allocate memory", "Invalid buffer size")


def clip_fault(error: Exception) -> str:
    """Return what is wrong with a clip, or raise an error that is a bug.

    Arguments
    ---------
    error : Exception
        One of `CLIP_ERRORS`.

    Returns
    -------
    str
        The reason, in one line.

    Raises
    ------
    RuntimeError
        The error itself, if neither memory nor decoding is the reason.
    """
    text = one_line(error)
    no_memory = any(words in text for words in NO_MEMORY)
    if isinstance(error, MemoryError) or no_memory:
        return f"out of memory: {text[:200]}".removesuffix(": ")
    if isinstance(error, RuntimeError) and not isinstance(
        error, soundfile.SoundFileError
    ):
        raise error
    return text


@dataclass
class Result:
    """Scores of one clip, or why it was refused.

    Arguments
    ---------
    key : object
        The caller's name for the clip.
    scores : dict of str to float, optional
        Score per task; None if the clip was refused.
    warnings : list of str
        Why the scores are doubtful.
    error : str
        Why the clip was refused; empty if it was not.
    seconds : float
        Length of what was read.
    intervals : dict of str to tuple, optional
        Lower and upper end per task, if asked for.
    pooled : np.ndarray, optional
        Mean of the encoder's frames, shape (channels,).
    frames : dict of str to np.ndarray, optional
        ``time`` in seconds and the score per task and time, a mean over 0.24
        s, if asked for; each of shape (times,).
    speech : np.ndarray, optional
        With frames: bool, shape (times,), False in pauses.
    info : AudioInfo, optional
        Sample rate and channels of a scored file.
    path : str or Path
        The file; empty for samples.
    """

    key: Any  # whatever the caller gave: str, int, path
    scores: dict[str, float] | None = None
    warnings: list[str] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0
    intervals: dict[str, tuple[float, float]] | None = None
    pooled: np.ndarray | None = None
    frames: dict[str, np.ndarray] | None = None
    speech: np.ndarray | None = None
    info: AudioInfo | None = None
    path: str | Path = ""


@dataclass
class Clip:
    """A clip that was opened; see `ShortClip` and `LongClip`."""

    key: Any
    screening: Screening
    path: str | Path = field(default="", kw_only=True)

    @property
    def seconds(self) -> float:
        """Length of what was read so far."""
        return self.screening.n_samples / SAMPLE_RATE

    def refused(self, error: str) -> Result:
        """Return the result of a clip without scores."""
        return Result(
            self.key, error=error, seconds=self.seconds, path=self.path
        )


@dataclass
class ShortClip(Clip):
    """A clip that was read and fits into one window."""

    window: Window

    @property
    def heard_seconds(self) -> float:
        """Length without the pauses that were cut out."""
        return len(self.window.samples) / SAMPLE_RATE


@dataclass
class LongClip(Clip):
    """A clip of several windows, or one that is read while it is scored."""

    windows: Iterable[Window]
