"""Add the scores of a teacher to a manifest, as pseudo-labels.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from speechbrain.utils.logger import get_logger
from tqdm import tqdm

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.checkpoints.run_folder import file_hash
from mtqnet_brain.data.manifest import (
    MAX_FAILED_FRACTION,
    PATH_COLUMNS,
    ManifestError,
    read_manifest,
    write_manifest,
)
from mtqnet_brain.data.validation import duration_faults, id_faults, list_faults
from mtqnet_brain.evaluation.agreement import teacher_metrics
from mtqnet_brain.labels.pesq_stoi import LabelError
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX
from mtqnet_brain.teacher.registry import open_teacher
from mtqnet_brain.utils.error_text import one_line
from mtqnet_brain.utils.outputs import claim_output
from mtqnet_brain.utils.parallel import run_parallel
from mtqnet_brain.utils.resumable_tables import ResumableCsv

logger = get_logger(__name__)

N_SHOWN = 5


def pseudo_label_manifest(
    manifest: str | Path,
    teacher: str | Path,
    output: str | Path,
    replace: bool = False,
    devices: Sequence[str] = ("cpu",),
    workers: int = 1,
    restart: bool = False,
    data_root: str | None = None,
    run: Callable = run_parallel,
    failed: dict | None = None,
) -> dict:
    """Write a manifest with a teacher's scores as ``pseudo_...`` columns.

    Cells of a wav that cannot be scored are empty. An interrupted run resumes
    where it stopped; wavs that have changed since are scored again.

    Arguments
    ---------
    manifest : str or Path
        Manifest CSV.
    teacher : str or Path
        As for `registry.open_teacher`.
    output : str or Path
        Manifest to write, perhaps the same file.
    replace : bool
        Whether pseudo-labels of another teacher are overwritten.
    devices : sequence of str
        Devices of a network, e.g. ``["cuda:0", "cuda:1"]``.
    workers : int
        Number of processes; each uses one of the devices.
    restart : bool
        Whether the scores of an interrupted run are discarded.
    data_root : str, optional
        Folder for ``$data_root`` in the manifest.
    run : callable
        `parallel.run_parallel`, or `cluster.mapping.run_on_cluster`.
    failed : dict, optional
        Filled with the reason why a row has no scores, by ID.

    Returns
    -------
    dict
        By task with true labels in the manifest: `metrics.score_metrics` of
        pseudo-labels against true ones.

    Raises
    ------
    ValueError
        If the manifest has another teacher's pseudo-labels and ``replace``
        is off, an ID twice or an invalid duration; if more than 5 % of the
        wavs cannot be scored; if another command is writing the output.
    """
    failed = {} if failed is None else failed
    rows = read_manifest(manifest, data_root)
    read = [row[name] for row in rows for name in PATH_COLUMNS if row.get(name)]
    with claim_output(output, [teacher, *read]):
        scorer = open_teacher(teacher, devices)
        _refuse_faults(manifest, rows, scorer.needs_durations)
        columns = [PSEUDO_PREFIX + task.name for task in scorer.tasks]
        _check_columns(manifest, rows, columns, scorer.name, replace)
        _warn_of_known(manifest, scorer, rows)
        settings = {"manifest": file_hash(manifest), "teacher": scorer.digest}
        run = partial(run, workers=workers)
        with _score_table(output, rows, columns, settings, restart) as table:
            _score_rows(rows, scorer, run, columns, table)
            scores = table.done
            failed |= {
                row["ID"]: scores[row["ID"]]["error"]
                for row in rows
                if scores[row["ID"]]["error"]
            }
            _report_failed(manifest, failed, len(rows))
            for row in rows:
                cells = scores[row["ID"]]
                for column in columns:
                    row[column] = cells[column]
                    source = f"{scorer.name} {cells['started']}"
                    row[column + SOURCE_SUFFIX] = row[column] and source
            write_manifest(output, rows)
            table.remove()
    return _agreement(output, rows, scorer.tasks)


def _refuse_faults(manifest, rows, durations):
    """Refuse equal IDs, and durations that no batch can be made of."""
    faults = id_faults({str(manifest): rows})
    faults += duration_faults(str(manifest), rows, durations)
    if faults:
        raise ManifestError(list_faults(faults))


def _report_failed(manifest, failed, n_rows):
    """Log which rows have no scores; refuse too many."""
    if not failed:
        return
    reasons = [f"{k}: {v.removeprefix(f'{k}: ')}" for k, v in failed.items()]
    text = (
        f"{manifest}: {len(failed)} of {n_rows} wavs could not be scored: "
        + "; ".join(reasons[:N_SHOWN])
    )
    if len(failed) > MAX_FAILED_FRACTION * n_rows:
        raise ManifestError(
            f"{text}; more than {MAX_FAILED_FRACTION:.0%}: nothing is written; "
            "correct them and run the same command to resume"
        )
    logger.warning(f"{text}; their pseudo-labels stay empty")


def _warn_of_known(manifest, teacher, rows):
    """Log how many of the wavs the teacher was trained on."""
    n_known = teacher.count_known(rows)
    if n_known:
        logger.warning(
            f"{manifest}: the teacher {teacher.name} was trained on {n_known} "
            f"of these {len(rows)} wavs; its scores of them are better than "
            "those of other wavs"
        )


def _check_columns(manifest, rows, columns, name, replace):
    """Refuse to overwrite another teacher's pseudo-labels."""
    for row in rows:
        for column in columns:
            source = row.get(column + SOURCE_SUFFIX, "")
            taken = row.get(column) and not source.startswith(name)
            if taken and not replace:
                raise ValueError(
                    f"{manifest}: {row['ID']} has {column} of "
                    f"{source or 'unknown source'!r}, the teacher is {name!r};"
                    " give --replace to overwrite"
                )


