#!/usr/bin/env python3
"""Tables of agreement with the labels per condition, for the model card.

To run this script, do the following:
> python conditions.py RUN --output notes.md

RUN is a run of this recipe; its test set is described by source (talkers and
microphones), language, system and SNR, its clean clips by source.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
from pathlib import Path

import numpy as np

from mtqnet_brain.data.clip_names import CLEAN
from mtqnet_brain.data.manifest import label_values, read_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.evaluation.metrics import format_metric, score_metrics
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils.files import whole_file
from mtqnet_brain.utils.outputs import target_of

SCORES = ("s_mos", "n_mos", "g_mos")
CONDITIONS = {
    "source": "source",
    "language": "language",
    "method": "system",
    "snr": "SNR in dB",
}
LEAST = 5  # clips of a condition in the table


def read_run(run):
    """Read the test set of a run.

    Arguments
    ---------
    run : Path
        Output folder of the run.

    Returns
    -------
    list of dict
        Manifest rows.
    np.ndarray
        Predicted scores, shape (rows, 3).
    np.ndarray
        Labels, shape (rows, 3).
    """
    rows = read_manifest(run / "manifests" / "test.csv")
    by_id = {row["ID"]: row for row in read_csv(run / "predictions_test.csv")}
    predicted = [by_id[row["ID"]] for row in rows]
    scores = [label_values(predicted, f"{name}_predicted") for name in SCORES]
    labels = [label_values(rows, name) for name in SCORES]
    return rows, np.stack(scores, axis=1), np.stack(labels, axis=1)


def describe(rows, scores, labels):
    """Return the tables of a test set, in Markdown.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    scores, labels : np.ndarray
        Predicted and true scores, shape (rows, 3).

    Returns
    -------
    str
        One table per kind of condition, then one of the clean clips.
    """
    lines = ["S-, N- and G-MOS in turn; bias is predicted minus label.", ""]
    every = np.array(["all"] * len(rows))
    lines += _table("test set", every, scores, labels)
    for column, title in CONDITIONS.items():
        values = np.array([row.get(column) or "none" for row in rows])
        lines += _table(title, values, scores, labels)
    clean = np.array([row["method"] == CLEAN for row in rows])
    sources = np.array([row.get("source") or "none" for row in rows])
    lines += _table(
        "clean clips of source", sources[clean], scores[clean], labels[clean]
    )
    return "\n".join(lines)


def _table(title, groups, scores, labels):
    """Return the lines of a table, one row per group."""
    lines = [f"| {title} | n | LCC | MSE | bias |", "|---|---|---|---|---|"]
    for group in sorted(set(groups), key=_order):
        own = groups == group
        if own.sum() >= LEAST:
            lines.append(_row(group, scores[own], labels[own]))
    return [*lines, ""]


def _order(condition):
    """Sort numbers by value, then names."""
    try:
        return (0, float(condition), "")
    except ValueError:
        return (1, 0.0, condition)


def _row(condition, scores, labels):
    """Return one condition's row."""
    found = [score_metrics(*pair) for pair in zip(scores.T, labels.T)]
    lcc = " / ".join(format_metric(m["lcc"], 2) for m in found)
    mse = " / ".join(format_metric(m["mse"], 2) for m in found)
    bias = " / ".join(f"{d:+.2f}" for d in np.nanmean(scores - labels, axis=0))
    return f"| {condition} | {len(scores)} | {lcc} | {mse} | {bias} |"


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=Path, help="output folder of a run")
    parser.add_argument("--output", required=True, help="Markdown file")
    args = parser.parse_args()
    with whole_file(target_of(args.output)) as file:
        file.write(describe(*read_run(args.run)))


if __name__ == "__main__":
    main()
