"""MSE, LCC, SRCC and Kendall's tau, per utterance and per system.

Each is computed over the whole set in float64, never averaged over batches.
The correlations are scipy's.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, overload

import numpy as np
from scipy import stats

from mtqnet_brain.tasks import primary_tasks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from mtqnet_brain.tasks import Task

# Whether a larger value is better, for choosing checkpoints.
HIGHER_IS_BETTER = {
    "loss": False,
    "mse": False,
    "lcc": True,
    "srcc": True,
    "ktau": True,
}
CORRELATIONS = ("lcc", "srcc", "ktau")


def direction(name: str) -> str:
    """Return whether the best value of a metric is its ``max`` or ``min``."""
    if name not in HIGHER_IS_BETTER:
        raise ValueError(
            f"select_by: {name!r} is not one of {list(HIGHER_IS_BETTER)}"
        )
    return "max" if HIGHER_IS_BETTER[name] else "min"


def score_metrics(predicted: ArrayLike, true: ArrayLike) -> dict:
    """Compare predicted with true scores.

    Arguments
    ---------
    predicted, true : array_like
        Shape (n,); pairs with a missing (NaN) true score are left out.

    Returns
    -------
    dict
        ``mse``, ``lcc`` (Pearson), ``srcc`` (Spearman), ``ktau`` (Kendall's
        tau-b), ``n``, and ``undefined``: why the correlations are None, such
        as "all true scores are 3". With ``n`` 0, ``mse`` is None, too.

    Raises
    ------
    ValueError
        If the shapes differ or a prediction is NaN or infinite.

    Example
    -------
    >>> score_metrics([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])["srcc"]
    1.0
    """
    x = np.asarray(predicted, dtype=np.float64)
    y = np.asarray(true, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(
            f"predicted {x.shape} and true {y.shape} scores must be vectors "
            "of the same length"
        )
    if not np.isfinite(x).all():
        raise ValueError(
            f"{(~np.isfinite(x)).sum()} of {len(x)} predictions are NaN or "
            "infinite: training has diverged; lower the learning rate"
        )
    present = np.isfinite(y)
    x, y = x[present], y[present]
    n = len(y)
    mse = float(np.mean((x - y) ** 2)) if n else None
    undefined = _undefined(x, y)
    correlations: dict[str, float | None] = dict.fromkeys(CORRELATIONS)
    if not undefined:
        correlations = {
            "lcc": float(stats.pearsonr(x, y)[0]),
            "srcc": float(stats.spearmanr(x, y)[0]),
            "ktau": float(stats.kendalltau(x, y)[0]),
        }
    return {"mse": mse, **correlations, "n": n, "undefined": undefined}


def _undefined(predicted, true):
    """Return why the correlation is undefined; None if it is defined."""
    if len(true) < 2:
        return f"{len(true)} pair{'s' * (len(true) != 1)} of scores"
    for name, values in (("predicted", predicted), ("true", true)):
        # Means of equal scores are equal up to rounding.
        if np.ptp(values) <= 1e-9 * np.abs(values).max():
            return f"all {name} scores are {values[0]:.4g}"
    return None


def format_metric(value: float | None, digits: int = 3) -> str:
    """Format a metric for a table: ``-`` where it is None or NaN."""
    missing = value is None or np.isnan(value)
    return "-" if missing else f"{value:.{digits}f}"


def system_means(
    predicted: ArrayLike, true: ArrayLike, systems: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Average scores per system over the utterances that have a true one.

    Arguments
    ---------
    predicted, true : array_like
        Shape (n,).
    systems : array_like of str
        System (``method``) of each utterance, length n.

    Returns
    -------
    np.ndarray
        Mean predicted score per system, in the order of their names.
    np.ndarray
        Mean true score per system.
    """
    present = np.isfinite(np.asarray(true))
    names, index = np.unique(np.asarray(systems)[present], return_inverse=True)
    counts = np.bincount(index, minlength=len(names))
    means = [
        np.bincount(index, weights=values[present], minlength=len(names))
        / counts
        for values in (
            np.asarray(predicted, dtype=np.float64),
            np.asarray(true, dtype=np.float64),
        )
    ]
    return means[0], means[1]


def fraction_at_limit(true: ArrayLike, low: float, high: float) -> float:
    """Return the fraction of labels at either end of their range.

    Arguments
    ---------
    true : array_like
        Labels, shape (n,), NaN where missing.
    low, high : float
        The range.

    Returns
    -------
    float
        0..1; saturated labels weaken every metric computed from them.
    """
    labels = np.asarray(true, dtype=np.float64)
    labels = labels[np.isfinite(labels)]
    if not len(labels):
        return 0.0
    return float(np.mean((labels <= low + 1e-9) | (labels >= high - 1e-9)))


