"""Splits talkers and noise files between training and testing.

They are split before anything else, so that no talker and no noise file of
the test part occurs in the training part.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance

SPLITS = ("train", "test")
GENERATED = ("babble", "pink", "street", "white")  # the default
FILES = "files"  # noise that is read from files, not generated
TEST_FRACTION = 0.2
MIN_TALKERS = 2  # per part: a babble needs other talkers
MIN_FILES = 3  # the fewest of which one goes to the test part


class Split(NamedTuple):
    """The speech and noise of one split of a corpus.

    Arguments
    ---------
    name : str
        ``train`` or ``test``.
    utterances : dict
        List of utterances by talker.
    noises : dict
        Path by noise name; None for a generated noise.
    """

    name: str
    utterances: dict[str, list[Utterance]]
    noises: dict[str, Path | None]


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
) -> list[Split]:
    """Split talkers and noise files 80/20; generated noises are in both.

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

    Returns
    -------
    list of Split
        ``train`` and ``test``.

    Raises
    ------
    ValueError
        If there are fewer than four talkers, or a split without noise.
    """
    talkers = sorted({utterance.talker for utterance in utterances})
    if len(talkers) < 2 * MIN_TALKERS:
        raise ValueError(
            f"{len(talkers)} talkers in the speech folder: {talkers}; need "
            f"{2 * MIN_TALKERS}, two for training and two others for testing"
        )
    if not generated and len(noise_files) < MIN_FILES:
        raise ValueError(
            f"{len(noise_files)} noise files: {sorted(noise_files)}; need "
            f"{MIN_FILES} for training and testing, or add generated noises"
        )
    test_talkers = _draw_test(talkers, MIN_TALKERS, seed, "talkers")
    test_noises = _draw_test(sorted(noise_files), 0, seed, "noises")
    splits = []
    for name in SPLITS:
        is_test = name == "test"
        by_talker = defaultdict(list)
        for utterance in utterances:
            if (utterance.talker in test_talkers) == is_test:
                by_talker[utterance.talker].append(utterance)
        noises: dict[str, Path | None] = dict.fromkeys(generated)
        for noise, path in sorted(noise_files.items()):
            if (noise in test_noises) == is_test:
                noises[noise] = path
        splits.append(Split(name, dict(by_talker), noises))
    return splits


def _draw_test(
    names: Sequence[str], least: int, seed: int, what: str
) -> set[str]:
    """Draw the fifth of the names that goes to the test part."""
    n_test = max(least, round(TEST_FRACTION * len(names)))
    return set(rng_for(seed, what).permutation(names)[:n_test].tolist())
