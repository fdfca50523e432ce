"""The audio files of a folder.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import filterfalse, islice
from pathlib import Path
from typing import NoReturn

import soundfile

from mtqnet_brain.audio.container_lengths import LENGTHS
from mtqnet_brain.audio.decoding import AudioError

# What libsndfile reads; RAW has no header, so its rate is unknown, and Matlab's
# files seldom hold sound.
_UNUSED = {"RAW", "MAT4", "MAT5"}
_ALSO = "aif aifc bwf mp1 mp2 oga opus sf snd sph".split()
EXTENSIONS = frozenset(
    f".{name.lower()}"
    for name in [*(set(soundfile.available_formats()) - _UNUSED), *_ALSO]
)
MAGIC = {*LENGTHS, b"OggS", b"fLaC"}  # first bytes of a file
# Sound that libsndfile does not read.
_FOREIGN = "3gp aac ac3 amr ape awb dsf m4a m4b mka mp4 mpc pcm ra raw spx tta "
FOREIGN = frozenset(f".{end}" for end in (_FOREIGN + "webm wma wv").split())


def is_audio_name(name: str, extensions: frozenset[str] = EXTENSIONS) -> bool:
    """Whether a file name has one of these extensions and is not hidden.

    Case and trailing blanks are ignored.
    """
    visible = not name.startswith(".")
    return visible and os.path.splitext(name.rstrip())[1].lower() in extensions


def _refuse(err: OSError) -> NoReturn:
    """End the search at a folder that cannot be read."""
    raise AudioError(f"{err.filename}: {err.strerror}") from err


def audio_files(
    folder: str | Path,
    recursive: bool = True,
    unread: Callable[[OSError], object] = _refuse,
) -> list[Path]:
    """List the audio files of a folder and its subfolders, by path.

    Links to folders are followed; a folder that several paths lead to is
    listed once, by its own path if that lies inside. Hidden files and folders
    are left out. How many more files hold sound is said on standard error.

    Arguments
    ---------
    folder : str or Path
        The folder.
    recursive : bool
        Whether subfolders are meant too.
    unread : callable
        Called with the OSError of a folder that cannot be read. Default: the
        search ends with an AudioError.

    Returns
    -------
    list of Path
        Files with one of `EXTENSIONS`.

    Raises
    ------
    AudioError
        If there is no such folder, or no such file in it.
    """
    if not os.path.isdir(folder):
        raise AudioError(f"{folder}: no such folder")
    paths = [
        Path(inner, name)
        for inner, names in _folders(folder, recursive, unread)
        for name in names
    ]
    found = [p for p in paths if is_audio_name(p.name) and os.path.isfile(p)]
    note = left_out_note(paths)
    if not found:
        raise AudioError(
            f"{folder}: no audio file inside{note and f', but {note}'}"
        )
    if note:
        print(f"{folder}: {note}", file=sys.stderr)
    return sorted(found)


def left_out_note(paths: Iterable[str | Path]) -> str:
    """Return one line about files of sound that are left out, or nothing.

    Files without an extension are opened, if they exist, to see whether they
    hold sound.

    Example
    -------
    >>> left_out_note(["a.m4a", "b.wav", "c.WMA", "d.m4a", "e.txt"])
    '3 files left out that cannot be read: 2 m4a, 1 wma; convert them to wav'
    """
    counts: Counter[str] = Counter()
    n_unnamed = 0
    for folder, name in map(os.path.split, paths):
        extension = os.path.splitext(name.rstrip())[1].lower()[1:]
        counts[extension] += is_audio_name(name, FOREIGN)
        n_unnamed += not extension and _holds_sound(os.path.join(folder, name))
    notes = []
    kinds = [f"{n} {kind}" for kind, n in sorted(counts.items()) if n]
    if kinds:
        notes.append(
            f"{_files(counts.total())} left out that cannot be read: "
            f"{', '.join(kinds)}; convert them to wav"
        )
    if n_unnamed:
        notes.append(
            f"{_files(n_unnamed)} left out that hold sound, their names have "
            "no extension; rename them, as to x.wav"
        )
    return "; ".join(notes)


def _files(number: int) -> str:
    """Return a number of files in words."""
    return f"{number} file{'s' * (number > 1)}"


def _holds_sound(path: str) -> bool:
    """Whether a file begins as one that libsndfile reads."""
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            head = file.read(12)
    except OSError:
        return False
    if head[:4] in (b"RIFF", b"FORM"):  # videos and pictures, too
        return head[8:] in (b"WAVE", b"AIFF", b"AIFC")
    return head[:4] in MAGIC or head.startswith(b"ID3")


def _folders(
    top: str | Path, recursive: bool, unread: Callable[[OSError], object]
) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder once, with its visible files; linked ones last.

    At any depth: os.walk descends by recursion before Python 3.12.
    """
    seen: set[str] = set()
    pending: list[str] = [os.fspath(top)]
    linked: list[str] = []
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


def _visible(names: Iterable[str]) -> list[str]:
    """Return the names that do not start with a dot."""
    return [name for name in names if not name.startswith(".")]
