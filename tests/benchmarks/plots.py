"""The plots of the report.

Authors
 * The mtqnet-brain developers 2026
"""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def plot_durations(rows, path):
    """Draw time and peak memory against duration.

    Arguments
    ---------
    rows : list of dict
        Result of `scaling.by_duration`.
    path : Path
        PNG to write.
    """
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
    for axis, key, name in (
        (axes[0], "time", "seconds"),
        (axes[1], "gigabytes", "peak memory, GB"),
    ):
        for way in ("ours", "plain"):
            points = [(r["seconds"], r[way][key]) for r in rows if way in r]
            axis.loglog(*zip(*points), marker="o", label=way)
        axis.set_xlabel("duration, s")
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    axes[1].set_yscale("linear")
    axes[1].set_ylim(bottom=0)
    axes[0].legend()
    _save(figure, path)


def plot_counts(rows, path):
    """Draw time against the number of files.

    Arguments
    ---------
    rows : list of dict
        Result of `scaling.by_count`.
    path : Path
        PNG to write.
    """
    figure, axis = plt.subplots(figsize=(5, 3.5))
    names = {
        "command": "command, start included",
        "engine": "start excluded",
        "plain": "plain, start excluded",
    }
    for way, name in names.items():
        points = [(row["files"], row[way]) for row in rows if way in row]
        axis.loglog(*zip(*points), marker="o", label=name)
    axis.set_xlabel("files of 1 s")
    axis.set_ylabel("seconds")
    axis.grid(alpha=0.3)
    axis.legend()
    _save(figure, path)


def plot_speed(speed, path):
    """Draw how many times faster than the plain path each network runs.

    Arguments
    ---------
    speed : dict
        Result of `network_speed.measure`.
    path : Path
        PNG to write.
    """
    rows = speed["rows"]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), sharey=True)
    for axis, what in zip(axes, ("score", "step")):
        for i, precision in enumerate(("fp32", "bf16")):
            values = [row[f"{what}_{precision}_ratio"] for row in rows]
            places = [j + 0.4 * i for j in range(len(rows))]
            axis.bar(places, values, 0.4, label=precision)
        axis.set_xticks(
            [j + 0.2 for j in range(len(rows))],
            [row["network"] for row in rows],
            rotation=60,
            ha="right",
        )
        axis.axhline(1, color="black", linewidth=0.8)
        axis.set_title(what)
    axes[0].set_ylabel("times faster than plain")
    axes[0].legend()
    _save(figure, path)


def _save(figure, path):
    """Write a plot and close it."""
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
