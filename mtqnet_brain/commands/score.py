"""``mtqnet score``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import sys
from functools import partial

from mtqnet_brain.utils.devices import check_device
from mtqnet_brain.utils.precision import AUTO, PRECISIONS, choose_precision


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "score", help="scores of wavs, one row per file"
    )
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="PATH",
        help="audio file (wav, flac, ogg, mp3 ...); a folder of them; a list "
        "(.txt); - for a list on standard input",
    )
    add(
        "--model",
        help="output folder of a training run, a folder of mtqnet export, or "
        "its name on the Hugging Face hub (default: the model that ships)",
    )
    add(
        "--output",
        metavar="FILE",
        help=".csv, .json or .jsonl; with --engine ray, a folder",
    )
    add(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on a Ray cluster, from files, Parquet or fsspec addresses "
        "into a folder of Parquet shards",
    )
    add("--frames", action="store_true", help="also scores over time (JSON)")
    add("--plot", metavar="DIR", help="a picture of each file")
    add("--recursive", action="store_true", help="subfolders too")
    add(
        "--window",
        type=float,
        default=10.0,
        help="seconds; longer files are scored in windows, cut where it is "
        "quiet (default 10)",
    )
    add(
        "--batch_size",
        type=int,
        help="most windows at a time (default: 16, on a GPU 256)",
    )
    add(
        "--workers",
        type=int,
        help="threads that read (default 2); with --engine ray, workers that "
        "score (default: one per GPU, else one per core)",
    )
    add("--device", help="cpu, cuda:0 (default: a GPU if there is one)")
    add(
        "--precision",
        choices=PRECISIONS,
        default=AUTO,
        help="auto (the default): bf16 where the processor has instructions "
        "for it, else fp32; it says which. bf16 moves scores by up to 0.04",
    )
    add("--trust", action="store_true", help="let the model run code")
    add(
        "--restart",
        action="store_true",
        help="discard what an interrupted run has left",
    )
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet score``; 1 if a file was refused."""
    if args.model == "":  # as of a shell variable that is not set
        raise ValueError("--model: empty")
    engines = {"local": _run_here, "ray": _run_on_ray}
    return exit_code(*engines[args.engine](args))


def exit_code(refused: int, total: int) -> int:
    """Say how many files were refused.

    Arguments
    ---------
    refused, total : int
        Files.

    Returns
    -------
    int
        1 if there are any, else 0.
    """
    if refused:
        print(f"{refused} of {total} files refused", file=sys.stderr)
    return 1 if refused else 0


def _run_here(args):
    """Score in this process."""
    from mtqnet_brain.inference.inputs import find_inputs
    from mtqnet_brain.inference.score_files import check_format
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
    refused = score_to_output(
        predictor,
        files,
        args.output,
        frames=args.frames,
        plot=args.plot,
        workers=2 if args.workers is None else args.workers,
        restart=args.restart,
        model_hash=predictor.hparams.weights_sha256,
        precision=args.precision,
        **_settings(args),
    )
    return refused, len(files)


def _run_on_ray(args):
    """Score on a Ray cluster."""
    for name in ("frames", "plot"):
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

    # Chosen here: the workers' scores are to be of one kind.
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
        **_settings(args),
    )


def _settings(args):
    """Return what else the engine is set to."""
    return {name: getattr(args, name) for name in ("window", "batch_size")}
