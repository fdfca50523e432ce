"""Labels fused of measures and teachers, in manifests.

Authors
 * The mtqnet-brain developers 2026
"""

import logging

import pytest

from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.labels.fusion import load_fusion
from mtqnet_brain.preparation.fused_labels import add_fused_labels
from mtqnet_brain.preparation.label_sources import (
    add_intrusive_labels,
    check_label_settings,
)
from mtqnet_brain.tasks import Task

MOS = [Task(name, 1, 5) for name in ("s_mos", "n_mos", "g_mos")]
TAUGHT = {
    "sig": 3.1,
    "bak": 2.9,
    "ovrl": 2.6,
    "distillmos": 3.0,
    "plcmos": 3.4,
}
MEASURED = {"csig": 3.2, "cbak": 2.7, "covl": 2.6, "pesq": 2.0}


@pytest.fixture
def manifest(tmp_path):
    """A clip with measures, one without, and one that teachers refused."""
    pseudo = {f"pseudo_{name}": str(value) for name, value in TAUGHT.items()}
    measures = {name: str(value) for name, value in MEASURED.items()}
    rows = [
        {"ID": "both", **pseudo, **measures},
        {"ID": "alone", **pseudo},
        {"ID": "refused", **measures},
    ]
    for row in rows:
        row["wav"] = str(tmp_path / f"{row['ID']}.wav")
    write_manifest(tmp_path / "train.csv", rows)
    return tmp_path / "train.csv"


def test_the_manifest_has_them_with_their_source(manifest):
    """By hand: the weighted sums of the fusion that ships."""
    parts = {"train.csv": read_manifest(manifest)}
    add_fused_labels(parts, manifest.parent)
    both, alone, refused = read_manifest(manifest)
    fusion = load_fusion()
    for score in ("s_mos", "n_mos", "g_mos"):
        taught, measured = (
            sum(w * values.get(name, 1) for name, w in weights.items())
            for weights, values in (
                (fusion.alone[score], TAUGHT),
                (fusion.with_reference[score], TAUGHT | MEASURED),
            )
        )
        mixed = 0.3 * taught + 0.7 * measured
        assert float(alone[score]) == pytest.approx(taught, abs=1e-4)
        assert float(both[score]) == pytest.approx(mixed, abs=1e-4)
        assert both[f"{score}_source"] == "fusion 1"
        assert refused[score] == refused[f"{score}_source"] == ""


def test_a_second_time_nothing_is_written(manifest):
    """The run that has used the manifest must not find it changed."""
    for _ in range(2):
        parts = {"train.csv": read_manifest(manifest)}
        before = manifest.stat().st_mtime_ns
        add_fused_labels(parts, manifest.parent)
    assert manifest.stat().st_mtime_ns == before


def test_measures_keep_their_names(tmp_path):
    """Where they are not the labels themselves."""
    labels = "file,pesq,stoi,sdi,csig,cbak,covl,warning,error\n"
    (tmp_path / "labels.csv").write_text(labels + "a.wav,2,.9,.1,3,2.5,2.2,,\n")
    row = {"wav": str(tmp_path / "a.wav"), "reference": "b.wav"}
    add_intrusive_labels(
        [row], tmp_path, tmp_path, 1, logging.getLogger(), source="fusion"
    )
    assert (row["csig"], row["cbak"], row["covl"]) == ("3", "2.5", "2.2")
    assert row["csig_source"] == "composite (CSIG/CBAK/COVL)"
    assert "s_mos" not in row


def test_one_source_at_a_time():
    """A table of scores, or the fusion."""
    check_label_settings(MOS, label_source="fusion")
    with pytest.raises(ValueError, match="labels are given twice"):
        check_label_settings(
            MOS, "a.csv", {"s_mos": "S"}, label_source="fusion"
        )
