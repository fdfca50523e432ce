"""``mtqnet report``.

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
        "report",
        help="compare what recipes/TMHINT-QI/reproduce.py has run with the "
        "paper's tables",
    )
    parser.add_argument("folder", help="output of reproduce.py")
    parser.add_argument(
        "--output",
        help="where report.md and its figures go (default: FOLDER/report)",
    )
    parser.add_argument(
        "--resamples",
        type=int,
        default=1000,
        help="of the bootstrap (default 1000)",
    )
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet report``."""
    from mtqnet_brain.reproduction.report import write_report

    print(write_report(args.folder, args.output, args.resamples))
    return 0
