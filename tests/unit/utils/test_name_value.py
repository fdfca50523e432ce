"""NAME=VALUE pairs in every form that reaches us.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.utils.name_value import parse_pairs


@pytest.mark.parametrize(
    "given",
    [
        {"a": "B", "c": "D=E"},
        "a=B c=D=E",
        "a='B' 'c=D=E'",
        ["a=B", "c=D=E"],
    ],
)
def test_forms_mean_the_same(given):
    """Dict, string, quotes, list; a value may hold equals signs."""
    assert parse_pairs(given) == {"a": "B", "c": "D=E"}


def test_speechbrain_splits_at_the_equals_sign():
    """What its parser leaves of ``--label s_mos=A n_mos=B``."""
    assert parse_pairs("s_mos A n_mos B") == {"s_mos": "A", "n_mos": "B"}


@pytest.mark.parametrize(
    "given, message",
    [
        ([], "--label : expected LABEL=COLUMN"),
        (["a"], "--label a: expected LABEL=COLUMN"),
        (["a=B", "c="], "--label c=: expected LABEL=COLUMN"),
        ("=B", "--label =B: expected LABEL=COLUMN"),
        (["a=B", "a=C"], "--label a=C: a is given twice"),
    ],
)
def test_what_is_no_pair_is_named(given, message):
    """With the option and the form expected."""
    with pytest.raises(ValueError) as caught:
        parse_pairs(given, "LABEL=COLUMN", "--label")
    assert str(caught.value) == message
