"""One clip on its way through the engine, and what became of it.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass, field

from mtqnet_brain.audio.io import AudioError, AudioInfo
from mtqnet_brain.audio.screening import Screening

# What one clip may raise. Of RuntimeErrors only those of memory: others are
# faults of this program and are to be seen.
CLIP_ERRORS = (AudioError, OSError, MemoryError, RuntimeError)
NO_MEMORY = ("out of memory", "can't allocate memory", "Invalid buffer size")


def clip_fault(error: Exception) -> str:
    """Return what is wrong with a clip; raise what is not its fault.

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
        The error itself, if it does not say that memory is short.
    """
    text = " ".join(str(error).split())
    lacking = any(words in text for words in NO_MEMORY)
    if isinstance(error, MemoryError) or lacking:
        return f"out of memory: {text[:200]}".removesuffix(": ")
    if isinstance(error, RuntimeError) and not _of_soundfile(error):
        raise error
    return text


def _of_soundfile(error):
    """Return whether an error comes from decoding."""
    import soundfile

    return isinstance(error, soundfile.SoundFileError)


@dataclass
class Result:
    """What became of one clip.

    Arguments
    ---------
    key : object
        Of the caller.
    scores : dict of str to float
        Per task; None if the clip was refused.
    warnings : list of str
        Why the scores are doubtful.
    error : str
        Why the clip was refused; empty if it was not.
    seconds : float
        Length of the clip.
    frames : dict of str to np.ndarray
        ``time`` in seconds and a score per task and time, if asked for.
    info : AudioInfo
        Rate and channels of a file that could be opened.
    path : object
        Of a file.
    """

    key: object
    scores: dict = None
    warnings: list = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0
    frames: dict = None
    info: AudioInfo = None
    path: object = None


@dataclass
class Clip:
    """A clip on its way: its windows, read or still to be read."""

    key: object
    screening: Screening
    windows: object  # iterable of Window
    whole: bool  # one window, already read
