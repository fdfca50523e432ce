"""Ladders of severity: means, what rises, what should stay.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy import stats

from mtqnet_brain.evaluation.severity import Ladder, follow, source_means
from mtqnet_brain.evaluation.severity_report import (
    ladder_tables,
    plot_ladders,
    source_table,
)

N = 20
TRUE = (4.5, 4.0, 3.0, 3.4, 2.0)


def make_ladder(audible=True, spread=1.0):
    """Scores of twenty clips: each has a level of its own, and the steps."""
    rng = np.random.default_rng(7)
    level = spread * rng.standard_normal((N, 1))
    level -= level.mean()
    noise = 0.05 * rng.standard_normal((N, len(TRUE)))
    scores = {"g_mos": np.array(TRUE) + level + noise - noise.mean(0)}
    steps = ["none", "40", "20", "10", "0"]
    return Ladder("noise", "dB SNR", steps, scores, audible)


def test_means_and_their_intervals_are_scipys():
    """Percentiles of the bootstrap over clips."""
    ladder = make_ladder()
    means = follow(ladder, "g_mos", 2000).means
    np.testing.assert_allclose([m for m, *_ in means], TRUE)
    theirs = stats.bootstrap(
        (ladder.scores["g_mos"][:, 1],),
        np.mean,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    width = theirs.high - theirs.low
    np.testing.assert_allclose(means[1][1:], theirs, atol=0.1 * width)


def test_a_rise_is_found_within_clips():
    """Where clips differ by more than the steps, too."""
    climb = follow(make_ladder(), "g_mos")
    assert climb.rises() == [3]
    mean, low, high = climb.changes[2]
    assert mean == pytest.approx(0.4) and 0.3 < low < mean < high < 0.5
    assert climb.rises(tolerance=0.5) == []


def test_changes_of_what_nobody_hears_are_from_the_first_step():
    """The largest one, with its sign."""
    climb = follow(make_ladder(audible=False), "g_mos")
    np.testing.assert_allclose(
        [mean for mean, *_ in climb.changes], np.array(TRUE[1:]) - TRUE[0]
    )
    assert climb.largest() == pytest.approx(-2.5)


def test_clips_that_were_refused_at_a_step_do_not_count():
    """At no step, since the others would be compared with them."""
    ladder = make_ladder()
    ladder.scores["g_mos"][0, :4] += 100
    ladder.scores["g_mos"][0, 4] = np.nan
    means = follow(ladder, "g_mos").means
    expected = ladder.scores["g_mos"][1:].mean(axis=0)
    np.testing.assert_allclose([m for m, *_ in means], expected)
    ladder.scores["g_mos"][:, 2] = np.nan
    with pytest.raises(ValueError, match="noise: no clip has g_mos"):
        follow(ladder, "g_mos")


def test_tables_and_plot(tmp_path):
    """A sure rise is in bold; a ladder of nothing audible says its change."""
    quiet = make_ladder(audible=False)
    quiet.name = "DC"
    text = ladder_tables([make_ladder(), quiet])
    assert "| noise | **20 to 10: +0.40** |" in text
    assert "| DC | changes by -2.50 at most |" in text
    assert "| 0 | 2.00 [" in text
    plot_ladders([make_ladder(), quiet], tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_bias_of_clean_speech_by_source():
    """Mean minus what was expected, source by source."""
    scores = {"g_mos": np.array([4.0, 5.0, 3.0]), "s_mos": np.ones(3)}
    found = source_means(["b", "b", "a"], scores, {"g_mos": 4.6})
    assert [(one.source, one.n) for one in found] == [("a", 1), ("b", 2)]
    assert found[1].bias == {"g_mos": pytest.approx(-0.1)}
    assert found[1].means["g_mos"] == (4.5, 4.0, 5.0)
    text = source_table(found)
    assert "| b | 2 | 4.50 [4.00, 5.00] | 1.00 [1.00, 1.00] | -0.10 |" in text
