"""Manifests checked before training: every fault, in one error.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tqdm import tqdm

from mtqnet_brain.audio.io import (
    MIN_SAMPLES,
    SAMPLE_RATE,
    AudioError,
    audio_info,
    check_rate,
)
from mtqnet_brain.data.durations import duration_problem, probe_headers
from mtqnet_brain.data.manifest import ManifestError, parse_label
from mtqnet_brain.data.table_numbers import read_label

if TYPE_CHECKING:
    from mtqnet_brain.audio.decoding import AudioInfo
    from mtqnet_brain.tasks import Task

MAX_LISTED = 10
# Headers wait for the disk, not for the processor.
N_THREADS = 8


class Fault(NamedTuple):
    """One fault of a manifest: where it is, what stands there, why."""

    manifest: str
    row: int
    column: str
    value: str
    problem: str

    def __str__(self):
        """Return file, row, column, value and problem in one line."""
        place = f"{self.manifest}"
        if self.row:
            place += f", row {self.row}"
        return f"{place}, {self.column} = {self.value!r}: {self.problem}"


def list_faults(faults: list) -> str:
    """Return a message that lists the first faults and counts all.

    Arguments
    ---------
    faults : list
        Anything that str() turns into text.

    Returns
    -------
    str
        The first line says it all: how many, the first one, what to do. Then
        one line per fault; 10 faults at most.
    """
    first, *others = [" ".join(str(fault).splitlines()) for fault in faults]
    if not others:
        return f"1 fault: {first}; mend it and run the same command again"
    lines = [
        f"{len(faults)} faults, the first: {first}; mend them all and run the "
        "same command again. The next:"
    ]
    lines += [f"  {fault}" for fault in others[: MAX_LISTED - 1]]
    if len(faults) > MAX_LISTED:
        lines.append(f"  ... and {len(faults) - MAX_LISTED} more")
    return "\n".join(lines)


def read_headers(paths: list[str], title: str = "Checking wavs") -> list:
    """Read the headers of many audio files, with a progress bar.

    Arguments
    ---------
    paths : list of str
        Audio files.
    title : str
        Of the progress bar.

    Returns
    -------
    list
        `AudioInfo` per file, or the `AudioError` it gave.
    """

    def read(path):
        """Return the header or the error."""
        try:
            return audio_info(path)
        except AudioError as err:
            return err

    with ThreadPoolExecutor(N_THREADS) as pool:
        headers = pool.map(read, paths)
        return list(tqdm(headers, title, total=len(paths), unit="wav"))


def validate_manifests(
    manifests: dict, tasks: list[Task], resample: bool = True
) -> None:
    """Check manifests completely: wavs, labels, IDs and splits.

    Arguments
    ---------
    manifests : dict
        Rows (list of dict, of `manifest.read_manifest`) by name of the
        split or file, e.g. ``{"train": rows, "test": rows}``.
    tasks : list of Task
        Whose columns must be there, within their range. A task's cap only
        lowers labels and makes no fault.
    resample : bool
        Whether wavs of another rate than 16 kHz are welcome.

    Raises
    ------
    ManifestError
        Lists file, row (the header is row 1), column, value and problem of
        every fault, 10 in full: a wav that is missing, unreadable,
        truncated, of a refused rate or too short; a duration that is no
        number of seconds (without tasks it may be empty still), or not that
        of the wav; a label that is no number or out of range; a column
        without any label; an ID given twice; one wav in two splits.
    """
    faults = []
    for name, rows in manifests.items():
        faults += _wav_faults(name, rows, resample)
    _refuse(faults + _row_faults(manifests, tasks))


def validate_rows(manifests: dict[str, list[dict]], tasks: list[Task]) -> None:
    """Check manifests as `validate_manifests`, but open few wavs.

    Some of each manifest are compared with their durations.

    Arguments
    ---------
    manifests, tasks
        As for `validate_manifests`.

    Raises
    ------
    ManifestError
        Lists every fault.
    """
    faults = _row_faults(manifests, tasks)
    for name, rows in manifests.items():
        for i, header in probe_headers(rows).items():
            faults += _untrue_duration(name, i + 2, rows[i], header)
    _refuse(faults)


def _refuse(faults):
    """Raise what was found."""
    if faults:
        raise ManifestError(list_faults(faults))


def _row_faults(manifests, tasks):
    """Find what is wrong with durations, labels, IDs and splits."""
    faults = []
    for name, rows in manifests.items():
        faults += duration_faults(name, rows, needed=bool(tasks))
        for task in tasks:
            faults += _label_faults(name, rows, task)
    return faults + id_faults(manifests) + _double_wav_faults(manifests)


def _numbered(rows):
    """Number rows as an editor does, the header being line 1."""
    return enumerate(rows, start=2)


def _wav_faults(name, rows, resample):
    """Find wavs that cannot be used."""
    if not rows:
        problem = "no row below the header; remove the file to make it anew"
        return [Fault(name, 0, "ID", "", problem)]
    headers = read_headers(
        [row["wav"] for row in rows], f"Checking wavs of {name}"
    )
    faults = []
    for (line, row), header in zip(_numbered(rows), headers, strict=True):
        problem = wav_problem(row["wav"], header, resample)
        if problem:
            faults.append(Fault(name, line, "wav", row["wav"], problem))
        else:
            faults += _untrue_duration(name, line, row, header)
    return faults


def _untrue_duration(name, line, row, header):
    """Return the fault of a duration that is not the wav's, if it is one."""
    cell = row.get("duration")
    problem = duration_problem(cell, header)
    return [Fault(name, line, "duration", cell, problem)] if problem else []


