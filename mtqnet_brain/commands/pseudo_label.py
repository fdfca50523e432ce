"""``mtqnet pseudo-label``: the scores of a teacher, stage one of MPL.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
from functools import partial

from mtqnet_brain.commands.shared import add_running, exit_code

HELP = "add a teacher's scores to a manifest (stage one of MPL)"
EXAMPLES = """\
  mtqnet pseudo-label train.csv --teacher RUN --output train_mpl.csv
  mtqnet pseudo-label train.csv --teacher intrusive --output train_mpl.csv
  mtqnet pseudo-label s3://bucket/wavs --engine ray --teacher RUN --output OUT

teacher: run folder of a trained teacher, .h5 of the published MOSA-Net,
         intrusive (true PESQ, STOI, SDI) or dnsmos
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet pseudo-label``."""
    add = parser.add_argument
    add("manifest", help="CSV; with ray also clips as for mtqnet score")
    add("--teacher", required=True, help="see below")
    add(
        "--output",
        metavar="FILE",
        required=True,
        help="manifest to write; for clips a folder of shards",
    )
    add(
        "--replace",
        action="store_true",
        help="overwrite the pseudo-labels of another teacher",
    )
    add(
        "--device",
        nargs="+",
        help="cpu or cuda:0 cuda:1 ... (default: GPUs or cpu)",
    )
    add(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on a Ray cluster that sees the wavs",
    )
    add_running(parser)
    parser.set_defaults(workers=None)


def run(args: argparse.Namespace) -> int:
    """Run ``mtqnet pseudo-label``; return 1 if a clip was refused."""
    if not args.manifest.lower().endswith(".csv"):
        if args.engine == "ray":
            return _label_clips(args)
        raise ValueError(
            f"{args.manifest}: not a manifest (.csv); label clips without one "
            "with --engine ray, or with mtqnet score --model TEACHER"
        )
    from mtqnet_brain.teacher import pseudo_label_manifest

    failed: dict[str, str] = {}
    engines = {"local": _local_settings, "ray": _ray_settings}
    pseudo_label_manifest(
        args.manifest,
        # Workers run in another current folder.
        os.path.abspath(args.teacher)
        if os.path.exists(args.teacher)
        else args.teacher,
        args.output,
        replace=args.replace,
        restart=args.restart,
        failed=failed,
        **engines[args.engine](args),
    )
    return 1 if failed else 0


def _label_clips(args):
    """Score clips without a manifest, as ``mtqnet score`` does."""
    if not os.path.isdir(args.teacher) and os.path.exists(args.teacher):
        raise ValueError(
            f"--teacher {args.teacher}: for clips without a manifest, give a "
            "run folder; mtqnet import-mosanet makes one from a .h5"
        )
    if args.teacher in ("intrusive", "dnsmos"):
        raise ValueError(
            f"--teacher {args.teacher}: needs a manifest, not {args.manifest}"
        )
    from mtqnet_brain.cluster.scoring import score_on_cluster

    counts = score_on_cluster(
        [args.manifest],
        args.output,
        args.teacher,
        workers=args.workers,
        gpu=_wants_gpu(args),
        restart=args.restart,
    )
    return exit_code(*counts)


def _wants_gpu(args):
    """Whether GPUs are asked for; None if nothing is said of devices."""
    return args.device[0].startswith("cuda") if args.device else None


def _local_settings(args):
    """Return devices and workers on this machine."""
    from mtqnet_brain.teacher import resources

    if args.device and args.device != ["cpu"]:
        return {"devices": args.device, "workers": len(args.device)}
    if args.device:
        return {"devices": ["cpu"], "workers": args.workers or os.cpu_count()}
    return resources(args.workers)


def _ray_settings(args):
    """Return devices and workers of a Ray cluster, and what runs on it."""
    from mtqnet_brain.cluster.mapping import run_on_cluster
    from mtqnet_brain.cluster.session import connect

    resources = connect(args.workers, _wants_gpu(args))
    gpu = resources.num_gpus > 0
    return {
        # Ray shows each worker its own GPU only, as number 0.
        "devices": ["cuda:0"] if gpu else ["cpu"],
        "workers": resources.size,
        "run": partial(run_on_cluster, gpu=gpu),
    }
