"""How sources of speech share the clips of a corpus.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import Counter

import pytest
from tiny_corpus import utterances_of

from mtqnet_brain.corpus.apportion import apportion
from mtqnet_brain.corpus.balance import default_weight, share_clips
from mtqnet_brain.corpus.talker_split import Split


def split_of(*sources):
    """Return a split of sources: name, talkers, utterances of each."""
    talkers = {}
    for source, n_talkers, n_each in sources:
        for utterance in utterances_of(source, n_talkers, n_each):
            talkers.setdefault(utterance.talker, []).append(utterance)
    return Split("train", talkers, {"pink": None})


def clips_by(field, shares):
    """Count clips, clean ones too, by a field of the utterance."""
    counts = Counter()
    for utterance, n_mixed in shares:
        counts[getattr(utterance, field)] += n_mixed + 1
    return counts


def test_clips_follow_the_square_root_of_the_talkers():
    """100, 16 and 4 talkers: 10 to 4 to 2 parts of the clips."""
    split = split_of(("a", 100, 10), ("b", 16, 10), ("c", 4, 10))
    counts = clips_by("source", share_clips(split, 1600, 50, 0, {}))
    assert counts.total() == 1600
    for source, exact in (("a", 1000), ("b", 400), ("c", 200)):
        assert counts[source] == pytest.approx(exact, abs=16)
    talkers = clips_by("talker", share_clips(split, 1600, 50, 0, {}))
    few = [n for talker, n in talkers.items() if talker.startswith("b")]
    assert len(few) == 16 and max(few) <= 3 * min(few)


def test_given_weights_count_though_utterances_are_few():
    """One source of four utterances gets half of the clips."""
    split = split_of(("a", 20, 10), ("b", 2, 2))
    shares = share_clips(split, 240, 60, 3, {"a": 2, "b": 2})
    counts = clips_by("source", shares)
    assert abs(counts["a"] - counts["b"]) <= 24
    assert len([u for u, _ in shares if u.source == "b"]) == 4


def test_no_utterance_gets_more_than_its_mixtures():
    """What a heavy source cannot make, the other makes."""
    split = split_of(("a", 20, 10), ("b", 2, 2))
    shares = share_clips(split, 800, 5, 3, {"b": 50})
    assert sum(n + 1 for _, n in shares) == 800
    assert max(n for _, n in shares) <= 5
    assert clips_by("source", shares)["b"] == 4 * 6


def test_the_share_of_clean_clips_is_that_of_the_utterances():
    """A fifth of 500 clips: 100 utterances with four mixtures each."""
    split = split_of(("a", 60, 10))
    shares = share_clips(split, 500, 50, 0, {}, 0.2)
    assert [n for _, n in shares] == [4] * 100
    assert len({utterance for utterance, _ in shares}) == 100


def test_small_sources_get_their_turn_over_seeds():
    """Five utterances in all: the source of weight 1 in 10 is in half."""
    split = split_of(("a", 9, 10), ("b", 9, 10))
    weights = {"a": 9, "b": 1}
    found = [
        clips_by("source", share_clips(split, 60, 50, seed, weights))["b"] > 0
        for seed in range(100)
    ]
    assert 35 <= sum(found) <= 65


@pytest.mark.parametrize(
    "sizes, weight",
    [
        ([("en", 30)] * 9, 3),
        ([("en", 30)] * 4 + [("fr", 30)] * 4, 4),
        ([("en", 1)] * 4, 0.4),
    ],
)
def test_default_weight(sizes, weight):
    """Roots of talkers by language; a tenth of few utterances."""
    talkers = {
        f"t{i}": [
            u._replace(language=language) for u in utterances_of("s", 1, n)
        ]
        for i, (language, n) in enumerate(sizes)
    }
    assert default_weight(talkers) == pytest.approx(weight)


def test_parts_are_the_exact_shares_rounded():
    """Never more than one off, and all is given away."""
    for offset in (0, 0.3, 0.5, 0.99):
        parts = apportion(100, [1, 2, 4, 0, 0.5], offset)
        exact = [100 * w / 7.5 for w in (1, 2, 4, 0, 0.5)]
        assert sum(parts) == 100
        assert all(abs(p - e) < 1 for p, e in zip(parts, exact))
