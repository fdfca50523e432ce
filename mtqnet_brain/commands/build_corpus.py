"""``mtqnet build-corpus``: a corpus from clean speech and noise.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.commands.shared import add_running

HELP = "build a labelled corpus like TMHINT-QI from speech and noise"
NOISES = ("babble", "pink", "street", "white", "brown", "ssn", "files")
DEGRADATIONS = (
    "Lowpass Clip MNRU Reverb Mask Complex Phase Band Echo MNRUNoise Hum Wind "
    "Clicks Overload Quantise Gain Holes Musical Opus MP3 Vorbis GSM MuLaw "
    "ADPCM AMR G722 G723 G726 Telephone Tandem Loss Dropouts Several"
).split()
EXAMPLES = f"""\
  mtqnet build-corpus --preset demo --clips 100 --output CORPUS
  mtqnet build-corpus --speech SPEECH --noise NOISE --output CORPUS
  mtqnet build-corpus --speech SPEECH --snr 0 10 --noises white --output CORPUS

Speech and noise are mixed, the mixtures enhanced, and all of it labelled.

enhancers:    MMSE KLT (the default), or NAME=RUN with a training run of
              recipes/TMHINT-QI/enhancement
noises:       {" ".join(NOISES)}
              (ssn is speech-shaped; files are those of --noise)
degradations: Lowpass Band              band limits
              Reverb Echo               rooms
              MNRU MNRUNoise            modulated noise, and noise added
              Hum Wind Clicks           what else is added
              Clip Overload Quantise    samples at their limits
              Gain                      level jumps, fades, gain control
              Mask Complex Phase        what enhancement networks get wrong
              Holes Musical             poor suppressors: holes, musical noise
              Opus MP3 Vorbis GSM MuLaw ADPCM AMR G722 G723 G726
              Telephone Tandem          a codec behind a handset, two codecs
              Loss Dropouts             lost packets, mutes
              Several                   two or three of these in a row
              (AMR, G7.., Telephone, Tandem and Several need PyAV, Reverb
              pyroomacoustics: pip install "mtqnet-brain[codecs,rooms]")
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``mtqnet build-corpus``."""
    add = parser.add_argument
    add(
        "--speech",
        nargs="+",
        metavar="FOLDER[=WEIGHT]",
        help="clean wavs, a subfolder per talker; several folders are sources",
    )
    _add_sources(add)
    _add_kinds_of_clips(add)
    add("--noise", metavar="FOLDER", help="noise wavs")
    add(
        "--preset",
        choices=("demo", "demo_teacher"),
        help="synthetic speech instead of --speech",
    )
    add("--output", metavar="FOLDER", required=True, help="corpus to write")
    add(
        "--clips",
        type=int,
        metavar="N",
        default=1500,
        help="wavs to make (default: 1500)",
    )
    add(
        "--clean",
        type=float,
        metavar="SHARE",
        default=1 / 12,
        help="share of clean wavs, one for each utterance (default: 1/12)",
    )
    _add_conditions(add)
    add(
        "--seed",
        type=int,
        metavar="N",
        default=1986,
        help="of all that is random (default: 1986)",
    )
    add(
        "--split_seed",
        type=int,
        metavar="N",
        help="of the split alone, as another corpus has it (default: --seed)",
    )
    add_running(parser)


def _add_conditions(add):
    """Add what is done to the speech."""
    add(
        "--snr",
        type=float,
        nargs="+",
        metavar="DB",
        default=[-2, 0, 2, 5, 10, 20, 30],
        help="signal-to-noise ratios (default: -2 to 30)",
    )
    add(
        "--enhancers",
        nargs="*",
        default=["MMSE", "KLT"],
        metavar="SYSTEM",
        help="MMSE, KLT or NAME=RUN, see below",
    )
    add(
        "--noises",
        nargs="+",
        default=["babble", "pink", "street", "white", "files"],
        choices=NOISES,
        metavar="KIND",
        help="see below (default: all but brown, ssn)",
    )
    add(
        "--degradations",
        nargs="+",
        default=[],
        choices=DEGRADATIONS,
        metavar="KIND",
        help="further damage, see below (default: none)",
    )


def _add_sources(add):
    """Add what describes and splits the sources of speech."""
    add(
        "--speech_table",
        metavar="CSV",
        help="talkers, languages and licences: file,speaker,language,licence",
    )
    add(
        "--hold_out",
        nargs="+",
        default=[],
        metavar="NAME",
        help="sources, languages, talkers, noises, rooms for the test alone",
    )
    add(
        "--whole",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="sources kept on one side of the split; A+B: both on the same",
    )
    add(
        "--rir",
        metavar="FOLDER",
        help="measured room responses, for clips in rooms",
    )


def _add_kinds_of_clips(add):
    """Add what makes clips other than whole utterances."""
    add(
        "--seconds",
        nargs=2,
        type=float,
        metavar=("LEAST", "MOST"),
        help="crop and join utterances to lengths between these",
    )
    add(
        "--pauses",
        type=float,
        metavar="SHARE",
        default=0.0,
        help="share of utterances with silence before, after or between",
    )
    add(
        "--joined",
        type=int,
        metavar="N",
        default=0,
        help="more clips, of two parts of different quality, see parts.csv",
    )
    add(
        "--non_speech",
        type=int,
        metavar="N",
        default=0,
        help="clips of noise files, tones and clicks, without labels",
    )
    add(
        "--found",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="recordings without a reference, taken over without labels",
    )


def run(args: argparse.Namespace) -> int:
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
        speech_table=args.speech_table,
        hold_out=args.hold_out,
        whole=args.whole,
        rir=args.rir,
        seconds=args.seconds,
        pauses=args.pauses,
        joined=args.joined,
        non_speech=args.non_speech,
        found=args.found,
        clean=args.clean,
        split_seed=args.split_seed,
    )
    return 0
