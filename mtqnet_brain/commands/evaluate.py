"""``mtqnet evaluate``: agreement of scores with labels.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import sys

HELP = "compare scores with labels: LCC, SRCC and MSE"
EXAMPLES = """\
  mtqnet evaluate scores.csv labels.csv
  mtqnet evaluate scores.csv labels.csv --label s_mos=S n_mos=N g_mos=G
  mtqnet evaluate scores.csv labels.csv --by snr

Where the labels have several rows per file, their mean counts. Systems are
read from --system_column, else from a column system or method, else from file
names like TMHINT-QI's: from their method, or noise or snr (--by).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet evaluate``."""
    add = parser.add_argument
    add("scores", help="output of mtqnet score: CSV, JSON or JSON lines")
    add("labels", help="table with columns of file names and labels")
    add(
        "--label",
        nargs="+",
        metavar="SCORE=COLUMN",
        help="label column of each score (default: same name)",
    )
    add(
        "--system_column",
        metavar="COLUMN",
        help="column that names the system; see below",
    )
    add(
        "--by",
        choices=("method", "noise", "snr"),
        default="method",
        help="part of file names to group by; see below",
    )
    add(
        "--resamples",
        type=int,
        metavar="N",
        default=1000,
        help="for the 95 %% intervals (default: 1000)",
    )


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet evaluate``."""
    from mtqnet_brain.evaluation.agreement import format_agreement
    from mtqnet_brain.evaluation.score_evaluation import evaluate_scores
    from mtqnet_brain.utils.name_value import parse_pairs

    columns = None
    if args.label:
        columns = parse_pairs(args.label, "SCORE=COLUMN", "--label")
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
