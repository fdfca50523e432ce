"""``mtqnet export``: a trained model as a folder or an ONNX file.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import re
from pathlib import Path

HELP = "export a training run for SpeechBrain's model zoo or to ONNX"
EXAMPLES = """\
  mtqnet export RUN MODEL --notes notes.md --license cc-by-4.0
  mtqnet export RUN MODEL --language zh,en --push OWNER/NAME
  mtqnet export RUN model.onnx --onnx
"""
CARD_OPTIONS = ("notes", "license", "language", "datasets", "push")
# Words of the hub, which stand in the card's YAML as they are.
WORDS = {
    "license": r"[a-z0-9][a-z0-9.-]*",
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
    "datasets": r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?",
}
EXAMPLE = {
    "license": "apache-2.0 or cc-by-4.0",
    "language": "zh or zh,en",
    "datasets": "librispeech_asr",
}


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
    add("--language", metavar="CODES", help="of the training data: zh,en")
    add("--datasets", metavar="NAMES", help="training data: names of the hub")
    add("--notes", metavar="FILE.md", help="text to add to the model card")
    add(
        "--push",
        metavar="OWNER/NAME",
        help="upload the folder to the Hugging Face hub",
    )


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet export``."""
    for name in CARD_OPTIONS:
        if args.onnx and getattr(args, name):
            raise ValueError(f"--{name}: an ONNX file has no model card")
    if args.onnx:
        return _export_onnx(args)
    if args.output.endswith(".onnx"):
        raise ValueError(f"{args.output}: to write a file, give --onnx too")
    from mtqnet_brain.inference.export import export_model
    from mtqnet_brain.inference.hub import push_model

    golden = export_model(args.run_folder, args.output, _additions(args))
    scores = ", ".join(f"{name} {score:.4g}" for name, score in golden.items())
    print(f"{args.output}: checked, scores of golden.wav: {scores}")
    if args.push:
        print(f"uploaded: {push_model(args.output, args.push)}")
    return 0


def _additions(args):
    """Return what the options add to the model card."""
    from mtqnet_brain.inference.card import CardAdditions
    from mtqnet_brain.inference.hub import check_hub_name

    notes = Path(args.notes).read_text(encoding="utf-8") if args.notes else ""
    return CardAdditions(
        notes=notes,
        license_name="".join(_words("license", [args.license or ""])),
        languages=_words("language", (args.language or "").split(",")),
        datasets=_words("datasets", (args.datasets or "").split(",")),
        hub_name=check_hub_name(args.push) if args.push else "",
    )


def _words(name, given):
    """Return the words of an option; refuse what the hub would not take."""
    for word in filter(None, given):
        if not re.fullmatch(WORDS[name], word, re.ASCII):
            raise ValueError(
                f"--{name} {word!r:.80}: need names of the hub, such as "
                f"{EXAMPLE[name]}"
            )
    return tuple(filter(None, given))


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
