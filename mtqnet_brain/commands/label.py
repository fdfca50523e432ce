"""``mtqnet label``: intrusive labels of degraded speech.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.shared import add_running

HELP = "label wavs against clean ones: PESQ, STOI, SDI, CSIG ..."
EXAMPLES = """\
  mtqnet label --reference CLEAN --degraded NOISY --output labels.csv
  mtqnet label --pairs pairs.csv --output labels.csv --workers 8

Labels: PESQ, STOI, SDI, CSIG, CBAK, COVL, one row per wav.
An interrupted run resumes when the same command is run again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet label``."""
    add = parser.add_argument
    add("--reference", metavar="FOLDER", help="clean wavs")
    add("--degraded", metavar="FOLDER", help="wavs to label")
    add("--pairs", metavar="FILE", help="CSV instead: reference,degraded")
    add("--output", metavar="FILE", required=True, help="CSV to write")
    add(
        "--compensate_delays",
        action="store_true",
        help="align clips that are more than 5 ms early or late",
    )
    add_running(parser)


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet label``; return 1 if a pair could not be labelled."""
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
