#!/usr/bin/env python3
"""Train the systems of the paper and compare them with it.

All tables and figures, with TMHINT-QI, 3QUEST scores and GPUs:
> python reproduce.py --data_folder /path/to/TMHINT-QI --quest_csv scores.csv \
    --teacher_data_folder /path/to/another/corpus --jobs 4
The same systems, small, on a corpus made on the spot:
> python reproduce.py --scale demo

Typed again, it resumes where it stopped. Further arguments, such as
--lr=0.0005 or --precision=fp32, go to every train.py that knows them.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
import sys
from pathlib import Path

import mtqnet_brain  # noqa: F401  first: it checks torch and torchaudio
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.reproduction.plan import TINY, make_steps
from mtqnet_brain.reproduction.report import write_report
from mtqnet_brain.reproduction.settings import Request
from mtqnet_brain.reproduction.results import write_request, write_run_results
from mtqnet_brain.reproduction.runner import Runner
from mtqnet_brain.reproduction.systems import (
    ALL_SYSTEMS,
    FIGURES,
    TABLES,
    choose_systems,
)
from mtqnet_brain.teacher.registry import NAMED
from mtqnet_brain.utils.name_value import parse_pairs

LABELS = ("label_csv", "label", "label_source", "quest_csv")


def parse_arguments(argv):
    """Return our arguments, and those of train.py by name.

    Arguments
    ---------
    argv : list of str
        Command line.

    Returns
    -------
    argparse.Namespace
        Arguments of this script.
    dict of str to str
        Arguments of every train.py.
    """
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        epilog="Further arguments (--lr=0.0005) go to every train.py that "
        "knows them.",
    )
    add = parser.add_argument
    add("--tables", type=int, nargs="*", choices=[*TABLES], metavar="N")
    add("--figures", type=int, nargs="*", choices=[*FIGURES], metavar="N")
    add("--systems", nargs="+", metavar="NAME", help=", ".join(ALL_SYSTEMS))
    add("--no_ssl", action="store_true", help="systems without SSL stream")
    add("--seeds", type=int, nargs="+", default=[1986], metavar="N")
    add("--jobs", type=int, help="runs at a time (default: one per GPU)")
    add("--scale", choices=("paper", "demo"), default="paper")
    add("--data_folder", help="TMHINT-QI, or a corpus in its layout")
    add("--teacher_data_folder", help="corpus that trains the teachers")
    add("--teacher", help="a trained teacher, see README.md")
    add("--split", default="paper")
    add("--quest_csv", help="3QUEST scores")
    add("--label_csv", help="other scores")
    add("--label", nargs="+", metavar="LABEL=COLUMN")
    add("--label_source", help="where they come from, or composite")
    add(
        "--ssl_models",
        nargs="+",
        metavar="FAMILY=FOLDER",
        help="local copies: hubert=FOLDER wavlm=FOLDER wav2vec2=FOLDER",
    )
    add("--output", help="default: results/reproduction_SCALE")
    add("--dry_run", action="store_true", help="print the commands only")
    add("--debug", action="store_true", help="errors with their traceback")
    options, own = {}, []
    known = {f"--{name}" for name in vars(parser.parse_args([]))}
    for argument in argv:
        # Before argparse, which takes what has a space for a value of ours.
        name, sign, value = argument.partition("=")
        if name.startswith("--") and sign and name not in known:
            options[name.removeprefix("--")] = value
        else:
            own.append(argument)
    args, others = parser.parse_known_args(own)
    if others:
        parser.error(
            f"{others[0]}: no argument of this script; arguments of train.py "
            "have the form --NAME=VALUE"
        )
    if args.tables is None and args.figures is None:
        args.tables, args.figures = [*TABLES], [*FIGURES]
    if not (args.tables or args.figures or args.systems):
        parser.error("no table, figure or system is chosen")
    if args.jobs is not None and args.jobs < 1:
        parser.error(f"--jobs must be at least 1, got {args.jobs}")
    return args, options


def make_request(args, options):
    """Return what is to be reproduced.

    Arguments
    ---------
    args : argparse.Namespace
        Arguments of this script.
    options : dict of str to str
        Arguments of every train.py.

    Returns
    -------
    Request
        With absolute paths.
    """
    if args.scale == "paper" and not args.data_folder:
        raise ValueError("give --data_folder, or --scale demo")
    labels = {name: getattr(args, name) for name in LABELS}
    labels = {name: value for name, value in labels.items() if value}
    if args.scale == "paper" and not labels:
        raise ValueError(
            "give --quest_csv FILE, --label_csv FILE with --label and "
            "--label_source, or --label_source composite"
        )
    for name in ("label_csv", "quest_csv"):
        if name in labels:
            labels[name] = absolute(labels[name])
    given = args.teacher
    return Request(
        recipes=Path(__file__).absolute().parent,
        output=absolute(args.output or f"results/reproduction_{args.scale}"),
        systems=choose_systems(
            args.tables or [], args.figures or [], args.systems, not args.no_ssl
        ),
        seeds=list(dict.fromkeys(args.seeds)),
        scale=args.scale,
        data_folder=absolute(args.data_folder),
        teacher_data_folder=absolute(args.teacher_data_folder),
        split=args.split,
        labels=labels,
        teacher=given if given in NAMED else absolute(given),
        options=options,
        ssl_models=ssl_models(args.ssl_models),
    )


def ssl_models(pairs):
    """Return the absolute folders of local SSL models by family."""
    if not pairs:
        return {}
    families = ", ".join(TINY.values())
    folders = parse_pairs(pairs, "FAMILY=FOLDER", "--ssl_models")
    unknown = [family for family in folders if family not in TINY.values()]
    if unknown:
        raise ValueError(f"--ssl_models {unknown[0]}: not one of {families}")
    return {family: absolute(folder) for family, folder in folders.items()}


def absolute(path):
    """Return an absolute path; None for None."""
    return path and Path(path).absolute()


@plain_errors(passes_debug=True)
def main(argv):
    """Run everything; return 0 if all is done, 1 if a system failed."""
    args, options = parse_arguments(argv)
    request = make_request(args, options)
    steps = make_steps(request)
    if args.dry_run:
        write_request(request)
        print_commands(steps)
        return 0
    check_paths(request)
    return reproduce(request, steps, args.jobs)


def print_commands(steps):
    """Print one command per step, for a cluster's scheduler."""
    before = [step for step in steps if not step.system]
    runs = [step for step in steps if step.system]
    print("# First, in this order:")
    print("\n".join(step.shell() for step in before))
    print("# Then, in any order:")
    print("\n".join(step.shell() for step in runs))


