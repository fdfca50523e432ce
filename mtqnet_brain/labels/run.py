"""Label many pairs: in parallel, to be killed and continued at will.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib

from tqdm import tqdm

from mtqnet_brain.audio import load_audio
from mtqnet_brain.files import ResumableCsv
from mtqnet_brain.installation import require
from mtqnet_brain.labels.intrusive import (
    LABELS,
    MIN_LABEL_SAMPLES,
    LabelError,
    check_pair,
    find_delay,
    intrusive_labels,
)
from mtqnet_brain.parallel import run_parallel

COLUMNS = ("file", *LABELS, "error")
MAX_DELAY = 5.0  # ms
N_SHOWN = 5
_NOT_YET = {"error": "not yet labelled"}


def label_pairs(pairs, output, workers=1, restart=False) -> int:
    """Write the intrusive labels of all pairs to a CSV.

    A pair that cannot be labelled has the reason in the column ``error`` and
    no scores. An interrupted run goes on where it stopped and tries failed
    pairs again. The file does not depend on the number of workers. Clips more
    than 5 ms late or early are counted at the end; their labels stay.

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

    Returns
    -------
    int
        Number of pairs that could not be labelled.

    Raises
    ------
    ValueError
        If two pairs have one name, or an interrupted run had other pairs.
    ImportError
        If a package is missing, with the command that installs it.
    """
    require("labels", "pesq", "pystoi")
    _check_names(pairs)
    settings = _settings(pairs)
    with ResumableCsv(output, COLUMNS, settings, restart) as rows:
        pending = [
            pair
            for pair in pairs
            if rows.done.get(pair.file, _NOT_YET)["error"]
        ]
        progress = tqdm(
            run_parallel(_label_row, pending, workers),
            desc="labels",
            unit="clip",
            total=len(pairs),
            initial=len(pairs) - len(pending),
        )
        for row in progress:
            rows.write(row)
        delays = {file: row.pop("delay") for file, row in rows.done.items()}
        rows.finish([pair.file for pair in pairs])
    errors = {
        file: row["error"] for file, row in rows.done.items() if row["error"]
    }
    _report(output, len(pairs), errors, delays)
    return len(errors)


def _check_names(pairs):
    """Refuse pairs that the rows of a CSV could not tell apart."""
    if not pairs:
        raise ValueError("no pairs to label")
    names = set()
    for pair in pairs:
        if pair.file in names:
            raise ValueError(f"two pairs are called {pair.file}; rename one")
        names.add(pair.file)


def _settings(pairs):
    """Describe the pairs, so that rows of other ones are not taken over."""
    text = "\n".join(f"{pair.file}\t{pair.reference}" for pair in pairs)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"labels": LABELS, "n_pairs": len(pairs), "pairs": digest[:16]}


def _label_row(pair):
    """Label one pair; a pair without labels gives a row with the reason."""
    row = dict.fromkeys(COLUMNS, "") | {"file": pair.file, "delay": 0.0}
    try:
        if pair.reference is None:
            raise LabelError(pair.fault)
        clips = check_pair(
            load_audio(pair.reference, min_samples=MIN_LABEL_SAMPLES),
            load_audio(pair.degraded, min_samples=MIN_LABEL_SAMPLES),
        )
        labels = intrusive_labels(*clips)
        row |= {name: f"{value:.6g}" for name, value in labels.items()}
        row["delay"] = find_delay(*clips)
    except (ValueError, OSError) as err:
        row["error"] = " ".join(str(err).split())
    return row


def _report(output, n_pairs, errors, delays):
    """Print how many pairs failed or are out of time, and the first few."""
    print(f"{output}: {n_pairs - len(errors)} of {n_pairs} pairs labelled")
    for file, reason in list(errors.items())[:N_SHOWN]:
        print(f"  failed: {file}: {reason}")
    late = {
        file: delay for file, delay in delays.items() if abs(delay) > MAX_DELAY
    }
    if late:
        names = ", ".join(
            f"{file} ({delay:+.1f} ms)"
            for file, delay in sorted(late.items())[:N_SHOWN]
        )
        print(
            f"{len(late)} clips are more than {MAX_DELAY:g} ms late (+) or "
            f"early (-), labelled as they are: {names}"
        )
