"""How a run was started, in words that may be published.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import mtqnet_brain
from mtqnet_brain.utils.schema import MAX_TEXT

_PLACES = ("folder", "csv", "file", "path", "dir", "cache")


def public_command(argv: Sequence[str]) -> str:
    """Return a command line without the names of folders.

    Arguments
    ---------
    argv : sequence of str
        The script and its arguments.

    Returns
    -------
    str
        Values that are paths, or belong to arguments that name places, are
        replaced by the argument's name in capitals; scripts and
        hyperparameter files stand without their folder.

    Example
    -------
    >>> public_command(
    ...     ["/a/train.py", "b/x.yaml", "--data_folder=/c", "--lr=1"]
    ... )
    'python train.py x.yaml --data_folder=DATA_FOLDER --lr=1'
    """
    words, flag = ["python"], ""
    for word in argv:
        if word.startswith("--"):
            flag, given, value = word.partition("=")
            words.append(flag + given + _public(flag, value))
        elif flag:
            words.append(_public(flag, word))
        else:
            words.append(Path(word).name)
    return " ".join(words)[:MAX_TEXT]


def _public(flag: str, value: str) -> str:
    """Return a value, or its argument's name where it may be a path."""
    name = flag.lstrip("-")
    private = "/" in value or "\\" in value or not value.isprintable()
    private = private or name.endswith(_PLACES)
    return name.upper() if value and private else value


def package_commit() -> str | None:
    """Return the commit of this package; None outside its repository.

    Returns
    -------
    str or None
        40 hexadecimal digits, and ``-dirty`` where files were changed.
    """
    folder = Path(mtqnet_brain.__file__).parent
    # An environment may lie in another repository, which has other commits.
    if _git(folder, "ls-files", "--error-unmatch", "version.txt") is None:
        return None
    exclude_tags = ("--exclude", "*")
    return _git(
        folder, "describe", "--always", "--dirty", "--abbrev=40", *exclude_tags
    )


def _git(folder: Path, *words: str) -> str | None:
    """Return what a command of git prints; None if it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):  # there may be no git
        return None
    return done.stdout.strip() if done.returncode == 0 else None
