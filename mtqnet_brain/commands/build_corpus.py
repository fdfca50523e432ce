"""``mtqnet build-corpus``.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.options import add_running


def add_arguments(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
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
        choices="Lowpass Clip MNRU Reverb Mask Complex Phase".split(),
        help="also band-limit, clip, modulate with noise, reverberate, or do "
        "what enhancement networks do wrong: masks, complex spectra, phases",
    )
    parser.add_argument("--seed", type=int, default=1986)
    add_running(parser)
    parser.set_defaults(run=_run)


def _run(args):
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
