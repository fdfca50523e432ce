"""``mtqnet import-mosanet``: the published MOSA-Net as a teacher.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

HELP = "convert the published MOSA-Net (Keras) into a teacher"
EXAMPLES = """\
  mtqnet import-mosanet MOSA-Net_Cross_Domain.h5 TEACHER
  mtqnet pseudo-label train.csv --teacher TEACHER --output train_mpl.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet import-mosanet``."""
    parser.add_argument("file", help=".h5 of model.save() or save_weights()")
    parser.add_argument("output", help="checkpoint folder to write")
    parser.add_argument(
        "--ssl",
        metavar="MODEL",
        help="HuBERT-large (default: facebook/hubert-large-ll60k)",
    )


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet import-mosanet``."""
    from mtqnet_brain.teacher import import_mosanet

    network = import_mosanet(args.file, args.output, args.ssl)
    ssl = network.settings()["ssl"]["source"]
    print(f"{args.output}: MOSA-Net of {args.file}, for features of {ssl}")
    return 0
