"""The command: ``python -m tests.torture``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

# Before PyTorch is imported: children are forked, and threads do not survive.
for variable in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{variable}_NUM_THREADS"] = "1"
os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

from .campaign import KINDS, draw_cases, import_all, make_jobs, run_jobs  # noqa: E402
from .report import format_table, write_failures  # noqa: E402

MINUTES = 10.0


def parse_arguments(argv=None):
    """Parse the command line, by default that of the process."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture",
        description="Mutated audio and tables, hostile models, kills and "
        "signals; prints what was survived.",
    )
    add = parser.add_argument
    add("--only", nargs="+", choices=KINDS, default=list(KINDS))
    add("--seed", type=int, default=17)
    add(
        "--case",
        nargs="+",
        default=[],
        metavar="NUMBER",
        help="these cases of the one kind of --only, or KIND:NUMBER",
    )
    add("--quick", action="store_true", help="a tenth of it, in a minute")
    add("--all", action="store_true", help="every model, table and kill, too")
    add("--minutes", type=float, default=MINUTES, help="no case begins later")
    add("--workers", type=int, default=2)
    add("--output", default="torture_output", help="failing cases go there")
    add("--list", action="store_true", help="print the cases, run none")
    args = parser.parse_args(argv)
    try:
        args.case = _cases(args.case, args.only)
    except ValueError as err:
        parser.error(f"--case: {err}")
    return args


def _cases(texts, kinds):
    """Return the numbers of cases by kind."""
    found = {}
    for text in texts:
        kind, _, number = text.rpartition(":")
        if not kind and len(kinds) > 1:
            raise ValueError(f"{text}: of which kind? give one with --only")
        kind, number = kind or kinds[0], int(number)
        if kind not in KINDS or not 0 <= number < len(KINDS[kind].names()):
            raise ValueError(f"{text}: no such case; see --list")
        found.setdefault(kind, []).append(number)
    return found


def main(argv=None):
    """Run the campaign.

    Arguments
    ---------
    argv : list of str
        Arguments. Default: those of the process.

    Returns
    -------
    int
        Exit code: 1 if a case failed or the self-check did.
    """
    args = parse_arguments(argv)
    if args.list:
        for kind in args.only:
            for number, name in enumerate(KINDS[kind].names()):
                print(f"{kind} {number}: {name!r}")
        return 0
    began = time.monotonic()
    chosen = args.case or draw_cases(args.only, args.seed, args.quick, args.all)
    jobs = make_jobs(chosen, args.seed)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="torture_") as workspace:
        os.environ["HOME"] = workspace  # of libraries that are imported once
        try:
            import_all(chosen)
            left = 60 * args.minutes - (time.monotonic() - began)
            keep = Path(args.output) if args.case else None
            for found in run_jobs(
                jobs, args.seed, workspace, args.workers, left, keep
            ):
                outcomes += found
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
    total = sum(len(numbers) for _, numbers in jobs)
    write_failures(args.output, args.seed, outcomes)
    print(format_table(outcomes, total, time.monotonic() - began))
    failed = [one for one in outcomes if not one.survived]
    if failed:
        print(f"The {len(failed)} failing cases are in {args.output}/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
