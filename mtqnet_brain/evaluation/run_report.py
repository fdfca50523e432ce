"""Reports on a test: predictions, metrics, scatter plots, a table.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.data.clip_names import CLEAN
from mtqnet_brain.evaluation.metrics import CORRELATIONS, format_metric
from mtqnet_brain.utils.files import save_figure, write_csv, write_json

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mtqnet_brain.evaluation.metrics import QualityStats
    from mtqnet_brain.tasks import Task


def write_results(
    folder: str | Path, stats: QualityStats, rows: list[dict]
) -> dict:
    """Write ``predictions_test.csv``, ``metrics.json`` and scatter plots.

    Arguments
    ---------
    folder : str or Path
        Output folder of the run.
    stats : QualityStats
        Statistics of the test set.
    rows : list of dict
        Manifest rows of the test set.

    Returns
    -------
    dict
        Content of ``metrics.json``: by task the metrics of
        `metrics.QualityStats.summarize`, the label ``source`` and the
        ``role``; under ``without_clean`` the same without clean speech.
    """
    folder = Path(folder)
    by_id = {row["ID"]: row for row in rows}
    methods = [by_id[utterance]["method"] for utterance in stats.ids]
    metrics = _describe(stats, methods, rows)
    degraded = [i for i, m in enumerate(methods) if m != CLEAN]
    if 0 < len(degraded) < len(methods):
        metrics["without_clean"] = _describe(
            stats.subset(degraded), [methods[i] for i in degraded], rows
        )
    _write_predictions(folder / "predictions_test.csv", stats, methods)
    for column, task in enumerate(stats.tasks):
        _plot_scatter(
            folder / f"scatter_{task.name}.png",
            task,
            stats.predicted[:, column],
            stats.true[:, column],
            methods,
            metrics[task.name],
        )
    write_json(folder / "metrics.json", metrics)
    return metrics


def _describe(stats, methods, rows):
    """Return the metrics by task, with role and label source."""
    metrics = stats.summarize(systems=methods)
    for task in stats.tasks:
        metrics[task.name]["role"] = task.role
        metrics[task.name]["source"] = label_source(rows, task)
    return metrics


def label_source(rows: list[dict], task: Task) -> str:
    """Return the label sources of a task in a manifest, joined by `` + ``."""
    sources = {row.get(task.source_column) or "" for row in rows}
    return " + ".join(sorted(sources - {""})) or "unknown"


def _write_predictions(path, stats, methods):
    """Write one row per test utterance, sorted by ID."""
    rows = []
    for i, utterance in enumerate(stats.ids):
        row = {"ID": utterance, "method": methods[i]}
        for column, task in enumerate(stats.tasks):
            true = stats.true[i, column]
            row[f"{task.name}_true"] = f"{true:.9g}" if true == true else ""
            predicted = stats.predicted[i, column]
            row[f"{task.name}_predicted"] = f"{predicted:.9g}"
        rows.append(row)
    rows.sort(key=lambda row: row["ID"])
    write_csv(path, rows)


def _plot_scatter(path, task, predicted, true, methods, metrics):
    """Plot predicted against true scores, one colour per method."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    scatter_methods(axes, true, predicted, np.asarray(methods))
    values = np.concatenate([true[np.isfinite(true)], predicted])
    ends = [values.min(), values.max()]
    axes.plot(ends, ends, color="grey", linewidth=0.8)
    kind = "pseudo-label" if task.role == "auxiliary" else "true"
    axes.set_xlabel(f"{task.name}, {kind} ({metrics['source']})", wrap=True)
    axes.set_ylabel(f"{task.name}, predicted")
    title = [
        f"{name.upper()} {format_metric(metrics[name])}"
        for name in ("lcc", "srcc", "mse")
    ]
    axes.set_title("  ".join([*title, f"n {metrics['n']}"]), fontsize=10)
    axes.legend(fontsize=8)
    save_figure(path, figure, dpi=120)


def scatter_methods(
    axes: Axes, true: np.ndarray, predicted: np.ndarray, methods: np.ndarray
) -> None:
    """Plot predicted against true scores, shape (n,), a colour per method."""
    for method in sorted(set(methods)):
        chosen = methods == method
        axes.scatter(
            true[chosen], predicted[chosen], s=9, alpha=0.6, label=method
        )


def format_table(metrics: dict) -> str:
    """Format the metrics of ``metrics.json`` for a terminal.

    Arguments
    ---------
    metrics : dict
        Result of `write_results`.

    Returns
    -------
    str
        A table with a line per task, and one without clean speech.
    """
    lines = _table_lines(
        {k: v for k, v in metrics.items() if k != "without_clean"},
        "all test utterances",
    )
    if "without_clean" in metrics:
        lines += _table_lines(metrics["without_clean"], "without clean speech")
    return "\n".join(lines)


def _table_lines(metrics, title):
    """Format one block of the table."""
    head = f"{title:<24}{'MSE':>8}{'LCC':>8}{'SRCC':>8}{'tau':>8}"
    lines = [head + f"{'n':>7}{'at limit':>10}  labels"]
    for name, values in metrics.items():
        shown = name if values["role"] == "primary" else f"{name} (pseudo)"
        cells = [format_metric(values[f]) for f in ("mse", *CORRELATIONS)]
        reason = values["undefined"]
        lines.append(
            f"  {shown:<22}{''.join(f'{cell:>8}' for cell in cells)}"
            f"{values['n']:>7}{values['at_limit']:>9.0%}   {values['source']}"
            + (f" (correlation undefined: {reason})" if reason else "")
        )
    return lines
