"""Label many pairs: in parallel, to be killed and continued at will.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, audio_info, load_audio
from mtqnet_brain.labels.intrusive import (
    LABELS,
    MIN_LABEL_SAMPLES,
    PIECE_SAMPLES,
    LabelError,
    check_pair,
    cut_to_overlap,
    find_delay,
    intrusive_labels,
)
from mtqnet_brain.utils.files import same_name
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.parallel import run_parallel
from mtqnet_brain.utils.resumable_tables import ResumableCsv

if TYPE_CHECKING:
    from mtqnet_brain.labels.pairs import Pair

COLUMNS = ("file", *LABELS, "error")
MAX_DELAY = 5.0  # ms
N_SHOWN = 5
# Kept with a row, not part of the CSV.
REMARKS = ("delay", "lowest_rate", "unlike_rates", "seconds")


def label_pairs(
    pairs: list[Pair],
    output: str | Path,
    workers: int = 1,
    restart: bool = False,
    compensate_delays: bool = False,
) -> int:
    """Write the intrusive labels of all pairs to a CSV.

    A pair that cannot be labelled has the reason in the column ``error`` and
    no scores, or, above 20 s, those that are defined. An interrupted run goes
    on where it stopped and tries failed pairs, and those whose files have
    changed, again. The file does not depend on the number of workers. Clips
    more than 5 ms late or early, pairs of two rates, files below 16 kHz, and
    clips above 20 s, whose PESQ is a mean over pieces, are counted at the end.

    Arguments
    ---------
    pairs : list of Pair
        From `find_pairs` or `read_pairs`.
    output : str or Path
        CSV with the columns file, pesq, stoi, sdi, csig, cbak, covl, error;
        six significant digits.
    workers : int
        Processes, started afresh (spawn): a script that asks for more than
        one keeps its work under ``if __name__ == "__main__"``.
    restart : bool
        Whether what an interrupted run has left is discarded.
    compensate_delays : bool
        Whether clips more than 5 ms late or early are cut, with their
        references, to what both hold, before every measure. If not, they
        are labelled as they are.

    Returns
    -------
    int
        Number of pairs that could not be labelled.

    Raises
    ------
    ValueError
        If two pairs have one name, the output is one of their files or
        written by another command, or an interrupted run had other pairs or
        treated delays otherwise.
    ImportError
        If a package is missing, with the command that installs it.
    """
    require("labels", "pesq", "pystoi")
    _check_names(pairs)
    settings = _settings(pairs, compensate_delays)
    label_row = partial(_label_row, compensate_delays=compensate_delays)
    sources = {
        pair.file: [path for path in (pair.reference, pair.degraded) if path]
        for pair in pairs
    }
    with ResumableCsv(output, COLUMNS, settings, sources, restart) as rows:
        pending = [pair for pair in pairs if pair.file not in rows.done]
        progress = tqdm(
            run_parallel(label_row, pending, workers),
            desc="labels",
            unit="clip",
            total=len(pairs),
            initial=len(pairs) - len(pending),
        )
        for row in progress:
            rows.write(row)
        remarks = {
            file: {name: row.pop(name, None) for name in REMARKS}
            for file, row in sorted(rows.done.items())
        }
        rows.finish([pair.file for pair in pairs])
    errors = {
        file: row["error"] for file, row in rows.done.items() if row["error"]
    }
    _report_errors(output, len(pairs), errors)
    _report_delays(remarks, compensate_delays)
    _report_unlike_rates(remarks)
    _report_low_rates(remarks)
    _report_long(remarks)
    return len(errors)


def _check_names(pairs):
    """Refuse pairs that the rows of a CSV could not tell apart."""
    if not pairs:
        raise ValueError("no pairs to label")
    names = set()
    for pair in pairs:
        if same_name(pair.file) in names:
            raise ValueError(f"two pairs are called {pair.file}; rename one")
        names.add(same_name(pair.file))


def _settings(pairs, compensate_delays):
    """Describe the pairs, so that rows of other ones are not taken over."""
    text = "\n".join(f"{pair.file}\t{pair.reference}" for pair in pairs)
    digest = hashlib.sha256(os.fsencode(text)).hexdigest()
    settings = {"labels": LABELS, "n_pairs": len(pairs), "pairs": digest[:16]}
    # Not there when off: what earlier releases have left is not refused.
    return settings | ({"compensate_delays": True} if compensate_delays else {})


def _label_row(pair, compensate_delays):
    """Label one pair; a pair without labels gives a row with the reason."""
    row = dict.fromkeys(COLUMNS, "") | {"file": pair.file}
    try:
        if pair.reference is None:
            raise LabelError(pair.fault)
        paths = pair.reference, pair.degraded
        clips = [
            load_audio(path, min_samples=MIN_LABEL_SAMPLES) for path in paths
        ]
        names = (f"reference {pair.reference}", f"degraded {pair.degraded}")
        checked = check_pair(*clips, names)
        delay = find_delay(*checked)
        if compensate_delays and abs(delay) > MAX_DELAY:
            checked = check_pair(*cut_to_overlap(*clips, delay), names)
        row |= _cells(intrusive_labels(*checked))
        row |= _remarks(paths, checked, delay)
    except Exception as err:  # one file must not end the run
        row["error"] = _reason(err)
        row |= _cells(getattr(err, "labels", {}))
    return row


def _reason(err):
    """Return an error in one line, with its kind where it is unforeseen."""
    reason = " ".join(str(err).split())
    if isinstance(err, (ValueError, OSError)):
        return reason
    return f"{type(err).__name__}: {reason}"


def _cells(labels):
    """Return labels as text, with six significant digits."""
    return {name: f"{value:.6g}" for name, value in labels.items()}


def _remarks(paths, clips, delay):
    """Return what is said of a pair at the end."""
    rates = [audio_info(path).sample_rate for path in paths]
    remarks = {
        "delay": delay,
        "lowest_rate": min(rates),
        "seconds": len(clips[0]) / SAMPLE_RATE,
    }
    if len(set(rates)) > 1:
        remarks["unlike_rates"] = "{} against {} Hz".format(*rates)
    return remarks


def _report_errors(output, n_pairs, errors):
    """Print how many pairs failed, and the first few."""
    print(f"{output}: {n_pairs - len(errors)} of {n_pairs} pairs labelled")
    for file, reason in list(errors.items())[:N_SHOWN]:
        print(f"  failed: {file}: {reason}")
    if len(errors) > N_SHOWN:
        n_more = len(errors) - N_SHOWN
        print(f"  ... and {n_more} more: see the column error")


def _report_delays(remarks, compensate_delays):
    """Print how many clips are out of time, and the first few."""
    late = {
        file: remark["delay"]
        for file, remark in remarks.items()
        if abs(remark["delay"] or 0.0) > MAX_DELAY
    }
    if late:
        names = ", ".join(
            f"{file} ({delay:+.1f} ms)"
            for file, delay in list(late.items())[:N_SHOWN]
        )
        done = "compensated" if compensate_delays else "labelled as they are"
        print(
            f"{len(late)} clips are more than {MAX_DELAY:g} ms late (+) or "
            f"early (-), {done}: {names}"
        )


def _report_unlike_rates(remarks):
    """Print how many pairs have files of two rates, and the first few."""
    unlike = [
        f"{file} ({remark['unlike_rates']})"
        for file, remark in remarks.items()
        if remark["unlike_rates"]
    ]
    if unlike:
        print(
            f"{len(unlike)} pairs have a reference and a degraded file of "
            f"unlike rates, resampled: {', '.join(unlike[:N_SHOWN])}"
        )


def _report_low_rates(remarks):
    """Print how many pairs lack the upper band, and the first few."""
    low = [
        file
        for file, remark in remarks.items()
        if (remark["lowest_rate"] or SAMPLE_RATE) < SAMPLE_RATE
    ]
    if low:
        print(
            f"{len(low)} pairs have a file below {SAMPLE_RATE} Hz, resampled: "
            "the upper band is missing, their PESQ and composite measures say "
            f"little: {', '.join(low[:N_SHOWN])}"
        )


def _report_long(remarks):
    """Print how many clips have a PESQ of pieces, and the first few."""
    seconds = PIECE_SAMPLES / SAMPLE_RATE
    long = [
        f"{file} ({remark['seconds']:.0f} s)"
        for file, remark in remarks.items()
        if (remark["seconds"] or 0) > seconds
    ]
    if long:
        print(
            f"{len(long)} clips are longer than {seconds:g} s; their PESQ is "
            "the mean over equal pieces of at most that length: "
            f"{', '.join(long[:N_SHOWN])}"
        )
