"""The work of ``mtqnet score``.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError
from mtqnet_brain.inference.clip_plot import picture_paths, plot_scores
from mtqnet_brain.inference.score_tables import (
    FileOutput,
    StandardOutput,
    check_format,
    columns_of,
    make_row,
)
from mtqnet_brain.utils.precision import choose_precision

if TYPE_CHECKING:
    from mtqnet_brain.audio.io import AudioInfo
    from mtqnet_brain.inference.clips import Result
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor
    from mtqnet_brain.tasks import Task


def score_to_output(
    predictor: SpeechQualityPredictor,
    files: list[str],
    output: str | Path | None = None,
    frames: bool = False,
    plot: str | Path | None = None,
    workers: int = 2,
    restart: bool = False,
    model_hash: str = "",
    **settings: Any,
) -> int:
    """Score files into a table.

    Arguments
    ---------
    predictor : SpeechQualityPredictor
        The model.
    files : list of str
        Result of `inputs.find_inputs`.
    output : str or Path, optional
        ``.csv``, ``.json`` or ``.jsonl``. Default: CSV on standard output.
    frames : bool, optional
        Whether the output holds scores over time.
    plot : str or Path, optional
        Folder for a picture of each file. Default: no pictures.
    workers : int, optional
        Threads that read.
    restart : bool, optional
        Whether to discard the rows of an interrupted run.
    model_hash : str, optional
        Hash of the model; an interrupted run with another hash is refused.
    **settings
        ``window``, ``batch_size``, ``precision``, ``intervals`` of
        `engine.Engine`.

    Returns
    -------
    int
        Number of refused files.

    Raises
    ------
    ValueError
        If a setting is invalid, or differs from that of an interrupted run.
    """
    check_format(output, frames)
    if plot is not None:
        os.makedirs(plot, exist_ok=True)
    choice: list[str] = []  # printed once the output can be written
    settings["precision"] = choose_precision(
        settings.get("precision") or predictor.precision,
        predictor.device,
        choice.append,
    )
    engine = predictor.engine(frames=frames or plot is not None, **settings)
    columns = columns_of(engine.tasks, engine.intervals)
    target: FileOutput | StandardOutput = StandardOutput(files, columns)
    if output is not None:
        kept = {"model": model_hash, "frames": frames, **settings}
        target = FileOutput(output, columns, kept, files, restart)
    unique = list(dict.fromkeys(files))
    pictures = picture_paths(unique, plot) if plot is not None else {}
    with target:
        for line in choice:
            print(line, file=sys.stderr)
        left = [file for file in unique if file not in target.done]
        with _progress(len(unique), len(left)) as bar:
            n_refused, conversions = 0, Counter[str]()
            for result in engine.score_paths([(f, f) for f in left], workers):
                conversions.update(_conversions(result.info))
                _draw(result, pictures, predictor.tasks)
                if not frames:
                    result.frames = None
                target.write(make_row(result, engine.tasks))
                bar.update()
                n_refused += bool(result.error)
        for what, n in sorted(conversions.items(), reverse=True):
            print(f"{what}: {n} file{'s' * (n > 1)}", file=sys.stderr)
        target.finish(files)
    return n_refused


def _progress(n_files: int, n_left: int) -> tqdm:
    """Return a progress bar."""
    return tqdm(
        total=n_files,
        initial=n_files - n_left,
        desc="scoring",
        unit="file",
        file=sys.stderr,
    )


def _draw(result: Result, pictures: dict[str, Path], tasks: list[Task]) -> None:
    """Draw a scored file if it has a path for its picture."""
    if result.error or not pictures:
        return
    try:
        plot_scores(result, pictures[result.key], tasks)
    except (AudioError, OSError) as err:  # removed since it was scored
        result.warnings.append(f"no picture: {err}")


def _conversions(info: AudioInfo | None) -> list[str]:
    """Return what was done to a scored file; nothing to a refused one."""
    done = []
    if info is not None and info.sample_rate != SAMPLE_RATE:
        done.append(f"resampled to {SAMPLE_RATE} Hz")
    if info is not None and info.channels > 1:
        done.append("mixed to mono")
    return done
