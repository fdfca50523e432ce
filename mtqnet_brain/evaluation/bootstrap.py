"""Intervals and paired comparisons by resampling test utterances and seeds.

Reference: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from mtqnet_brain.utils.counts import check_at_least_one

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METRICS = ("lcc", "srcc", "mse")
N_RESAMPLES = 1000
SEED = 1986
CONFIDENCE = 95.0


class Bootstrap:
    """Computes metrics of several systems over the same resamples.

    Arguments
    ---------
    n_utterances : int
        Utterances in the test set.
    n_resamples : int
        Resamples, drawn with replacement.
    groups : array_like of str, optional
        Group of each utterance, such as its condition. Groups are drawn
        instead of utterances, each with all of its utterances: these are
        alike, and single ones would make the intervals too narrow.

    Raises
    ------
    ValueError
        If ``n_resamples`` is below 1.
    """

    def __init__(
        self,
        n_utterances: int,
        n_resamples: int = N_RESAMPLES,
        groups: ArrayLike | None = None,
    ) -> None:
        check_at_least_one("n_resamples", n_resamples)
        self.n_resamples = n_resamples
        generator = np.random.default_rng(SEED)
        members = [np.array([i]) for i in range(n_utterances)]
        if groups is not None:
            names = np.asarray(groups)
            members = [np.flatnonzero(names == g) for g in np.unique(names)]
        size = (n_resamples, len(members))
        drawn = generator.integers(len(members), size=size)
        self.draws = [np.concatenate([members[i] for i in d]) for d in drawn]

    def figures(
        self, predicted: np.ndarray, true: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Compute every metric of one run on every resample.

        Arguments
        ---------
        predicted, true : np.ndarray
            Shape (utterances,); utterances without a true score are left out
            of every resample.

        Returns
        -------
        dict of str to np.ndarray
            ``lcc``, ``srcc`` and ``mse``, shape (resamples,); NaN where
            undefined: correlations where one side is constant, all of them
            where no utterance of the resample has a true score.
        """
        out = {name: np.full(self.n_resamples, np.nan) for name in METRICS}
        present = np.isfinite(true)
        for i, draw in enumerate(self.draws):
            draw = draw[present[draw]]
            if not len(draw):
                continue
            p, t = predicted[draw], true[draw]
            out["mse"][i] = np.mean((p - t) ** 2)
            out["lcc"][i] = _correlation(p, t)
            out["srcc"][i] = _correlation(rankdata(p), rankdata(t))
        return out

    def mean_over_seeds(self, per_run: np.ndarray) -> np.ndarray:
        """Average several runs, which are resampled, too.

        Arguments
        ---------
        per_run : np.ndarray
            A metric of each run on each resample, shape (runs, resamples).

        Returns
        -------
        np.ndarray
            Shape (resamples,).
        """
        per_run = np.asarray(per_run)
        n_runs = len(per_run)
        generator = np.random.default_rng(SEED + 1)
        size = (n_runs, self.n_resamples)
        drawn = generator.integers(n_runs, size=size)
        return np.take_along_axis(per_run, drawn, axis=0).mean(axis=0)


def _correlation(x, y):
    """Return Pearson's correlation, NaN if one side is constant."""
    for values in (x, y):  # up to rounding, as `metrics` has it
        if np.ptp(values) <= 1e-9 * np.abs(values).max():
            return np.nan
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def interval(values: np.ndarray) -> tuple[float, ...]:
    """Return the ends of the central 95 % of resampled values.

    Arguments
    ---------
    values : np.ndarray
        Shape (resamples,); NaN, for undefined, is left out.

    Returns
    -------
    tuple of float
        Lower and upper end; NaN if all are undefined.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return np.nan, np.nan
    tail = (100 - CONFIDENCE) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)
