#!/usr/bin/env python3
"""How a model behaves: degradations of growing severity, and clean speech.

A table and a plot of mean scores against the severity of each degradation, and
the mean scores of clean clips per source. To run this script, do the following:
> python monotone.py SOURCE... --noise FOLDER --model RUN --output FOLDER

A source is a folder of clean speech. Run again, it goes on where it stopped.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import zlib
from itertools import zip_longest
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.corpus.ladders import LADDERS
from mtqnet_brain.corpus.mixing import normalize_speech
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.evaluation.severity import NONE, Ladder, source_means
from mtqnet_brain.evaluation.severity_report import (
    ladder_tables,
    plot_ladders,
    source_table,
)
from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils.files import whole_file
from mtqnet_brain.utils.name_value import parse_pairs
from mtqnet_brain.utils.resumable_tables import ResumableCsv

SEED = 1986
SECONDS = (1.5, 8.0)  # of a clip
CASE, CLEAN = "case", "clean"


def choose_clips(source, n_clips):
    """Choose clips of a source, the same ones every time.

    Arguments
    ---------
    source : Path
        Folder.
    n_clips : int
        Number of clips, fewer if there are no more of 1.5 to 8 s.

    Returns
    -------
    list of tuple
        Path and samples.
    """
    paths = sorted(
        audio_files(source), key=lambda p: zlib.crc32(p.name.encode())
    )
    chosen = []
    for path in paths:
        samples = load_audio(path)
        if SECONDS[0] <= len(samples) / SAMPLE_RATE <= SECONDS[1]:
            chosen.append((path, normalize_speech(samples)))
        if len(chosen) == n_clips:
            break
    if not chosen:
        raise ValueError(f"{source}: no clip of {SECONDS[0]} to {SECONDS[1]} s")
    return chosen


def list_cases(clips, names, n_clips):
    """List what is scored.

    Arguments
    ---------
    clips : dict of str to list
        Result of `choose_clips` by source.
    names : list of str
        Which of `LADDERS`.
    n_clips : int
        How many clips go down the ladders, taken from the sources in turn.

    Returns
    -------
    list of tuple
        Ladder, step, number of the clip, path and samples.
    """
    everything = [clip for source in clips.values() for clip in source]
    cases = [(CLEAN, NONE, i, *clip) for i, clip in enumerate(everything)]
    numbers = {path: i for i, (path, _) in enumerate(everything)}
    turns = [c for turn in zip_longest(*clips.values()) for c in turn if c]
    for name in names:
        for step in LADDERS[name].steps:
            for path, samples in turns[:n_clips]:
                cases.append((name, step, numbers[path], path, samples))
    return cases


def key_of(case):
    """Return the name of a case."""
    ladder, step, _, path, _ = case
    return f"{ladder} {step} {path}"


def make_samples(case, noises):
    """Return the degraded samples of a case."""
    name, step, number, path, clean = case
    if name == CLEAN:
        return clean
    rng = np.random.default_rng([SEED, zlib.crc32(path.name.encode())])
    noise = pink_noise(len(clean), rng)
    if noises:
        noise = load_audio(noises[number % len(noises)])
    return LADDERS[name].apply(clean, step, rng, noise)


def score_cases(predictor, cases, noises, path):
    """Score the cases that an earlier run has not scored.

    Arguments
    ---------
    predictor : SpeechQualityPredictor
        The model.
    cases : list of tuple
        Result of `list_cases`.
    noises : list of Path
        Files of noise; pink noise without.
    path : Path
        Scores are kept beside it.

    Returns
    -------
    dict of str to dict
        Scores by name, NaN where refused, by `key_of` the case.
    """
    scores = [task.name for task in predictor.tasks]
    settings = {"model": predictor.hparams.weights_sha256}
    files = {key_of(case): [case[3]] for case in cases}
    engine = predictor.engine()
    fields = [CASE, *scores, "error"]
    with ResumableCsv(path, fields, settings, files) as table:
        left = [case for case in cases if key_of(case) not in table.done]
        opened = (
            engine.open_samples(key_of(case), make_samples(case, noises))
            for case in tqdm(left, desc="scoring", unit="clip")
        )
        for result in engine.score_clips(opened):
            values = result.scores or dict.fromkeys(scores)
            row = {name: values[name] for name in scores}
            table.write({CASE: result.key, **row, "error": result.error})
        table.finish(files)
        return {
            key: {n: float("nan") if row[n] is None else row[n] for n in scores}
            for key, row in table.done.items()
        }


def build_ladder(name, cases, scored):
    """Return the ladder of one degradation.

    Arguments
    ---------
    name : str
        One of `LADDERS`.
    cases : list of tuple
        Result of `list_cases`.
    scored : dict
        Result of `score_cases`.

    Returns
    -------
    Ladder
        Its first step are the clean clips.
    """
    rungs = LADDERS[name]
    of_clip = {case[3]: key_of(case) for case in cases if case[0] == CLEAN}
    keys = {}
    for case in cases:
        if case[0] == name:
            keys.setdefault(case[3], [of_clip[case[3]]]).append(key_of(case))
    return Ladder(
        name,
        rungs.unit,
        [NONE, *(f"{step:g}" for step in rungs.steps)],
        {
            score: np.array(
                [[scored[k][score] for k in row] for row in keys.values()]
            )
            for score in next(iter(scored.values()))
        },
        rungs.audible,
    )


def describe(ladders, clips, cases, scored, expected):
    """Return the page in Markdown.

    Arguments
    ---------
    ladders : list of Ladder
        Results of `build_ladder`.
    clips, cases, scored
        As of `choose_clips`, `list_cases` and `score_cases`.
    expected : dict of str to float
        What a clean clip should get.

    Returns
    -------
    str
        Degradations, then clean clips by source.
    """
    lines = []
    if ladders:
        n_clips = len(next(iter(ladders[0].scores.values())))
        lines += ["## Degradations", "", f"Means of {n_clips} clips of"]
        lines += [
            f"{len(clips)} sources, 95 % intervals in brackets. First the"
        ]
        lines += ["steps whose mean is above that of the step before, in bold"]
        lines += ["where the 95 % interval of that rise leaves out 0.", ""]
        lines += [ladder_tables(ladders), "![](monotone.png)", ""]
    names = [source for source, own in clips.items() for _ in own]
    clean = [scored[key_of(case)] for case in cases if case[0] == CLEAN]
    heard = [
        i for i, row in enumerate(clean) if np.isfinite([*row.values()]).all()
    ]
    scores = {n: np.array([clean[i][n] for i in heard]) for n in clean[0]}
    means = source_means([names[i] for i in heard], scores, expected)
    return "\n".join([*lines, "## Clean speech", "", source_table(means)])


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("sources", nargs="+", type=Path, help="folders of clean speech")
    add("--noise", type=Path, help="folder of noise (default: pink noise)")
    add("--model", default=str(SHIPPED))
    add("--output", required=True, type=Path, help="folder for the results")
    add("--ladders", nargs="*", choices=LADDERS, default=list(LADDERS))
    add("--clips", type=int, default=20, help="on each ladder")
    add("--clean", type=int, default=20, help="clean clips of each source")
    add("--expected", nargs="+", metavar="SCORE=VALUE", help="of a clean clip")
    args = parser.parse_args()
    given = parse_pairs(args.expected, "SCORE=VALUE") if args.expected else {}
    expected = {name: float(value) for name, value in given.items()}
    clips = {s.name: choose_clips(s, args.clean) for s in args.sources}
    cases = list_cases(clips, args.ladders, args.clips)
    noises = sorted(audio_files(args.noise)) if args.noise else []
    predictor = SpeechQualityPredictor.from_hparams(args.model)
    kept = args.output / "monotone.csv"
    scored = score_cases(predictor, cases, noises, kept)
    ladders = [build_ladder(name, cases, scored) for name in args.ladders]
    if ladders:
        plot_ladders(ladders, args.output / "monotone.png")
    with whole_file(args.output / "monotone.md") as file:
        file.write(describe(ladders, clips, cases, scored, expected))
    print(args.output / "monotone.md")


if __name__ == "__main__":
    main()
