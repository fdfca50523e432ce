"""What a command that takes seconds is, and what it leaves.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
from dataclasses import dataclass

from .outcome import make_rng
from .speech import RATE, make_speech, write


@dataclass(frozen=True)
class LongRun:
    """A command that is worth going on with.

    Arguments
    ---------
    name : str
        What it is.
    prepare : callable
        Writes its inputs into a box.
    action : callable
        Returns the action, of a box.
    grows : str
        Pattern in the output of what shows that the work has begun.
    result : callable
        Returns what is to be the same in the end, of the output folder.
    partial : str
        Pattern of what holds the rows of a run that goes on, or empty.
    """

    name: str
    prepare: callable
    action: callable
    grows: str
    result: callable
    partial: str = ""


def write_clips(folder, n_clips, seconds):
    """Write clips of speech.

    Arguments
    ---------
    folder : Path
        Made.
    n_clips : int
        How many; each is a little longer than the one before.
    seconds : float
        Of the shortest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(n_clips):
        rng = make_rng(n, "clips", n_clips)
        path = folder / f"clip{n:02d}.wav"
        write(path, make_speech(rng, seconds + n / 50), RATE, coding="PCM_16")


def tree(folder):
    """Return the hashes of a folder's files by relative path.

    Arguments
    ---------
    folder : Path
        The folder.

    Returns
    -------
    dict
        Hash by path.
    """
    return {
        str(path.relative_to(folder)): digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def digest(content):
    """Return some digits of a hash.

    Arguments
    ---------
    content : bytes
        Of a file.

    Returns
    -------
    str
        Hexadecimal.
    """
    return hashlib.sha256(content).hexdigest()[:16]
