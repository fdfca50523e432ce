"""Has a teacher score the rows of a manifest that it has not scored before.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.labels.pesq_stoi import LabelError
from mtqnet_brain.teacher.score_cache import Cached
from mtqnet_brain.utils.error_text import one_line

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task
    from mtqnet_brain.teacher.interface import Teacher
    from mtqnet_brain.teacher.score_cache import ContentKeys, ScoreCache


def score_rows(
    rows: list[dict],
    contents: ContentKeys,
    teacher: Teacher,
    cache: ScoreCache,
    run: Callable,
    restart: bool,
) -> tuple[dict[str, Cached], dict[str, str]]:
    """Return the scores of manifest rows, those of the cache and new ones.

    Arguments
    ---------
    rows : list of dict
        Manifest rows that have the files that the teacher reads.
    contents : ContentKeys
        Of the rows.
    teacher : Teacher
        Scores one row of each key.
    cache : ScoreCache
        Gets the new scores as they are ready.
    run : callable
        As `parallel.run_parallel`, without the number of workers.
    restart : bool
        Whether every row is scored.

    Returns
    -------
    dict of str to Cached
        Scores by ID, without rows that could not be scored.
    dict of str to str
        The reasons of these by ID.
    """
    keys = {row["ID"]: contents.key(row, teacher.reads) for row in rows}
    known = {} if restart else cache.read(teacher, keys.values())
    # Files of the same content are scored once.
    first = {keys[row["ID"]] or row["ID"]: row for row in reversed(rows)}
    left = [
        row
        for row in rows
        if keys[row["ID"]] not in known
        and first[keys[row["ID"]] or row["ID"]] is row
    ]
    new, failed = _score_left(
        left, len(rows), keys, contents, teacher, cache, run
    )
    # One that could not be read has no key but an ID.
    scores, reasons = {}, {}
    for row in rows:
        name = keys[row["ID"]] or row["ID"]
        if name in failed:
            reasons[row["ID"]] = failed[name]
        else:
            scores[row["ID"]] = new.get(name) or known[name]
    return scores, reasons


def _score_left(left, n_rows, keys, contents, teacher, cache, run):
    """Score rows; return scores and reasons by key, or by ID without one."""
    day = date.today().isoformat()
    new: dict[str, Cached] = {}
    failed: dict[str, str] = {}
    jobs = [(teacher, batch) for batch in teacher.batches(left)]
    rows = {row["ID"]: row for row in left}
    first = n_rows - len(left)
    with tqdm(
        desc=teacher.name, total=n_rows, initial=first, unit="wav"
    ) as bar:
        for results in run(_score, jobs):
            made = {}
            for name, cells, error in results:
                # Else the cache would hold them for the former content.
                if not contents.unchanged(rows[name], teacher.reads):
                    error = "changed while it was scored; score it again"
                if error:
                    failed[keys[name] or name] = error
                else:
                    made[keys[name] or name] = Cached(cells, day)
            cache.write(teacher, made)
            new |= made
            bar.update(len(results))
    return new, failed


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


def _cell(value: float, task: Task) -> str:
    """Return a score, limited to its range, as a string."""
    if math.isnan(value):
        return ""
    return f"{min(max(value, task.low), task.top):.6g}"
