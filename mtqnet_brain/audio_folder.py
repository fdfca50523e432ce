"""The audio files of a folder.

Authors
 * The mtqnet-brain developers 2026
"""

import os
from pathlib import Path

from mtqnet_brain.audio import AudioError

EXTENSIONS = (".wav", ".flac", ".ogg")


def audio_files(folder, extensions=EXTENSIONS):
    """List the audio files of a folder and its subfolders, by path.

    Links to folders are followed; a folder that several paths lead to is
    listed once, by its own path if that lies inside. Hidden files and folders
    are left out: ``._x.wav`` holds no sound.

    Arguments
    ---------
    folder : str or Path
        The folder.
    extensions : tuple of str
        Endings of audio files, in capitals or not.

    Returns
    -------
    list of Path
        Files with those endings.

    Raises
    ------
    AudioError
        If there is no such folder, or no such file in it.
    """
    if not Path(folder).is_dir():
        raise AudioError(f"{folder}: no such folder")
    files = [
        path
        for inner, names in _folders(folder)
        for name in names
        for path in [Path(inner, name)]
        if path.suffix.lower() in extensions and path.is_file()
    ]
    if not files:
        kinds = " or ".join(extension[1:] for extension in extensions)
        raise AudioError(f"{folder}: no {kinds} file inside")
    return sorted(files)


def _folders(top):
    """Yield every folder once, with its visible files; linked ones last."""
    seen, pending = set(), [os.fspath(top)]
    while pending:
        for folder, inner, files in os.walk(pending.pop(0), onerror=_refuse):
            real = os.path.realpath(folder)
            inner[:] = [] if real in seen else sorted(_visible(inner))
            if real in seen:
                continue
            seen.add(real)
            paths = [os.path.join(folder, name) for name in inner]
            pending += filter(os.path.islink, paths)
            yield folder, _visible(files)


def _visible(names):
    """Return the names that do not start with a point."""
    return [name for name in names if not name.startswith(".")]


def _refuse(err):
    """Let a folder that cannot be read end the search."""
    raise AudioError(f"{err.filename}: {err.strerror}") from err
