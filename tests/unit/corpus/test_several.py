"""Several degradations in a row.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import Counter

import numpy as np
import pytest
from damage_measures import generator, speech

from mtqnet_brain.corpus.damage.drawing import fixed_damage, uniform
from mtqnet_brain.corpus.damage.several import several
from mtqnet_brain.corpus.degradations import CHAIN, DEGRADATIONS, degrade

ADD = fixed_damage(lambda x, more: x + more, more=uniform(1, 2, 1))
DOUBLE = fixed_damage(lambda x, factor: x * factor, factor=uniform(2, 3, 1))
SQUARE = fixed_damage(lambda x: x**2)


def test_in_the_order_of_the_chain():
    """Each with its own parameters: the sum is squared, never otherwise."""
    names = {"Add": ADD, "Double": DOUBLE, "Square": SQUARE}
    both = several((["Add"], ["Double"], ["Square"]), names)
    chains = set()
    for seed in range(40):
        drawn = both.draw(generator(seed))
        chains.add(drawn["chain"])
        found = both.apply(np.ones(3), None, None, **drawn)
        expected = 1.0
        if "Add" in drawn["chain"]:
            expected += drawn["more"]
        if "Double" in drawn["chain"]:
            expected *= drawn["factor"]
        if "Square" in drawn["chain"]:
            expected **= 2
        assert found == pytest.approx(expected)
    assert chains == {
        "Add+Double",
        "Add+Square",
        "Double+Square",
        "Add+Double+Square",
    }


def test_no_two_share_a_column():
    """Of two links; else one would get the other's parameters."""
    columns = [
        {key for name in link for key in DEGRADATIONS[name].columns}
        for link in CHAIN
    ]
    counts = Counter(key for link in columns for key in link)
    assert max(counts.values()) == 1


def test_all_are_drawn():
    """Two or three, and each of the chain's sooner or later."""
    rng = generator()
    chains = [
        DEGRADATIONS["Several"].draw(rng)["chain"].split("+")
        for _ in range(1500)
    ]
    assert {len(chain) for chain in chains} == {2, 3}
    drawn = {name for chain in chains for name in chain}
    assert drawn == {name for link in CHAIN for name in link}


def test_the_row_makes_the_clip_again():
    """What degradations.csv says, one after the other, without a codec."""
    clean = speech(1.0)
    needless = {name for link in CHAIN[4:] for name in link}
    checked = 0
    for seed in range(60):
        rng = generator(seed)
        drawn = DEGRADATIONS["Several"].draw(rng)
        names = drawn["chain"].split("+")
        if needless & set(names):
            continue
        expected = clean
        for name in names:
            own = {key: drawn[key] for key in DEGRADATIONS[name].columns}
            expected = DEGRADATIONS[name].apply(expected, clean, rng, **own)
        found = degrade(clean, clean, "Several", generator(seed))
        assert np.array_equal(found, expected)
        checked += 1
    assert checked > 5
