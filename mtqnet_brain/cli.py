"""The ``mtqnet`` command: the only place of the library that reads argv.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
import sys


def _add_label(commands):
    """Arguments of ``mtqnet label``."""
    parser = commands.add_parser(
        "label",
        help="PESQ, STOI, SDI, CSIG, CBAK, COVL of degraded wavs against "
        "their clean references",
    )
    parser.add_argument("--reference", help="folder of clean wavs")
    parser.add_argument("--degraded", help="folder of wavs to label")
    parser.add_argument(
        "--pairs", help="CSV with the columns reference,degraded instead"
    )
    parser.add_argument("--output", required=True, help="CSV to write")
    parser.add_argument(
        "--compensate_delays",
        action="store_true",
        help="cut clips more than 5 ms late or early, and their references, "
        "to what both hold before labelling",
    )
    _add_running(parser)
    parser.set_defaults(run=_run_label)


def _run_label(args):
    """Run ``mtqnet label``; 1 if a pair could not be labelled."""
    from mtqnet_brain.labels import find_pairs, label_pairs, read_pairs

    if bool(args.pairs) == bool(args.reference and args.degraded):
        raise ValueError("give either --pairs or --reference and --degraded")
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


def _add_build_corpus(commands):
    """Arguments of ``mtqnet build-corpus``."""
    parser = commands.add_parser(
        "build-corpus",
        help="mix speech and noise, enhance the mixtures, label them: a "
        "corpus in the layout of TMHINT-QI",
    )
    parser.add_argument("--speech", help="folder of clean wavs, by talker")
    parser.add_argument("--noise", help="folder of noise wavs")
    parser.add_argument(
        "--preset",
        choices=("demo", "demo_teacher"),
        help="speech synthesised on the spot instead of --speech",
    )
    parser.add_argument("--output", required=True, help="corpus folder")
    parser.add_argument(
        "--clips", type=int, default=1500, help="wavs to make (default 1500)"
    )
    parser.add_argument(
        "--snr",
        type=float,
        nargs="+",
        default=[-2, 0, 2, 5, 10, 20, 30],
        help="signal-to-noise ratios in dB",
    )
    parser.add_argument(
        "--enhancers",
        nargs="*",
        default=["MMSE", "KLT"],
        metavar="SYSTEM",
        help="applied to the mixtures: MMSE, KLT, or NAME=RUN with a run of "
        "recipes/TMHINT-QI/enhancement (default: MMSE KLT)",
    )
    parser.add_argument(
        "--noises",
        nargs="+",
        default=["babble", "pink", "street", "white", "files"],
        choices="babble pink street white brown ssn files".split(),
        help="kinds of noise; ssn is speech-shaped, files are those of "
        "--noise (default: all but brown and ssn)",
    )
    parser.add_argument(
        "--degradations",
        nargs="+",
        default=[],
        choices=("Lowpass", "Clip", "MNRU", "Reverb"),
        help="also band-limit, clip, modulate with noise, reverberate",
    )
    parser.add_argument("--seed", type=int, default=1986)
    _add_running(parser)
    parser.set_defaults(run=_run_build_corpus)


def _run_build_corpus(args):
    """Run ``mtqnet build-corpus``."""
    from mtqnet_brain.corpus import build_corpus

    build_corpus(
        output=args.output,
        speech=args.speech,
        noise=args.noise,
        preset=args.preset,
        clips=args.clips,
        snrs=args.snr,
        enhancers=args.enhancers,
        noises=args.noises,
        degradations=args.degradations,
        seed=args.seed,
        workers=args.workers,
        restart=args.restart,
    )
    return 0


def _add_pseudo_label(commands):
    """Arguments of ``mtqnet pseudo-label``."""
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
    _add_running(parser)
    parser.set_defaults(run=_run_pseudo_label)


def _run_pseudo_label(args):
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


def _add_import_mosanet(commands):
    """Arguments of ``mtqnet import-mosanet``."""
    parser = commands.add_parser(
        "import-mosanet",
        help="turn the published MOSA-Net's Keras file into a teacher",
    )
    parser.add_argument("file", help=".h5 of model.save() or save_weights()")
    parser.add_argument("output", help="checkpoint folder to write")
    parser.add_argument(
        "--ssl",
        metavar="SOURCE",
        help="HuBERT-large on the Hugging Face hub, or the folder of a copy "
        "(default: facebook/hubert-large-ll60k)",
    )
    parser.set_defaults(run=_run_import_mosanet)


def _run_import_mosanet(args):
    """Run ``mtqnet import-mosanet``."""
    from mtqnet_brain.teacher import import_mosanet

    network = import_mosanet(args.file, args.output, args.ssl)
    source = network.settings()["ssl"]["source"]
    print(f"{args.output}: MOSA-Net of {args.file}, for features of {source}")
    return 0


def _add_report(commands):
    """Arguments of ``mtqnet report``."""
    parser = commands.add_parser(
        "report",
        help="compare what recipes/TMHINT-QI/reproduce.py has run with the "
        "paper's tables",
    )
    parser.add_argument("folder", help="output of reproduce.py")
    parser.add_argument(
        "--output",
        help="where report.md and its figures go (default: FOLDER/report)",
    )
    parser.add_argument(
        "--resamples",
        type=int,
        default=1000,
        help="of the bootstrap (default 1000)",
    )
    parser.set_defaults(run=_run_report)


def _run_report(args):
    """Run ``mtqnet report``."""
    from mtqnet_brain.reproduction.report import write_report

    print(write_report(args.folder, args.output, args.resamples))
    return 0


def _add_running(parser):
    """Arguments of every long command."""
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count(),
        help="processes (default: one per core)",
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help="discard what an interrupted run has left",
    )


def build_parser():
    """Return the parser of the ``mtqnet`` command.

    Returns
    -------
    argparse.ArgumentParser
        Every subcommand sets ``run``, which takes the parsed arguments and
        returns the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="mtqnet",
        description="Speech quality without a reference: labels, corpora, "
        "pseudo-labels.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (
        _add_label,
        _add_build_corpus,
        _add_pseudo_label,
        _add_import_mosanet,
        _add_report,
    ):
        add(commands)
    return parser


def main(argv=None):
    """Run the ``mtqnet`` command.

    Arguments
    ---------
    argv : list of str
        Arguments after the command's name. Default: those of the process.

    Returns
    -------
    int
        Exit code: 0 all done, 1 some items failed, 2 a wrong call or input.
    """
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except (ValueError, OSError, ImportError) as err:
        print(f"mtqnet: {err}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