def _score_table(output, rows, columns, settings, restart):
    """Return the table of scores, with those of an interrupted run."""
    path = Path(output).with_name(Path(output).name + ".scores")
    fields = ["ID", *columns, "started", "error"]
    sources = {
        row["ID"]: [row[name] for name in PATH_COLUMNS if row.get(name)]
        for row in rows
    }
    return ResumableCsv(path, fields, settings, sources, restart)


def _score_rows(rows, teacher, run, columns, table):
    """Score the rows that an interrupted run has not scored."""
    kept = [row["started"] for row in table.done.values()]
    started = kept[0] if kept else date.today().isoformat()
    # Batches of all rows, not only of those that are left: rounding depends
    # on the batch, and a resumed run must give the same labels.
    batches = [
        batch
        for batch in teacher.batches(rows)
        if any(row["ID"] not in table.done for row in batch)
    ]
    n_left = sum(map(len, batches))
    first = len(rows) - n_left
    with tqdm(total=len(rows), initial=first, unit="wav") as bar:
        jobs = [(teacher, batch) for batch in batches]
        for results in run(_score, jobs):
            for name, cells, error in results:
                row = {"ID": name, **dict(zip(columns, cells))}
                table.write(row | {"started": started, "error": error})
            bar.update(len(results))


def _score(job):
    """Return ID, scores as strings, and error of each row."""
    teacher, batch = job
    try:
        return [
            (row["ID"], _cells(scores, teacher.tasks), scores.get("error", ""))
            for row, scores in zip(batch, teacher.score(batch), strict=True)
        ]
    except (AudioError, LabelError) as err:
        if len(batch) > 1:  # to find out which
            return [r for row in batch for r in _score((teacher, [row]))]
        reason = one_line(err)
        return [(batch[0]["ID"], [""] * len(teacher.tasks), reason)]


def _cells(scores, tasks):
    """Return the scores of all tasks as strings."""
    return [_cell(scores.get(task.name, math.nan), task) for task in tasks]


def _cell(value, task):
    """Return a score, limited to its range, as a string."""
    if math.isnan(value):
        return ""
    return f"{min(max(value, task.low), task.top):.6g}"


def _agreement(output, rows, tasks):
    """Print the agreement of pseudo-labels with true ones; return it."""
    metrics = {}
    for task in tasks:
        found = teacher_metrics(rows, task)
        if found is None:
            continue
        metrics[task.name] = found
        text = f"no correlation ({found['undefined']})"
        if not found["undefined"]:
            text = "LCC {lcc:.3f}, SRCC {srcc:.3f}".format(**found)
        print(
            f"{Path(output).name}: pseudo-labels against true ones, "
            f"{task.name}: {text}, MSE {found['mse']:.4f} over "
            f"{found['n']} wavs"
        )
    return metrics
