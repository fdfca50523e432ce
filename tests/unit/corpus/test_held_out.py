"""What a corpus keeps for its test.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import pytest
from tiny_corpus import utterances_of

from mtqnet_brain.corpus.held_out import HeldOut
from mtqnet_brain.corpus.talker_split import split_talkers

SPEECH = [
    *utterances_of("big_one", 40, 2, "en"),
    *utterances_of("b", 20, 2, "fr"),
    *utterances_of("c", 10, 2, "zh"),
]


def sources(split):
    """Return the sources of a split."""
    return {u.source for own in split.utterances.values() for u in own}


def test_a_fifth_of_the_talkers_of_every_source():
    """8, 4 and 2 of 40, 20 and 10, whatever the seed."""
    for seed in range(5):
        _, test = split_talkers(SPEECH, {}, seed)
        counts = [
            sum(talker.startswith(name) for talker in test.utterances)
            for name in ("bigone", "b0", "b1", "c")
        ]
        assert counts[0] == 8 and counts[1] + counts[2] + counts[3] >= 2
        assert len(test.utterances) == 14


@pytest.mark.parametrize("name", ["b", "fr", "B", "FR"])
def test_a_source_or_a_language_is_for_the_test_alone(name):
    """All 20 talkers of it, and a fifth of the others."""
    train, test = split_talkers(SPEECH, {}, 0, held_out=HeldOut((name,)))
    assert sources(train) == {"big_one", "c"}
    assert "b" in sources(test)
    assert len(test.utterances) == 20 + 10


def test_a_talker_is_for_the_test_alone():
    """By the label as it is written."""
    train, _ = split_talkers(SPEECH, {}, 0, held_out=HeldOut(("big_one7",)))
    assert "bigone7" not in train.utterances


def test_whole_sources_stay_in_training():
    """No talker of theirs is drawn."""
    whole = HeldOut(whole=("b+c",))
    _, test = split_talkers(SPEECH, {}, 0, held_out=whole)
    assert sources(test) == {"big_one"}
    assert len(test.utterances) == 8


def test_sources_that_share_talkers_are_held_out_together():
    """Chinese is held out, which c speaks: so is b."""
    both = HeldOut(("zh",), ("b+c",))
    train, test = split_talkers(SPEECH, {}, 0, held_out=both)
    assert sources(train) == {"big_one"}
    assert sum(t.startswith(("b0", "b1", "c")) for t in test.utterances) >= 20
    assert not {"b", "c"} & sources(train)


def test_noise_files_and_rooms():
    """By the name, its parts before and after the mark, or the folder."""
    noises = {
        name: Path(folder, f"{name}.wav")
        for folder, name in (
            ("x", "maker__cafe"),
            ("x", "maker__bus"),
            ("y", "lab"),
            ("x", "sea"),
            ("x", "rain"),
        )
    }
    rooms = [Path("r", f"a__hall{n}.wav") for n in range(5)]
    held_out = HeldOut(("maker", "y", "hall3"))
    train, test = split_talkers(SPEECH, noises, 0, [], held_out, rooms)
    assert {"maker__cafe", "maker__bus", "lab"} <= set(test.noises)
    assert rooms[3] in test.rooms and len(test.rooms) == 2  # and one of four
    assert not set(train.rooms) & set(test.rooms)
    assert not set(train.noises) & set(test.noises)


def test_unknown_names():
    """Named, with what there is."""
    with pytest.raises(ValueError, match="de: no source.*big_one.*en, fr, zh"):
        split_talkers(SPEECH, {}, 0, held_out=HeldOut(("fr", "de")))
    with pytest.raises(ValueError, match="other: no source"):
        split_talkers(SPEECH, {}, 0, held_out=HeldOut(whole=("other",)))


def test_nothing_left_to_train_on():
    """All sources are held out."""
    held_out = HeldOut(("en", "fr", "zh"))
    with pytest.raises(ValueError, match="train: no 2 talkers"):
        split_talkers(SPEECH, {}, 0, held_out=held_out)


def test_one_room_cannot_be_in_both_parts():
    """Rooms are split as noise files are."""
    with pytest.raises(ValueError, match="test: no room responses"):
        split_talkers(SPEECH, {}, 0, rooms=[Path("a.wav")])


def test_names_that_a_small_test_lacks():
    """Sources and languages of speech; no noise files."""
    held_out = HeldOut(("b", "zh", "en", "rain"))
    chosen = [u for u in SPEECH if u.language in ("fr", "en")]
    assert held_out.without(SPEECH, chosen) == ["zh"]
    assert held_out.without(SPEECH, []) == ["b", "zh", "en"]
