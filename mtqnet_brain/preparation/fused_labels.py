"""S-, N- and G-MOS fused of measures and teachers, in manifests.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path

from mtqnet_brain.data.manifest import parse_label, set_labels, write_manifest
from mtqnet_brain.labels.fusion import load_fusion
from mtqnet_brain.tasks import Task

# What the fusion needs of teachers, as tasks that a teacher must score.
TAUGHT = tuple(
    Task(name, 1.0, 5.0, role="auxiliary")
    for name in ("sig", "bak", "ovrl", "distillmos", "plcmos")
)
MEASURED = ("csig", "cbak", "covl", "pesq")


def add_fused_labels(parts: dict[str, list[dict]], folder: Path) -> None:
    """Write the fused labels into manifests that have what they are made of.

    Arguments
    ---------
    parts : dict of str to list of dict
        Rows of the manifests by file name, changed in place.
    folder : Path
        Of the manifests.
    """
    fusion = load_fusion()
    for name, rows in parts.items():
        fused = [fusion(_values(row)) for row in rows]
        before = [
            tuple(row.get(score, "") for score in fused[0]) for row in rows
        ]
        for score in fused[0]:
            labels = [scores[score] for scores in fused]
            set_labels(rows, score, labels, fusion.name)
        after = [
            tuple(row.get(score, "") for score in fused[0]) for row in rows
        ]
        if after != before:
            write_manifest(folder / name, rows)


def _cells(rows, scores):
    """Return the labels of some scores as they stand in the rows."""
    return [[row.get(score, "") for score in scores] for row in rows]


def _values(row):
    """Return measures and scores of teachers of a row, NaN where missing."""
    taught = {t.name: parse_label(row.get(t.column)) for t in TAUGHT}
    return taught | {name: parse_label(row.get(name)) for name in MEASURED}
