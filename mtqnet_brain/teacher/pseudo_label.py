"""Add the scores of teachers to a manifest, as pseudo-labels.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from speechbrain.utils.logger import get_logger

from mtqnet_brain.data.manifest import (
    MAX_FAILED_FRACTION,
    PATH_COLUMNS,
    ManifestError,
    read_manifest,
    write_manifest,
)
from mtqnet_brain.data.validation import duration_faults, id_faults, list_faults
from mtqnet_brain.evaluation.agreement import teacher_metrics
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX
from mtqnet_brain.teacher.registry import (
    TeacherNames,
    open_teachers,
    teacher_names,
)
from mtqnet_brain.teacher.row_scores import score_rows
from mtqnet_brain.teacher.score_cache import FOLDER, ContentKeys, ScoreCache
from mtqnet_brain.utils.outputs import claim_output
from mtqnet_brain.utils.parallel import run_parallel

logger = get_logger(__name__)

N_SHOWN = 5


def pseudo_label_manifest(
    manifest: str | Path,
    teacher: TeacherNames,
    output: str | Path,
    replace: bool = False,
    devices: Sequence[str] = ("cpu",),
    workers: int = 1,
    restart: bool = False,
    data_root: str | None = None,
    run: Callable = run_parallel,
    failed: dict | None = None,
    cache: str | Path | None = None,
) -> dict:
    """Write a manifest with the scores of teachers as ``pseudo_...`` columns.

    Cells of a wav that cannot be scored are empty. Scores are kept in a cache
    by the content of the wavs: an interrupted run goes on where it stopped,
    and no teacher scores the same wav twice.

    Arguments
    ---------
    manifest : str or Path
        Manifest CSV.
    teacher : str or Path, or a sequence of them
        As for `registry.open_teacher`; each writes columns of its own.
    output : str or Path
        Manifest to write, perhaps the same file.
    replace : bool
        Whether pseudo-labels of another teacher are overwritten.
    devices : sequence of str
        Devices of a network, e.g. ``["cuda:0", "cuda:1"]``.
    workers : int
        Number of processes; each uses one of the devices.
    restart : bool
        Whether wavs are scored again that are in the cache.
    data_root : str, optional
        Folder for ``$data_root`` in the manifest.
    run : callable
        `parallel.run_parallel`, or `cluster.mapping.run_on_cluster`.
    failed : dict, optional
        Filled with the reason why a row has no scores, by ID.
    cache : str or Path, optional
        Folder of the cache. Default: ``teacher_scores`` beside the output.

    Returns
    -------
    dict
        By task with true labels in the manifest: `metrics.score_metrics` of
        pseudo-labels against true ones.

    Raises
    ------
    ValueError
        If two teachers score the same task; if the manifest has another
        teacher's pseudo-labels and ``replace`` is off, an ID twice or an
        invalid duration; if more than 5 % of the wavs cannot be scored; if
        another command is writing the output.
    """
    failed = {} if failed is None else failed
    rows = read_manifest(manifest, data_root)
    read = [row[name] for row in rows for name in PATH_COLUMNS if row.get(name)]
    with claim_output(output, [*teacher_names(teacher), *read]):
        scorers = open_teachers(teacher, devices)
        durations = any(scorer.needs_durations for scorer in scorers)
        _refuse_faults(manifest, rows, durations)
        for scorer in scorers:
            _check_columns(manifest, rows, scorer, replace)
            _warn_of_known(manifest, scorer, rows)
        scores = ScoreCache(cache or Path(output).with_name(FOLDER))
        columns = {name for scorer in scorers for name in scorer.reads}
        contents = ContentKeys(rows, sorted(columns))
        for scorer in scorers:
            able = _able_rows(manifest, rows, scorer)
            found, reasons = score_rows(
                able,
                contents,
                scorer,
                scores,
                partial(run, workers=workers),
                restart,
            )
            _report_failed(manifest, scorer, reasons, len(able))
            failed |= reasons
            _set_cells(rows, scorer, found)
        write_manifest(output, rows)
    tasks = [task for scorer in scorers for task in scorer.tasks]
    return _agreement(output, rows, tasks)


def _able_rows(manifest, rows, teacher):
    """Return the rows with all files that the teacher reads; count others."""
    able = [row for row in rows if all(row.get(c) for c in teacher.reads)]
    needs = " and ".join(teacher.reads)
    if not able:
        raise ManifestError(
            f"{manifest}: no row has the {needs} that the teacher "
            f"{teacher.name!r} needs; give another teacher"
        )
    if len(able) < len(rows):
        logger.warning(
            f"{manifest}: {len(rows) - len(able)} of {len(rows)} rows lack the "
            f"{needs} that the teacher {teacher.name!r} needs; their "
            "pseudo-labels of it stay empty"
        )
    return able


def _set_cells(rows, teacher, scores):
    """Write the scores of a teacher into the rows, with their source."""
    for row in rows:
        found = scores.get(row["ID"])
        for i, column in enumerate(_columns(teacher)):
            row[column] = found.cells[i] if found else ""
            source = f"{teacher.name} {found.day}" if found else ""
            row[column + SOURCE_SUFFIX] = row[column] and source


def _columns(teacher):
    """Return the columns that a teacher writes."""
    return [PSEUDO_PREFIX + task.name for task in teacher.tasks]


def _refuse_faults(manifest, rows, durations):
    """Refuse equal IDs, and durations that no batch can be made of."""
    faults = id_faults({str(manifest): rows})
    faults += duration_faults(str(manifest), rows, durations)
    if faults:
        raise ManifestError(list_faults(faults))


def _report_failed(manifest, teacher, failed, n_rows):
    """Log which rows have no scores; refuse too many."""
    if not failed:
        return
    reasons = [f"{k}: {v.removeprefix(f'{k}: ')}" for k, v in failed.items()]
    text = (
        f"{manifest}: {len(failed)} of {n_rows} wavs could not be scored "
        f"by {teacher.name}: " + "; ".join(reasons[:N_SHOWN])
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


def _check_columns(manifest, rows, teacher, replace):
    """Refuse to overwrite another teacher's pseudo-labels."""
    name = teacher.name
    for row in rows:
        for column in _columns(teacher):
            source = row.get(column + SOURCE_SUFFIX, "")
            taken = row.get(column) and not source.startswith(name)
            if taken and not replace:
                raise ValueError(
                    f"{manifest}: {row['ID']} has {column} of "
                    f"{source or 'unknown source'!r}, the teacher is {name!r};"
                    " give --replace to overwrite"
                )


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
