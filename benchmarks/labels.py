"""Time of each label of ``mtqnet label``, as a multiple of PESQ's.

Processor time of one thread on one core. Every measure is timed in every
round, so that a machine that is slower for a while slows all of them; ratios
are taken within a round.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
import platform
import statistics
import sys
from importlib.metadata import version
from time import process_time

from machine import processor_name
from noisy_clips import SECONDS, SNRS, noisy_pairs, speech_clips
from tqdm import tqdm

from mtqnet_brain.files import whole_file
from mtqnet_brain.labels.composite import (
    best_mean,
    composite_labels,
    segmental_snrs,
)
from mtqnet_brain.labels.frames import power_spectra
from mtqnet_brain.labels.intrusive import intrusive_labels
from mtqnet_brain.labels.llr import log_likelihood_ratios
from mtqnet_brain.labels.pesq_stoi import (
    pesq_score,
    speech_distortion_index,
    stoi_score,
)
from mtqnet_brain.labels.wss import weighted_spectral_slopes
from mtqnet_brain.outputs import target_of
from mtqnet_brain.parallel import THREAD_VARIABLES

MIN_ROUNDS = 5
OWN = "LLR, WSS, segmental SNR, SDI together"


def _llr(reference, degraded):
    """Mean log-likelihood ratio, spectra included."""
    powers = power_spectra(reference), power_spectra(degraded)
    return best_mean(log_likelihood_ratios(*powers))


def _wss(reference, degraded):
    """Mean weighted spectral slope, spectra included."""
    powers = power_spectra(reference), power_spectra(degraded)
    return best_mean(weighted_spectral_slopes(*powers))


def _segmental_snr(reference, degraded):
    """Mean segmental signal-to-noise ratio."""
    return segmental_snrs(reference, degraded).mean()


def _composite(reference, degraded):
    """LLR, WSS, segmental SNR and their regressions; PESQ is given."""
    return composite_labels(reference, degraded, pesq=2.0)


def _own(reference, degraded):
    """What this library computes itself for one row of labels."""
    speech_distortion_index(reference, degraded)
    return composite_labels(reference, degraded, pesq=2.0)


MEASURES = {
    "PESQ": pesq_score,
    "STOI": stoi_score,
    "LLR": _llr,
    "WSS": _wss,
    "segmental SNR": _segmental_snr,
    "SDI": speech_distortion_index,
    "composite (LLR, WSS, segmental SNR)": _composite,
    OWN: _own,
    "all labels of a pair": intrusive_labels,
}


def use_one_core():
    """Start this script anew with one thread, on one core."""
    one = dict.fromkeys(THREAD_VARIABLES, "1")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    # The arithmetic libraries read these when they are loaded.
    if any(os.environ.get(name) != "1" for name in one):
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, command, os.environ | one)


def measure(pairs, rounds):
    """Time every measure over all pairs, round by round.

    Arguments
    ---------
    pairs : list of tuple
        Reference and degraded clip.
    rounds : int
        How often.

    Returns
    -------
    dict
        Processor seconds per clip, a list with one number per round, by
        measure.
    """
    seconds = {name: [] for name in MEASURES}
    for function in MEASURES.values():
        function(*pairs[0])  # imports and caches are not timed
    for _ in tqdm(range(rounds), desc="rounds"):
        for name, function in MEASURES.items():
            start = process_time()
            for pair in pairs:
                function(*pair)
            seconds[name].append((process_time() - start) / len(pairs))
    return seconds


def table(seconds):
    """Return the Markdown table of the timings.

    Arguments
    ---------
    seconds : dict
        Seconds per clip and round, by measure; with ``PESQ``.

    Returns
    -------
    str
        Per measure the median of the milliseconds, and the median, least and
        greatest of the ratios to PESQ in the same round.
    """
    lines = [
        "| measure | ms per clip | times PESQ | least | greatest |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, times in seconds.items():
        ratios = [a / b for a, b in zip(times, seconds["PESQ"], strict=True)]
        lines.append(
            f"| {name} | {1000 * statistics.median(times):.1f} "
            f"| {statistics.median(ratios):.3f} | {min(ratios):.3f} "
            f"| {max(ratios):.3f} |"
        )
    return "\n".join(lines)


def conditions(n_pairs, rounds, speech):
    """Return one line on what was timed and where."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "pesq", "pystoi")
    )
    return (
        f"{n_pairs} clips of {SECONDS} s "
        f"({'files' if speech else 'espeak-ng'}, pink noise, {SNRS[0]} to "
        f"{SNRS[-1]} dB SNR), medians of {rounds} rounds, processor "
        f"time of one core ({processor_name()}), "
        f"Python {platform.python_version()}, {packages}."
    )


def main():
    """Print the table; write it too with --output.

    Returns
    -------
    int
        Exit code: 0, or 2 for a wrong input.
    """
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--speech", help="folder of clean clips of 3 s or more")
    parser.add_argument("--rounds", type=int, default=11, help="at least 5")
    parser.add_argument("--output", help="Markdown file to write")
    args = parser.parse_args()
    if args.rounds < MIN_ROUNDS:
        parser.error(f"--rounds {args.rounds}, need at least {MIN_ROUNDS}")
    use_one_core()
    try:
        pairs = noisy_pairs(speech_clips(args.speech))
    except (ValueError, OSError, ImportError) as err:
        print(f"benchmarks/labels.py: {err}", file=sys.stderr)
        return 2
    lines = table(measure(pairs, args.rounds))
    text = f"{conditions(len(pairs), args.rounds, args.speech)}\n\n{lines}\n"
    print(text)
    if args.output:
        with whole_file(target_of(args.output)) as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
