"""Intervals against scipy's bootstrap; paired comparisons; seeds.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy import stats

from mtqnet_brain.evaluation.bootstrap import Bootstrap, interval
from mtqnet_brain.evaluation.metrics import score_metrics
from mtqnet_brain.reproduction.statistics import Estimate

N = 120


@pytest.fixture
def scores():
    """True scores, and two predictions of which the second is better."""
    generator = np.random.default_rng(4)
    true = generator.uniform(1, 5, N)
    noise = generator.normal(size=(2, N))
    return true, true + noise[0], true + 0.5 * noise[1]


@pytest.mark.parametrize(
    ("name", "statistic"),
    [
        ("lcc", lambda p, t: stats.pearsonr(p, t)[0]),
        ("srcc", lambda p, t: stats.spearmanr(p, t)[0]),
        ("mse", lambda p, t: np.mean((p - t) ** 2)),
    ],
)
def test_interval_is_scipys(name, statistic, scores):
    """Of the percentile kind, up to the chance of the draws."""
    true, predicted, _ = scores
    ours = interval(Bootstrap(N, 2000).figures(predicted, true)[name])
    theirs = stats.bootstrap(
        (predicted, true),
        statistic,
        paired=True,
        vectorized=False,
        n_resamples=2000,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    width = theirs.high - theirs.low
    np.testing.assert_allclose(ours, theirs, atol=0.1 * width)


def test_utterances_without_true_score_do_not_count(scores):
    """As if they were not there, whatever was predicted."""
    true, predicted, _ = scores
    true[:5] = np.nan
    predicted[:5] = 1e6
    mse = Bootstrap(N, 50).figures(predicted, true)["mse"]
    assert np.isfinite(mse).all() and mse.max() < 10


def test_constant_prediction_has_no_correlation(scores):
    """NaN on every resample, and no interval."""
    figures = Bootstrap(N, 20).figures(np.full(N, 3.0), scores[0])
    assert np.isnan(figures["lcc"]).all() and np.isnan(figures["srcc"]).all()
    assert np.isnan(interval(figures["lcc"])).all()


def test_undefined_resamples_do_not_count():
    """Of three utterances one draw in nine is a single one, thrice."""
    true = np.array([1.0, 2, 4])
    figures = Bootstrap(3, 2000).figures(true, true)
    share = np.isnan(figures["lcc"]).mean()
    assert share == pytest.approx(1 / 9, abs=0.03)
    np.testing.assert_allclose(interval(figures["lcc"]), (1, 1))


def test_a_collapsed_network_beats_nobody(scores):
    """Its LCC is undefined, and so is the difference."""
    true, predicted, _ = scores
    flat = figure("mse", [np.full(N, 3.0)], true)
    assert flat.beats(flat) is False
    flat = figure("lcc", [np.full(N, 3.0)], true)
    other = figure("lcc", [predicted], true)
    assert np.isnan(flat.mean) and other.advantage(flat) is None
    assert not other.beats(flat) and not flat.beats(other)


def test_no_resample_is_refused():
    """Nothing to draw an interval from."""
    with pytest.raises(
        ValueError, match="n_resamples must be at least 1, got 0"
    ):
        Bootstrap(N, 0)


def figure(name, predictions, true, n_resamples=500):
    """Return a figure of one run per seed, from 0 on."""
    bootstrap = Bootstrap(N, n_resamples)
    runs = np.array([bootstrap.figures(p, true)[name] for p in predictions])
    by_seed = [score_metrics(p, true)[name] for p in predictions]
    by_seed = np.array(by_seed, dtype=float)
    return Estimate(name, tuple(range(len(runs))), by_seed, runs, bootstrap)


@pytest.mark.parametrize("name", ["lcc", "srcc", "mse"])
def test_better_means_a_significant_paired_difference(name, scores):
    """In the direction of the figure, never against itself."""
    true, worse, better = scores
    low, high = (figure(name, [p], true) for p in (worse, better))
    assert high.beats(low) and not low.beats(high)
    assert not low.beats(low)
    assert high.advantage(low)[0] > 0 > low.advantage(high)[0]


def test_pairing_finds_what_two_intervals_hide(scores):
    """A small constant gain lies within both intervals, yet is certain."""
    true, predicted, _ = scores
    nearer = true + 0.97 * (predicted - true)
    one, other = (figure("mse", [p], true) for p in (predicted, nearer))
    assert one.interval[0] < other.interval[1] and other.beats(one)


def test_seeds_are_resampled_too():
    """Two seeds far apart: their mean is drawn as 0, 1/2, or 1."""
    bootstrap = Bootstrap(N, 4000)
    values = bootstrap.mean_over_seeds([np.zeros(4000), np.ones(4000)])
    shares = [np.mean(values == value) for value in (0, 0.5, 1)]
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25], atol=0.03)
    one = bootstrap.mean_over_seeds([np.arange(4000)])
    assert np.array_equal(one, np.arange(4000))


def test_scores_equal_up_to_rounding_have_no_interval():
    """As they have no correlation."""
    true = np.arange(1.0, 7.0)
    figures = Bootstrap(6, 20).figures(3 + 1e-15 * true, true)
    assert np.isnan(figures["lcc"]).all()
