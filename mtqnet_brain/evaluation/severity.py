"""Whether scores fall as a degradation grows, and stay where none is heard.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtqnet_brain.evaluation.bootstrap import N_RESAMPLES, Bootstrap, interval

NONE = "none"  # the severity of the first step: the clip as it is

Mean = tuple[float, float, float]  # with the ends of its 95 % interval


@dataclass
class Ladder:
    """One degradation at growing severities, on the same clips.

    Arguments
    ---------
    name : str
        Name of the degradation.
    unit : str
        Unit of the severities.
    steps : list of str
        Severities from none to the worst, of which the first is `NONE`.
    scores : dict of str to np.ndarray
        Scores, shape (clips, steps), by name.
    audible : bool
        Whether each step should lower the score; else it should change none.
    """

    name: str
    unit: str
    steps: list[str]
    scores: dict[str, np.ndarray]
    audible: bool = True


@dataclass
class Climb:
    """How one score goes down a ladder.

    Arguments
    ---------
    means : list of tuple
        Mean over the clips of each step.
    changes : list of tuple
        Mean change from each step to the next; of ladders that should change
        nothing, from the first step to each other one.
    """

    means: list[Mean]
    changes: list[Mean]

    def rises(self, tolerance: float = 0.0) -> list[int]:
        """Return the steps whose mean is above that of the step before."""
        changes = enumerate(self.changes, 1)
        return [i for i, (mean, *_) in changes if mean > tolerance]

    def largest(self) -> float:
        """Return the mean change that is farthest from 0."""
        return max((mean for mean, *_ in self.changes), key=abs)


def follow(ladder: Ladder, score: str, n_resamples: int = N_RESAMPLES) -> Climb:
    """Average one score over the clips, step by step.

    Arguments
    ---------
    ladder : Ladder
        With two steps at least.
    score : str
        Name of the score.
    n_resamples : int
        Bootstrap resamples of the clips; changes are those within a clip.

    Returns
    -------
    Climb
        Means and changes. Clips without a score at some step are left out.

    Raises
    ------
    ValueError
        If no clip has a score at every step.
    """
    values = ladder.scores[score]
    values = values[np.isfinite(values).all(axis=1)]  # (clips, steps)
    if not len(values):
        raise ValueError(f"{ladder.name}: no clip has {score} at every step")
    before = values[:, :-1] if ladder.audible else values[:, :1]
    return Climb(
        _means(values, n_resamples),
        _means(values[:, 1:] - before, n_resamples),
    )


def _means(values, n_resamples):
    """Return the mean of each column, with its interval."""
    draws = Bootstrap(len(values), n_resamples).draws
    resampled = np.array([values[draw].mean(axis=0) for draw in draws])
    found: list[Mean] = []
    for column, mean in enumerate(values.mean(axis=0)):
        low, high = interval(resampled[:, column])
        found.append((float(mean), low, high))
    return found


@dataclass
class SourceMean:
    """What the clean clips of one source get on average.

    Arguments
    ---------
    source : str
        Name of the source, such as a corpus.
    n : int
        Number of clips.
    means : dict of str to tuple
        Mean by score, with its interval.
    bias : dict of str to float
        Mean minus what was expected, by score.
    """

    source: str
    n: int
    means: dict[str, Mean]
    bias: dict[str, float]


def source_means(
    sources: Sequence[str],
    scores: Mapping[str, np.ndarray],
    expected: Mapping[str, float],
    n_resamples: int = N_RESAMPLES,
) -> list[SourceMean]:
    """Average the scores of clean clips per source.

    Arguments
    ---------
    sources : sequence of str
        Source of each clip.
    scores : dict of str to np.ndarray
        Scores by name, shape (clips,), finite.
    expected : dict of str to float
        What a clean clip should get, by score.
    n_resamples : int
        Bootstrap resamples of the clips.

    Returns
    -------
    list of SourceMean
        By name of the source.
    """
    names = np.asarray(sources)
    found = []
    for source in sorted(set(sources)):
        own = names == source
        means = {
            name: _means(np.asarray(values)[own, None], n_resamples)[0]
            for name, values in scores.items()
        }
        bias = {
            name: means[name][0] - value for name, value in expected.items()
        }
        found.append(SourceMean(source, int(own.sum()), means, bias))
    return found
