"""Labels named on the command line: column and range.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import pytest

from mtqnet_brain.preparation.label_columns import label_tasks, parse_ranges


@pytest.mark.parametrize(
    "label",
    [
        {"mos": "score:1:5", "s_mos": "Sig: all:-1.5:100"},
        ["mos=score:1:5", "s_mos=Sig: all:-1.5:100"],
        "mos=score:1:5 's_mos=Sig: all:-1.5:100'",
    ],
)
def test_three_forms(label):
    """A dict of a YAML, the words of a command line, a string."""
    assert parse_ranges(label) == {
        "mos": ("score", 1.0, 5.0),
        "s_mos": ("Sig: all", -1.5, 100.0),
    }


def test_tasks():
    """Primary, learnt from the column of their name; no upper end is one."""
    mos, sdi = label_tasks({"mos": "score:1:5", "sdi": "d:0:inf"})
    assert (mos.name, mos.column, mos.role) == ("mos", "mos", "primary")
    assert (mos.low, mos.high, sdi.high) == (1.0, 5.0, math.inf)


@pytest.mark.parametrize(
    "label, problem",
    [
        ({}, "no label is given: e.g. --label mos=score:1:5"),
        (None, "no label is given"),
        ({"mos": "score"}, "mos=score: no range; mos=COLUMN:LOW:HIGH, e.g."),
        ({"mos": "score:5"}, "mos=score:5: no range"),
        ({"mos": ":1:5"}, "mos=:1:5: no range"),
        ({"mos": "score:1:top"}, "mos=score:1:top: 1:top is not a range"),
        ({"mos": "score:1:1_0"}, "1:1_0 is not a range"),
        ({"mos": "score:5:1"}, "5 is not below 1"),
        ({"mos": "score:1:nan"}, "1 is not below nan"),
        ({"MOS": "score:1:5"}, "'MOS' is not lower-case letters, digits"),
        ({"2nd": "score:1:5"}, "'2nd' is not lower-case letters, digits"),
        ({"speaker": "score:1:5"}, "'speaker' is reserved"),
        ({"without_clean": "score:1:5"}, "'without_clean' is reserved"),
        ({"mos_source": "score:1:5"}, "'mos_source' is reserved"),
        ({"pseudo_mos": "score:1:5"}, "'pseudo_mos' is reserved"),
        ({"keys": "score:1:5"}, "'keys' is reserved"),
        (["mos"], "--label mos: expected NAME=COLUMN:LOW:HIGH"),
    ],
)
def test_unclear_labels_are_refused(label, problem):
    """With an example of how to write them."""
    with pytest.raises(ValueError, match=problem):
        parse_ranges(label)
