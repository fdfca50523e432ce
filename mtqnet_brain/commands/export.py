"""``mtqnet export``: a trained model as a folder or an ONNX file.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import re
from pathlib import Path

HELP = "export a training run for SpeechBrain's model zoo or to ONNX"
EXAMPLES = """\
  mtqnet export RUN MODEL --notes notes.md
  mtqnet export RUN model.onnx --onnx
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet export``."""
    add = parser.add_argument
    add("run_folder", help="training run or exported model")
    add("output", help="folder to write; with --onnx a file")
    add(
        "--onnx",
        action="store_true",
        help="write one .onnx file: wav in, scores out (no SSL models)",
    )
    add("--license", metavar="NAME", help="licence of the model: apache-2.0")
    add("--notes", metavar="FILE.md", help="text to add to the model card")


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet export``."""
    for name in ("notes", "license"):
        if args.onnx and getattr(args, name):
            raise ValueError(f"--{name}: an ONNX file has no model card")
    if args.license and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", args.license):
        raise ValueError(
            f"--license {args.license!r:.80}: need a name of the hub, such as "
            "apache-2.0 or cc-by-4.0"
        )
    if args.onnx:
        return _export_onnx(args)
    if args.output.endswith(".onnx"):
        raise ValueError(f"{args.output}: to write a file, give --onnx too")
    from mtqnet_brain.inference.export import export_model

    notes = Path(args.notes).read_text(encoding="utf-8") if args.notes else ""
    golden = export_model(
        args.run_folder, args.output, notes, args.license or ""
    )
    scores = ", ".join(f"{name} {score:.4g}" for name, score in golden.items())
    print(f"{args.output}: checked, scores of golden.wav: {scores}")
    return 0


def _export_onnx(args):
    """Run ``mtqnet export --onnx``."""
    from mtqnet_brain.checkpoints.loading import load_network
    from mtqnet_brain.inference.onnx import export_onnx

    if not args.output.endswith(".onnx"):
        raise ValueError(f"{args.output}: with --onnx, give a file.onnx")
    network, _ = load_network(args.run_folder)
    worst = export_onnx(network, args.output)
    print(f"{args.output}: scores differ from PyTorch's by {worst:.2g} at most")
    return 0
