"""Batches are bounded in length and number, and keep every item.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.utils.batches import batches_by_length


def batch(lengths, *limits):
    """Return the batches of items that are their own length."""
    return list(batches_by_length(lengths, lambda length: length, *limits))


def test_a_batch_counts_its_padding():
    """1 + 2 + 3 would fit into 6, three times 3 does not."""
    assert batch([1, 2, 3], 6) == [[1, 2], [3]]
    assert batch([1, 2, 3], 9) == [[1, 2, 3]]


def test_a_batch_may_be_exactly_full():
    """The limit itself is allowed."""
    assert batch([2, 2, 2, 2], 4) == [[2, 2], [2, 2]]


def test_an_item_above_the_limit_is_alone():
    """Nothing is dropped, however long it is."""
    assert batch([1, 8, 9], 4) == [[1], [8], [9]]
    assert batch([8], 4) == [[8]]


@pytest.mark.parametrize("most, expected", [(1, [[1], [1]]), (2, [[1, 1]])])
def test_the_number_of_items_is_limited_too(most, expected):
    """Whichever limit comes first."""
    assert batch([1, 1], 100, most) == expected


def test_no_items_make_no_batch():
    """Not an empty one."""
    assert batch([], 4) == []
