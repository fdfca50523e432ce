"""Add the scores of a teacher to a manifest, as pseudo-labels.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from speechbrain.utils.logger import get_logger
from tqdm import tqdm

from mtqnet_brain.checkpoint import file_hash
from mtqnet_brain.files import ResumableCsv
from mtqnet_brain.manifest import parse_label, read_manifest, write_manifest
from mtqnet_brain.metrics import score_metrics
from mtqnet_brain.parallel import run_parallel
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX
from mtqnet_brain.teacher.kinds import open_teacher

logger = get_logger(__name__)


def pseudo_label_manifest(
    manifest,
    teacher,
    output,
    replace=False,
    devices=("cpu",),
    workers=1,
    restart=False,
    data_root=None,
    run=run_parallel,
):
    """Write a manifest with a teacher's scores as ``pseudo_...`` columns.

    Arguments
    ---------
    manifest : str or Path
        Manifest CSV.
    teacher : str or Path
        As for `kinds.open_teacher`.
    output : str or Path
        Manifest to write; may be the same file.
    replace : bool
        Whether pseudo-labels of another teacher are overwritten.
    devices : list of str
        Where a network runs, e.g. ``["cuda:0", "cuda:1"]``.
    workers : int
        Processes; each takes one of the devices.
    restart : bool
        Whether the scores of an interrupted run are discarded.
    data_root : str
        Replaces ``$data_root`` in the manifest.
    run : callable
        `parallel.run_parallel`, or `cluster.functions.run_on_cluster`.

    Returns
    -------
    dict
        Per task with true labels in the manifest, the figures of
        `metrics.score_metrics` of pseudo against true.

    Raises
    ------
    ValueError
        If the manifest has another teacher's pseudo-labels and ``replace``
        is off.
    """
    teacher = open_teacher(teacher, devices)
    rows = read_manifest(manifest, data_root)
    columns = [PSEUDO_PREFIX + task.name for task in teacher.tasks]
    _check_columns(manifest, rows, columns, teacher.name, replace)
    _warn_of_known(manifest, teacher, rows)
    path = Path(output).with_name(Path(output).name + ".scores")
    settings = {"manifest": file_hash(manifest), "teacher": teacher.digest}
    run = partial(run, workers=workers)
    scores = _score_rows(rows, teacher, run, path, settings, restart)
    for row in rows:
        for column in columns:
            row[column] = scores[row["ID"]][column]
            source = f"{teacher.name} {scores[row['ID']]['started']}"
            row[column + SOURCE_SUFFIX] = row[column] and source
    write_manifest(output, rows)
    path.unlink()
    return _agreement(output, rows, teacher.tasks)


def _warn_of_known(manifest, teacher, rows):
    """Say how many of the wavs the teacher has learnt."""
    n_known = teacher.count_known(rows)
    if n_known:
        logger.warning(
            f"{manifest}: the teacher {teacher.name} was trained on {n_known} "
            f"of these {len(rows)} wavs; its scores of them say less than "
            "those of new ones"
        )


def _check_columns(manifest, rows, columns, name, replace):
    """Refuse to overwrite what another teacher wrote."""
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


def _score_rows(rows, teacher, run, path, settings, restart):
    """Score every row, going on where an interrupted run stopped."""
    columns = [PSEUDO_PREFIX + task.name for task in teacher.tasks]
    fields = ["ID", *columns, "started"]
    with ResumableCsv(path, fields, settings, restart) as table:
        done = table.done.values()
        started = next(iter(done), {}).get("started")
        started = started or date.today().isoformat()
        # Of all rows, not of those that are left: rounding depends on the
        # batch, and a resumed run is to end alike.
        batches = [
            batch
            for batch in teacher.batches(rows)
            if any(row["ID"] not in table.done for row in batch)
        ]
        n_left = sum(map(len, batches))
        first = len(rows) - n_left
        with tqdm(total=len(rows), initial=first, unit="wav") as bar:
            jobs = [(teacher, batch) for batch in batches]
            for batch, results in run(_score, jobs):
                for row, cells in zip(batch, results):
                    cells = dict(zip(columns, cells))
                    table.write({"ID": row["ID"], **cells, "started": started})
                bar.update(len(batch))
        table.finish([row["ID"] for row in rows])
        return table.done


def _score(job):
    """Return a batch and per row its scores, within range, as strings."""
    teacher, batch = job
    return batch, [
        [_cell(scores.get(task.name, math.nan), task) for task in teacher.tasks]
        for scores in teacher.score(batch)
    ]


def _cell(value, task):
    """Return a score lowered or raised into its range, as a string."""
    if math.isnan(value):
        return ""
    return f"{min(max(value, task.low), task.top):.6g}"


def _agreement(output, rows, tasks):
    """Compare pseudo-labels with true ones where both exist; print it."""
    figures = {}
    for task in tasks:
        true = np.array([parse_label(row.get(task.name, "")) for row in rows])
        column = PSEUDO_PREFIX + task.name
        pseudo = np.array([parse_label(row[column]) for row in rows])
        both = np.isfinite(true) & np.isfinite(pseudo)
        if not both.any():
            continue
        true = np.minimum(true, task.top)
        figures[task.name] = score_metrics(pseudo[both], true[both])
        found = figures[task.name]
        text = f"no correlation ({found['undefined']})"
        if not found["undefined"]:
            text = "LCC {lcc:.3f}, SRCC {srcc:.3f}".format(**found)
        print(
            f"{Path(output).name}: pseudo-labels against true ones, "
            f"{task.name}: {text}, MSE {found['mse']:.4f} over "
            f"{found['n']} wavs"
        )
    return figures
