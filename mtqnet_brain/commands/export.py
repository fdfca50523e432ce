"""``mtqnet export``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
from pathlib import Path


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "export",
        help="turn a training run into a folder for SpeechBrain's model zoo",
    )
    parser.add_argument(
        "run_folder",
        help="output folder of a training run, or an exported model",
    )
    parser.add_argument("output", help="folder to write; with --onnx a file")
    parser.add_argument(
        "--onnx",
        action="store_true",
        help="write OUTPUT.onnx instead: wav in, scores out, any length; for "
        "models without SSL stream",
    )
    parser.add_argument(
        "--notes",
        metavar="FILE.md",
        help="what the model card is to hold besides, e.g. on the data",
    )
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet export``."""
    if args.onnx and args.notes:
        raise ValueError("--notes: an ONNX file has no card")
    if args.onnx:
        return _export_onnx(args)
    if args.output.endswith(".onnx"):
        raise ValueError(f"{args.output}: for a file give --onnx too")
    from mtqnet_brain.inference.export import export_model

    notes = Path(args.notes).read_text(encoding="utf-8") if args.notes else ""
    golden = export_model(args.run_folder, args.output, notes)
    scores = ", ".join(f"{name} {score:.4g}" for name, score in golden.items())
    print(f"{args.output}: checked, scores of golden.wav: {scores}")
    return 0


def _export_onnx(args):
    """Run ``mtqnet export --onnx``."""
    from mtqnet_brain.checkpoints.loading import load_network
    from mtqnet_brain.inference.onnx import export_onnx

    if not args.output.endswith(".onnx"):
        raise ValueError(f"{args.output}: with --onnx, a file named .onnx")
    network, _ = load_network(args.run_folder)
    worst = export_onnx(network, args.output)
    print(f"{args.output}: scores differ from PyTorch's by {worst:.2g} at most")
    return 0
