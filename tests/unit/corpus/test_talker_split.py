"""Talkers and noise files of the training and the test part.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from tiny_corpus import utterances

from mtqnet_brain.corpus.talker_split import rng_for, split_talkers


def test_split_is_80_20(tmp_path):
    """Of 20 talkers and 10 noise files, 4 and 2 go to the test part."""
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


def test_noise_files_alone_must_suffice_for_both_splits():
    """Two files would leave the test part without noise."""
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
