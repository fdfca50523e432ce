"""``mtqnet pseudo-label``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
from functools import partial

from mtqnet_brain.commands.options import add_running


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "pseudo-label",
        help="add the scores of a teacher to a manifest (stage one of MPL)",
    )
    parser.add_argument(
        "manifest",
        help="manifest CSV; with --engine ray also a folder, list or Parquet "
        "of clips, as of mtqnet score",
    )
    parser.add_argument(
        "--teacher",
        required=True,
        metavar="WHAT",
        help="run folder of a trained teacher, the published MOSA-Net's .h5, "
        "intrusive (true PESQ, STOI, SDI) or dnsmos",
    )
    parser.add_argument(
        "--output",
        required=True,
        help="manifest to write; for clips, a folder of Parquet shards",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="overwrite the pseudo-labels of another teacher",
    )
    parser.add_argument(
        "--device",
        nargs="+",
        metavar="DEVICE",
        help="where a network runs, e.g. cuda:0 cuda:1 (default: every GPU, "
        "else the CPU); one process each",
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on a Ray cluster whose machines all see the wavs",
    )
    add_running(parser)
    parser.set_defaults(run=_run, workers=None)


def _run(args):
    """Run ``mtqnet pseudo-label``; 1 if a clip was refused."""
    if not args.manifest.lower().endswith(".csv"):
        if args.engine == "ray":
            return _label_clips(args)
        raise ValueError(
            f"{args.manifest}: no manifest (.csv); clips without one are "
            "labelled with --engine ray, or by mtqnet score --model TEACHER"
        )
    from mtqnet_brain.teacher import pseudo_label_manifest

    failed = {}
    places = {"local": _resources, "ray": _cluster}
    where = places[args.engine](args)
    pseudo_label_manifest(
        args.manifest,
        # A worker stands in another folder.
        os.path.abspath(args.teacher)
        if os.path.exists(args.teacher)
        else args.teacher,
        args.output,
        replace=args.replace,
        restart=args.restart,
        failed=failed,
        **where,
    )
    return 1 if failed else 0


def _label_clips(args):
    """Score clips without a manifest, as ``mtqnet score`` does."""
    if not os.path.isdir(args.teacher) and os.path.exists(args.teacher):
        raise ValueError(
            f"--teacher {args.teacher}: for clips without a manifest it must "
            "be a run folder; mtqnet import-mosanet makes one of a .h5"
        )
    if args.teacher in ("intrusive", "dnsmos"):
        raise ValueError(
            f"--teacher {args.teacher}: needs a manifest, not {args.manifest}"
        )
    from mtqnet_brain.cluster.scoring import score_on_cluster
    from mtqnet_brain.commands.score import exit_code

    counts = score_on_cluster(
        [args.manifest],
        args.output,
        args.teacher,
        workers=args.workers,
        gpu=args.device and args.device[0].startswith("cuda"),
        restart=args.restart,
    )
    return exit_code(*counts)


def _resources(args):
    """Return devices and workers of this machine."""
    from mtqnet_brain.teacher import resources

    if args.device and args.device != ["cpu"]:
        return {"devices": args.device, "workers": len(args.device)}
    if args.device:
        return {"devices": ["cpu"], "workers": args.workers or os.cpu_count()}
    return resources(args.workers)


def _cluster(args):
    """Return devices and workers of a Ray cluster, and what runs there."""
    from mtqnet_brain.cluster.mapping import run_on_cluster
    from mtqnet_brain.cluster.session import connect

    gpu = args.device and args.device[0].startswith("cuda")
    resources = connect(args.workers, gpu)
    gpu = resources.num_gpus > 0
    return {
        "devices": ["cuda:0"] if gpu else ["cpu"],  # of each worker's own
        "workers": resources.size,
        "run": partial(run_on_cluster, gpu=gpu),
    }
