"""Splits talkers, noise files and rooms between training and testing.

They are split before anything else, so that no talker, no noise file and no
room response of the test part occurs in the training part. Whole sources and
languages can be kept for the test: see `HeldOut`.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.corpus.apportion import apportion
from mtqnet_brain.corpus.held_out import HeldOut, file_names

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance

SPLITS = ("train", "test")
GENERATED = ("babble", "pink", "street", "white")  # the default
FILES = "files"  # noise that is read from files, not generated
TEST_FRACTION = 0.2
NOTHING = HeldOut()
MIN_TALKERS = 2  # per part: a babble needs other talkers
MIN_FILES = 3  # the fewest of which one goes to the test part


class Split(NamedTuple):
    """The speech, noise and rooms of one split of a corpus.

    Arguments
    ---------
    name : str
        ``train`` or ``test``.
    utterances : dict
        List of utterances by talker.
    noises : dict
        Path by noise name; None for a generated noise.
    rooms : tuple of Path
        Measured room responses.
    found : tuple of Utterance
        Recordings without a reference.
    """

    name: str
    utterances: dict[str, list[Utterance]]
    noises: dict[str, Path | None]
    rooms: tuple[Path, ...] = ()
    found: tuple[Utterance, ...] = ()


def rng_for(seed: int, *names: str) -> np.random.Generator:
    """Return a generator that depends on seed and names alone.

    So draws are the same whatever was drawn before, in any process.
    """
    digest = hashlib.sha256("\n".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def split_talkers(
    utterances: Iterable[Utterance],
    noise_files: dict[str, Path],
    seed: int,
    generated: Collection[str] = GENERATED,
    held_out: HeldOut = NOTHING,
    rooms: Sequence[Path] = (),
    found: Sequence[Utterance] = (),
) -> list[Split]:
    """Split talkers, noise files and rooms 80/20.

    Generated noises are in both parts. A fifth of the talkers of every source
    is drawn for testing, after those that are held out.

    Arguments
    ---------
    utterances : list of Utterance
        Clean clips.
    noise_files : dict
        Path by noise name.
    seed : int
        Decides which talkers and noise files are drawn for testing.
    generated : list of str
        Kinds of noise that are generated.
    held_out : HeldOut
        What training must not hear, and sources that stay whole.
    rooms : list of Path
        Measured room responses.
    found : list of Utterance
        Recordings without a reference, split with the others by talkers.

    Returns
    -------
    list of Split
        ``train`` and ``test``.

    Raises
    ------
    ValueError
        If there are too few talkers for two parts, a split is without noise
        or rooms, or a name that is held out does not occur.
    """
    utterances = list(utterances)
    heard = [*utterances, *found]
    held_out = held_out.spread(heard)
    files = file_names(noise_files.values()) | file_names(rooms)
    held_out.refuse_unknown(heard, files)
    test_talkers = _test_talkers(utterances, seed, held_out, MIN_TALKERS)
    _refuse_few(utterances)
    known = {utterance.talker for utterance in utterances}
    more = [u for u in found if u.talker not in known]
    test_talkers |= _test_talkers(more, seed, held_out, 0)
    if not generated and len(noise_files) < MIN_FILES:
        raise ValueError(
            f"{len(noise_files)} noise files: {sorted(noise_files)}; need "
            f"{MIN_FILES} for training and testing, or add generated noises"
        )
    test_noises = _test_files(noise_files, held_out, seed, "noises")
    by_name = {path.as_posix(): path for path in rooms}
    test_rooms = _test_files(by_name, held_out, seed, "rooms")
    splits = []
    for name in SPLITS:
        is_test = name == "test"
        by_talker = defaultdict(list)
        for utterance in utterances:
            if (utterance.talker in test_talkers) == is_test:
                by_talker[utterance.talker].append(utterance)
        noises: dict[str, Path | None] = dict.fromkeys(generated)
        noises |= _part(noise_files, test_noises, is_test)
        own_rooms = tuple(_part(by_name, test_rooms, is_test).values())
        own = tuple(u for u in found if (u.talker in test_talkers) == is_test)
        splits.append(Split(name, dict(by_talker), noises, own_rooms, own))
    _refuse_empty(splits, rooms)
    return splits


def _refuse_empty(splits, rooms):
    """Refuse a part that lacks talkers, noise or rooms."""
    for name, utterances, noises, own_rooms, _ in splits:
        lacking = [
            what
            for what, found in (
                (f"{MIN_TALKERS} talkers", len(utterances) >= MIN_TALKERS),
                ("noise", noises),
                ("room responses", own_rooms or not rooms),
            )
            if not found
        ]
        if lacking:
            raise ValueError(
                f"{name}: no {', no '.join(lacking)}: hold out fewer names, "
                "or give more files (three rooms or more)"
            )


def _part(files, test_names, is_test):
    """Return the files of one part by name, sorted."""
    return {
        name: path
        for name, path in sorted(files.items())
        if (name in test_names) == is_test
    }


def _test_files(
    files: Mapping[str, Path], held_out: HeldOut, seed: int, what: str
) -> set[str]:
    """Return the names of the files that go to the test part."""
    held = {name for name, path in files.items() if held_out.has_file(path)}
    free = sorted(set(files) - held)
    return held | _draw(free, round(TEST_FRACTION * len(free)), seed, what)


def _test_talkers(
    utterances: Iterable[Utterance], seed: int, held_out: HeldOut, least: int
) -> set[str]:
    """Return the talkers that go to the test part."""
    sources: dict[str, set[str]] = defaultdict(set)
    held = set()
    for utterance in utterances:
        if held_out.has_speech(utterance):
            held.add(utterance.talker)
        elif utterance.source not in held_out.whole_sources:
            sources[utterance.source].add(utterance.talker)
    free = {name: own - held for name, own in sorted(sources.items())}
    return held.union(*_drawn(free, least - len(held), seed))


def _refuse_few(utterances):
    """Refuse speech of too few talkers for two parts."""
    talkers = {utterance.talker for utterance in utterances}
    if len(talkers) < 2 * MIN_TALKERS:
        raise ValueError(
            f"{len(talkers)} talkers in the speech folder: {sorted(talkers)}; "
            f"need {2 * MIN_TALKERS}, two for training and two others for "
            "testing"
        )


def _drawn(free, least, seed):
    """Draw a fifth of the talkers of every source, ``least`` in all."""
    sizes = [len(talkers) for talkers in free.values()]
    if not sum(sizes):
        return []
    # At random, or of two sources of one talker each both would train.
    offset = 0.5
    if len(sizes) > 1:
        offset = rng_for(seed, "talkers").uniform()
    total = max(least, round(TEST_FRACTION * sum(sizes)))
    counts = apportion(min(total, sum(sizes)), sizes, offset)
    return [
        _draw(sorted(own), n, seed, "talkers", *([name] if name else []))
        for (name, own), n in zip(free.items(), counts)
    ]


def _draw(
    names: Sequence[str], n_drawn: int, seed: int, *what: str
) -> set[str]:
    """Draw some of the names, which go to the test part."""
    return set(rng_for(seed, *what).permutation(names)[:n_drawn].tolist())
