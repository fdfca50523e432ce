"""Means, spreads and intervals of every system's metrics.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from mtqnet_brain.evaluation.bootstrap import (
    METRICS,
    N_RESAMPLES,
    Bootstrap,
    interval,
)
from mtqnet_brain.evaluation.metrics import HIGHER_IS_BETTER, score_metrics

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.results import Reproduction


@dataclass
class Estimate:
    """One metric of one system and score.

    Arguments
    ---------
    name : str
        ``lcc``, ``srcc`` or ``mse``.
    seeds : tuple of int
        Seeds of the runs.
    by_seed : np.ndarray
        Value on the whole test set, shape (seeds,); NaN where undefined.
    runs : np.ndarray
        Value on each resample, shape (seeds, resamples).
    bootstrap : Bootstrap
        The bootstrap that drew the resamples.
    """

    name: str
    seeds: tuple[int, ...]
    by_seed: np.ndarray
    runs: np.ndarray
    bootstrap: Bootstrap

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return float(self.by_seed.mean())

    @property
    def spread(self) -> float | None:
        """Standard deviation over seeds; None for one seed."""
        if len(self.by_seed) < 2:
            return None
        return float(self.by_seed.std(ddof=1))

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval."""
        low, high = interval(self.bootstrap.mean_over_seeds(self.runs))
        return low, high

    def advantage(self, other: Estimate) -> tuple[float, float, float] | None:
        """Return by how much this system is better than another one.

        Paired, over the seeds that both have; positive is better, also for
        the MSE.

        Arguments
        ---------
        other : Estimate
            The same metric of the other system.

        Returns
        -------
        tuple of float
            Difference of the means and ends of its 95 % interval; None
            without a common seed, or where one of them is undefined.
        """
        common = [seed for seed in self.seeds if seed in other.seeds]
        if not common:
            return None
        sign = 1 if HIGHER_IS_BETTER[self.name] else -1
        means, resampled = zip(self._of(common), other._of(common))
        difference = sign * (means[0] - means[1])
        if np.isnan(difference):
            return None
        return difference, *interval(sign * (resampled[0] - resampled[1]))

    def beats(self, other: Estimate) -> bool:
        """Return whether this system is significantly better."""
        found = self.advantage(other)
        return found is not None and found[1] > 0

    def _of(self, seeds):
        """Return the mean and the resampled means of some seeds."""
        rows = [self.seeds.index(seed) for seed in seeds]
        resampled = self.bootstrap.mean_over_seeds(self.runs[rows])
        return float(self.by_seed[rows].mean()), resampled


# By system and score, by metric.
Evaluated = dict[tuple[str, str], dict[str, Estimate]]


def evaluate(
    reproduction: Reproduction, n_resamples: int = N_RESAMPLES
) -> Evaluated:
    """Compute the metrics of every system that was run.

    Arguments
    ---------
    reproduction : Reproduction
        Result of `results.read_reproduction`.
    n_resamples : int
        Resamples of the bootstrap.

    Returns
    -------
    dict
        By (system name, score): an `Estimate` by metric.
    """
    n_runs = sum(
        len(found.runs) * len(found.system.scores)
        for found in reproduction.results.values()
    )
    bootstrap = Bootstrap(len(reproduction.utterances), n_resamples)
    evaluated: Evaluated = {}
    with tqdm(total=n_runs, desc="Bootstrap", unit="run") as bar:
        for name, found in reproduction.results.items():
            for score in found.system.scores if found.runs else ():
                evaluated[name, score] = _metrics(found, score, bootstrap, bar)
    return evaluated


def _metrics(found, score, bootstrap, bar):
    """Compute the metrics of one system and score."""
    whole, resampled = [], []
    for run in found.runs:
        predicted, true = run.predicted[score], run.true[score]
        whole.append(score_metrics(predicted, true))
        resampled.append(bootstrap.figures(predicted, true))
        bar.update()
    return {
        name: Estimate(
            name,
            tuple(run.seed for run in found.runs),
            np.array([run[name] for run in whole], dtype=float),
            np.array([run[name] for run in resampled]),
            bootstrap,
        )
        for name in METRICS
    }
