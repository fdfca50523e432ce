"""Who scores the clips of ``mtqnet judge``: models, teachers, tables.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.data.clip_matching import match_clips
from mtqnet_brain.data.table_files import ScoreError, read_table
from mtqnet_brain.data.table_numbers import read_label
from mtqnet_brain.data.validation import list_faults
from mtqnet_brain.evaluation.listening_tests import Rated
from mtqnet_brain.evaluation.score_evaluation import distinct_rows
from mtqnet_brain.evaluation.vote_tables import VOTE
from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor
from mtqnet_brain.labels.pesq_stoi import LabelError
from mtqnet_brain.teacher.registry import NAMED, open_teacher, resources
from mtqnet_brain.utils.devices import check_device
from mtqnet_brain.utils.error_text import one_line
from mtqnet_brain.utils.parallel import run_parallel
from mtqnet_brain.utils.resumable_tables import FILE, ResumableCsv

if TYPE_CHECKING:
    from mtqnet_brain.evaluation.vote_tables import VoteTable
    from mtqnet_brain.teacher.interface import Teacher

KEPT = "kept"
ERROR = "error"
SHIPPED_NAME = "shipped"
NO_SCORES = (FILE, "warning", ERROR)
TABLES = (".csv", ".tsv", ".json", ".jsonl", ".txt")


class Rater(ABC):
    """Scores clips.

    Attributes
    ----------
    name : str
        In the report.
    digest : str
        Changes with everything that changes a score.
    scores : list of str
        Names of the scores.
    """

    name: str
    digest: str
    scores: list[str]

    @abstractmethod
    def rate(self, wavs: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each wav with its scores, or with the reason as ``error``."""


