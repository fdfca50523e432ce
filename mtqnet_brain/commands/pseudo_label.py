"""``mtqnet pseudo-label``.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.commands.options import add_running


def add_arguments(commands):
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
    parser.add_argument("manifest", help="manifest CSV")
    parser.add_argument(
        "--teacher",
        required=True,
        metavar="WHAT",
        help="run folder of a trained teacher, the published MOSA-Net's .h5, "
        "intrusive (true PESQ, STOI, SDI) or dnsmos",
    )
    parser.add_argument("--output", required=True, help="manifest to write")
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
    add_running(parser)
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet pseudo-label``."""
    from mtqnet_brain.teacher import pseudo_label_manifest, resources

    where = resources(args.workers)
    if args.device and args.device != ["cpu"]:
        where = {"devices": args.device, "workers": len(args.device)}
    elif args.device:
        where = {"devices": ["cpu"], "workers": args.workers}
    pseudo_label_manifest(
        args.manifest,
        args.teacher,
        args.output,
        replace=args.replace,
        restart=args.restart,
        **where,
    )
    return 0