def wav_problem(
    path: str, header: AudioInfo | AudioError, resample: bool
) -> str | None:
    """Return why a wav cannot be used, or None.

    Arguments
    ---------
    path : str
        The wav.
    header : AudioInfo or AudioError
        Of `read_headers`.
    resample : bool
        Whether another rate than 16 kHz is welcome.

    Returns
    -------
    str
        One line, or None.
    """
    if isinstance(header, AudioError):
        return str(header).removeprefix(f"{path}: ")
    if header.truncation:
        return header.truncation
    n_samples = math.ceil(header.n_samples * SAMPLE_RATE / header.sample_rate)
    if n_samples < MIN_SAMPLES:
        return (
            f"{n_samples} samples at {SAMPLE_RATE} Hz, need at least "
            f"{MIN_SAMPLES}; remove the clip"
        )
    try:
        check_rate(header.sample_rate, path, resample)
    except AudioError as err:
        return str(err).removeprefix(f"{path}: ")
    return None


def _label_faults(name, rows, task):
    """Find labels of one task that are missing, no number or out of range."""
    if not any(task.column in row for row in rows):
        problem = f"no such column, which task {task.name} learns from"
        return [Fault(name, 0, task.column, "", problem)]
    faults, n_labels = [], 0
    for line, row in _numbered(rows):
        cell = row.get(task.column)
        value, problem = read_label(cell, task, parse_label)
        n_labels += bool(problem) or not math.isnan(value)
        if problem:
            faults.append(Fault(name, line, task.column, cell, problem))
    if not n_labels:
        problem = f"no label in the whole column of task {task.name}"
        faults.append(Fault(name, 0, task.column, "", problem))
    return faults


def duration_faults(name: str, rows: list[dict], needed: bool) -> list[Fault]:
    """Find durations that no clip can have.

    Arguments
    ---------
    name : str
        Of the manifest.
    rows : list of dict
        Its rows.
    needed : bool
        Whether an empty cell is a fault too.

    Returns
    -------
    list of Fault
        One per row at most.
    """
    faults = []
    for line, row in _numbered(rows):
        cell = row.get("duration")
        if cell in (None, "") and not needed:
            continue
        try:
            seconds = parse_label(cell)
        except ValueError:
            seconds = math.nan
        if not seconds > 0:
            problem = "need the seconds of the clip, a number above 0"
            faults.append(Fault(name, line, "duration", cell, problem))
    return faults


def id_faults(manifests: dict) -> list[Fault]:
    """Find IDs given twice: what is kept by ID would be of one of the rows.

    Arguments
    ---------
    manifests : dict
        As for `validate_manifests`.

    Returns
    -------
    list of Fault
        One per row whose ID was there before.
    """
    faults = []
    ids: dict[str, str] = {}  # where each was seen first
    for name, rows in manifests.items():
        for line, row in _numbered(rows):
            first = ids.setdefault(row["ID"], f"{name}, row {line}")
            if first != f"{name}, row {line}":
                problem = f"duplicate ID, first in {first}"
                faults.append(Fault(name, line, "ID", row["ID"], problem))
    return faults


def _double_wav_faults(manifests):
    """Find wavs in two splits; two IDs of one split may share a wav."""
    faults = []
    wavs: dict[str, tuple[str, str]] = {}  # split and row of each
    for name, rows in manifests.items():
        for line, row in _numbered(rows):
            # The same file may be reached by two paths.
            split, first = wavs.setdefault(
                os.path.realpath(row["wav"]), (name, f"{name}, row {line}")
            )
            if split != name:
                problem = f"one wav in two splits, also in {first}"
                faults.append(Fault(name, line, "wav", row["wav"], problem))
    return faults
