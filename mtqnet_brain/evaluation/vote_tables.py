"""Tables of listeners' votes: one table is one listening test.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtqnet_brain.data.table_files import ScoreError, read_table
from mtqnet_brain.data.table_numbers import read_label
from mtqnet_brain.data.validation import list_faults
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.text_files import compose

# Beyond it, squares and correlations overflow or mean nothing.
VOTE = Task("vote", -1e6, 1e6)
FILE, CONDITION = "file", "condition"
AUDIO = "audio"  # folder beside the table
# Columns of votes that answer the question of a score, the first that is there.
OVERALL = ("ovrl", "mos", "mushra")
ASKED = {
    **dict.fromkeys(("s_mos", "csig"), ("sig",)),
    **dict.fromkeys(("n_mos", "cbak"), ("bak",)),
    **dict.fromkeys(("g_mos", "covl", "ovrl"), OVERALL),
}


@dataclass
class VoteTable:
    """The votes of one test.

    Arguments
    ---------
    name : str
        Name of the test: of the table, or of its folder if the table is
        called ``labels``.
    path : Path
        The table.
    files : list of str
        Files as the table names them, each once.
    wavs : list of str
        Their paths.
    conditions : list of str or None
        Condition of each file; None without that column.
    header : list of str
        Columns of the table.
    rows : list of list
        Line numbers and rows of each file.
    """

    name: str
    path: Path
    files: list[str]
    wavs: list[str]
    conditions: list[str] | None
    header: list[str]
    rows: list[list[tuple[int, dict]]]

    def votes(self, column: str) -> np.ndarray:
        """Return the mean vote of each file, shape (files,).

        Raises
        ------
        ScoreError
            If a cell is not a number from -1e6 to 1e6, with the row. Empty
            cells give NaN.
        """
        faults, means = [], np.full(len(self.rows), np.nan)
        for i, rows in enumerate(self.rows):
            values = []
            for line, row in rows:
                value, fault = read_label(row[column], VOTE)
                values += [value] if np.isfinite(value) else []
                if fault:
                    cell = f"{column} = {row[column]!r} is {fault}"
                    faults.append(f"row {line}: {self.files[i]}: {cell}")
            means[i] = np.mean(values) if values else np.nan
        if faults:
            raise ScoreError(f"{self.path}: {list_faults(faults)}")
        return means


def read_votes(path: str | Path, condition: str = CONDITION) -> VoteTable:
    """Read a table of votes.

    Arguments
    ---------
    path : str or Path
        Table of `table_files.read_table` with a column ``file``: paths
        relative to the table's folder or its subfolder ``audio``. Where a
        file has several rows, as of several listeners, their mean counts.
    condition : str
        Column of the conditions; the default may be missing.

    Returns
    -------
    VoteTable
        The test.

    Raises
    ------
    ScoreError
        If the table cannot be read, a column or a file is missing, or a file
        is of two conditions.
    """
    path = Path(path)
    header, cells = read_table(path)
    condition = compose(condition)
    if FILE not in header:
        raise ScoreError(f"{path}: no column {FILE!r} among {header}")
    if condition not in header and condition != CONDITION:
        raise ScoreError(
            f"{path}: no column {condition!r} among {header}; give another "
            "--condition"
        )
    by_file: dict[str, list[tuple[int, dict]]] = {}
    for line, row in cells:
        by_file.setdefault(row[FILE], []).append((line, row))
    folder = Path(os.path.abspath(path.parent))  # without ..
    named = folder.name if path.stem == "labels" else path.stem
    return VoteTable(
        named,
        path,
        list(by_file),
        _find_wavs(path, by_file),
        _conditions(path, by_file, condition) if condition in header else None,
        header,
        list(by_file.values()),
    )


def _find_wavs(path, by_file):
    """Return the path of each file."""
    wavs, faults = [], []
    for file, rows in by_file.items():
        places = [path.parent / file, path.parent / AUDIO / file]
        found = [str(place) for place in places if os.path.isfile(place)]
        wavs += found[:1]
        if not found:
            faults.append(f"row {rows[0][0]}: {file}")
    if faults:
        raise ScoreError(
            f"{path}: {len(faults)} of {len(by_file)} files are neither in "
            f"its folder nor in {path.parent / AUDIO}: {list_faults(faults)}"
        )
    return wavs


def _conditions(path, by_file, column):
    """Return the condition of each file."""
    conditions = []
    for file, rows in by_file.items():
        found = sorted({row[column] for _, row in rows})
        if len(found) > 1:
            raise ScoreError(
                f"{path}: {file} is of two conditions, {found[0]} and "
                f"{found[1]}; keep one"
            )
        conditions.append(found[0])
    return conditions


def pair_with_votes(
    scores: Iterable[str],
    columns: Collection[str],
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Choose which score is compared with which column of votes.

    Arguments
    ---------
    scores : iterable of str
        Names of the scores.
    columns : collection of str
        Columns that may be chosen.
    given : dict of str to str, optional
        Column by score, as a user wants it.

    Returns
    -------
    dict of str to str
        Score by column: the column of its own name, else that of `ASKED`.

    Example
    -------
    >>> pair_with_votes(["s_mos", "g_mos"], ["file", "sig", "bak", "mos"])
    {'sig': 's_mos', 'mos': 'g_mos'}
    """
    given = given or {}
    pairs: dict[str, str] = {}
    for score in scores:
        options = (score, *ASKED.get(score, ()))
        if score in given:
            options = (given[score],)
        column = next((one for one in options if one in columns), None)
        if column is not None:
            pairs.setdefault(column, score)
    return pairs
