"""The work of ``mtqnet score``.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

from tqdm import tqdm

from mtqnet_brain.audio import SAMPLE_RATE
from mtqnet_brain.scoring.output import (
    FileOutput,
    StandardOutput,
    check_format,
    make_row,
)
from mtqnet_brain.scoring.plot import picture_paths, plot_scores


def score_to_output(
    predictor,
    files,
    output=None,
    frames=False,
    plot=None,
    workers=2,
    restart=False,
    model_hash="",
    **settings,
):
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
    engine = predictor.engine(frames=frames or plot is not None, **settings)
    tasks = engine.tasks
    target = StandardOutput(files, tasks)
    if output is not None:
        kept = {"model": model_hash, "frames": frames, **settings}
        target = FileOutput(output, tasks, kept, restart)
    unique = list(dict.fromkeys(files))
    left = [file for file in unique if file not in target.done]
    refused = {
        f for f in unique if f in target.done and target.done[f]["error"]
    }
    said = set()
    pictures = picture_paths(unique, plot) if plot is not None else {}
    with (
        target,
        tqdm(
            total=len(unique),
            initial=len(unique) - len(left),
            desc="scoring",
            unit="file",
            file=sys.stderr,
        ) as bar,
    ):
        for result in engine.score_paths([(f, f) for f in left], workers):
            _say_once(result, said, bar)
            if pictures and not result.error:
                plot_scores(result, pictures[result.key])
            if not frames:
                result.frames = None
            target.write(make_row(result, tasks))
            bar.update()
            if result.error:
                refused.add(result.key)
        target.finish(files)
    return len(refused)


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
        f"channel(s): resampled to {SAMPLE_RATE} Hz, channels averaged (said "
        "once)",
        file=sys.stderr,
    )
