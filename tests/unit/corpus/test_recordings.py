"""Names, splits and plans of a corpus' recordings.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import numpy as np
import pytest
import soundfile

from mtqnet_brain.corpus.plan import plan_items
from mtqnet_brain.corpus.recordings import (
    Utterance,
    find_noises,
    find_speech,
)
from mtqnet_brain.corpus.talker_split import rng_for, split_talkers
from mtqnet_brain.data.clip_names import parse_name


def touch(path, seconds=1.5):
    """Write a short wav."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.ones(int(16000 * seconds)) * 0.1, 16000)


def utterances(n_talkers, n_each):
    """Invented clean clips."""
    return [
        Utterance(f"P_t{t}_{u}", f"t{t}", f"t{t}/{u}.wav")
        for t in range(n_talkers)
        for u in range(n_each)
    ]


def test_names_are_cleaned_and_kept_apart(tmp_path):
    """Two talkers that clean to one name stay two; so do two sentences."""
    for name in ("a_b/1.wav", "ab/1.wav", "x/ab__1.wav", "ab/q_snr5_w_z.wav"):
        touch(tmp_path / name)
    found, skipped, bad = find_speech(tmp_path, "P")
    names = {str(u.path.relative_to(tmp_path)): u.name for u in found}
    assert names == {
        "a_b/1.wav": "P_ab_1",
        "ab/1.wav": "P_ab-2_1",
        "ab/q_snr5_w_z.wav": "P_ab-2_q-snr5_w_z",
        "x/ab__1.wav": "P_ab-2_1-2",
    }
    assert skipped == {"too short": 0, "too long": 0} and not bad
    assert all(parse_name(name).method == "clean" for name in names.values())


@pytest.mark.parametrize(
    "seconds, kind", [(0.99, "too short"), (12.01, "too long")]
)
def test_clips_of_other_lengths_are_counted(tmp_path, seconds, kind):
    """1 s and 12 s are in, a little less or more is not."""
    touch(tmp_path / "a/in1.wav", 1.0)
    touch(tmp_path / "a/in12.wav", 12.0)
    touch(tmp_path / "a/out.wav", seconds)
    found, skipped, _ = find_speech(tmp_path, "P")
    assert len(found) == 2
    assert skipped[kind] == sum(skipped.values()) == 1


def test_noise_files_get_free_names(tmp_path):
    """A file called white is not mistaken for generated white noise."""
    touch(tmp_path / "white.wav")
    touch(tmp_path / "bus_stop.wav")
    names = find_noises(tmp_path, ["white", "pink"])
    assert sorted(names) == ["busstop", "white-2"]


def test_split_is_80_20(tmp_path):
    """Of 20 talkers and 10 noise files, 4 and 2 go to the test split."""
    noises = {f"n{i}": f"n{i}.wav" for i in range(10)}
    train, test = split_talkers(utterances(20, 2), noises, seed=0)
    assert (len(train.utterances), len(test.utterances)) == (16, 4)
    assert sorted(set(train.noises) & set(test.noises)) == [
        "babble",
        "pink",
        "street",
        "white",
    ]
    assert (len(train.noises), len(test.noises)) == (8 + 4, 2 + 4)


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


def test_noise_files_alone_must_suffice_for_both_splits():
    """Two files would leave the test split without noise."""
    files = {f"n{i}": f"n{i}.wav" for i in range(3)}
    splits = split_talkers(utterances(4, 1), files, 0, generated=[])
    assert [len(split.noises) for split in splits] == [2, 1]
    del files["n1"]
    with pytest.raises(ValueError, match=r"\['n0', 'n2'\]; need 3"):
        split_talkers(utterances(4, 1), files, 0, generated=[])


def test_draws_depend_on_names_alone():
    """The same name gives the same draws; another one, others."""
    first, again, other = (
        rng_for(1, name).integers(1 << 40) for name in ("a", "a", "b")
    )
    assert first == again != other
