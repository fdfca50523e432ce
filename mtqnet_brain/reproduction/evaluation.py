"""Means, spreads and intervals of every system's figures.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from mtqnet_brain.bootstrap import (
    FIGURES,
    N_RESAMPLES,
    Bootstrap,
    interval,
    is_better,
)
from mtqnet_brain.metrics import score_metrics


@dataclass
class Figure:
    """One figure of one system and score.

    Arguments
    ---------
    name : str
        ``lcc``, ``srcc`` or ``mse``.
    by_seed : np.ndarray
        On the whole test set, shape (seeds,).
    resampled : np.ndarray
        Mean over seeds on each resample, shape (resamples,).
    """

    name: str
    by_seed: np.ndarray
    resampled: np.ndarray

    @property
    def mean(self):
        """Mean over seeds."""
        return float(self.by_seed.mean())

    @property
    def spread(self):
        """Standard deviation over seeds; None for one seed."""
        if len(self.by_seed) < 2:
            return None
        return float(self.by_seed.std(ddof=1))

    @property
    def interval(self):
        """Ends of the 95 % interval."""
        return interval(self.resampled)

    def beats(self, other):
        """Whether it is significantly better than another system's."""
        return is_better(self.name, self.resampled, other.resampled)


def evaluate(reproduction, n_resamples=N_RESAMPLES):
    """Compute the figures of every system that was run.

    Arguments
    ---------
    reproduction : Reproduction
        Of `results.read_reproduction`.
    n_resamples : int
        Of the bootstrap.

    Returns
    -------
    dict
        By (system name, score): a `Figure` by name.
    """
    n_runs = sum(
        len(found.runs) * len(found.system.scores)
        for found in reproduction.results.values()
    )
    bootstrap = Bootstrap(len(reproduction.utterances), n_resamples)
    evaluated = {}
    with tqdm(total=n_runs, desc="Bootstrap", unit="run") as bar:
        for name, found in reproduction.results.items():
            for score in found.system.scores if found.runs else ():
                evaluated[name, score] = _figures(found, score, bootstrap, bar)
    return evaluated


def _figures(found, score, bootstrap, bar):
    """Compute the figures of one system and score."""
    whole, resampled = [], []
    for run in found.runs:
        predicted, true = run.predicted[score], run.true[score]
        whole.append(score_metrics(predicted, true))
        resampled.append(bootstrap.figures(predicted, true))
        bar.update()
    return {
        name: Figure(
            name,
            np.array([run[name] for run in whole]),
            bootstrap.mean_over_seeds([run[name] for run in resampled]),
        )
        for name in FIGURES
    }
