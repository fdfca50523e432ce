"""Agreement of pseudo-labels with true values.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.evaluation.agreement import teacher_metrics
from mtqnet_brain.tasks import Task

SDI = Task("sdi", 0, cap=2.0)
ROWS = [
    {"sdi": "0.5", "pseudo_sdi": "0.5"},
    {"sdi": "1", "pseudo_sdi": "1.5"},
    {"sdi": "40", "pseudo_sdi": "2"},
    {"sdi": "", "pseudo_sdi": "2"},
    {"sdi": "1"},
]


def test_true_values_are_lowered_to_the_cap():
    """An SDI of 40 counts as 2; rows without both values are left out."""
    found = teacher_metrics(ROWS, SDI)
    assert found["n"] == 3
    assert found["mse"] == pytest.approx(0.25 / 3)


def test_nothing_to_compare():
    """No row has both values."""
    assert teacher_metrics(ROWS[3:], SDI) is None
