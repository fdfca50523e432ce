"""``mtqnet evaluate``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import sys


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "evaluate",
        help="LCC, SRCC and MSE of scores against labels, per task and system",
    )
    add = parser.add_argument
    add("scores", help="CSV, JSON or JSON lines of mtqnet score")
    add(
        "labels",
        help="table with a column of file names and labels; of several rows "
        "per file, the mean",
    )
    add(
        "--label",
        nargs="+",
        metavar="SCORE=COLUMN",
        help="label column of each score (default: of the same name)",
    )
    add(
        "--system_column",
        help="default: system or method, if there, else the method in names "
        "like TMHINT-QI's",
    )
    add(
        "--by",
        choices=("method", "noise", "snr"),
        default="method",
        help="what such names are grouped by (default method)",
    )
    add("--resamples", type=int, default=1000, help="of the 95 %% intervals")
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet evaluate``."""
    from mtqnet_brain.evaluation.agreement import format_agreement
    from mtqnet_brain.evaluation.score_evaluation import evaluate_scores

    columns = None
    if args.label:
        pairs = [pair.partition("=") for pair in args.label]
        wrong = [a for a, (n, s, c) in zip(args.label, pairs) if not (n and c)]
        if wrong:
            raise ValueError(f"--label {wrong[0]}: expected SCORE=COLUMN")
        columns = {name: column for name, _, column in pairs}
        if len(columns) < len(pairs):
            raise ValueError(f"--label {' '.join(args.label)}: a score twice")
    found = evaluate_scores(
        args.scores,
        args.labels,
        columns,
        args.system_column,
        args.by,
        args.resamples,
    )
    print(format_agreement(found.agreements))
    for remark in found.remarks:
        print(remark, file=sys.stderr)
    if found.unlabelled:
        n_files = len(found.unlabelled)
        first = ", ".join(found.unlabelled[:3]) + ", ..." * (n_files > 3)
        print(f"{n_files} of the files have no label: {first}")
    return 0
