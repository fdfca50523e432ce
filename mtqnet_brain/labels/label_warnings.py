"""Reasons why labels are doubtful, in a pair's row and at the end of a run.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from mtqnet_brain.audio.io import SAMPLE_RATE, audio_info
from mtqnet_brain.labels.intrusive import PIECE_SAMPLES

MAX_DELAY = 5.0  # ms
LONG_SECONDS = PIECE_SAMPLES / SAMPLE_RATE
N_SHOWN = 5
# Kept with a row, not part of the CSV.
REMARKS = ("delay", "lowest_rate", "unlike_rates", "seconds")


def remarks_of(paths: tuple[Path, ...], n_samples: int, delay: float) -> dict:
    """Return the facts about a pair that may make its labels doubtful.

    Arguments
    ---------
    paths : tuple of Path
        Reference and degraded file.
    n_samples : int
        Samples that were labelled, at 16 kHz.
    delay : float
        Delay of the degraded clip in ms, of `intrusive.find_delay`.

    Returns
    -------
    dict
        Value by `REMARKS`.
    """
    rates = [audio_info(path).sample_rate for path in paths]
    unlike = "{} and {} Hz".format(*rates)
    return {
        "delay": delay,
        "lowest_rate": min(rates),
        "unlike_rates": unlike if len(set(rates)) > 1 else None,
        "seconds": n_samples / SAMPLE_RATE,
    }


def warnings_of(remarks: dict, compensate_delays: bool) -> list[str]:
    """Return why the labels of a pair are doubtful.

    Arguments
    ---------
    remarks : dict
        Result of `remarks_of`.
    compensate_delays : bool
        Whether late and early clips were cut.

    Returns
    -------
    list of str
        One reason each.

    Example
    -------
    >>> pair = {"delay": -9.0, "lowest_rate": 16000, "seconds": 3.0}
    >>> warnings_of(pair | {"unlike_rates": None}, compensate_delays=False)
    ['9.0 ms early, labelled as it is']
    """
    found = []
    delay, rate = remarks["delay"], remarks["lowest_rate"]
    if abs(delay) > MAX_DELAY:
        side = "late" if delay > 0 else "early"
        done = "compensated" if compensate_delays else "labelled as it is"
        found.append(f"{abs(delay):.1f} ms {side}, {done}")
    if remarks["unlike_rates"]:
        found.append(f"different sampling rates: {remarks['unlike_rates']}")
    if rate < SAMPLE_RATE:
        found.append(f"{rate} Hz: the upper band is missing")
    if remarks["seconds"] > LONG_SECONDS:
        found.append(f"above {LONG_SECONDS:g} s: PESQ is a mean over pieces")
    return found


def report_remarks(remarks: dict[str, dict], compensate_delays: bool) -> None:
    """Print how many pairs are doubtful, and the first few.

    Arguments
    ---------
    remarks : dict of str to dict
        Results of `remarks_of` by file, None where a pair failed.
    compensate_delays : bool
        As for `warnings_of`.
    """
    done = "compensated" if compensate_delays else "labelled as they are"
    late, unlike, low, long = [], [], [], []
    for file, remark in remarks.items():
        delay, seconds = remark["delay"] or 0.0, remark["seconds"] or 0.0
        if abs(delay) > MAX_DELAY:
            late.append(f"{file} ({delay:+.1f} ms)")
        if remark["unlike_rates"]:
            unlike.append(f"{file} ({remark['unlike_rates']})")
        if (remark["lowest_rate"] or SAMPLE_RATE) < SAMPLE_RATE:
            low.append(file)
        if seconds > LONG_SECONDS:
            long.append(f"{file} ({seconds:.0f} s)")
    _report(
        f"clips are more than {MAX_DELAY:g} ms late (+) or early (-), {done}",
        late,
    )
    _report(
        "pairs have files of different sampling rates, resampled",
        unlike,
    )
    _report(
        f"pairs have a file below {SAMPLE_RATE} Hz, resampled: the upper band "
        "is missing, their PESQ and composite measures say little",
        low,
    )
    _report(
        f"clips are longer than {LONG_SECONDS:g} s; their PESQ is the mean "
        "over equal pieces of at most that length",
        long,
    )


def _report(text, files):
    """Print how many files there are, and the first few."""
    if files:
        print(f"{len(files)} {text}: {', '.join(files[:N_SHOWN])}")
