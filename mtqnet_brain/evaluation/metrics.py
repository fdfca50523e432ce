"""MSE, LCC, SRCC and Kendall's tau, per utterance and per system.

Each is computed once over the whole set in float64, never averaged over
batches. The correlations are scipy's.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, overload

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from mtqnet_brain.tasks import Task

# Whether a larger value is better: the checkpointer's direction.
HIGHER_IS_BETTER = {
    "loss": False,
    "mse": False,
    "lcc": True,
    "srcc": True,
    "ktau": True,
}
CORRELATIONS = ("lcc", "srcc", "ktau")


def direction(name: str) -> str:
    """Return whether the best value of a figure is its ``max`` or ``min``.

    Arguments
    ---------
    name : str
        ``loss``, ``mse``, ``lcc``, ``srcc`` or ``ktau``.

    Returns
    -------
    str
        ``max`` or ``min``.

    Raises
    ------
    ValueError
        If it is none of them.
    """
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
        tau-b), ``n``, and ``undefined``: why there are no correlations, such
        as "all true scores are 3"; they are None then. So is ``mse`` with
        ``n`` 0, since there is nothing to compare.

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
            "of one length"
        )
    if not np.isfinite(x).all():
        raise ValueError(
            f"{(~np.isfinite(x)).sum()} of {len(x)} predictions are NaN or "
            "infinite: the training has diverged; lower the learning rate"
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
    """Return why there is no correlation; None if there is one."""
    if len(true) < 2:
        return f"{len(true)} pair{'s' * (len(true) != 1)} of scores"
    for name, values in (("predicted", predicted), ("true", true)):
        # Equal but for rounding, as means of equal scores may be.
        if np.ptp(values) <= 1e-9 * np.abs(values).max():
            return f"all {name} scores are {values[0]:.4g}"
    return None


def format_figure(value: float | None, digits: int = 3) -> str:
    """Return a figure for a table, ``-`` where it is undefined (None).

    Arguments
    ---------
    value : float
        Figure of `score_metrics`; None or NaN where there is none.
    digits : int
        After the decimal point.

    Returns
    -------
    str
        The number.
    """
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


def share_at_limit(true: ArrayLike, low: float, high: float) -> float:
    """Return the share of labels that sit at an end of their range.

    Arguments
    ---------
    true : array_like
        Labels, shape (n,), NaN where missing.
    low, high : float
        The range.

    Returns
    -------
    float
        0..1; saturated labels weaken every figure computed from them.
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
        In the order of the columns of what is appended.

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
        """Forget everything."""
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
        """Take the utterances of several statistics in the place of one's own.

        Arguments
        ---------
        parts : list of QualityStats
            Each with other utterances; order by ``ids``.
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
        """Return the statistics of some of the utterances.

        Arguments
        ---------
        positions : list of int
            In the order of ``ids``.

        Returns
        -------
        QualityStats
            With those alone.
        """
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
        """Compute the figures of every task.

        Arguments
        ---------
        field : str
            One figure's name, e.g. ``lcc``: its mean over the primary tasks
            (over all, where there is none). It picks checkpoints and is
            never NaN: an undefined correlation counts as 0, an MSE without
            labels as infinite.
        systems : list of str
            System of each utterance, for the figures per system.

        Returns
        -------
        dict or float
            Per task the figures of `score_metrics`, ``at_limit``, and with
            ``systems`` the same per system; a float for one field.

        Raises
        ------
        ValueError
            If nothing was appended.
        """
        if not self.ids:
            raise ValueError("no utterance was scored: nothing to summarize")
        figures = {
            task.name: self._task_figures(task, column, systems)
            for column, task in enumerate(self.tasks)
        }
        if field is None:
            return figures
        names = [t.name for t in self.tasks if t.role == "primary"]
        values = [figures[name][field] for name in names or figures]
        worst = 0.0 if field in CORRELATIONS else np.inf
        return float(np.mean([worst if v is None else v for v in values]))

    def _task_figures(self, task, column, systems):
        """Figures of one task."""
        predicted, true = self.predicted[:, column], self.true[:, column]
        figures = score_metrics(predicted, true)
        figures["at_limit"] = share_at_limit(true, task.low, task.top)
        if systems is not None:
            means = system_means(predicted, true, systems)
            figures["system"] = score_metrics(*means)
        return figures

    def write_stats(self, filestream: IO) -> None:
        """Write the figures as a table.

        Arguments
        ---------
        filestream : file
            Open for text.
        """
        filestream.write("task mse lcc srcc ktau n\n")
        for name, values in self.summarize().items():
            names = ("mse", *CORRELATIONS)
            cells = [format_figure(values[figure], 4) for figure in names]
            filestream.write(f"{name} {' '.join(cells)} {values['n']}\n")
