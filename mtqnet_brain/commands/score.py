"""``mtqnet score``: the scores of audio files.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import sys
from functools import partial

from mtqnet_brain.commands.shared import add_restart, exit_code, positive
from mtqnet_brain.utils.devices import check_device
from mtqnet_brain.utils.precision import AUTO, PRECISIONS, choose_precision

HELP = "score audio files: speech, noise and overall quality"
EXAMPLES = """\
  mtqnet score clip.wav
  mtqnet score WAVS --recursive --output scores.csv
  mtqnet score WAVS --model RUN --output scores.json --frames
  mtqnet score clips.parquet --engine ray --output SHARDS

The table has one row per file. An interrupted run resumes when the same
command is run again.

--model      output folder of a training run, folder of mtqnet export or its
             name on the Hugging Face hub; by default the model that comes
             with mtqnet
--precision  bf16 moves scores by up to 0.04
--workers    with --engine ray the processes that score; by default one per
             GPU, else one per core
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet score``."""
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="PATH",
        help="file, folder, list (.txt) or - (list on stdin)",
    )
    add(
        "--model",
        help="training run, export or name on the hub; see below",
    )
    add("--output", metavar="FILE", help=".csv, .json, .jsonl; with ray FOLDER")
    add(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on a Ray cluster, to Parquet shards",
    )
    add("--frames", action="store_true", help="also scores over time (JSON)")
    add(
        "--intervals",
        action="store_true",
        help="also 90 %% intervals: s_mos_low, s_mos_high ...",
    )
    add("--plot", metavar="FOLDER", help="draw a picture of each file")
    add("--recursive", action="store_true", help="include subfolders")
    add(
        "--window",
        type=float,
        metavar="SECONDS",
        default=10.0,
        help="longer files are cut at pauses (default: 10)",
    )
    add(
        "--batch_size",
        type=positive,
        metavar="N",
        help="windows per batch (default: 16, on a GPU 256)",
    )
    add(
        "--workers",
        type=positive,
        metavar="N",
        help="reading threads (default: 2); for ray see below",
    )
    add("--device", help="cpu or cuda:0 (default: a GPU if there is one)")
    add(
        "--precision",
        choices=PRECISIONS,
        default=AUTO,
        help="auto (default): bf16 where it is fast, else fp32",
    )
    add("--trust", action="store_true", help="let the model's folder run code")
    add_restart(parser)


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet score``; return 1 if a file was refused."""
    engines = {"local": _run_here, "ray": _run_on_ray}
    return exit_code(*engines[args.engine](args))


def _run_here(args):
    """Score in this process; return how many of how many were refused."""
    from mtqnet_brain.inference.inputs import find_inputs
    from mtqnet_brain.inference.score_tables import check_format
    from mtqnet_brain.utils.outputs import claim_output

    check_format(args.output, args.frames)
    files = find_inputs(args.paths, args.recursive)
    if not files:
        raise ValueError("no file to score: the list is empty")
    if args.output is None:
        return _score_here(args, files)
    # Before a model is loaded.
    with claim_output(args.output, [*args.paths, *files]):
        return _score_here(args, files)


def _score_here(args, files):
    """Load the model and score."""
    from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor
    from mtqnet_brain.inference.score_run import score_to_output

    check_device(args.device)
    # SpeechBrain wants a number.
    device = "cuda:0" if args.device == "cuda" else args.device
    predictor = SpeechQualityPredictor.from_hparams(
        args.model or SHIPPED,
        trust=args.trust,
        run_opts={"device": device} if device else None,
    )
    settings = {"intervals": True} if args.intervals else {}
    n_refused = score_to_output(
        predictor,
        files,
        args.output,
        frames=args.frames,
        plot=args.plot,
        workers=args.workers or 2,
        restart=args.restart,
        model_hash=predictor.hparams.weights_sha256,
        precision=args.precision,
        window=args.window,
        batch_size=args.batch_size,
        **settings,  # an interrupted run without it goes on
    )
    return n_refused, len(files)


def _run_on_ray(args):
    """Score on a Ray cluster; return how many of how many were refused."""
    for name in ("frames", "intervals", "plot"):
        if getattr(args, name):
            raise ValueError(f"--{name}: not with --engine ray")
    if not args.output:
        raise ValueError("--engine ray: give --output FOLDER for its shards")
    if args.output.lower().endswith((".csv", ".json", ".jsonl")):
        raise ValueError(
            f"--output {args.output}: --engine ray writes a folder of shards"
        )
    from mtqnet_brain.cluster.scoring import score_on_cluster
    from mtqnet_brain.inference.predictor import SHIPPED

    # The precision is chosen here: it must be the same on all workers.
    return score_on_cluster(
        args.paths,
        args.output,
        args.model or str(SHIPPED),
        recursive=args.recursive,
        workers=args.workers,
        gpu=None if args.device is None else args.device.startswith("cuda"),
        restart=args.restart,
        trust=args.trust,
        precision=choose_precision(
            args.precision,
            args.device or "cpu",
            partial(print, file=sys.stderr),
        ),
        window=args.window,
        batch_size=args.batch_size,
    )
