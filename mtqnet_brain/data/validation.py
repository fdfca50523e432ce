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
from mtqnet_brain.utils.error_text import reason_of

if TYPE_CHECKING:
    from pathlib import Path

    from mtqnet_brain.audio.decoding import AudioInfo
    from mtqnet_brain.tasks import Task

MAX_LISTED = 10
# Reading headers waits for the disk, not for the processor.
N_THREADS = 8


class Fault(NamedTuple):
    """A fault of a manifest: file, row, column, value and problem."""

    manifest: str
    row: int
    column: str
    value: str
    problem: str

    def __str__(self) -> str:
        """Return file, row, column, value and problem in one line."""
        where = f"{self.manifest}"
        if self.row:
            where += f", row {self.row}"
        return f"{where}, {self.column} = {self.value!r}: {self.problem}"


def list_faults(faults: list) -> str:
    """Return a message that lists the first faults and counts all.

    Arguments
    ---------
    faults : list
        Faults, converted with str().

    Returns
    -------
    str
        First line: how many, the first one, what to do. Then one line per
        fault, for 10 faults at most.
    """
    first, *others = [" ".join(str(fault).splitlines()) for fault in faults]
    if not others:
        return f"1 fault: {first}; correct it and run the same command again"
    lines = [
        f"{len(faults)} faults, the first: {first}; correct them all and run "
        "the same command again. The next:"
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
        Text on the progress bar.

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
    manifests: dict,
    tasks: list[Task],
    resample: bool = True,
    headers: dict | None = None,
) -> dict:
    """Check manifests completely: wavs, labels, IDs and parts.

    Arguments
    ---------
    manifests : dict
        Rows (list of dict, of `manifest.read_manifest`) by name of the
        split or file, e.g. ``{"train": rows, "test": rows}``.
    tasks : list of Task
        Tasks whose label columns must be there, within range. Labels above
        a task's cap are lowered to it later, which is no fault.
    resample : bool
        Whether other sampling rates than 16 kHz are allowed.
    headers : dict, optional
        Result of an earlier call: those wavs are not opened again.

    Returns
    -------
    dict of str to AudioInfo
        Header by wav.

    Raises
    ------
    ManifestError
        Lists file, row (the header is row 1), column, value and problem of
        the faults, 10 at most: a wav that is missing, unreadable, truncated,
        of a refused rate or too short; a duration that is not a number of
        seconds (without tasks it may be empty), or not that of the wav; a
        label that is not a number or out of range; a column without labels;
        two rows with one ID; one wav in two parts.
    """
    faults, headers = [], dict(headers or {})
    for name, rows in manifests.items():
        wavs = dict.fromkeys(row["wav"] for row in rows)
        unread = [wav for wav in wavs if wav not in headers]
        if unread:
            found = read_headers(unread, f"Checking wavs of {name}")
            headers.update(zip(unread, found, strict=True))
        faults += _wav_faults(name, rows, resample, headers)
    _refuse(faults + _row_faults(manifests, tasks))
    return headers


def validate_rows(manifests: dict[str, list[dict]], tasks: list[Task]) -> None:
    """Check manifests as `validate_manifests` does, but open few wavs.

    Durations are compared with those of some wavs of each manifest.

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
    """Raise a ManifestError if there are faults."""
    if faults:
        raise ManifestError(list_faults(faults))


def _row_faults(manifests, tasks):
    """Find faults of durations, labels, IDs and parts."""
    faults = []
    for name, rows in manifests.items():
        faults += duration_faults(name, rows, needed=bool(tasks))
        for task in tasks:
            faults += _label_faults(name, rows, task)
    return faults + id_faults(manifests) + _double_wav_faults(manifests)


def _numbered(rows):
    """Number rows as an editor does, the header being line 1."""
    return enumerate(rows, start=2)


def _wav_faults(name, rows, resample, headers):
    """Find wavs that cannot be used."""
    if not rows:
        problem = "no row below the header; delete the file and prepare again"
        return [Fault(name, 0, "ID", "", problem)]
    faults = []
    for line, row in _numbered(rows):
        header = headers[row["wav"]]
        problem = wav_problem(row["wav"], header, resample)
        if problem:
            faults.append(Fault(name, line, "wav", row["wav"], problem))
        else:
            faults += _untrue_duration(name, line, row, header)
    return faults


def _untrue_duration(name, line, row, header):
    """Return the fault of a duration that differs from the wav's, if any."""
    cell = row.get("duration")
    problem = duration_problem(cell, header)
    return [Fault(name, line, "duration", cell, problem)] if problem else []


def wav_problem(
    path: str | Path, header: AudioInfo | AudioError, resample: bool
) -> str:
    """Return why a wav cannot be used.

    Arguments
    ---------
    path : str or Path
        The wav.
    header : AudioInfo or AudioError
        Result of `read_headers`.
    resample : bool
        Whether other sampling rates than 16 kHz are allowed.

    Returns
    -------
    str
        One line; empty if it can be used.
    """
    if isinstance(header, AudioError):
        return reason_of(header, path)
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
        return reason_of(err, path)
    return ""


def _label_faults(name, rows, task):
    """Find invalid labels of one task, and a column without any."""
    if not any(task.column in row for row in rows):
        problem = f"no such column, and task {task.name} learns from it"
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
    """Find invalid durations.

    Arguments
    ---------
    name : str
        Name of the manifest in faults.
    rows : list of dict
        Manifest rows.
    needed : bool
        Whether an empty cell is a fault, too.

    Returns
    -------
    list of Fault
        At most one per row.
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
            problem = "need the duration in seconds, a number above 0"
            faults.append(Fault(name, line, "duration", cell, problem))
    return faults


def id_faults(manifests: dict) -> list[Fault]:
    """Find rows whose ID an earlier row has: results are stored by ID."""
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
    """Find wavs in two parts; within a part, two IDs may share a wav."""
    faults = []
    wavs: dict[str, tuple[str, str]] = {}  # split and row of each
    for name, rows in manifests.items():
        for line, row in _numbered(rows):
            # The same file may be reached by two paths.
            split, first = wavs.setdefault(
                os.path.realpath(row["wav"]), (name, f"{name}, row {line}")
            )
            if split != name:
                problem = f"one wav in two parts, also in {first}"
                faults.append(Fault(name, line, "wav", row["wav"], problem))
    return faults
