"""Clean speech and noise files of a folder, under names for the corpus.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from mtqnet_brain.audio.io import AudioError, audio_info
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.utils.error_text import reason_of

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
        Audio file.
    source : str
        Corpus of one recording channel; empty where it is the only one.
    language : str
        As the table of the speech has it; empty where unknown.
    licence : str
        Likewise.
    """

    name: str
    talker: str
    path: Path
    source: str = ""
    language: str = ""
    licence: str = ""


class TableEntry(NamedTuple):
    """What a table says of a recording; empty where it says nothing.

    Arguments
    ---------
    talker, language, licence : str
        Any text.
    """

    talker: str = ""
    language: str = ""
    licence: str = ""


class NamesInUse:
    """Names of talkers and utterances that are taken, over all folders."""

    def __init__(self) -> None:
        self.talkers = _UniqueNames()
        self.utterances = _UniqueNames()


def find_speech(
    folder: str | Path,
    prefix: str,
    source: str = "",
    table: Mapping[Path, TableEntry] = {},
    names: NamesInUse | None = None,
) -> tuple[list[Utterance], dict[str, int], dict[Path, str]]:
    """List the clean clips of 1 to 12 s in a folder.

    The talker is the table's, or what stands before ``__`` in the file's
    name, or the folder that holds the file.

    Arguments
    ---------
    folder : str or Path
        With subfolders of any depth.
    prefix : str
        First part of the utterances' names.
    source : str
        Where the folder is one of several.
    table : dict
        What is known of recordings, by absolute path.
    names : NamesInUse
        Of other folders; names of this one are added.

    Returns
    -------
    utterances : list of Utterance
        In the order of their paths.
    skipped : dict
        Number of files that are ``too short`` and ``too long``.
    bad : dict
        Reason by path, of files that are unreadable or truncated.

    Raises
    ------
    AudioError
        If there is no audio file.
    """
    skipped, bad = {"too short": 0, "too long": 0}, {}
    names, utterances = names or NamesInUse(), []
    for path in audio_files(folder):
        seconds, fault = _duration(path)
        if fault:
            bad[path] = fault
            continue
        if not MIN_SECONDS <= seconds <= MAX_SECONDS:
            skipped["too short" if seconds < MIN_SECONDS else "too long"] += 1
            continue
        entry = table.get(path.resolve(), TableEntry())
        raw, sentence = _talker_and_sentence(path, entry)
        talker = names.talkers.of((source, raw), clean_name(raw))
        name = f"{prefix}_{talker}_{clean_sentence(sentence)}"
        name = names.utterances.of(path, name)
        utterances.append(Utterance(name, talker, path, source, *entry[1:]))
    return utterances, skipped, bad


def _talker_and_sentence(path, entry):
    """Take the name of a recording apart; a table knows the talker best."""
    talker, mark, sentence = path.stem.partition(TALKER_MARK)
    if not mark:
        talker, sentence = path.parent.name, path.stem
    return entry.talker or talker, sentence


def _duration(path: Path) -> tuple[float, str]:
    """Return the seconds of a file and what is wrong with its header."""
    try:
        info = audio_info(path)
    except AudioError as err:
        return 0.0, reason_of(err, path)
    return info.duration, info.truncation


def find_noises(
    folder: str | Path | None, taken: Iterable[str]
) -> dict[str, Path]:
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
    """Keep the letters, digits and hyphens of a name; ``x`` for none.

    Example
    -------
    >>> clean_name("speech_cmd doing.dishes")
    'speechcmddoingdishes'
    """
    return re.sub(r"[^\w-]|_", "", raw) or "x"


def clean_sentence(raw: str) -> str:
    """Keep the letters, digits, hyphens and underscores of a name.

    Example
    -------
    >>> clean_sentence("22_03 (b)")
    '22_03b'
    """
    cleaned = re.sub(r"[^\w-]", "", raw) or "x"
    # "_snr5_" would make it read as the name of a mixture.
    return cleaned.replace("_snr", "-snr")


class _UniqueNames:
    """Names by key; a name that another key has gets -2, -3 ..."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, str] = {}
        self._used: set[str] = set()

    def of(self, key: Hashable, name: str) -> str:
        """Return the key's name; the wanted one if it is free."""
        if key not in self._by_key:
            candidate, number = name, 1
            while candidate.lower() in self._used:
                number += 1
                candidate = f"{name}-{number}"
            self._used.add(candidate.lower())
            self._by_key[key] = candidate
        return self._by_key[key]
