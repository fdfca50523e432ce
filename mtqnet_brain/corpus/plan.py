"""The plan of a corpus: its clips, from recordings, settings and seed.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from math import inf, lcm
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.corpus.balance import CLEAN_SHARE, share_clips
from mtqnet_brain.corpus.joined import Part, joined_path, plan_joined
from mtqnet_brain.corpus.measured_rooms import ROOM
from mtqnet_brain.corpus.noises import FROM_SPEECH, N_BABBLE
from mtqnet_brain.corpus.takes import Take, draw_take
from mtqnet_brain.corpus.talker_split import TEST_FRACTION, rng_for
from mtqnet_brain.data.clip_names import ClipName

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance
    from mtqnet_brain.corpus.talker_split import Split

NOISY = "Noisy"


class Mixture(NamedTuple):
    """An utterance with one noise, or none, and the clips made of it.

    Arguments
    ---------
    snr : float
        In dB; infinite without noise.
    noise : str
        Kind of noise; None without noise.
    paths : tuple of Path
        The noise file, or the voices of which a babble or a speech-shaped
        noise is made; empty for other noises.
    methods : tuple of str
        ``Noisy``, enhancers and degradations: one clip each.
    room : Path
        Response of a measured room, for the method ``Room``; else None.
    """

    snr: float
    noise: str | None
    paths: tuple[Path, ...]
    methods: tuple[str, ...]
    room: Path | None = None


class Item(NamedTuple):
    """One clean utterance with its mixtures.

    Arguments
    ---------
    split : str
        ``train`` or ``test``.
    utterance : Utterance
        Clean clip.
    mixtures : tuple of Mixture
        In no meaningful order.
    take : Take
        How the clean clip is made of recordings; None for the utterance as it
        is.
    joined : tuple of Part
        Parts of its joined clip; empty for none.
    """

    split: str
    utterance: Utterance
    mixtures: tuple[Mixture, ...]
    take: Take | None = None
    joined: tuple[Part, ...] = ()

    @property
    def clips(self) -> dict[str, Mixture | None]:
        """The mixture (None for the clean clip) by relative path."""
        name = self.utterance.name
        clips: dict[str, Mixture | None] = {f"{self.split}/{name}.wav": None}
        for mixture in self.mixtures:
            for method in mixture.methods:
                stem = clip_name(method, mixture, name).stem
                clips[f"{self.split}/{stem}.wav"] = mixture
        if self.joined:
            clips[joined_path(self)] = None
        return clips

    @property
    def recordings(self) -> list[Path]:
        """The recordings that the clean clip is made of."""
        second = self.take.second if self.take else None
        return [self.utterance.path, *([second] if second else [])]


def clip_name(method: str, mixture: Mixture, utterance: str) -> ClipName:
    """Return the name of one clip of a mixture."""
    return ClipName(method, float(mixture.snr), mixture.noise, utterance)


def plan_items(
    splits: Iterable[Split],
    n_clips: int,
    snrs: Sequence[float],
    methods: Sequence[str],
    seed: int,
    degradations: Sequence[str] = (),
    weights: Mapping[str, float] = {},
    lengths: Sequence[float] | None = None,
    pauses: float = 0,
    n_joined: int = 0,
    clean: float = CLEAN_SHARE,
) -> list[Item]:
    """Choose utterances and mixtures for a number of clips.

    More clips are clean where the combinations of SNR, noise and method do
    not suffice. Talkers, noises, SNRs and methods take
    turns in random order, so that each is about equally frequent; for a
    degradation, no noise counts as one more SNR.

    Arguments
    ---------
    splits : list of Split
        As `split_talkers` returns them.
    n_clips : int
        Clips of both splits, clean ones included.
    snrs : list of float
        In dB.
    methods : list of str
        ``Noisy`` and enhancers.
    seed : int
        Decides the draws.
    degradations : list of str
        Further methods, for clean speech too.
    weights : dict
        How often the clips of a source are drawn, as for `share_clips`.
    lengths, pauses
        Lengths of the clean clips and silence in them, as for `draw_take`.
    n_joined : int
        Joined clips, besides.
    clean : float
        Fraction of the clips that is clean.

    Returns
    -------
    list of Item
        First those for training, then those for testing.

    Raises
    ------
    ValueError
        If there is too little speech for so many clips.
    """
    n_test = round(TEST_FRACTION * n_clips)
    methods = [*methods, *degradations]
    with_noise = [(snr, method) for snr in snrs for method in methods]
    without_noise = [(inf, method) for method in degradations]
    conditions = with_noise + without_noise
    items = []
    for split, n_split in zip(splits, (n_clips - n_test, n_test)):
        most = len(with_noise) * len(split.noises) + len(without_noise)
        shares = share_clips(split, n_split, most, seed, weights, clean)
        turns = _take_turns(sorted(split.noises), conditions, split.name, seed)
        chosen = _distribute(turns, [share.n_mixed for share in shares])
        for (utterance, _), clips in zip(shares, chosen):
            mixtures = _mixtures(split, utterance, clips, seed)
            own = split.utterances[utterance.talker]
            take = draw_take(utterance, own, seed, lengths, pauses)
            items.append(Item(split.name, utterance, mixtures, take))
    parts = plan_joined(items, n_joined, seed)
    return [item._replace(joined=own) for item, own in zip(items, parts)]


def _take_turns(noises, conditions, split, seed):
    """List every (noise, condition); any stretch is balanced.

    Each occurs once, but conditions without noise once for every noise.
    """
    rng = rng_for(seed, split, "turns")
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


def _distribute(turns: list, counts: Iterable[int]) -> Iterator[list]:
    """Give each utterance its turns, none twice to the same one."""
    stock = cycle(turns)
    for count in counts:
        chosen: dict[tuple, None] = {}
        while len(chosen) < count:
            chosen[next(stock)] = None
        yield list(chosen)


def _mixtures(split, utterance, chosen, seed):
    """Group the chosen clips of one utterance into mixtures."""
    methods = defaultdict(list)
    for noise, (snr, method) in chosen:
        methods[snr, noise].append(method)
    mixtures = []
    for (snr, noise), names in methods.items():
        mixture = Mixture(snr, noise, (), tuple(sorted(names)))
        path = split.noises.get(noise)
        paths: tuple[Path, ...] = ()
        if path is not None:
            paths = (Path(path),)
        elif noise in FROM_SPEECH:
            rng = rng_for(seed, clip_name(NOISY, mixture, utterance.name).stem)
            paths = _other_voices(split, utterance.talker, rng)
        room = _room(split, mixture, utterance, seed)
        mixtures.append(mixture._replace(paths=paths, room=room))
    return tuple(mixtures)


def _room(split, mixture, utterance, seed):
    """Draw the room of a mixture; None where it needs none."""
    if ROOM not in mixture.methods:
        return None
    stem = clip_name(ROOM, mixture, utterance.name).stem
    return split.rooms[rng_for(seed, stem).integers(len(split.rooms))]


def _other_voices(split, talker, rng):
    """Draw 5 to 8 clips of other talkers, different ones if possible."""
    others = sorted(set(split.utterances) - {talker})
    n_voices = rng.integers(N_BABBLE[0], N_BABBLE[1] + 1)
    order = np.resize(rng.permutation(others), n_voices).tolist()
    voices = []
    for name in order:
        own = split.utterances[name]
        voices.append(own[rng.integers(len(own))].path)
    return tuple(voices)
