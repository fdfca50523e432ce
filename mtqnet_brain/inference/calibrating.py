"""Fits a model's calibration to clips with labels, source by source.

Intervals are conformal over sources: how far labels lie from the scores of a
source is measured with everything fitted to the other sources. On average over
sources they hold; a single new source may be farther away. References: Lei et
al., "Distribution-free predictive inference for regression", JASA 113, 2018;
Barber et al., "Predictive inference with the jackknife+", Annals of Statistics
49, 2021.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import lsq_linear, minimize

from mtqnet_brain.inference.calibration import (
    COVERAGE,
    MAX_AXES,
    Calibration,
    Reference,
    spread_terms,
)
from mtqnet_brain.tasks import Task

AXES = 32  # at most; half of MAX_AXES
CLIPS_PER_AXIS = 10
LEAST_REST = 1e-3  # variance of silent channels, by that of the axes
LEAST_ERROR = 0.05  # of a score: smaller errors are no smaller in their log
HEARD = 0.999  # of the clips lie within the limit
RIDGE = 1e-2
HEARD_AS_SPEECH = 0.99  # of the speech, at least
LEAST_SOURCES, LEAST_CLIPS = 3, 50


@dataclass
class ScoredClips:
    """Clips that a model has scored.

    Arguments
    ---------
    pooled : np.ndarray
        Means of the encoder's frames, shape (clips, channels).
    scores, labels : dict of str to np.ndarray
        Per task, shape (clips,); NaN where a clip has no label.
    sources : np.ndarray
        Where each clip comes from: a corpus, a language, a device.
    """

    pooled: np.ndarray
    scores: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    sources: np.ndarray

    def choose(self, kept: np.ndarray) -> ScoredClips:
        """Return some of the clips, by a bool each."""
        return ScoredClips(
            self.pooled[kept],
            {task: x[kept] for task, x in self.scores.items()},
            {task: x[kept] for task, x in self.labels.items()},
            self.sources[kept],
        )


def fit_calibration(
    clips: ScoredClips,
    tasks: Sequence[Task],
    speech: np.ndarray | None = None,
    other: np.ndarray | None = None,
) -> tuple[Calibration, dict[str, dict[str, float]]]:
    """Fit a calibration, and measure it on each source in turn.

    Arguments
    ---------
    clips : ScoredClips
        Held-out clips of several sources.
    tasks : sequence of Task
        The model's.
    speech, other : np.ndarray, optional
        Means of the encoder's frames of speech and of music, noise and the
        like, shape (clips, channels): teaches the warning of clips that are
        hardly speech.

    Returns
    -------
    Calibration
        Of all sources.
    dict of str to dict of str to float
        Coverage by source and task, with the intervals of the other sources.

    Raises
    ------
    ValueError
        If there are fewer than 3 sources or 50 clips.
    """
    names = list(dict.fromkeys(clips.sources))
    if len(names) < LEAST_SOURCES or len(clips.sources) < LEAST_CLIPS:
        raise ValueError(
            f"{len(clips.sources)} clips of {len(names)} sources: need at "
            f"least {LEAST_CLIPS} of {LEAST_SOURCES}"
        )
    ratios: dict[str, dict[str, np.ndarray]] = {task.name: {} for task in tasks}
    for name in names:
        kept = clips.sources != name
        part = _fit(clips.choose(kept), tasks)
        for task, found in _ratios(part, clips.choose(~kept)).items():
            ratios[task][name] = found
    calibration = _fit(clips, tasks)
    calibration.factors = {t: _factor(ratios[t].values()) for t in ratios}
    if speech is not None and other is not None:
        calibration.speech = fit_speech(
            calibration.reference.features(speech),
            calibration.reference.features(other),
        )
    return calibration, {name: _coverage(ratios, name) for name in names}


def fit_reference(pooled: np.ndarray) -> Reference:
    """Fit a `Reference` to clips, shape (clips, channels)."""
    n_clips, n_channels = pooled.shape
    mean = pooled.mean(axis=0)
    _, singular, axes = np.linalg.svd(pooled - mean, full_matrices=False)
    variances = singular**2 / max(n_clips - 1, 1)
    n_axes = max(min(AXES, MAX_AXES, n_clips // CLIPS_PER_AXIS, n_channels), 1)
    kept = np.maximum(variances[:n_axes], 1e-12)
    rest = variances[n_axes:].sum() / max(n_channels - n_axes, 1)
    rest = max(rest, LEAST_REST * kept.mean())
    return Reference(mean, axes[:n_axes], np.sqrt(kept), float(np.sqrt(rest)))


def fit_speech(speech: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Fit the weights that tell speech from other sounds.

    Logistic regression, both kinds with equal weight; then the bias is raised
    until 99 % of the speech pass.

    Arguments
    ---------
    speech, other : np.ndarray
        Results of `Reference.features`, shape (clips, features).

    Returns
    -------
    np.ndarray
        Weights and bias, shape (features + 1,).
    """
    x = np.concatenate([speech, other])
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)  # with the bias
    signs = np.repeat([1.0, -1.0], [len(speech), len(other)])
    shares = np.repeat(
        [0.5 / len(speech), 0.5 / len(other)], [len(speech), len(other)]
    )

    def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the regularised loss and its gradient."""
        margins = signs * (x @ weights)
        loss = shares @ np.logaddexp(0, -margins)
        # The derivative of log(1 + exp(-m)) is -1 / (1 + exp(m)).
        slopes = -shares * signs * np.exp(-np.logaddexp(0, margins))
        penalty = np.append(weights[:-1], 0.0)
        gradient = slopes @ x + RIDGE * penalty
        return loss + RIDGE / 2 * penalty @ penalty, gradient

    weights = minimize(objective, np.zeros(x.shape[1]), jac=True).x
    passing = np.quantile(x[: len(speech)] @ weights, 1 - HEARD_AS_SPEECH)
    weights[-1] -= min(passing, 0.0)
    return weights


def _fit(clips, tasks):
    """Fit a calibration whose factors are still 1."""
    reference = fit_reference(clips.pooled)
    log_distance = reference.features(clips.pooled)[:, -1]
    spreads = {
        task.name: _fit_spread(
            np.clip(clips.scores[task.name], task.low, task.high),
            clips.labels[task.name],
            log_distance,
            _equal_shares(clips.sources),
        )
        for task in tasks
    }
    limit = float(np.quantile(log_distance, HEARD))
    factors = {task.name: 1.0 for task in tasks}
    return Calibration(tasks, reference, limit, spreads, factors)


def _fit_spread(scores, labels, log_distance, shares):
    """Return the weights of `spread_terms`; distance never narrows."""
    known = np.isfinite(labels)
    errors = np.abs(labels - scores)[known]
    terms = spread_terms(scores[known], log_distance[known])
    weights = np.sqrt(shares[known] / shares[known].sum())[:, None]
    # The ridge keeps a constant, and no more, from few clips.
    ridge = np.diag(np.sqrt([0.0, RIDGE, RIDGE, RIDGE]))
    target = np.log(np.maximum(errors, LEAST_ERROR))
    return lsq_linear(
        np.concatenate([terms * weights, ridge]),
        np.append(target * weights[:, 0], np.zeros(4)),
        (np.array([-np.inf, -np.inf, -np.inf, 0.0]), np.inf),
    ).x


def _equal_shares(sources):
    """Return a weight per clip; those of each source sum up to 1."""
    _, inverse, counts = np.unique(
        sources, return_inverse=True, return_counts=True
    )
    return 1 / counts[inverse]


def _ratios(calibration, clips):
    """Return errors by spreads, per task, of the clips with a label."""
    log_distance = calibration.reference.features(clips.pooled)[:, -1]
    found = {}
    for task in calibration.tasks:
        scores, labels = clips.scores[task.name], clips.labels[task.name]
        spread = calibration.spread(task, scores, log_distance)
        ratios = np.abs(labels - scores) / spread
        found[task.name] = ratios[np.isfinite(ratios)]
    return found


def _factor(by_source: Iterable[np.ndarray]) -> float:
    """Return the ratio that `COVERAGE` of the clips stay below.

    Every source counts the same.
    """
    by_source = [ratios for ratios in by_source if len(ratios)]
    values = np.concatenate(by_source)
    counts = [len(ratios) for ratios in by_source]
    shares = np.repeat(1 / np.array(counts) / len(counts), counts)
    order = values.argsort()
    reached = int(np.cumsum(shares[order]).searchsorted(COVERAGE))
    return float(values[order[min(reached, len(values) - 1)]])


def _coverage(ratios, name):
    """Return a source's coverage per task, by the factors of the others."""
    found = {}
    for task, by_source in ratios.items():
        own = by_source[name]
        factor = _factor(r for other, r in by_source.items() if other != name)
        found[task] = float((own <= factor).mean()) if len(own) else np.nan
    return found
