"""``mtqnet label``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.options import add_running


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "label",
        help="PESQ, STOI, SDI, CSIG, CBAK, COVL of degraded wavs against "
        "their clean references",
    )
    parser.add_argument("--reference", help="folder of clean wavs")
    parser.add_argument("--degraded", help="folder of wavs to label")
    parser.add_argument(
        "--pairs", help="CSV with the columns reference,degraded instead"
    )
    parser.add_argument("--output", required=True, help="CSV to write")
    parser.add_argument(
        "--compensate_delays",
        action="store_true",
        help="cut clips more than 5 ms late or early, and their references, "
        "to what both hold before labelling",
    )
    add_running(parser)
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet label``; 1 if a pair could not be labelled."""
    from mtqnet_brain.labels import find_pairs, label_pairs, read_pairs
    from mtqnet_brain.utils.outputs import check_output

    if bool(args.pairs) == bool(args.reference and args.degraded):
        raise ValueError("give either --pairs or --reference and --degraded")
    check_output(args.output, [args.pairs] if args.pairs else [])
    if args.pairs:
        pairs = read_pairs(args.pairs)
    else:
        pairs = find_pairs(args.reference, args.degraded)
    failed = label_pairs(
        pairs,
        args.output,
        workers=args.workers,
        restart=args.restart,
        compensate_delays=args.compensate_delays,
    )
    return 1 if failed else 0