class ModelRater(Rater):
    """A model: a run, an exported folder, or a name on the hub."""

    def __init__(self, name: str, source: str, device: str | None) -> None:
        check_device(device)
        self.name = name
        self.predictor = SpeechQualityPredictor.from_hparams(
            SHIPPED if source == SHIPPED_NAME else source,
            # SpeechBrain wants a number.
            run_opts={"device": "cuda:0" if device == "cuda" else device}
            if device
            else None,
        )
        self.digest = self.predictor.hparams.weights_sha256
        self.scores = [task.name for task in self.predictor.tasks]

    def rate(self, wavs: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Score with the predictor, as ``mtqnet score`` does."""
        for result in self.predictor.score_files(wavs):
            yield result["file"], result


class TeacherRater(Rater):
    """A teacher of the registry, on several processes."""

    def __init__(
        self, name: str, word: str, device: str | None, workers: int | None
    ) -> None:
        found = resources(workers)
        devices = [device] if device else found["devices"]
        self.workers = 1 if device not in (None, "cpu") else found["workers"]
        self.name = name
        self.teacher = open_teacher(word, devices)
        self.digest = self.teacher.digest
        self.scores = [task.name for task in self.teacher.tasks]

    def rate(self, wavs: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Score in the teacher's batches."""
        rows = [{"ID": wav, "wav": wav} for wav in wavs]
        jobs = [(self.teacher, batch) for batch in self.teacher.batches(rows)]
        for results in run_parallel(_score_batch, jobs, self.workers):
            yield from results


class TableRater(Rater):
    """A table of scores."""

    def __init__(self, name: str, path: str) -> None:
        self.name, self.path = name, path
        self.header, self.cells = read_table(path)
        if FILE not in self.header:
            raise ScoreError(f"{path}: no column {FILE!r} among {self.header}")
        self.digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        self.scores = [
            column
            for column in self.header
            if column not in NO_SCORES and self._is_score(column)
        ]
        if not self.scores:
            raise ScoreError(
                f"{path}: no column of scores, numbers from -1e6 to 1e6; "
                f"{list_faults(self._faults())}"
            )
        self.cells, _ = distinct_rows(path, self.cells, self.scores)

    def _is_score(self, column):
        """Whether every cell of a column is a number or empty, and one is."""
        read = [read_label(row[column], VOTE) for _, row in self.cells]
        numbers = [value for value, fault in read if not fault]
        return len(numbers) == len(read) and bool(np.isfinite(numbers).any())

    def _faults(self):
        """Say which cells are no scores."""
        return [
            f"row {line}: {column} = {row[column]!r:.80} is {fault}"
            for line, row in self.cells
            for column in self.header
            if column not in NO_SCORES
            if (fault := read_label(row[column], VOTE)[1])
        ]

    def rate(self, wavs: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Find the row of each wav by its name."""
        clips = [{"ID": wav, "wav": wav} for wav in wavs]
        matched = match_clips(clips, self.header, self.cells)
        if matched.faults:
            raise ScoreError(f"{self.path}: {'; '.join(matched.faults[:3])}")
        for wav, rows in zip(wavs, matched.rows):
            if rows:
                row = rows[0][1]
                yield wav, {n: read_label(row[n], VOTE)[0] for n in self.scores}
            else:
                yield wav, {ERROR: f"not in {self.path}"}


def _score_batch(job: tuple[Teacher, list[dict]]) -> list[tuple[str, dict]]:
    """Return each wav of a batch with its scores, or with the error."""
    teacher, batch = job
    try:
        scores = teacher.score(batch)
    except (AudioError, LabelError) as err:
        if len(batch) > 1:  # to find out which
            return [r for row in batch for r in _score_batch((teacher, [row]))]
        return [(batch[0]["wav"], {ERROR: one_line(err)})]
    return [(row["wav"], s) for row, s in zip(batch, scores, strict=True)]


def open_raters(
    whats: Sequence[str], device: str | None = None, workers: int | None = None
) -> list[Rater]:
    """Open models, teachers and tables of scores.

    Arguments
    ---------
    whats : sequence of str
        ``WHAT`` or ``NAME=WHAT``; see ``mtqnet judge --help``.
    device : str, optional
        Where networks run.
    workers : int, optional
        Processes of a teacher. Default: one per core.

    Returns
    -------
    list of Rater
        In the order given.

    Raises
    ------
    ValueError
        If two have the same name, or a name is no file's, such as a path.
    """
    raters: list[Rater] = []
    for what in whats:
        name, _, rest = what.partition("=")
        if not rest or os.path.exists(what):
            name, rest = Path(what).name, what
        # Its kept scores are in a file of that name.
        if name != Path(name).name or not name.isprintable():
            raise ValueError(
                f"{what}: {name!r:.80} is no name of a file; give NAME=WHAT"
            )
        rater = _open_rater(name, rest, device, workers)
        if any(rater.name == other.name for other in raters):
            raise ValueError(
                f"{what}: another is named {rater.name!r} too; give NAME=WHAT"
            )
        raters.append(rater)
    return raters


def _open_rater(name, what, device, workers):
    """Open one of them."""
    if what in NAMED:
        return TeacherRater(name, what, device, workers)
    if os.path.isfile(what):
        if Path(what).suffix.lower() not in TABLES:
            raise ValueError(
                f"{what}: neither a table ({', '.join(TABLES)}) nor a model's "
                "folder; mtqnet import-mosanet makes a folder of a .h5"
            )
        stem = Path(what).stem
        return TableRater(stem if name == Path(what).name else name, what)
    return ModelRater(name, what, device)


def rate_tests(
    raters: Sequence[Rater],
    tests: Sequence[VoteTable],
    output: str | Path,
    restart: bool = False,
) -> list[Rated]:
    """Score the clips of every test, going on where an earlier run stopped.

    Arguments
    ---------
    raters : sequence of Rater
        Who scores.
    tests : sequence of VoteTable
        The clips.
    output : str or Path
        Folder of the results; scores are kept in its folder ``kept``.
    restart : bool
        Whether kept scores are discarded.

    Returns
    -------
    list of dict
        Per test: scores by name by rater, each of shape (files,), NaN where
        missing, and the reasons under ``error``, a text per file.
    """
    folder = Path(output) / KEPT
    found: list[Rated] = []
    for test in tests:
        keep = partial(_rate_test, test=test, folder=folder, restart=restart)
        found.append({rater.name: keep(rater) for rater in raters})
    return found


def _rate_test(rater, test, folder, restart):
    """Return one rater's scores of one test."""
    digest = hashlib.sha256(rater.digest.encode()).hexdigest()[:8]
    path = folder / test.name / f"{rater.name}-{digest}.csv"
    fields = [FILE, *rater.scores, ERROR]
    inputs = {wav: [wav] for wav in test.wavs}
    settings = {"rater": rater.digest}
    # What it keeps of an interrupted run is kept for good: rows are valid
    # while neither the rater nor the wav changes.
    with ResumableCsv(path, fields, settings, inputs, restart) as table:
        left = [wav for wav in test.wavs if wav not in table.done]
        bar = tqdm(
            total=len(test.wavs),
            initial=len(test.wavs) - len(left),
            desc=f"{test.name}: {rater.name}",
            unit="clip",
        )
        with bar:
            for wav, scores in rater.rate(left) if left else ():
                table.write(_row(wav, scores, rater.scores))
                bar.update()
        rows = [table.done[wav] for wav in test.wavs]
    return {
        **{name: _numbers(rows, name) for name in rater.scores},
        ERROR: [row[ERROR] for row in rows],
    }


def _row(wav, scores, names):
    """Return a row to keep: finite scores, or None, and the error."""
    values = {name: float(scores.get(name, math.nan)) for name in names}
    kept = {n: v if math.isfinite(v) else None for n, v in values.items()}
    return {FILE: wav, **kept, ERROR: scores.get(ERROR) or ""}


def _numbers(rows, name):
    """Return one score of every row, NaN where missing."""
    return np.array([math.nan if r[name] is None else r[name] for r in rows])
