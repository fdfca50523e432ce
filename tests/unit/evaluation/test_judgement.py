"""Figures of ITU-T P.1401 against scipy and hand calculations.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy import stats

from mtqnet_brain.evaluation.judgement import judge

N_CONDITIONS, N_EACH = 10, 6


@pytest.fixture
def test_data():
    """Votes, good and poor scores, conditions: sixty clips of ten."""
    rng = np.random.default_rng(3)
    conditions = np.repeat([f"c{i}" for i in range(N_CONDITIONS)], N_EACH)
    quality = np.repeat(rng.uniform(1.5, 4.5, N_CONDITIONS), N_EACH)
    noise = rng.standard_normal((3, len(quality)))
    votes = np.clip(quality + 0.2 * noise[0], 1, 5)
    good, poor = quality + 0.3 * noise[1] + 0.5, quality + 2 * noise[2]
    return votes, good, poor, conditions


def by_level(found, rater):
    """Return a rater's judgements by level."""
    return {one.level: one for one in found if one.rater == rater}


def test_figures_of_files_and_conditions(test_data):
    """Correlations are scipy's; conditions are means; bias is before."""
    votes, good, _, conditions = test_data
    found = by_level(judge(votes, {"a": ("g", good)}, conditions, 50), "a")
    means = [x.reshape(N_CONDITIONS, N_EACH).mean(1) for x in (good, votes)]
    for level, (x, y) in {"file": (good, votes), "condition": means}.items():
        one = found[level]
        assert one.n == len(x)
        assert one.values["lcc"] == pytest.approx(stats.pearsonr(x, y)[0])
        assert one.values["srcc"] == pytest.approx(stats.spearmanr(x, y)[0])
        assert one.bias == pytest.approx(np.mean(x) - np.mean(y))
        for metric, value in one.values.items():
            low, high = one.intervals[metric]
            assert low < value < high


def test_rmse_is_after_a_cubic_with_four_coefficients():
    """The residuals of numpy's cubic, which rises here, over n - 4."""
    x = np.linspace(1, 5, 30)
    votes = 1 + 0.03 * x**3 + 0.1 * np.random.default_rng(1).normal(size=30)
    cubic, (squares,), *_ = np.polyfit(x, votes, 3, full=True)
    assert np.polyval(np.polyder(cubic), x).min() > 0
    (found,) = judge(votes, {"a": ("g", x)}, None, 50)
    assert found.values["rmse"] == pytest.approx(np.sqrt(squares / 26))


def test_clips_of_a_condition_are_no_samples_of_their_own():
    """Eight equal clips per condition say no more than one."""
    rng = np.random.default_rng(5)
    votes = rng.uniform(1, 5, 12)
    scores = votes + rng.standard_normal(12)
    names = [f"c{i:02}" for i in range(12)]
    (once,) = judge(votes, {"a": ("g", scores)}, names)
    eight = [np.repeat(x, 8) for x in (votes, scores, names)]
    found = judge(eight[0], {"a": ("g", eight[1])}, eight[2])
    for one in found:
        np.testing.assert_allclose(one.intervals["lcc"], once.intervals["lcc"])
    clips = judge(eight[0], {"a": ("g", eight[1])})[0]  # as if independent
    assert np.ptp(clips.intervals["lcc"]) < 0.6 * np.ptp(once.intervals["lcc"])


def test_the_lead_is_paired(test_data):
    """A clear lead is significant, a copy of the first never is."""
    votes, good, poor, conditions = test_data
    rated = {"good": ("g", good), "poor": ("g", poor), "copy": ("g", good + 1)}
    found = judge(votes, rated, conditions, 500)
    first, poor, copy = (by_level(found, name)["file"] for name in rated)
    assert first.lead is None and not first.differs
    assert poor.lead[0] > 0 and poor.differs
    np.testing.assert_allclose(copy.lead, 0, atol=1e-12)
    assert not copy.differs


def test_votes_of_another_scale_have_no_bias(test_data):
    """MUSHRA runs from 0 to 100; its correlation is as good as any."""
    votes, good, *_ = test_data
    (on_five,) = judge(votes, {"a": ("g", good)}, None, 10)
    (on_hundred,) = judge(25 * (votes - 1), {"a": ("g", good)}, None, 10)
    assert on_hundred.bias is None and on_five.bias is not None
    assert on_hundred.values["lcc"] == pytest.approx(on_five.values["lcc"])


def test_equal_scores_have_no_correlation():
    """Said, not raised."""
    votes = np.array([1.0, 2, 3, 4, 5])
    (found,) = judge(votes, {"a": ("g", np.full(5, 3.0))}, None, 10)
    assert found.values["lcc"] is None and "3" in found.undefined
    # All residuals to the mean, over one degree of freedom.
    assert found.values["rmse"] == pytest.approx(np.sqrt(10))
