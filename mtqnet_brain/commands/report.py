"""``mtqnet report``: a reproduction against the paper's tables.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.shared import positive

HELP = "compare a reproduction with the paper's tables"
EXAMPLES = """\
  mtqnet report OUTPUT_OF_REPRODUCE
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet report``."""
    parser.add_argument("folder", help="output of reproduce.py")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        help="for report.md and its plots (default: FOLDER/report)",
    )
    parser.add_argument(
        "--resamples",
        type=positive,
        metavar="N",
        default=1000,
        help="bootstrap resamples (default: 1000)",
    )


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet report``."""
    from mtqnet_brain.reproduction.report import write_report

    print(write_report(args.folder, args.output, args.resamples))
    return 0
