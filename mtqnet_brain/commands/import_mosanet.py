"""``mtqnet import-mosanet``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "import-mosanet",
        help="turn the published MOSA-Net's Keras file into a teacher",
    )
    parser.add_argument("file", help=".h5 of model.save() or save_weights()")
    parser.add_argument("output", help="checkpoint folder to write")
    parser.add_argument(
        "--ssl",
        metavar="SOURCE",
        help="HuBERT-large on the Hugging Face hub, or the folder of a copy "
        "(default: facebook/hubert-large-ll60k)",
    )
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet import-mosanet``."""
    from mtqnet_brain.teacher import import_mosanet

    network = import_mosanet(args.file, args.output, args.ssl)
    source = network.settings()["ssl"]["source"]
    print(f"{args.output}: MOSA-Net of {args.file}, for features of {source}")
    return 0
