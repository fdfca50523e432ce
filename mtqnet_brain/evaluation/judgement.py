"""How well scores agree with listeners' votes, by ITU-T P.1401.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtqnet_brain.evaluation.bootstrap import N_RESAMPLES, Bootstrap, interval
from mtqnet_brain.evaluation.metrics import score_metrics, system_means
from mtqnet_brain.evaluation.monotone_cubic import (
    N_COEFFICIENTS,
    MonotoneCubic,
    fit_monotone_cubic,
)

FILES, CONDITIONS = "file", "condition"
METRICS = ("lcc", "srcc", "rmse")
SCALE = (1.0, 5.0)  # of opinion scores
MIN_CONDITIONS = 3

Ends = tuple[float, ...]


@dataclass
class Judgement:
    """Agreement of one score with one column of votes, at one level.

    Arguments
    ---------
    rater, score : str
        Who scores, and the name of the score.
    level : str
        ``file``, or ``condition``: means over the files of a condition.
    n : int
        Number of pairs.
    values : dict of str to float or None
        ``lcc``, ``srcc``, and ``rmse`` after the mapping, divided by n - 4
        (P.1401); None where undefined.
    intervals : dict of str to tuple
        Ends of the 95 % interval by metric; NaN where undefined.
    bias : float or None
        Mean of score minus vote, before the mapping; None where the votes are
        not on the scale from 1 to 5.
    mapping : MonotoneCubic
        From scores to votes.
    undefined : str or None
        Why there are no correlations.
    lead : Ends or None
        Ends of the 95 % interval of the LCC of the first rater minus this
        one, over the same resamples; None for the first.
    """

    rater: str
    score: str
    level: str
    n: int
    values: dict[str, float | None]
    intervals: dict[str, Ends]
    bias: float | None
    mapping: MonotoneCubic
    undefined: str | None
    lead: Ends | None = None

    @property
    def differs(self) -> bool:
        """Whether the LCC of the first rater is significantly another one."""
        ends = self.lead
        return ends is not None and (ends[0] > 0 or ends[1] < 0)


def judge(
    votes: np.ndarray,
    rated: Mapping[str, tuple[str, np.ndarray]],
    conditions: Sequence[str] | None = None,
    n_resamples: int = N_RESAMPLES,
) -> list[Judgement]:
    """Compare the scores of several raters with the votes of one test.

    Intervals are drawn over conditions where some have several files, which
    are no independent samples then, and there are three conditions or more;
    else over files. The mapping is that of all files in every resample.

    Arguments
    ---------
    votes : np.ndarray
        Shape (files,), finite.
    rated : dict of str to tuple
        Name of the score and the scores, shape (files,), finite, by rater;
        the first is compared with the others.
    conditions : sequence of str, optional
        Condition of each file.
    n_resamples : int
        Number of bootstrap resamples.

    Returns
    -------
    list of Judgement
        Of every rater over files; then, where intervals are over conditions,
        of their means.
    """
    names = np.array(conditions if conditions is not None else [])
    repeated = MIN_CONDITIONS <= len(set(names.tolist())) < len(names)
    groups = names if repeated else None
    draws = Bootstrap(len(votes), n_resamples, groups)
    found = _judge_level(FILES, votes, rated, draws)
    if repeated:
        means = {
            rater: (score, system_means(values, votes, names)[0])
            for rater, (score, values) in rated.items()
        }
        _, mean_votes = system_means(votes, votes, names)
        draws = Bootstrap(len(mean_votes), n_resamples)
        found += _judge_level(CONDITIONS, mean_votes, means, draws)
    return found


def _judge_level(level, votes, rated, draws):
    """Compare every rater with the votes of files or of conditions."""
    found, first = [], None
    for rater, (score, values) in rated.items():
        judgement, resampled = _judge_one(
            level, votes, rater, score, values, draws
        )
        if first is None:
            first = resampled
        else:
            judgement.lead = interval(first - resampled)
        found.append(judgement)
    return found


def _judge_one(level, votes, rater, score, values, draws):
    """Return the judgement of one rater, and the LCC of every resample."""
    mapping = fit_monotone_cubic(values, votes)
    squares = (mapping(values) - votes) ** 2
    metrics = score_metrics(values, votes)
    resampled = draws.figures(values, votes)
    freedom = len(votes) - N_COEFFICIENTS
    rmse, rmse_ends = None, interval(np.array([]))
    if freedom > 0:
        share = len(votes) / freedom
        rmse = float(np.sqrt(squares.mean() * share))
        mse = np.array([squares[draw].mean() for draw in draws.draws])
        rmse_ends = interval(np.sqrt(mse * share))
    judgement = Judgement(
        rater,
        score,
        level,
        len(votes),
        {"lcc": metrics["lcc"], "srcc": metrics["srcc"], "rmse": rmse},
        {
            "lcc": interval(resampled["lcc"]),
            "srcc": interval(resampled["srcc"]),
            "rmse": rmse_ends,
        },
        float(np.mean(values - votes)) if on_scale(votes) else None,
        mapping,
        metrics["undefined"],
    )
    return judgement, resampled["lcc"]


def on_scale(votes: np.ndarray) -> bool:
    """Whether votes are opinion scores from 1 to 5."""
    return bool(np.all((votes >= SCALE[0]) & (votes <= SCALE[1])))
