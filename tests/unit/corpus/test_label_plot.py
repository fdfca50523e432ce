"""The plot of a corpus' labels: groups, limits, a picture.

Authors
 * The mtqnet-brain developers 2026
"""

import math

from mtqnet_brain.corpus.label_plot import (
    group_labels,
    limit_fraction,
    plot_labels,
)
from mtqnet_brain.data.table_files import read_csv


def row(file, value, error=""):
    """Return a row of labels.csv with one value for all labels."""
    labels = dict.fromkeys("pesq stoi sdi csig cbak covl".split(), value)
    return {"file": file, **labels, "error": error}


ROWS = [
    row("train/A_b_c.wav", "5"),
    row("train/MMSE_snr5_pink_A_b_c.wav", "1"),
    row("train/MMSE_snr5_white_A_b_c.wav", "2.5"),
    row("test/MNRU_snrinf_none_A_b_c.wav", "3"),
    row("test/KLT_snr5_pink_A_b_d.wav", "", error="silent"),
]


def test_groups_by_hand():
    """By method and SNR; clean speech has none, failed clips no labels."""
    groups = group_labels(ROWS)
    assert {key: len(values) for key, values in groups.items()} == {
        ("clean", math.inf): 1,
        ("MMSE", 5.0): 2,
        ("MNRU", math.inf): 1,
    }
    assert [v[0] for v in groups["MMSE", 5.0]] == [1.0, 2.5]


def test_fraction_at_a_limit_by_hand():
    """Two of four sit at 1 or 5."""
    assert limit_fraction(group_labels(ROWS), "covl") == 0.5


def test_picture(tmp_path, tiny_corpus):
    """A PNG, the same bytes again, and in every corpus."""
    rows = read_csv(tiny_corpus / "labels.csv")
    plot_labels(tmp_path / "a.png", rows)
    plotted = (tmp_path / "a.png").read_bytes()
    assert plotted.startswith(b"\x89PNG")
    assert (tiny_corpus / "labels.png").read_bytes() == plotted
