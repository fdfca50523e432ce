"""A picture of a clip: its spectrogram above its scores over time.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import Counter
from itertools import cycle
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.audio.screening import Screening
from mtqnet_brain.model.frames import HOP, N_FFT
from mtqnet_brain.utils.files import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mtqnet_brain.inference.clips import Result
    from mtqnet_brain.tasks import Task

MAX_COLUMNS = 2000
RANGE_DB = 80
# Colours that the colour-blind tell apart (Okabe and Ito), and styles.
LINES = [
    ("#0072B2", "-"),
    ("#D55E00", "--"),
    ("#000000", "-."),
    ("#009E73", "-"),
    ("#CC79A7", "--"),
]
MEANINGS = {
    "s_mos": "S-MOS, the speech itself",
    "n_mos": "N-MOS, the background",
    "g_mos": "G-MOS, overall",
}


def picture_paths(files: list[str], folder: str | Path) -> dict[str, Path]:
    """Return the path of each file's picture.

    Arguments
    ---------
    files : list of str
        All files of a run.
    folder : str or Path
        Folder of the pictures.

    Returns
    -------
    dict of str to Path
        ``NAME.png``; files of the same name get numbers, in their order.
    """
    paths: dict[str, Path] = {}
    taken: Counter[str] = Counter()
    for file in files:
        stem = Path(file).stem
        taken[stem] += 1
        number = f"_{taken[stem]}" if taken[stem] > 1 else ""
        paths[file] = Path(folder) / f"{stem}{number}.png"
    return paths


def plot_scores(result: Result, path: Path, tasks: list[Task]) -> None:
    """Draw the spectrogram with the scores over time under it.

    The axis of the scores is that of their labels, 1 to 5 for a MOS, so that
    pictures can be compared.

    Arguments
    ---------
    result : Result
        A file's, with scores over time.
    path : Path
        PNG to write.
    tasks : list of Task
        Names and ranges of the scores.

    Raises
    ------
    ValueError
        If the result has no scores over time.
    """
    from matplotlib.figure import Figure

    if result.scores is None or result.frames is None:
        raise ValueError(f"{result.path}: no scores over time")
    figure = Figure(figsize=(10, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.imshow(
        _spectrogram(result.path, result.seconds),
        origin="lower",
        aspect="auto",
        extent=(0, result.seconds, 0, SAMPLE_RATE / 2000),
        cmap="magma",
    )
    upper.set(ylabel="kHz", title=_title(result))
    _draw_curves(lower, result, tasks)
    save_figure(path, figure, dpi=110)


def _draw_curves(axes: Axes, result: Result, tasks: list[Task]) -> None:
    """Draw each score over time, the clip's as a dotted line, and pauses."""
    assert result.scores is not None and result.frames is not None
    time = result.frames["time"]
    if result.speech is not None and not result.speech.all():
        axes.fill_between(
            time,
            0,
            1,
            where=~result.speech,
            transform=axes.get_xaxis_transform(),
            color="0.85",
            linewidth=0,
            label="no speech",
        )
    low = min(task.low for task in tasks)
    high = max((t.high for t in tasks if isfinite(t.high)), default=low + 4)
    for task, (colour, style) in zip(tasks, cycle(LINES)):
        score = result.scores[task.name]
        name = MEANINGS.get(task.name, task.name)
        # What leaves the axis runs along its edge.
        flat, curve = (
            np.clip(values, low, high)
            for values in (score, result.frames[task.name])
        )
        axes.axhline(float(flat), color=colour, linestyle=":", clip_on=False)
        axes.plot(
            time,
            curve,
            color=colour,
            linestyle=style,
            clip_on=False,
            label=f"{name}; of the clip {score:.2f}",
        )
    axes.set(
        xlabel="s",
        ylabel="score, mean of 0.24 s",
        xlim=(0, result.seconds),
        ylim=(low, high),
    )
    axes.grid(axis="y", linewidth=0.5, color="0.8")
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=4, fontsize=8
    )


def _title(result: Result) -> str:
    """Return the file's name and the warnings."""
    name = Path(result.path).name.replace("$", r"\$").replace("\n", " ")
    return "; ".join([name, *result.warnings])


def _spectrogram(path: str | Path, seconds: float) -> np.ndarray:
    """Return levels in dB, shape (257, columns), reading block by block.

    In long files, neighbouring frames are averaged.
    """
    info = check_file(path)
    per_column = max(1, int(seconds * SAMPLE_RATE / HOP / MAX_COLUMNS) + 1)
    span = per_column * HOP
    window = np.hanning(N_FFT)
    columns: list[np.ndarray] = []
    held = np.zeros(0, dtype=np.float32)
    for block in read_blocks(path, info, Screening(info)):
        held = np.concatenate([held, block])
        while len(held) >= span + N_FFT:
            columns.append(_column(held[: span + N_FFT], window))
            held = held[span:]
    if len(held):
        tail = np.pad(held, (0, N_FFT))
        columns.append(_column(tail, window))
    power = np.stack(columns, axis=1)  # (257, columns)
    decibels = 10 * np.log10(np.maximum(power, 1e-12))
    return np.maximum(decibels, decibels.max() - RANGE_DB)


def _column(samples: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return the mean power spectrum of some frames, shape (257,)."""
    starts = range(0, len(samples) - len(window) + 1, HOP)
    frames = np.stack([samples[s : s + len(window)] for s in starts])
    return (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).mean(axis=0)
