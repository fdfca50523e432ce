"""One clip on its way through the engine, and what became of it.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass, field

from mtqnet_brain.audio import AudioInfo
from mtqnet_brain.scoring.screening import Screening


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
