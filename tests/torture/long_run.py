"""Commands that run for seconds, and the files they leave.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
from dataclasses import dataclass

from .outcome import make_rng
from .speech import RATE, make_speech, write


@dataclass(frozen=True)
class LongRun:
    """A command that resumes after a kill.

    Arguments
    ---------
    name : str
        Name in the list of cases.
    prepare : callable
        Writes the inputs into a box.
    action : callable
        Returns the action for a box.
    grows : str
        Pattern of output files that show that the work has begun.
    result : callable
        Returns from the output folder what must be equal in the end.
    partial : str
        Pattern of the files with the rows so far, or empty.
    """

    name: str
    prepare: callable
    action: callable
    grows: str
    result: callable
    partial: str = ""


def write_clips(folder, n_clips, seconds):
    """Write clips of speech, each a little longer than the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(n_clips):
        rng = make_rng(n, "clips", n_clips)
        path = folder / f"clip{n:02d}.wav"
        write(path, make_speech(rng, seconds + n / 50), RATE, coding="PCM_16")


def tree(folder):
    """Return the hashes of a folder's files by relative path."""
    return {
        str(path.relative_to(folder)): digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def digest(content):
    """Return 16 hexadecimal digits of the hash of some bytes."""
    return hashlib.sha256(content).hexdigest()[:16]
