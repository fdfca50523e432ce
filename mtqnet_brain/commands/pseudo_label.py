"""``mtqnet pseudo-label``: the scores of teachers, stage one of MPL.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
from functools import partial

from mtqnet_brain.commands.shared import add_running, exit_code

HELP = "add the scores of teachers to a manifest (stage one of MPL)"
EXAMPLES = """\
  mtqnet pseudo-label train.csv --teacher RUN --output train_mpl.csv
  mtqnet pseudo-label train.csv --teacher RUN dnsmos distillmos --output OUT
  mtqnet pseudo-label s3://bucket/wavs --engine ray --teacher RUN --output OUT

teacher: run folder of a trained teacher, or .h5 of the published MOSA-Net
         intrusive (true PESQ, STOI, SDI; where there is a reference)
         dnsmos (SIG, BAK, OVRL; a window per 9 s), dnsmos:overlapping (its
         authors' script: a window per second), distillmos, plcmos
Each writes columns of its own; two that write the same are refused.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet pseudo-label``."""
    add = parser.add_argument
    add("manifest", help="CSV; with ray also clips as for mtqnet score")
    add(
        "--teacher",
        nargs="+",
        required=True,
        metavar="WHAT",
        help="one or several, see below",
    )
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
        "--cache",
        metavar="FOLDER",
        help="keeps scores by the wavs' content, for other manifests too "
        "(default: teacher_scores beside the output)",
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
        [_absolute(name) for name in args.teacher],
        args.output,
        replace=args.replace,
        cache=args.cache,
        restart=args.restart,
        failed=failed,
        **engines[args.engine](args),
    )
    return 1 if failed else 0


def _absolute(name):
    """Return the path of a teacher: workers run in another current folder."""
    return os.path.abspath(name) if os.path.exists(name) else name


def _label_clips(args):
    """Score clips without a manifest, as ``mtqnet score`` does."""
    from mtqnet_brain.teacher.registry import NAMED

    teacher = args.teacher[0]
    if not os.path.isdir(teacher) and os.path.exists(teacher):
        raise ValueError(
            f"--teacher {teacher}: for clips without a manifest, give a "
            "run folder; mtqnet import-mosanet makes one from a .h5"
        )
    if teacher in NAMED or len(args.teacher) > 1:
        raise ValueError(
            f"--teacher {' '.join(args.teacher)}: needs a manifest, not "
            f"{args.manifest}; one run folder alone needs none"
        )
    from mtqnet_brain.cluster.scoring import score_on_cluster

    counts = score_on_cluster(
        [args.manifest],
        args.output,
        teacher,
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
