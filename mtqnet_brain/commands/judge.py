"""``mtqnet judge``: a model against listeners' votes.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.shared import add_running

HELP = "measure a model against listeners' votes (ITU-T P.1401)"
EXAMPLES = """\
  mtqnet judge votes.csv --output judged
  mtqnet judge A/labels.csv B/labels.csv --beside dnsmos distillmos --output OUT
  mtqnet judge votes.csv --model RUN --beside shipped other.csv --output OUT
  mtqnet judge votes.csv --beside NISQA=nisqa.csv --label mos_pred=ovrl ...

Each table is a test of its own, and never pooled with another: a column file
(paths relative to the table or to the folder audio beside it), columns of
votes (sig, bak, and ovrl, mos or mushra), and a column condition, if clips
share one. OUT gets report.md, card.md (the part for a model card), judge.csv,
judge.json, scores.csv and a PNG per test and column of votes. Scores are kept
in OUT/kept: typed again, the command computes those that are missing.

--model, --beside  shipped; training run, folder of mtqnet export or its name
                   on the Hugging Face hub; dnsmos, distillmos or another
                   teacher of mtqnet pseudo-label; or a table of scores with
                   a column file. NAME=WHAT gives it a name of its own
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet judge``."""
    add = parser.add_argument
    add("tables", nargs="+", metavar="TABLE", help="votes; see below")
    add("--model", default="shipped", help="default: the one that ships")
    add(
        "--beside",
        nargs="+",
        metavar="WHAT",
        default=[],
        help="others on the same clips; see below",
    )
    add("--output", metavar="FOLDER", required=True, help="for the results")
    add(
        "--label",
        nargs="+",
        metavar="SCORE=COLUMN",
        help="column of votes for a score (default: by name)",
    )
    add(
        "--condition",
        metavar="COLUMN",
        default="condition",
        help="column that names the condition (default: condition)",
    )
    add(
        "--resamples",
        type=int,
        metavar="N",
        default=1000,
        help="for the 95 %% intervals (default: 1000)",
    )
    add("--device", help="cpu or cuda:0 (default: a GPU if there is one)")
    add_running(parser)
    parser.set_defaults(workers=None)


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet judge``; return 1 if clips are left out or votes odd."""
    from mtqnet_brain.commands.judge_raters import open_raters, rate_tests
    from mtqnet_brain.evaluation.judge_report import summary, write_report
    from mtqnet_brain.evaluation.listening_tests import judge_tests
    from mtqnet_brain.evaluation.vote_tables import read_votes
    from mtqnet_brain.utils.name_value import parse_pairs

    columns = None
    if args.label:
        columns = parse_pairs(args.label, "SCORE=COLUMN", "--label")
    tests = [read_votes(table, args.condition) for table in args.tables]
    raters = open_raters([args.model, *args.beside], args.device, args.workers)
    rated = rate_tests(raters, tests, args.output, args.restart)
    found = judge_tests(tests, rated, columns, args.resamples)
    write_report(args.output, found)
    print(summary(found))
    for remark in found.remarks:
        print(remark)
    return 1 if found.remarks else 0
