"""Who may be heard in which part of a corpus.

Talkers and noise files are split before anything else, so that no clip of
the test part has heard a talker or a noise of the training part.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from mtqnet_brain.corpus.source_files import Utterance

GENERATED = ("babble", "pink", "street", "white")  # unless told otherwise
FILES = "files"  # the kind of noise that is read, not made
TEST_SHARE = 0.2
MIN_TALKERS = 2  # per part: a babble needs other talkers
MIN_FILES = 3  # the fewest of which one goes to the test part


class Part(NamedTuple):
    """What one part of a corpus may use.

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
    utterances: dict
    noises: dict


def rng_for(seed: int, *names) -> np.random.Generator:
    """Return a generator that depends on seed and names alone.

    Arguments
    ---------
    seed : int
        Of the corpus.
    names : str
        What is drawn for.

    Returns
    -------
    np.random.Generator
        The same whatever has been drawn before, in whichever process.
    """
    digest = hashlib.sha256("\n".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def split_sources(
    utterances: list[Utterance],
    noise_files: dict,
    seed: int,
    generated: list[str] = GENERATED,
) -> list[Part]:
    """Split talkers and noise files 80/20; generated noises are in both.

    Arguments
    ---------
    utterances : list of Utterance
        Clean clips.
    noise_files : dict
        Path by noise name.
    seed : int
        Decides who goes where.
    generated : list of str
        Noises that are made on the spot.

    Returns
    -------
    list of Part
        ``train`` and ``test``.

    Raises
    ------
    ValueError
        If there are fewer than four talkers, or a part without noise.
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
            f"{MIN_FILES} for both parts, or generated noises beside them"
        )
    test_talkers = _draw_test(talkers, MIN_TALKERS, seed, "talkers")
    test_noises = _draw_test(sorted(noise_files), 0, seed, "noises")
    parts = []
    for name in ("train", "test"):
        is_test = name == "test"
        by_talker = defaultdict(list)
        for utterance in utterances:
            if (utterance.talker in test_talkers) == is_test:
                by_talker[utterance.talker].append(utterance)
        noises = dict.fromkeys(generated) | {
            noise: path
            for noise, path in sorted(noise_files.items())
            if (noise in test_noises) == is_test
        }
        parts.append(Part(name, dict(by_talker), noises))
    return parts


def _draw_test(names, least, seed, what):
    """Draw the fifth of the names that goes to the test part."""
    n_test = max(least, round(TEST_SHARE * len(names)))
    return set(rng_for(seed, what).permutation(names)[:n_test].tolist())
