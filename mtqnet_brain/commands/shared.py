"""Arguments and exit codes that several commands share.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
import sys


def positive(text: str) -> int:
    """Return a whole number of at least 1; the type of an argument."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(
            f"{text}: give a whole number of at least 1"
        )
    return number


def add_running(parser: argparse.ArgumentParser) -> None:
    """Add ``--workers`` and ``--restart``, which every long command has."""
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        default=os.cpu_count(),
        help="processes (default: one per core)",
    )
    add_restart(parser)


def add_restart(parser: argparse.ArgumentParser) -> None:
    """Add ``--restart``."""
    parser.add_argument(
        "--restart",
        action="store_true",
        help="discard the results of an interrupted run",
    )


def exit_code(n_refused: int, n_files: int) -> int:
    """Say how many files were refused; return 1 if there are any, else 0."""
    if n_refused:
        print(f"{n_refused} of {n_files} files refused", file=sys.stderr)
    return 1 if n_refused else 0