def check_paths(request):
    """Refuse missing data before anything is trained."""
    named = request.teacher in NAMED
    paths = {
        "data_folder": request.data_folder,
        "teacher_data_folder": request.teacher_data_folder,
        "teacher": None if named else request.teacher,
        "quest_csv": request.labels.get("quest_csv"),
        "label_csv": request.labels.get("label_csv"),
        **{f"ssl_models {n}": p for n, p in request.ssl_models.items()},
    }
    for name, path in paths.items():
        if path and not Path(path).exists():
            raise FileNotFoundError(f"--{name} {path}: not found")


def reproduce(request, steps, jobs):
    """Run the steps and write the report.

    Arguments
    ---------
    request : Request
        What is wanted.
    steps : list of Step
        Steps of `make_steps`.
    jobs : int
        Runs at a time. Default: one per GPU.

    Returns
    -------
    int
        0 all done, 1 a step failed.
    """
    devices = visible_gpus()
    runner = Runner(
        request.output,
        steps,
        jobs or max(len(devices), 1),
        devices,
    )
    write_request(request)
    failed = runner.run(lambda step: write_run_results(request.output, step))
    write_report(request.output)
    print(f"Report: {request.output / 'report' / 'report.md'}")
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def visible_gpus():
    """Return the GPUs as CUDA_VISIBLE_DEVICES names them."""
    import torch

    if "CUDA_VISIBLE_DEVICES" in os.environ:
        visible = os.environ["CUDA_VISIBLE_DEVICES"]
        return [name for name in visible.split(",") if name]
    return [str(i) for i in range(torch.cuda.device_count())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
