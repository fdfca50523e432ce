"""Arguments that several commands share.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os


def add_running(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every long command.

    Arguments
    ---------
    parser : argparse.ArgumentParser
        Of the command.
    """
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count(),
        help="processes (default: one per core)",
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="discard what an interrupted run has left",
    )
