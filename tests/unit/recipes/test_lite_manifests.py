"""Manifests of several corpora for the model that ships.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from recipe_scripts import load_script


@pytest.fixture(scope="module")
def manifests():
    """Return the script."""
    return load_script("Lite", "manifests")


def clips(*names):
    """Return rows of clips named ``talker-sentence``, 3 enhanced, 9 not."""
    methods = {"3": "GRU", "9": "Noisy"}
    return [
        {"ID": n, "speaker": n[0], "method": methods.get(n[2], "FCN")}
        for n in names
    ]


FIRST = {
    "train": clips("a-1", "b-1", "c-1"),
    "valid": clips("a-2"),
    "test": clips("d-1", "c-9"),
}
SECOND = {
    "train": clips("a-2", "a-3", "c-2"),
    "valid": clips("b-1", "c-3"),
    "test": clips("d-1", "e-1"),
}


def test_each_clip_once_and_never_learnt_where_tested(manifests):
    """a-2 and b-1 are validated by one corpus and learnt by the other."""
    joined = manifests.join([FIRST, SECOND], [])
    assert joined == {
        "test": clips("d-1", "c-9", "e-1"),
        "valid": clips("a-2", "b-1", "c-3"),
        "train": clips("a-1", "c-1", "a-3", "c-2"),
    }


def test_talkers_are_held_out(manifests):
    """Their clips stay in the test alone."""
    joined = manifests.join([FIRST, SECOND], ["c"])
    names = {part: [r["ID"] for r in rows] for part, rows in joined.items()}
    assert names == {
        "test": ["d-1", "c-9", "e-1"],
        "valid": ["a-2", "b-1"],
        "train": ["a-1", "a-3"],
    }


def test_systems_are_held_out(manifests):
    """By the name of the method, beside talkers."""
    joined = manifests.join([FIRST, SECOND], ["b", "GRU"])
    names = {part: [r["ID"] for r in rows] for part, rows in joined.items()}
    assert names == {
        "test": ["d-1", "c-9", "e-1"],
        "valid": ["a-2"],
        "train": ["a-1", "c-1", "c-2"],
    }
