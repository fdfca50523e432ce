"""The label source ``fusion``: weights, doubt of the reference, the file.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import math

import pytest

from mtqnet_brain.labels.fusion import WEIGHTS_FILE, Fusion, load_fusion

FUSION = Fusion(
    "test",
    {"g_mos": {"offset": 1.0, "covl": 0.5, "bak": 0.1}},
    {"g_mos": {"offset": 0.5, "bak": 0.5, "distillmos": 0.25}},
)


def test_measures_and_teachers_are_weighted():
    """3.1 by the measures, 3.4 by the teachers alone: 0.7 and 0.3 of them."""
    values = {"covl": 3.4, "bak": 4.0, "distillmos": 3.6}
    expected = 0.7 * (1 + 1.7 + 0.4) + 0.3 * (0.5 + 2 + 0.9)
    assert FUSION(values)["g_mos"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("covl", "share"),
    [(2.4, 0.7), (2.0, 0.56), (1.0, 0.21), (0.4, 0.0), (-5.0, 0.0)],
)
def test_a_reference_in_doubt_loses_weight(covl, share):
    """From one point below the teachers on, and all of it at two."""
    measured, taught = 1 + 0.5 * covl + 0.4, 3.6
    values = {"covl": covl, "bak": 4.0, "distillmos": 4.4}
    expected = taught + share * (measured - taught)
    assert FUSION(values)["g_mos"] == pytest.approx(expected)


def test_without_a_reference_the_teachers_decide():
    """Absent or NaN."""
    values = {"bak": 4.0, "distillmos": 3.6}
    assert FUSION(values)["g_mos"] == pytest.approx(3.4)
    assert FUSION(values | {"covl": math.nan})["g_mos"] == pytest.approx(3.4)


def test_without_a_teacher_there_is_no_label():
    """A missing score must not count as 0."""
    assert math.isnan(FUSION({"covl": 3.4, "bak": 4.0})["g_mos"])


def test_labels_stay_on_the_scale():
    """1 to 5, whatever the weights give."""
    low = FUSION({"bak": -9.0, "distillmos": 0.0})
    high = FUSION({"bak": 9.0, "distillmos": 9.0})
    assert (low["g_mos"], high["g_mos"]) == (1.0, 5.0)


def test_what_ships_asks_each_question_of_p835():
    """Loud noise lowers N-MOS most; clean speech is above 4 in all three."""
    assert load_fusion().name == json.loads(WEIGHTS_FILE.read_text())["name"]
    teachers = ("sig", "bak", "ovrl", "distillmos", "plcmos")
    clean = dict.fromkeys(("csig", "cbak", "covl"), 5.0) | {"pesq": 4.64}
    clean |= dict(zip(teachers, (3.6, 4.1, 3.4, 4.5, 4.5)))
    noisy = dict.fromkeys(("csig", "cbak", "covl"), 2.5) | {"pesq": 1.5}
    noisy |= dict(zip(teachers, (3.0, 2.0, 2.2, 3.0, 3.3)))
    best, worse = load_fusion()(clean), load_fusion()(noisy)
    assert min(best.values()) > 4.0
    falls = {score: best[score] - worse[score] for score in best}
    assert falls["n_mos"] > falls["g_mos"] > falls["s_mos"] > 0.3