class QualityStats:
    """Collects predictions and labels; has the methods of MetricStats.

    Arguments
    ---------
    tasks : list of Task
        Tasks, in the order of the columns that are appended.

    Example
    -------
    >>> from mtqnet_brain.tasks import Task
    >>> stats = QualityStats([Task("s_mos", 1, 5)])
    >>> stats.append(["a", "b"], [[1.5], [3.5]], [[1.0], [4.0]])
    >>> stats.summarize()["s_mos"]["mse"]
    0.25
    """

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self.clear()

    def clear(self) -> None:
        """Remove all utterances."""
        self.ids: list[str] = []
        self._predicted: list[np.ndarray] = []
        self._true: list[np.ndarray] = []

    def append(
        self, ids: list[str], predicted: ArrayLike, true: ArrayLike
    ) -> None:
        """Add a batch.

        Arguments
        ---------
        ids : list of str
            Utterances.
        predicted, true : array_like
            Shape (batch, tasks), NaN where a label is missing.
        """
        self.ids.extend(ids)
        self._predicted.append(np.asarray(predicted, dtype=np.float64))
        self._true.append(np.asarray(true, dtype=np.float64))

    def merge(self, parts: list[QualityStats]) -> None:
        """Merge the statistics of all ranks, sorted by ID.

        Arguments
        ---------
        parts : list of QualityStats
            One per rank, of different utterances; they replace those held.
        """
        if len(parts) == 1:
            return
        self.clear()
        filled = [part for part in parts if part.ids]
        ids = [name for part in filled for name in part.ids]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        predicted = np.concatenate([part.predicted for part in filled])
        true = np.concatenate([np.concatenate(p._true) for p in filled])
        self.append([ids[i] for i in order], predicted[order], true[order])

    def subset(self, positions: list[int]) -> QualityStats:
        """Return the statistics of the utterances at indices of ``ids``."""
        part = QualityStats(self.tasks)
        ids = [self.ids[i] for i in positions]
        part.append(ids, self.predicted[positions], self.true[positions])
        return part

    @property
    def predicted(self) -> np.ndarray:
        """Predicted scores, shape (n, tasks), float64."""
        return np.concatenate(self._predicted)

    @property
    def true(self) -> np.ndarray:
        """True scores, lowered to each task's cap, shape (n, tasks)."""
        tops = [task.top for task in self.tasks]
        return np.minimum(np.concatenate(self._true), tops)

    @overload
    def summarize(
        self, field: None = None, systems: list[str] | None = None
    ) -> dict[str, dict]: ...

    @overload
    def summarize(
        self, field: str, systems: list[str] | None = None
    ) -> float: ...

    def summarize(
        self, field: str | None = None, systems: list[str] | None = None
    ) -> dict | float:
        """Compute the metrics of every task.

        Arguments
        ---------
        field : str, optional
            Name of one metric, e.g. ``lcc``, to return its mean over the
            primary tasks (over all, if there are none). Checkpoints are
            chosen by it, so it is never NaN: an undefined correlation counts
            as 0, an MSE without labels as infinite.
        systems : list of str, optional
            System of each utterance, for the metrics of the system means.

        Returns
        -------
        dict or float
            By task the metrics of `score_metrics`, ``at_limit``, and with
            ``systems`` the metrics of the system means under ``system``; a
            float for one field.

        Raises
        ------
        ValueError
            If nothing was appended.
        """
        if not self.ids:
            raise ValueError("no utterance was scored: nothing to summarize")
        metrics = {
            task.name: self._task_metrics(task, column, systems)
            for column, task in enumerate(self.tasks)
        }
        if field is None:
            return metrics
        names = [task.name for task in primary_tasks(self.tasks)]
        values = [metrics[name][field] for name in names or metrics]
        worst = 0.0 if field in CORRELATIONS else np.inf
        return float(np.mean([worst if v is None else v for v in values]))

    def _task_metrics(self, task, column, systems):
        """Compute the metrics of one task."""
        predicted, true = self.predicted[:, column], self.true[:, column]
        metrics = score_metrics(predicted, true)
        metrics["at_limit"] = fraction_at_limit(true, task.low, task.top)
        if systems is not None:
            means = system_means(predicted, true, systems)
            metrics["system"] = score_metrics(*means)
        return metrics

    def write_stats(self, filestream: IO) -> None:
        """Write the metrics as a table into an open text file."""
        filestream.write("task mse lcc srcc ktau n\n")
        for name, values in self.summarize().items():
            names = ("mse", *CORRELATIONS)
            cells = [format_metric(values[metric], 4) for metric in names]
            filestream.write(f"{name} {' '.join(cells)} {values['n']}\n")
