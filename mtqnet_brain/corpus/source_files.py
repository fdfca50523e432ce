"""Clean speech and noise files from folders, under names that fit.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from mtqnet_brain.audio.io import AudioError, audio_info
from mtqnet_brain.audio.listing import audio_files

MIN_SECONDS, MAX_SECONDS = 1.0, 12.0
TALKER_MARK = "__"  # <talker>__<utterance>.wav


class Utterance(NamedTuple):
    """A clean clip.

    Arguments
    ---------
    name : str
        ``{prefix}_{talker}_{sentence}``, its stem in the corpus.
    talker : str
        As in the name.
    path : Path
        Where it is read from.
    """

    name: str
    talker: str
    path: Path


def find_speech(
    folder: str | Path, prefix: str
) -> tuple[list[Utterance], dict]:
    """List the clean clips of 1 to 12 s in a folder.

    The talker is what stands before ``__`` in the file's name, else the
    folder that holds the file.

    Arguments
    ---------
    folder : str or Path
        With subfolders of any depth.
    prefix : str
        First part of the utterances' names.

    Returns
    -------
    utterances : list of Utterance
        In the order of their paths.
    skipped : dict
        How many files were ``too short`` and ``too long``; where some cannot
        be read or are truncated, also ``bad``, the reason by path.

    Raises
    ------
    AudioError
        If there is no audio file.
    """
    skipped, bad = Counter({"too short": 0, "too long": 0}), {}
    talkers, names, utterances = _UniqueNames(), _UniqueNames(), []
    for path in audio_files(folder):
        seconds, bad_header = _duration(path)
        if bad_header:
            bad[path] = bad_header
            continue
        if not MIN_SECONDS <= seconds <= MAX_SECONDS:
            skipped["too short" if seconds < MIN_SECONDS else "too long"] += 1
            continue
        talker, mark, sentence = path.stem.partition(TALKER_MARK)
        if not mark:
            talker, sentence = path.parent.name, path.stem
        talker = talkers.of(talker, clean_name(talker))
        sentence = clean_sentence(sentence)
        name = names.of(path, f"{prefix}_{talker}_{sentence}")
        utterances.append(Utterance(name, talker, path))
    return utterances, dict(skipped) | ({"bad": bad} if bad else {})


def _duration(path):
    """Return the seconds of a file and why it is bad, if it is."""
    try:
        info = audio_info(path)
    except AudioError as err:
        return 0.0, str(err).removeprefix(f"{path}: ")
    return info.duration, info.truncation


def find_noises(folder: str | Path, taken: list[str]) -> dict:
    """List the noise files of a folder by name.

    Arguments
    ---------
    folder : str or Path
        With subfolders of any depth; None for no files.
    taken : list of str
        Names that no file may get.

    Returns
    -------
    dict
        Path by noise name: the file's stem, cleaned.

    Raises
    ------
    AudioError
        If there is no audio file.
    """
    if folder is None:
        return {}
    names = _UniqueNames()
    for name in taken:
        names.of(("generated", name), name)
    return {
        names.of(path, clean_name(path.stem)): path
        for path in audio_files(folder)
    }


def clean_name(raw: str) -> str:
    """Drop what a talker's or noise's name may not hold in a file name.

    Arguments
    ---------
    raw : str
        Any text.

    Returns
    -------
    str
        Letters, digits and hyphens of it; ``x`` if there are none.

    Example
    -------
    >>> clean_name("speech_cmd doing.dishes")
    'speechcmddoingdishes'
    """
    return re.sub(r"[^\w-]|_", "", raw) or "x"


def clean_sentence(raw: str) -> str:
    """Drop what a sentence's name may not hold; underscores stay.

    Arguments
    ---------
    raw : str
        Any text.

    Returns
    -------
    str
        Letters, digits, hyphens and underscores of it.

    Example
    -------
    >>> clean_sentence("22_03 (b)")
    '22_03b'
    """
    cleaned = re.sub(r"[^\w-]", "", raw) or "x"
    # "_snr5_" would make it read as the name of a mixture.
    return cleaned.replace("_snr", "-snr")


class _UniqueNames:
    """Names for keys: a name that another key has gets -2, -3 ..."""

    def __init__(self):
        self._by_key = {}
        self._used = set()

    def of(self, key, name):
        """Return the key's name; the wanted one if it is free."""
        if key not in self._by_key:
            candidate, number = name, 1
            while candidate.lower() in self._used:
                number += 1
                candidate = f"{name}-{number}"
            self._used.add(candidate.lower())
            self._by_key[key] = candidate
        return self._by_key[key]
