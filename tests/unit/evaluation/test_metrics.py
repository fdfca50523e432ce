"""Metrics against calculations by hand and their definitions.

Authors
 * The mtqnet-brain developers 2026
"""

import io
import itertools

import numpy as np
import pytest
from scipy import stats as scipy_stats

from mtqnet_brain.evaluation.metrics import (
    QualityStats,
    fraction_at_limit,
    score_metrics,
    system_means,
)
from mtqnet_brain.tasks import Task


def test_metrics_follow_their_definitions():
    """LCC, SRCC and tau-b written out, with ties."""
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=40), 1)
    y = np.round(0.5 * x + rng.normal(size=40), 1)
    ours = score_metrics(x, y)
    assert ours["mse"] == pytest.approx(((x - y) ** 2).sum() / 40, abs=1e-12)
    assert ours["lcc"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)
    ranks = scipy_stats.rankdata(x), scipy_stats.rankdata(y)
    assert ours["srcc"] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-9)
    signs = [
        (np.sign(x[i] - x[j]), np.sign(y[i] - y[j]))
        for i, j in itertools.combinations(range(40), 2)
    ]
    concordance = sum(a * b for a, b in signs)
    untied = [sum(s[k] != 0 for s in signs) for k in (0, 1)]
    tau = concordance / np.sqrt(untied[0] * untied[1])
    assert ours["ktau"] == pytest.approx(tau, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_metrics_equal_scipy(seed):
    """To 1e-9."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 100))
    ours = score_metrics(x, y)
    for name, function in (
        ("lcc", scipy_stats.pearsonr),
        ("srcc", scipy_stats.spearmanr),
        ("ktau", scipy_stats.kendalltau),
    ):
        assert ours[name] == pytest.approx(function(x, y)[0], abs=1e-9)


@pytest.mark.parametrize(
    "predicted, true, reason",
    [
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], "all predicted scores are 2"),
        ([1.0, 2.0, 3.0], [3.0, 3.0, 3.0], "all true scores are 3"),
        # 0.1 + 0.2 is no 0.3: equal but for rounding
        ([0.1 + 0.2, 0.3, 0.3], [1, 2, 3.0], "all predicted scores are 0.3"),
        ([2.0], [1.0], "1 pair of scores"),
        ([2.0], [np.nan], "0 pairs of scores"),
    ],
)
def test_undefined_correlations(predicted, true, reason):
    """None with the reason, no 0.000 and no NaN; the MSE stands."""
    ours = score_metrics(predicted, true)
    assert ours["lcc"] is ours["srcc"] is ours["ktau"] is None
    assert ours["undefined"] == reason
    if np.isfinite(true).all():
        expected = np.mean(np.subtract(predicted, true) ** 2)
        assert ours["mse"] == pytest.approx(expected)


def test_what_picks_a_checkpoint_is_a_number():
    """0 for an undefined correlation, infinite for an MSE without labels."""
    stats = QualityStats([Task("s_mos", 1, 5), Task("n_mos", 1, 5)])
    stats.append(["a", "b"], [[2, 3], [2, 3.5]], [[1, np.nan], [2, np.nan]])
    assert [stats.summarize(f) for f in ("lcc", "srcc", "ktau")] == [0, 0, 0]
    assert stats.summarize("mse") == np.inf
    text = io.StringIO()
    stats.write_stats(text)
    assert "s_mos 0.5000 - - - 2\nn_mos - - - - 0\n" in text.getvalue()


def test_missing_labels_are_left_out():
    """NaN labels count for nothing; all missing gives no figure."""
    ours = score_metrics([1, 2, 3.0], [1, np.nan, 4.0])
    assert ours["n"] == 2 and ours["mse"] == 0.5
    assert score_metrics([1.0], [np.nan])["mse"] is None


def test_nan_prediction_is_an_error():
    """A diverged network gives no figures."""
    with pytest.raises(ValueError, match="1 of 2 predictions"):
        score_metrics([1.0, np.nan], [1.0, 2.0])


def test_system_means_by_hand():
    """Means over the utterances that have a label."""
    predicted, true = system_means(
        [1, 2, 3, 4.0], [1, 1, np.nan, 5.0], ["b", "b", "a", "a"]
    )
    assert predicted.tolist() == [4.0, 1.5] and true.tolist() == [5.0, 1.0]


def test_fraction_at_limit_by_hand():
    """Both ends count, missing labels do not."""
    assert fraction_at_limit([1, 5, 3, 4, np.nan], 1, 5) == 0.5


def test_stats_compute_once_over_the_set():
    """Batches of unequal size do not change the figures."""
    tasks = [Task("g_mos", 1, 5), Task("sdi", 0, cap=2, role="auxiliary")]
    rng = np.random.default_rng(0)
    predicted, true = rng.uniform(1, 5, (2, 9, 2))
    stats = QualityStats(tasks)
    for part in (slice(0, 1), slice(1, 8), slice(8, 9)):
        ids = [str(i) for i in range(9)[part]]
        stats.append(ids, predicted[part], true[part])
    figures = stats.summarize(systems=list("aaabbbccc"))
    expected = np.corrcoef(predicted[:, 0], true[:, 0])[0, 1]
    assert figures["g_mos"]["lcc"] == pytest.approx(expected, abs=1e-9)
    capped = np.minimum(true[:, 1], 2)
    assert figures["sdi"]["mse"] == pytest.approx(
        np.mean((predicted[:, 1] - capped) ** 2), abs=1e-9
    )
    means = predicted[:, 0].reshape(3, 3).mean(1), true[:, 0].reshape(3, 3)
    system = np.corrcoef(means[0], means[1].mean(1))[0, 1]
    assert figures["g_mos"]["system"]["lcc"] == pytest.approx(system)
    # one field: the mean over the primary tasks, here g_mos alone
    assert stats.summarize("lcc") == figures["g_mos"]["lcc"]
    text = io.StringIO()
    stats.write_stats(text)
    assert text.getvalue().count("\n") == 3


def test_empty_stats_are_refused():
    """Nothing scored, nothing to summarise."""
    with pytest.raises(ValueError, match="no utterance"):
        QualityStats([Task("s_mos", 1, 5)]).summarize()
