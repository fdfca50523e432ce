"""Sources of speech: one or several folders, with weights and a table.

A source is a corpus of one recording channel and is named by its folder:
``speech/librispeech`` and ``speech_fair/librispeech`` are one source, and a
talker's label in both is one talker.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mtqnet_brain.corpus.recordings import (
    NamesInUse,
    TableEntry,
    Utterance,
    clean_name,
    find_speech,
)
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import NUMBER

SPEECH_PREFIX = "SPEECH"
LEAST_WEIGHT = 1e-6  # of a source; the largest is its inverse


class SpeechFolder(NamedTuple):
    """A folder of clean clips.

    Arguments
    ---------
    path : Path
        The folder; its name is that of its source.
    weight : float
        How often the source's clips are drawn, relative to others; None for
        the rule of `balance.default_weight`.
    """

    path: Path
    weight: float | None


def parse_folders(words: Sequence[str | Path]) -> list[SpeechFolder]:
    """Parse ``FOLDER`` or ``FOLDER=WEIGHT``.

    Raises
    ------
    ValueError
        If a weight is no positive number, a source has two weights, or one
        folder lies inside another.

    Example
    -------
    >>> parse_folders(["speech/aishell=2"])[0].weight
    2.0
    """
    folders = [_parse_folder(str(word)) for word in words]
    for one in folders:
        for other in folders:
            if one is not other and _is_inside(one.path, other.path):
                raise ValueError(
                    f"{one.path} is, or lies in, the speech folder "
                    f"{other.path}: its clips would count twice; give one of "
                    "them"
                )
    weights_of(folders)
    return folders


def _parse_folder(word):
    """Parse one folder with or without its weight."""
    name, mark, number = word.rpartition("=")
    if not mark or Path(word).is_dir():
        return SpeechFolder(Path(word), None)
    # Not all that float() takes: 1_0 would be 10.
    weight = float(number) if NUMBER.fullmatch(number) else math.nan
    if not LEAST_WEIGHT <= weight <= 1 / LEAST_WEIGHT:
        raise ValueError(
            f"--speech {word}: the weight {number!r} is no positive number "
            f"from {LEAST_WEIGHT:g} to {1 / LEAST_WEIGHT:g}; write "
            "FOLDER=WEIGHT, as in speech/aishell=0.5"
        )
    return SpeechFolder(Path(name), weight)


def _is_inside(path, other):
    """Whether a folder is another one or lies in it."""
    return path.resolve().is_relative_to(other.resolve())


def weights_of(folders: Sequence[SpeechFolder]) -> dict[str, float]:
    """Return the weights that were given, by source.

    Raises
    ------
    ValueError
        If a source has two weights.
    """
    weights: dict[str, float] = {}
    for path, weight in folders:
        name = source_name(path)
        if weight is not None and weights.setdefault(name, weight) != weight:
            raise ValueError(
                f"source {name}: weights {weights[name]:g} and {weight:g}; "
                "give its folders the same one"
            )
    return weights


def source_name(folder: Path) -> str:
    """Return the name of a folder's source."""
    return folder.resolve().name


def read_speech_table(path: str | Path) -> dict[Path, TableEntry]:
    """Read who speaks in which language, by file.

    Arguments
    ---------
    path : str or Path
        CSV with the columns ``file``, relative to the table's folder,
        ``speaker``, ``language`` and ``licence``; all but the first may be
        missing.

    Returns
    -------
    dict
        Entry by absolute path.

    Raises
    ------
    ValueError
        If there is no column ``file``, or two rows of one file differ.
    """
    rows = read_csv(path)
    if rows and "file" not in rows[0]:
        raise ValueError(
            f"{path}: no column file, only {', '.join(rows[0])}; it must name "
            "the recordings, relative to the table's folder"
        )
    root = Path(path).resolve().parent
    columns = ("speaker", "language", "licence")
    entries: dict[Path, TableEntry] = {}
    for row in rows:
        entry = TableEntry(*(row.get(column) or "" for column in columns))
        file = (root / row["file"]).resolve()
        # A talker of two names could come to both sides of the split.
        if entries.setdefault(file, entry) != entry:
            raise ValueError(
                f"{path}: {row['file']} has two rows, {entries[file]} and "
                f"{entry}; keep one"
            )
    return entries


def is_plain(folders: Sequence[SpeechFolder], table: str | Path | None) -> bool:
    """Whether there is one folder of which nothing more is known."""
    return len(folders) == 1 and folders[0].weight is None and not table


def find_sources(
    folders: Sequence[SpeechFolder],
    table: Mapping[Path, TableEntry],
    plain: bool,
    names: NamesInUse | None = None,
) -> tuple[list[Utterance], dict[str, int], dict[Path, str]]:
    """List the clean clips of several folders, as `find_speech` of one.

    Arguments
    ---------
    folders : list of SpeechFolder
        As `parse_folders` returns them.
    table : dict
        As `read_speech_table` returns it.
    plain : bool
        Whether there is one folder, whose name is not one of a source.
    names : NamesInUse
        Of other speech.

    Returns
    -------
    utterances, skipped, bad
        As from `find_speech`. Names begin with the source, unless ``plain``.

    Raises
    ------
    AudioError
        If there is no audio file in one of them.
    """
    names = names or NamesInUse()
    utterances: list[Utterance] = []
    skipped = {"too short": 0, "too long": 0}
    bad: dict[Path, str] = {}
    for folder, _ in folders:
        source = "" if plain else source_name(folder)
        prefix = SPEECH_PREFIX if plain else clean_name(source)
        found = find_speech(folder, prefix, source, table, names)
        utterances += found[0]
        skipped = {kind: n + found[1][kind] for kind, n in skipped.items()}
        bad |= found[2]
    return utterances, skipped, bad


def refuse_other_table(
    path: str | Path,
    table: Mapping[Path, TableEntry],
    utterances: Sequence[Utterance],
) -> None:
    """Refuse a table that names none of the clips.

    Raises
    ------
    ValueError
        With the first clip.
    """
    if not any(u.path.resolve() in table for u in utterances):
        raise ValueError(
            f"{path}: names none of the {len(utterances)} clips, the first "
            f"is {utterances[0].path if utterances else 'missing'}; its "
            "column file must be relative to the table's folder"
        )
