"""Which clips a corpus holds: a function of sources, settings and seed.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import defaultdict
from itertools import cycle
from math import ceil, inf, lcm
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.corpus.noises import FROM_SPEECH, N_BABBLE
from mtqnet_brain.corpus.talker_split import TEST_SHARE, rng_for
from mtqnet_brain.data.clip_names import ClipName

if TYPE_CHECKING:
    from mtqnet_brain.corpus.talker_split import Part

NOISY = "Noisy"
CLEAN_SHARE = 1 / 12  # of the clips


class Mixture(NamedTuple):
    """One noise, or none, added to one utterance, and the clips of it.

    Arguments
    ---------
    snr : float
        In dB; infinite without noise.
    noise : str
        Kind of noise; None without noise.
    paths : tuple of Path
        The noise file, or the voices that a babble or a speech-shaped noise
        is made of; none for other noises.
    methods : tuple of str
        ``Noisy``, enhancers and degradations: one clip each.
    """

    snr: float
    noise: str
    paths: tuple
    methods: tuple


class Item(NamedTuple):
    """One clean utterance with its mixtures.

    Arguments
    ---------
    part : str
        ``train`` or ``test``.
    utterance : Utterance
        Clean clip.
    mixtures : tuple of Mixture
        In no meaningful order.
    """

    part: str
    utterance: tuple
    mixtures: tuple

    @property
    def clips(self) -> dict:
        """The mixture (None for the clean clip) by relative path."""
        name = self.utterance.name
        clips = {f"{self.part}/{name}.wav": None}
        for mixture in self.mixtures:
            for method in mixture.methods:
                stem = clip_name(method, mixture, name).stem
                clips[f"{self.part}/{stem}.wav"] = mixture
        return clips


def clip_name(method, mixture, utterance):
    """Return the `ClipName` of one clip of a mixture."""
    return ClipName(method, float(mixture.snr), mixture.noise, utterance)


def plan_items(
    parts: list[Part],
    n_clips: int,
    snrs: list[float],
    methods: list[str],
    seed: int,
    degradations: list[str] = (),
) -> list[Item]:
    """Choose utterances and mixtures of a number of clips.

    A twelfth of the clips is clean, or more where the combinations of SNR,
    noise and method do not suffice. Talkers, noises, SNRs and methods take
    turns in random order, so that each is about equally frequent; for a
    degradation, no noise counts as one more SNR.

    Arguments
    ---------
    parts : list of Part
        From `split_sources`.
    n_clips : int
        Clips of all parts, clean ones included.
    snrs : list of float
        In dB.
    methods : list of str
        ``Noisy`` and enhancers.
    seed : int
        Decides the draws.
    degradations : list of str
        Further methods, for clean speech too.

    Returns
    -------
    list of Item
        Part after part.

    Raises
    ------
    ValueError
        If there is too little speech for so many clips.
    """
    n_test = round(TEST_SHARE * n_clips)
    methods = [*methods, *degradations]
    conditions = [(snr, method) for snr in snrs for method in methods]
    without_noise = [(inf, method) for method in degradations]
    items = []
    for part, n_part in zip(parts, (n_clips - n_test, n_test)):
        most = len(conditions) * len(part.noises) + len(degradations)
        utterances = _choose_utterances(part, n_part, most, seed)
        turns = _take_turns(
            sorted(part.noises), conditions + without_noise, part.name, seed
        )
        hands = _deal(turns, n_part - len(utterances), len(utterances))
        for utterance, chosen in zip(utterances, hands):
            mixtures = _mixtures(part, utterance, chosen, seed)
            items.append(Item(part.name, utterance, mixtures))
    return items


def _choose_utterances(part, n_clips, most, seed):
    """Choose clean clips, talkers taking turns."""
    available = sum(map(len, part.utterances.values()))
    wanted = max(round(CLEAN_SHARE * n_clips), ceil(n_clips / (most + 1)), 1)
    if n_clips < 2 or n_clips > available * (most + 1):
        raise ValueError(
            f"{part.name}: {n_clips} clips cannot be made of {available} "
            f"utterances with {most} mixtures each, at least 2 and at most "
            f"{available * (most + 1)} can; change --clips, or give more "
            "speech or SNRs"
        )
    rng = rng_for(seed, part.name, "utterances")
    queues = [
        [part.utterances[talker][i] for i in rng.permutation(n)]
        for talker, n in sorted(
            (talker, len(own)) for talker, own in part.utterances.items()
        )
    ]
    order = [queues[i] for i in rng.permutation(len(queues))]
    longest = max(map(len, order))
    turns = [q[i] for i in range(longest) for q in order if i < len(q)]
    return turns[: min(wanted, available)]


def _take_turns(noises, conditions, part, seed):
    """List every (noise, condition); any stretch is balanced.

    Once each, but conditions without noise once for every noise.
    """
    rng = rng_for(seed, part, "turns")
    noises = [noises[i] for i in rng.permutation(len(noises))]
    conditions = [conditions[i] for i in rng.permutation(len(conditions))]
    n, m = len(noises), len(conditions)
    # Both lists are walked through in step; after a common multiple of their
    # lengths the same pairs would return, hence the shift by one.
    turns = [
        (noises[i % n], conditions[(i + i // lcm(n, m)) % m])
        for i in range(n * m)
    ]
    return [
        (None if snr == inf else noise, (snr, method))
        for noise, (snr, method) in turns
    ]


def _deal(turns, n_mixed, n_clean):
    """Deal the turns out to the utterances, none twice to the same one."""
    stock = cycle(turns)
    for index in range(n_clean):
        count = (index + 1) * n_mixed // n_clean - index * n_mixed // n_clean
        hand = {}
        while len(hand) < count:
            hand[next(stock)] = None
        yield list(hand)


def _mixtures(part, utterance, chosen, seed):
    """Group the chosen clips of one utterance into mixtures."""
    methods = defaultdict(list)
    for noise, (snr, method) in chosen:
        methods[snr, noise].append(method)
    mixtures = []
    for (snr, noise), names in methods.items():
        mixture = Mixture(snr, noise, (), tuple(sorted(names)))
        path, paths = part.noises.get(noise), ()
        if path is not None:
            paths = (Path(path),)
        elif noise in FROM_SPEECH:
            rng = rng_for(seed, clip_name(NOISY, mixture, utterance.name).stem)
            paths = _other_voices(part, utterance.talker, rng)
        mixtures.append(mixture._replace(paths=paths))
    return tuple(mixtures)


def _other_voices(part, talker, rng):
    """Draw 5 to 8 clips of other talkers, different ones if possible."""
    others = sorted(set(part.utterances) - {talker})
    n_voices = rng.integers(N_BABBLE[0], N_BABBLE[1] + 1)
    order = np.resize(rng.permutation(others), n_voices).tolist()
    voices = []
    for name in order:
        own = part.utterances[name]
        voices.append(own[rng.integers(len(own))].path)
    return tuple(voices)
