"""The audio files of a folder.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import filterfalse, islice
from pathlib import Path

import soundfile

from mtqnet_brain.audio.io import AudioError

# What libsndfile reads; RAW has no header, so its rate is not known, and
# Matlab's files seldom hold sound.
_UNUSED = {"RAW", "MAT4", "MAT5"}
_ALSO = "aif aifc bwf mp1 mp2 oga opus sf snd sph".split()
ENDINGS = frozenset(
    f".{name.lower()}"
    for name in [*(set(soundfile.available_formats()) - _UNUSED), *_ALSO]
)
# Sound that libsndfile does not read.
_FOREIGN = "3gp aac ac3 amr ape awb dsf m4a m4b mka mp4 mpc pcm ra raw spx tta "
FOREIGN = frozenset(f".{end}" for end in (_FOREIGN + "webm wma wv").split())


def is_audio_name(name: str, endings: set[str] = ENDINGS) -> bool:
    """Whether a name is that of an audio file and not a hidden one.

    Arguments
    ---------
    name : str
        Without folder.
    endings : set of str
        Endings of audio files, in capitals or not.

    Returns
    -------
    bool
        ``._x.wav`` holds no sound.
    """
    visible = not name.startswith(".")
    return visible and os.path.splitext(name)[1].lower() in endings


def _refuse(err):
    """Let a folder that cannot be read end the search."""
    raise AudioError(f"{err.filename}: {err.strerror}") from err


def audio_files(
    folder: str | Path, recursive: bool = True, unread: Callable = _refuse
) -> list[Path]:
    """List the audio files of a folder and its subfolders, by path.

    Links to folders are followed; a folder that several paths lead to is
    listed once, by its own path if that lies inside. Hidden files and folders
    are left out. How many files hold sound that cannot be read is said on
    standard error.

    Arguments
    ---------
    folder : str or Path
        The folder.
    recursive : bool
        Whether subfolders are meant too.
    unread : callable
        Of the OSError of a folder that cannot be read. Default: it ends the
        search.

    Returns
    -------
    list of Path
        Files with one of `ENDINGS`.

    Raises
    ------
    AudioError
        If there is no such folder, or no such file in it.
    """
    if not os.path.isdir(folder):
        raise AudioError(f"{folder}: no such folder")
    names = [
        Path(inner, name)
        for inner, names in _folders(folder, recursive, unread)
        for name in names
    ]
    found = [p for p in names if is_audio_name(p.name) and os.path.isfile(p)]
    note = left_out_note(path.name for path in names)
    if not found:
        raise AudioError(
            f"{folder}: no audio file inside{note and f', but {note}'}"
        )
    if note:
        print(f"{folder}: {note}", file=sys.stderr)
    return sorted(found)


def left_out_note(names: Iterable[str]) -> str:
    """Count files whose sound cannot be read.

    Arguments
    ---------
    names : iterable of str
        Files of a folder.

    Returns
    -------
    str
        One line; empty if there are none.

    Example
    -------
    >>> left_out_note(["a.m4a", "b.wav", "c.WMA", "d.m4a", "e.txt"])
    '3 files left out that cannot be read: 2 m4a, 1 wma; convert them to wav'
    """
    counts = Counter(
        os.path.splitext(name)[1].lower()[1:]
        for name in names
        if is_audio_name(name, FOREIGN)
    )
    if not counts:
        return ""
    n_files = counts.total()
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    return (
        f"{n_files} file{'s' * (n_files > 1)} left out that cannot be read: "
        f"{kinds}; convert them to wav"
    )


def _folders(top, recursive, unread):
    """Yield every folder once, with its visible files; linked ones last.

    However deep they lie: os.walk descends by recursion before Python 3.12.
    """
    seen, pending, linked = set(), [os.fspath(top)], []
    while pending or linked:
        folder = pending.pop() if pending else linked.pop(0)
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        for _, inner, files in islice(os.walk(folder, onerror=unread), 1):
            yield folder, _visible(files)
            names = sorted(_visible(inner)) if recursive else []
            paths = [os.path.join(folder, name) for name in names]
            linked += filter(os.path.islink, paths)
            pending += filterfalse(os.path.islink, reversed(paths))


def _visible(names):
    """Return the names that do not start with a point."""
    return [name for name in names if not name.startswith(".")]
