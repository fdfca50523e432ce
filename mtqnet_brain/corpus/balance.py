"""Which utterances a corpus takes, and how many clips are made of each.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, NamedTuple

from mtqnet_brain.corpus.apportion import apportion
from mtqnet_brain.corpus.talker_split import rng_for

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance
    from mtqnet_brain.corpus.talker_split import Split

CLEAN_SHARE = 1 / 12  # of the clips
FULL_SOURCE = 10  # utterances for each unit of the default weight


class Share(NamedTuple):
    """An utterance and the number of clips made of it, besides the clean one.

    Arguments
    ---------
    utterance : Utterance
        Clean clip.
    n_mixed : int
        Number of other clips.
    """

    utterance: Utterance
    n_mixed: int


def default_weight(utterances: Mapping[str, Sequence[Utterance]]) -> float:
    """Return how often the clips of a source are drawn, by its talkers.

    The square root of their number, so that a source of a hundred talkers
    does not hide those of four; added up over its languages, each of which is
    as good as a source; but a tenth of the number of utterances where that is
    less: few sentences would return in very many clips.

    Arguments
    ---------
    utterances : dict
        Utterances by talker.

    Returns
    -------
    float
        Positive.
    """
    n_utterances = sum(map(len, utterances.values()))
    languages = Counter(own[0].language for own in utterances.values())
    weight = sum(map(sqrt, languages.values()))
    return min(weight, n_utterances / FULL_SOURCE)


def share_clips(
    split: Split,
    n_clips: int,
    most: int,
    seed: int,
    weights: Mapping[str, float],
    clean: float = CLEAN_SHARE,
) -> list[Share]:
    """Choose the utterances of a split and divide its clips among them.

    Sources get clips in proportion to their weights; inside a source talkers
    take turns, those of different languages in alternation. More clips than
    wanted are clean where the mixtures do not suffice; fewer where a source
    has few utterances for its weight.

    Arguments
    ---------
    split : Split
        Speech of one split.
    n_clips : int
        Clips of the split, clean ones included.
    most : int
        Different mixtures that can be made of one utterance.
    seed : int
        Decides the draws.
    weights : dict
        Weight by source; `default_weight` for those not named.
    clean : float
        Fraction of the clips that is clean: one clip of each utterance.

    Returns
    -------
    list of Share
        Those of one source are neighbours.

    Raises
    ------
    ValueError
        If there is too little speech for so many clips.
    """
    available = sum(map(len, split.utterances.values()))
    if n_clips < 2 or n_clips > available * (most + 1):
        raise ValueError(
            f"{split.name}: {n_clips} clips wanted; {available} utterances "
            f"with {most} mixtures each make at least 2 and at most "
            f"{available * (most + 1)}; change --clips, or give more speech "
            "or SNRs"
        )
    sources = _by_source(split)
    wanted = max(round(clean * n_clips), ceil(n_clips / (most + 1)), 1)
    own = [weights.get(n) or default_weight(t) for n, t in sources.items()]
    sizes = [sum(map(len, talkers.values())) for talkers in sources.values()]
    counts = _count(n_clips, wanted, own, sizes, most, split.name, seed)
    shares = []
    for (source, talkers), (n_clean, n_own) in zip(sources.items(), counts):
        chosen = _turns(talkers, split.name, source, seed)[:n_clean]
        shares += _spread(chosen, n_own - n_clean)
    return shares


def _by_source(split: Split) -> dict[str, dict[str, list[Utterance]]]:
    """Group utterances by source and talker, both sorted."""
    sources: dict[str, dict] = defaultdict(lambda: defaultdict(list))
    for talker, utterances in sorted(split.utterances.items()):
        for utterance in utterances:
            sources[utterance.source][talker].append(utterance)
    return dict(sorted(sources.items()))


def _count(n_clips, wanted, weights, sizes, most, split, seed):
    """Return the number of utterances and of clips of each source."""
    offset = 0.5
    if len(sizes) > 1:  # rounded at random, or the small ones got nothing
        offset = rng_for(seed, split, "sources").uniform()
    while True:
        ideal = apportion(wanted, weights, offset)
        n_clean = [min(pair) for pair in zip(ideal, sizes)]
        if sum(n_clean) * (most + 1) >= n_clips or n_clean == sizes:
            break
        wanted *= 2
    n_own = _fill(n_clips, ideal, [n * (most + 1) for n in n_clean])
    return [(min(pair), pair[1]) for pair in zip(n_clean, n_own)]


def _fill(total, weights, limits):
    """Apportion a number with limits; what one cannot take, the others get."""
    full: dict[int, int] = {}
    while True:
        rest = [i for i in range(len(weights)) if i not in full]
        left = total - sum(full.values())
        parts = dict(zip(rest, apportion(left, [weights[i] for i in rest])))
        over = {i: limits[i] for i in rest if parts[i] > limits[i]}
        if not over:
            both = full | parts
            return [both[i] for i in range(len(weights))]
        full |= over


def _turns(talkers, split, source, seed):
    """List the utterances of a source, talkers taking turns."""
    rng = rng_for(seed, split, "utterances", *([source] if source else []))
    queues = [
        [own[i] for i in rng.permutation(len(own))]
        for _, own in sorted(talkers.items())
    ]
    order = [queues[i] for i in rng.permutation(len(queues))]
    by_language = defaultdict(list)
    for queue in order:
        by_language[queue[0].language].append(queue)
    return _in_turn(_in_turn(list(by_language.values())))


def _in_turn(queues: list[list]) -> list:
    """Take the first of each queue, then the second of each, ..."""
    longest = max(map(len, queues))
    return [q[i] for i in range(longest) for q in queues if i < len(q)]


def _spread(utterances, n_mixed):
    """Divide a number of clips evenly among utterances."""
    n = len(utterances)
    return [
        Share(utterance, (i + 1) * n_mixed // n - i * n_mixed // n)
        for i, utterance in enumerate(utterances)
    ]
