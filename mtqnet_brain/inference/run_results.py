"""The results on a model card: from a run, or from an earlier card.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mtqnet_brain.checkpoints.loading import is_run
from mtqnet_brain.checkpoints.model_files import read_metrics
from mtqnet_brain.data.manifest import parse_label
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.evaluation.bootstrap import METRICS, Bootstrap, interval
from mtqnet_brain.evaluation.metrics import format_metric
from mtqnet_brain.inference.markdown import as_text, markdown_table
from mtqnet_brain.utils.untrusted_json import (
    ModelError,
    model_file,
    read_bounded,
    read_json,
)

CARD_FILE = "README.md"
PREDICTIONS = "predictions_test.csv"
MAX_CARD_BYTES = 2**20
NOT_MEASURED = "Not measured."


def results_text(source: str | Path) -> str:
    """Return the results of a model in Markdown.

    Arguments
    ---------
    source : str or Path
        Output folder of a training run or its folder ``model``; or an
        exported model, whose card's results and notes are returned.

    Returns
    -------
    str
        A table, with 95 % bootstrap intervals over the test utterances where
        the run has its predictions; or that nothing was measured.

    Raises
    ------
    ModelError
        If a file is refused.
    """
    if not is_run(source):
        card = earlier_card(source)
        body = card.partition("\n## Metrics\n")[2]
        return body.rpartition("\n## Limits\n")[0].strip() or NOT_MEASURED
    for folder in (Path(source), Path(source).parent):
        if (folder / "metrics.json").is_file():
            path = model_file(folder, "metrics.json")
            return _table(folder, read_metrics(read_json(path), str(path)))
    return NOT_MEASURED


def earlier_card(source: str | Path) -> str:
    """Return the card of an exported model; empty without one."""
    if not (Path(source) / CARD_FILE).exists():
        return ""
    path = model_file(source, CARD_FILE)
    return read_bounded(path, path, MAX_CARD_BYTES)


def listed(card: str, key: str) -> tuple[str, ...]:
    """Return a list in a card's front matter, as `write_card` writes it.

    Example
    -------
    >>> listed("---\\nlanguage:\\n- en\\n- zh\\ntags:\\n- x\\n---", "language")
    ('en', 'zh')
    """
    front = card.partition("\n---\n")[0]
    found = re.search(rf"^{key}:\n((?:- [\w./-]+\n)+)", front, re.MULTILINE)
    return tuple(found[1].replace("- ", "").split()) if found else ()


def _table(folder: Path, metrics: dict) -> str:
    """Return the table of a run's own test set."""
    if not metrics:
        return NOT_MEASURED
    predictions, rows = _predictions(folder), []
    for name, values in metrics.items():
        ends = _intervals(predictions, name)
        cells = [format_metric(values[key]) + ends[key] for key in METRICS]
        rows.append((name, str(values["n"]), *cells, as_text(values["source"])))
    header = ("score", "n", *map(str.upper, METRICS), "labels")
    title = "On the run's own test set"
    if predictions:
        title += ", with 95 % bootstrap intervals over its utterances"
    return f"{title}:\n\n{markdown_table(header, rows)}"


def _predictions(folder: Path) -> list[dict[str, str]]:
    """Return the run's predictions of its test set; empty without them."""
    if not (folder / PREDICTIONS).is_file():
        return []
    return read_csv(model_file(folder, PREDICTIONS))


def _intervals(rows: list[dict[str, str]], task: str) -> dict[str, str]:
    """Return `` [0.81, 0.87]`` by metric; empty text without predictions."""
    if not rows:
        return dict.fromkeys(METRICS, "")
    predicted, true = (
        _column(rows, f"{task}_{kind}") for kind in ("predicted", "true")
    )
    resampled = Bootstrap(len(rows)).figures(predicted, true)
    return {
        metric: f" [{', '.join(map(format_metric, interval(values)))}]"
        for metric, values in resampled.items()
    }


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """Return a column as floats (rows,), NaN where it is empty."""
    try:
        return np.array([parse_label(row[name]) for row in rows])
    except (KeyError, ValueError) as err:
        raise ModelError(
            f"{PREDICTIONS}: {name}: {err}; remove the file to export without "
            "intervals"
        ) from err
