"""Plans of a corpus: exact numbers, balance, babble of other talkers.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import pytest
from tiny_corpus import utterances

from mtqnet_brain.corpus.plan import plan_items
from mtqnet_brain.corpus.talker_split import split_talkers
from mtqnet_brain.data.clip_names import parse_name


def test_plan_is_exact_and_balanced():
    """1200 clips, 1 in 12 clean, every noise and SNR equally frequent."""
    splits = split_talkers(utterances(20, 20), {}, seed=0)
    snrs, methods = [-2, 0, 2, 5, 10, 20, 30], ["Noisy", "MMSE", "KLT"]
    items = plan_items(splits, 1200, snrs, methods, seed=0)
    clips = [parse_name(c[:-4].split("/")[1]) for i in items for c in i.clips]
    assert len(clips) == len(set(clips)) == 1200
    assert sum(clip.method == "clean" for clip in clips) == 100
    for field, least, most in (
        ("noise", 275, 275),  # 1100 / 4
        ("snr", 155, 159),  # 1100 / 7 = 157
        ("method", 363, 371),  # 1100 / 3 = 367
    ):
        values = [getattr(c, field) for c in clips if c.method != "clean"]
        counts = {value: values.count(value) for value in values}
        assert least <= min(counts.values()) <= max(counts.values()) <= most


def test_babble_has_5_to_8_voices_of_other_talkers_of_the_part():
    """No babble is made of the talker or of the other split."""
    splits = split_talkers(utterances(40, 3), {}, seed=1)
    items = plan_items(splits, 300, [0, 5], ["Noisy"], seed=1)
    own = {split.name: set(split.utterances) for split in splits}
    n_voices = set()
    for item in items:
        for mixture in item.mixtures:
            if mixture.noise != "babble":
                continue
            talkers = [path.split("/")[0] for path in mixture.paths]
            others = own[item.split] - {item.utterance.talker}
            assert set(talkers) <= others
            assert len(set(talkers)) == min(len(talkers), len(others))
            n_voices.add(len(talkers))
    assert n_voices == {5, 6, 7, 8}


def test_all_combinations_can_be_asked_for():
    """As many clips as combinations exist: every one exactly once."""
    splits = split_talkers(utterances(4, 1), {}, seed=0)
    # 4 noises x 2 SNRs x 1 method + 1 clean, 2 utterances per split.
    splits = [splits[0]]
    items = plan_items(splits, 22, [0, 5], ["Noisy"], seed=0)
    clips = [clip for item in items for clip in item.clips]
    assert len(clips) == len(set(clips)) == 18  # 80 % of 22
    with pytest.raises(ValueError, match="at most 18"):
        plan_items(splits, 24, [0, 5], ["Noisy"], seed=0)


def test_degradations_are_planned_for_clean_speech_too():
    """No noise counts as one more SNR; no clip occurs twice."""
    splits = split_talkers(utterances(20, 20), {}, seed=0)
    snrs, degradations = [-2, 5, 20], ["Clip", "MNRU"]
    items = plan_items(splits, 1200, snrs, ["Noisy"], 0, degradations)
    clips = [parse_name(c[:-4].split("/")[1]) for i in items for c in i.clips]
    assert len(clips) == len(set(clips)) == 1200
    pairs = [(clip.method, clip.snr) for clip in clips]
    # 1100 / (3 SNRs x 3 methods + 2) = 100 each.
    for method, snr in set(pairs) - {("clean", None)}:
        assert 94 <= pairs.count((method, snr)) <= 106
    assert {m for m, snr in pairs if snr == math.inf} == {"Clip", "MNRU"}


def test_all_combinations_with_degradations():
    """4 noises x 1 SNR x 2 methods, one without noise, one clean clip."""
    splits = split_talkers(utterances(4, 1), {}, seed=0)[:1]
    items = plan_items(splits, 25, [0], ["Noisy"], 0, ["Clip"])
    clips = [clip for item in items for clip in item.clips]
    assert len(clips) == len(set(clips)) == 20  # 80 % of 25
    with pytest.raises(ValueError, match="at most 20"):
        plan_items(splits, 27, [0], ["Noisy"], 0, ["Clip"])
