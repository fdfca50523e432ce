"""Labels many pairs in parallel; an interrupted run can be resumed.

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

from mtqnet_brain.audio.io import load_with_warning
from mtqnet_brain.labels.intrusive import (
    LABELS,
    MIN_LABEL_SAMPLES,
    check_pair,
    cut_to_overlap,
    find_delay,
    intrusive_labels,
)
from mtqnet_brain.labels.label_warnings import (
    MAX_DELAY,
    N_SHOWN,
    REMARKS,
    remarks_of,
    report_remarks,
    warnings_of,
)
from mtqnet_brain.labels.pesq_stoi import LabelError
from mtqnet_brain.utils.error_text import one_line
from mtqnet_brain.utils.files import same_name
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.parallel import run_parallel
from mtqnet_brain.utils.resumable_tables import ResumableCsv

if TYPE_CHECKING:
    from mtqnet_brain.labels.pairs import Pair

COLUMNS = ("file", *LABELS, "warning", "error")


def label_pairs(
    pairs: list[Pair],
    output: str | Path,
    workers: int = 1,
    restart: bool = False,
    compensate_delays: bool = False,
) -> int:
    """Write the intrusive labels of all pairs to a CSV.

    For a pair that cannot be labelled, the column ``error`` has the reason;
    above 20 s there are still the labels that are defined. An interrupted run
    resumes where it stopped; failed pairs, and those whose files have changed,
    are tried again. The file does not depend on the number of workers. The
    column ``warning`` says why labels are doubtful: channels that cancel each
    other, clips more than 5 ms late or early, pairs of two sampling rates,
    files below 16 kHz, and clips above 20 s, whose PESQ is a mean over pieces.
    All but the first are also counted at the end.

    Arguments
    ---------
    pairs : list of Pair
        Pairs of `find_pairs` or `read_pairs`.
    output : str or Path
        CSV with the columns file, pesq, stoi, sdi, csig, cbak, covl, warning,
        error; six significant digits.
    workers : int
        Number of processes, started by spawn: a script that asks for more
        than one must do so under ``if __name__ == "__main__"``.
    restart : bool
        Whether the rows of an interrupted run are discarded.
    compensate_delays : bool
        Whether clips more than 5 ms late or early, and their references, are
        cut to their common part before every measure. If not, they are
        labelled as they are.

    Returns
    -------
    int
        Number of pairs that could not be labelled.

    Raises
    ------
    ValueError
        If two pairs have one name, the output is one of their files or being
        written by another command, or an interrupted run had other pairs or
        another ``compensate_delays``.
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
    fields = list(COLUMNS)
    with ResumableCsv(output, fields, settings, sources, restart) as rows:
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
    report_remarks(remarks, compensate_delays)
    return len(errors)


def _check_names(pairs):
    """Refuse pairs whose rows in a CSV would have the same name."""
    if not pairs:
        raise ValueError("no pairs to label")
    names = set()
    for pair in pairs:
        if same_name(pair.file) in names:
            raise ValueError(f"two pairs are named {pair.file}; rename one")
        names.add(same_name(pair.file))


def _settings(pairs, compensate_delays):
    """Describe the pairs, so that rows of other pairs are not reused."""
    text = "\n".join(f"{pair.file}\t{pair.reference}" for pair in pairs)
    digest = hashlib.sha256(os.fsencode(text)).hexdigest()
    settings = {"labels": LABELS, "n_pairs": len(pairs), "pairs": digest[:16]}
    # Absent when off, so that runs of earlier releases can be resumed.
    return settings | ({"compensate_delays": True} if compensate_delays else {})


def _label_row(pair, compensate_delays):
    """Return the row of one pair: its labels, or why it has none."""
    row = dict.fromkeys(COLUMNS, "") | {"file": pair.file}
    try:
        if pair.reference is None:
            raise LabelError(pair.fault)
        paths = pair.reference, pair.degraded
        reference, degraded, found = _load(paths)
        row["warning"] = "; ".join(found)
        names = (f"reference {pair.reference}", f"degraded {pair.degraded}")
        checked = check_pair(reference, degraded, names)
        delay = find_delay(*checked)
        if compensate_delays and abs(delay) > MAX_DELAY:
            in_time = cut_to_overlap(reference, degraded, delay)
            checked = check_pair(*in_time, names)
            del in_time
        del reference, degraded  # of an hour, half a gigabyte
        row |= _cells(intrusive_labels(*checked))
        remarks = remarks_of(paths, len(checked[0]), delay)
        found += warnings_of(remarks, compensate_delays)
        row |= remarks | {"warning": "; ".join(found)}
    except Exception as err:  # one file must not end the run
        row["error"] = _reason(err)
        row |= _cells(getattr(err, "labels", {}))
    return row


def _load(paths):
    """Return the samples of reference and degraded clip, and warnings."""
    clips, found = [], []
    for side, path in zip(("reference", "degraded"), paths):
        samples, warning = load_with_warning(path, True, MIN_LABEL_SAMPLES)
        clips.append(samples)
        found += [f"{side}: {warning}"] if warning else []
    return *clips, found


def _reason(err):
    """Return an error in one line, with its class if it is unexpected."""
    reason = one_line(err)
    if isinstance(err, (ValueError, OSError)):
        return reason
    return f"{type(err).__name__}: {reason}"


def _cells(labels):
    """Return labels as text, with six significant digits."""
    return {name: f"{value:.6g}" for name, value in labels.items()}


def _report_errors(output, n_pairs, errors):
    """Print how many pairs failed, and the first few."""
    print(f"{output}: {n_pairs - len(errors)} of {n_pairs} pairs labelled")
    for file, reason in list(errors.items())[:N_SHOWN]:
        print(f"  failed: {file}: {reason}")
    if len(errors) > N_SHOWN:
        n_more = len(errors) - N_SHOWN
        print(f"  ... and {n_more} more: see the column error")
