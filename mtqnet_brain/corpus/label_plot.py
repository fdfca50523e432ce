"""Plot of the labels of a corpus, per SNR and system.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mtqnet_brain.data.clip_names import parse_name
from mtqnet_brain.evaluation.metrics import fraction_at_limit
from mtqnet_brain.labels.composite import COEFFICIENTS, RATING_RANGE
from mtqnet_brain.labels.intrusive import LABELS
from mtqnet_brain.utils.files import save_figure

PLOT_FILE = "labels.png"
TITLES = {
    "pesq": "PESQ (wide-band)",
    "stoi": "STOI",
    "sdi": "SDI",
    "csig": "CSIG",
    "cbak": "CBAK",
    "covl": "COVL",
}
NO_NOISE = "no noise"

Groups = dict[tuple[str, float], list[np.ndarray]]


def plot_labels(path: str | Path, rows: Iterable[dict]) -> None:
    """Plot median, 10th and 90th percentile of each label.

    Arguments
    ---------
    path : str or Path
        PNG to write.
    rows : list of dict
        Rows of ``labels.csv``; names in the form of TMHINT-QI. Rows without
        labels are left out.
    """
    from matplotlib.figure import Figure

    groups = group_labels(rows)
    snrs = _snr_names(groups)
    methods = sorted({method for method, _ in groups})
    figure = Figure(figsize=(14, 8), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    for axis, label in zip(axes, LABELS):
        if label == "sdi":  # from 0 for clean speech to far above 1
            axis.set_yscale("symlog", linthresh=0.01)
        for number, method in enumerate(methods):
            shift = 0.6 * (number / max(1, len(methods) - 1) - 0.5)
            _plot_method(axis, groups, method, snrs, label, shift)
        axis.set_xticks(range(len(snrs)), snrs)
        axis.set_xlabel("SNR in dB")
        axis.set_title(TITLES[label] + _limit_note(groups, label))
    axes[LABELS.index("sdi")].set_ylim(bottom=0)
    axes[0].legend(fontsize=8)
    figure.suptitle("Median, 10th and 90th percentile of the clips")
    save_figure(path, figure, dpi=100)


def group_labels(rows: Iterable[dict]) -> Groups:
    """Collect the label values of each clip by method and SNR.

    Rows with an error are left out; the SNR is infinite without noise.
    """
    groups = defaultdict(list)
    for row in rows:
        if row["error"]:
            continue
        name = parse_name(Path(row["file"]).stem)
        snr = np.inf if name.snr is None else name.snr
        values = np.array([float(row[label]) for label in LABELS])
        groups[name.method, snr].append(values)
    return dict(groups)


def limit_fraction(groups: Groups, label: str) -> float:
    """Return the fraction of clips whose rating is 1 or 5, the limits."""
    column = LABELS.index(label)
    values = np.concatenate([np.stack(v)[:, column] for v in groups.values()])
    return fraction_at_limit(values, *RATING_RANGE)


def _limit_note(groups, label):
    """Return how many ratings are at a limit, for the title."""
    if label not in COEFFICIENTS:
        return ""
    return f", {limit_fraction(groups, label):.0%} at 1 or 5"


def _snr_names(groups):
    """Return the tick labels in rising order, no noise last."""
    snrs = sorted({snr for _, snr in groups})
    return [_snr_name(snr) for snr in snrs]


def _snr_name(snr):
    """Return the tick label of an SNR."""
    return f"{snr:g}" if np.isfinite(snr) else NO_NOISE


def _plot_method(axis, groups, method, snrs, label, shift):
    """Plot one method over the SNRs that it has."""
    column = LABELS.index(label)
    positions, middles, spreads = [], [], []
    for (own, snr), values in sorted(groups.items()):
        if own == method:
            low, middle, high = np.percentile(
                np.stack(values)[:, column], [10, 50, 90]
            )
            positions.append(snrs.index(_snr_name(snr)) + shift)
            middles.append(middle)
            spreads.append((middle - low, high - middle))
    axis.errorbar(
        positions,
        middles,
        np.transpose(spreads),
        fmt="o",
        markersize=4,
        linewidth=1,
        label=method,
    )
