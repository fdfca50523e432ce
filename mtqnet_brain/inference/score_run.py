"""The work of ``mtqnet score``.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError
from mtqnet_brain.inference.clip_plot import picture_paths, plot_scores
from mtqnet_brain.inference.score_files import (
    FileOutput,
    StandardOutput,
    check_format,
    make_row,
)
from mtqnet_brain.utils.precision import choose_precision

if TYPE_CHECKING:
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor


def score_to_output(
    predictor: SpeechQualityPredictor,
    files: list[str],
    output: str | Path | None = None,
    frames: bool = False,
    plot: str | Path | None = None,
    workers: int = 2,
    restart: bool = False,
    model_hash: str = "",
    **settings,
) -> int:
    """Score files into a table.

    Arguments
    ---------
    predictor : SpeechQualityPredictor
        The model.
    files : list of str
        Of `inputs.find_inputs`.
    output : str or Path
        ``.csv``, ``.json`` or ``.jsonl``; None for CSV on standard output.
    frames : bool
        Whether scores over time go into the output.
    plot : str or Path
        Folder for a picture of each file, or None.
    workers : int
        Threads that read.
    restart : bool
        Whether what an interrupted run has left is discarded.
    model_hash : str
        Of the model; an interrupted run of another one is refused.
    **settings
        ``window``, ``batch_size``, ``precision`` of `Engine`.

    Returns
    -------
    int
        Number of files that were refused.

    Raises
    ------
    ValueError
        If a setting makes no sense, or an interrupted run had others.
    """
    check_format(output, frames)
    if plot is not None:
        os.makedirs(plot, exist_ok=True)
    chosen = []
    settings["precision"] = choose_precision(
        settings.get("precision", predictor.precision),
        predictor.device,
        chosen.append,
    )
    engine = predictor.engine(frames=frames or plot is not None, **settings)
    tasks = engine.tasks
    target = StandardOutput(files, tasks)
    if output is not None:
        kept = {"model": model_hash, "frames": frames, **settings}
        target = FileOutput(output, tasks, kept, files, restart)
    unique = list(dict.fromkeys(files))
    pictures = picture_paths(unique, plot) if plot is not None else {}
    n_refused = 0
    with target:
        print(*chosen, sep="\n", end="\n" * len(chosen), file=sys.stderr)
        left = [file for file in unique if file not in target.done]
        with _progress(len(unique), len(left)) as bar:
            said = set()
            for result in engine.score_paths([(f, f) for f in left], workers):
                _say_once(result, said, bar)
                _draw(result, pictures)
                if not frames:
                    result.frames = None
                target.write(make_row(result, tasks))
                bar.update()
                n_refused += bool(result.error)
        target.finish(files)
    return n_refused


def _progress(n_files, n_left):
    """Return a progress bar."""
    return tqdm(
        total=n_files,
        initial=n_files - n_left,
        desc="scoring",
        unit="file",
        file=sys.stderr,
    )


def _draw(result, pictures):
    """Draw a file that has a place for its picture; or say why not."""
    if result.error or not pictures:
        return
    try:
        plot_scores(result, pictures[result.key])
    except (AudioError, OSError) as err:  # it has gone since it was scored
        result.warnings.append(f"no picture: {err}")


def _say_once(result, said, bar):
    """Say that files are resampled or mixed down, once per kind."""
    info = result.info
    if info is None:
        return
    kind = info.sample_rate, info.channels
    if kind == (SAMPLE_RATE, 1) or kind in said:
        return
    said.add(kind)
    bar.write(
        f"{Path(result.key).name}: {info.sample_rate} Hz, {info.channels} "
        f"channel(s): resampled to {SAMPLE_RATE} Hz, mixed to mono (said once)",
        file=sys.stderr,
    )
