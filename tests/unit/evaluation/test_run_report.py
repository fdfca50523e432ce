"""Predictions, figures, plots and the table of a run.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest

from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.evaluation.metrics import QualityStats
from mtqnet_brain.evaluation.run_report import format_table, write_results
from mtqnet_brain.tasks import Task

TASKS = [Task("g_mos", 1, 5), Task("pesq", 1, 4.65, role="auxiliary")]


@pytest.fixture
def results(tmp_path):
    """Six utterances of three methods; one lacks its label."""
    methods = ["clean", "clean", "KLT", "KLT", "Noisy", "Noisy"]
    true = np.array([5.0, 5.0, 3.0, 2.0, 1.0, np.nan])
    predicted = np.array([4.5, 4.0, 3.5, 2.5, 1.0, 1.5])
    rows = [
        {
            "ID": f"u{i}",
            "method": method,
            "g_mos_source": "3QUEST",
            "pseudo_pesq_source": "teacher",
        }
        for i, method in enumerate(methods)
    ]
    stats = QualityStats(TASKS)
    order = [3, 1, 0, 5, 2, 4]  # as batches may come
    stats.append(
        [f"u{i}" for i in order],
        np.stack([predicted, predicted], axis=1)[order],
        np.stack([true, np.full(6, 2.0)], axis=1)[order],
    )
    return tmp_path, write_results(tmp_path, stats, rows)


def test_metrics_by_hand(results):
    """Over all, without clean speech, and per method."""
    folder, metrics = results
    assert metrics == json.loads((folder / "metrics.json").read_text())
    g_mos = metrics["g_mos"]
    assert g_mos["n"] == 5 and g_mos["source"] == "3QUEST"
    assert g_mos["mse"] == pytest.approx((0.25 + 1 + 0.25 + 0.25 + 0) / 5)
    assert g_mos["at_limit"] == pytest.approx(3 / 5)
    # methods: KLT (3, 2.5), Noisy (1, 1), clean (4.25, 5)
    assert g_mos["system"]["mse"] == pytest.approx((0.25 + 0 + 0.5625) / 3)
    assert g_mos["system"]["n"] == 3
    degraded = metrics["without_clean"]["g_mos"]
    assert degraded["n"] == 3 and degraded["at_limit"] == pytest.approx(1 / 3)
    assert metrics["pesq"]["lcc"] is None and metrics["pesq"]["undefined"]
    assert metrics["pesq"]["role"] == "auxiliary"


def test_predictions_and_plots(results):
    """One row per utterance in order of the IDs; an empty cell stays so."""
    folder, _ = results
    rows = read_csv(folder / "predictions_test.csv")
    assert [row["ID"] for row in rows] == [f"u{i}" for i in range(6)]
    assert rows[3]["g_mos_true"] == "2" and rows[5]["g_mos_true"] == ""
    assert rows[3]["g_mos_predicted"] == "2.5"
    assert rows[3]["method"] == "KLT"
    for name in ("g_mos", "pesq"):
        image = (folder / f"scatter_{name}.png").read_bytes()
        assert image.startswith(b"\x89PNG")


def test_table(results):
    """Every task twice, pseudo-labels and constants marked."""
    text = format_table(results[1])
    assert text.count("g_mos") == 2 and text.count("pesq (pseudo)") == 2
    assert (
        "correlation undefined: " in text and "60%" in text and "3QUEST" in text
    )
