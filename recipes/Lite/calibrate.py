#!/usr/bin/env python3
"""Writes calibration.json into a model's folder: intervals and warnings.

To run this script, do the following:
> python calibrate.py MODEL --clips TABLE --source_column talker

The table has a row per held-out clip: its wav, its source, and its labels. Give
speech and sounds that are no speech too, and the model warns of the latter.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.data.table_files import read_table
from mtqnet_brain.data.table_numbers import parse_score
from mtqnet_brain.evaluation.metrics import format_metric
from mtqnet_brain.inference.calibrating import ScoredClips, fit_calibration
from mtqnet_brain.inference.calibration import CALIBRATION, to_plain
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils.files import write_json


def score_wavs(predictor, wavs, name):
    """Score wavs; return the results of those that are not refused, by wav."""
    engine = predictor.engine()
    items = [(wav, wav) for wav in dict.fromkeys(wavs)]
    scored = {}
    with tqdm(total=len(items), desc=name, unit="clip") as bar:
        for result in engine.score_paths(items):
            bar.update()
            if result.error:
                tqdm.write(f"{result.key}: left out, {result.error}")
            else:
                scored[result.key] = result
    return scored


def read_rows(path):
    """Return the rows of a table; of a manifest with absolute paths."""
    header, rows = read_table(path)
    if {"ID", "wav"} <= set(header):
        return read_manifest(path)
    return [row for _, row in rows]


def score_table(predictor, path, wav_column, source_column):
    """Score the clips of a table.

    Arguments
    ---------
    predictor : SpeechQualityPredictor
        The model.
    path : str
        Table with a label column per task.
    wav_column, source_column : str
        Columns of the wavs, relative to the table's folder, and their sources.

    Returns
    -------
    ScoredClips
        Those that are not refused.
    """
    columns = {task.name: task.column for task in predictor.tasks}
    rows = read_rows(path)
    for column in (wav_column, source_column, *columns.values()):
        if column not in rows[0]:
            raise ValueError(f"{path}: no column {column!r}")
    cells = {str(Path(path).parent / row[wav_column]): row for row in rows}
    scored = score_wavs(predictor, cells, Path(path).name)
    labels = {
        task: np.array([parse_score(cells[wav][column]) for wav in scored])
        for task, column in columns.items()
    }
    results = list(scored.values())
    return ScoredClips(
        np.stack([result.pooled for result in results]),
        {t: np.array([r.scores[t] for r in results]) for t in columns},
        labels,
        np.array([cells[wav][source_column] for wav in scored]),
    )


def pool_folders(predictor, folders, name):
    """Return the encoder's means of the clips of folders, (clips, channels)."""
    if not folders:
        return None
    wavs = [str(wav) for folder in folders for wav in audio_files(folder)]
    scored = score_wavs(predictor, wavs, name)
    return np.stack([result.pooled for result in scored.values()])


def describe(coverage, clips):
    """Return a Markdown table of the coverage per source."""
    tasks = list(clips.scores)
    lines = [f"| source | clips | {' | '.join(tasks)} |"]
    lines.append("|---" * (len(tasks) + 2) + "|")
    for name, found in coverage.items():
        cells = [format_metric(found[task], 2) for task in tasks]
        count = int((clips.sources == name).sum())
        lines.append(f"| {name} | {count} | {' | '.join(cells)} |")
    means = [np.nanmean([f[task] for f in coverage.values()]) for task in tasks]
    cells = " | ".join(format_metric(mean, 2) for mean in means)
    lines.append(f"| mean of sources | {len(clips.sources)} | {cells} |")
    return "\n".join(lines)


def tell_apart(calibration, name, pooled):
    """Return which shares of clips get each warning, in one line."""
    found = [calibration.warnings(one) for one in pooled]
    hardly = np.mean(["hardly speech" in one for one in found])
    unlike = np.mean([any(w.startswith("unlike") for w in f) for f in found])
    return (
        f"{name}: {len(found)} clips, hardly speech {100 * hardly:.1f} %, "
        f"unlike training {100 * unlike:.1f} %"
    )


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("model", help="folder of mtqnet export, or a run")
    parser.add_argument("--clips", required=True, help="table of clips")
    parser.add_argument("--wav_column", default="wav", help="default: wav")
    parser.add_argument(
        "--source_column", default="source", help="default: source"
    )
    parser.add_argument("--speech", nargs="+", help="folders of speech")
    parser.add_argument("--other", nargs="+", help="folders of other sounds")
    args = parser.parse_args()
    if bool(args.speech) != bool(args.other):
        parser.error("--speech and --other: give both or neither")
    if not Path(args.model).is_dir():
        parser.error(f"{args.model}: no such folder")
    path = Path(args.model) / CALIBRATION
    path.unlink(missing_ok=True)  # of an earlier training
    predictor = SpeechQualityPredictor.from_hparams(args.model)
    clips = score_table(
        predictor, args.clips, args.wav_column, args.source_column
    )
    # Half of the examples measure what the other half has taught.
    kinds = {
        name: pool_folders(predictor, folders, name)
        for name, folders in (("speech", args.speech), ("other", args.other))
    }
    if args.speech:
        # In noise it is speech, too: clean examples alone teach that it is
        # not, and half of the clips of a listening test were warned of.
        kinds["speech"] = np.concatenate([kinds["speech"], clips.pooled])
        halves = {name: pooled[::2] for name, pooled in kinds.items()}
        half, _ = fit_calibration(clips, predictor.tasks, **halves)
        for name, pooled in kinds.items():
            print(tell_apart(half, f"unheard {name}", pooled[1::2]))
    calibration, coverage = fit_calibration(clips, predictor.tasks, **kinds)
    plain = to_plain(calibration, predictor.hparams.weights_sha256)
    write_json(path, plain)
    print(describe(coverage, clips))


if __name__ == "__main__":
    main()
