"""A user's table of labelled clips: read, and checked completely.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.data.grouping import PARTS
from mtqnet_brain.data.manifest import ManifestError, format_label
from mtqnet_brain.data.table_files import ScoreError, read_table
from mtqnet_brain.data.table_numbers import parse_score, read_label
from mtqnet_brain.data.validation import (
    Fault,
    list_faults,
    read_headers,
    wav_problem,
)
from mtqnet_brain.preparation.label_columns import parse_ranges
from mtqnet_brain.preparation.wav_search import WavSearch
from mtqnet_brain.tasks import SOURCE_SUFFIX, Task
from mtqnet_brain.utils.text_files import compose

if TYPE_CHECKING:
    from mtqnet_brain.audio.decoding import AudioInfo
    from mtqnet_brain.audio.io import AudioError

NO_SYSTEM = "unknown"


@dataclass
class ClipTable:
    """A table with one row per clip.

    Arguments
    ---------
    csv : str or Path
        The table.
    data_folder : str or Path
        Folder of relative names of wavs.
    wav_column : str
        Column of the wavs.
    label : dict
        As for `label_columns.parse_ranges`.
    split_column : str, optional
        Column with train, valid or test.
    group_column : str, optional
        Column of groups that stay in one part.
    system_column : str, optional
        Column of the system that made a clip.

    Raises
    ------
    ScoreError
        If the table lacks a column, has no row, or cannot be read.
    """

    csv: str | Path
    data_folder: str | Path
    wav_column: str
    label: dict
    split_column: str | None = None
    group_column: str | None = None
    system_column: str | None = None

    def __post_init__(self) -> None:
        """Read the table and look its columns up."""
        self.ranges = parse_ranges(self.label)
        header, self.cells = read_table(self.csv)
        columns = [self.wav_column, self.split_column, self.group_column]
        columns += [self.system_column]
        columns += [found.column for found in self.ranges.values()]
        missing = [c for c in columns if c is not None and c not in header]
        if missing:
            raise ScoreError(
                f"{self.csv}: no column {missing}; there are {header}"
            )
        for _, row in self.cells:
            for column in columns[1:4]:  # two spellings, one group
                if column is not None:
                    row[column] = compose(row[column])

    @cached_property
    def wavs(self) -> list[list[Path]]:
        """Paths that each row's wav may mean, in the order of rows."""
        search = WavSearch(self.data_folder)
        return [search.find(row[self.wav_column]) for _, row in self.cells]

    @cached_property
    def headers(self) -> dict[str, AudioInfo | AudioError]:
        """Header of each wav that was found, or why it has none, by path."""
        paths = [str(path) for path in self.files()]
        return dict(zip(paths, read_headers(paths), strict=True))

    def files(self) -> list[Path]:
        """Return the wavs that were found, without ambiguous ones."""
        return [paths[0] for paths in self.wavs if len(paths) == 1]

    def read_rows(self, source: str, resample: bool = True) -> list[dict]:
        """Return manifest rows; refuse a faulty table.

        Arguments
        ---------
        source : str
            Where the labels come from.
        resample : bool
            Whether wavs of another rate than 16 kHz are accepted.

        Returns
        -------
        list of dict
            With ``group`` and ``split`` where their columns are given.

        Raises
        ------
        ManifestError
            With row, column, value and problem of every fault.
        """
        headers = [
            self.headers[str(paths[0])] if len(paths) == 1 else None
            for paths in self.wavs
        ]
        faults = self._wav_faults(headers, resample) + self._double_faults()
        for line, row in self.cells:
            faults += self._label_faults(line, row)
        faults += self._split_faults() + self._group_faults()
        if faults:
            faults.sort(key=lambda fault: fault.row)
            raise ManifestError(list_faults(faults))
        return [
            self._row(row, paths[0], header, source)
            for (_, row), paths, header in zip(self.cells, self.wavs, headers)
        ]

    def _fault(self, line, column, value, problem):
        """Return a fault of the table."""
        return Fault(str(self.csv), line, column, value, problem)

    def _wav_faults(self, headers, resample):
        """Find wavs that are missing, ambiguous or unusable."""
        faults = []
        for (line, row), paths, header in zip(self.cells, self.wavs, headers):
            name = row[self.wav_column]
            if not paths:
                problem = f"no such file in {self.data_folder}"
            elif len(paths) > 1:
                names = ", ".join(path.name for path in paths)
                problem = f"may be {names}; give the full name of one"
            else:
                problem = wav_problem(paths[0], header, resample)
            if problem:
                faults.append(self._fault(line, self.wav_column, name, problem))
        return faults

    def _double_faults(self):
        """Find wavs in two rows."""
        faults = []
        first: dict[str, int] = {}  # row of each wav
        for (line, row), paths in zip(self.cells, self.wavs):
            for path in map(os.path.realpath, paths[:1]):
                if path in first:
                    problem = f"the same wav as in row {first[path]}; leave "
                    problem += "one row per clip, with the mean of its labels"
                    name = row[self.wav_column]
                    faults.append(
                        self._fault(line, self.wav_column, name, problem)
                    )
                first.setdefault(path, line)
        return faults

    def _label_faults(self, line, row):
        """Find invalid labels, and a row without any."""
        faults, n_labels = [], 0
        for name, (column, low, high) in self.ranges.items():
            cell = row[column]
            value, problem = read_label(cell, Task(name, low, high))
            n_labels += not math.isnan(value)
            if problem:
                faults.append(self._fault(line, column, cell, problem))
        if not n_labels and not faults:
            columns = ", ".join(found.column for found in self.ranges.values())
            problem = "no label; remove the row"
            faults.append(self._fault(line, columns, "", problem))
        return faults

    def _split_faults(self):
        """Find rows of an unknown part, and parts without a row."""
        if self.split_column is None:
            return []
        column, faults, found = self.split_column, [], set()
        for line, row in self.cells:
            found.add(row[column].lower())
            if row[column].lower() not in PARTS:
                problem = f"not one of {', '.join(PARTS)}"
                faults.append(self._fault(line, column, row[column], problem))
        faults += [
            self._fault(0, column, part, "no row has this value")
            for part in PARTS
            if part not in found
        ]
        return faults

    def _group_faults(self):
        """Find rows without a group, and groups in two parts."""
        if self.group_column is None:
            return []
        faults = []
        first: dict[str, tuple] = {}  # row and part of each group
        for line, row in self.cells:
            group, problem = row[self.group_column], None
            part = self.split_column and row[self.split_column].lower()
            where, known = first.setdefault(group, (line, part))
            if not group:
                problem = "no value, so the row has no group; fill it in"
            elif known != part:
                problem = f"in {part} here, in {known} in row {where}"
            if problem:
                fault = self._fault(line, self.group_column, group, problem)
                faults.append(fault)
        return faults

    def _row(self, row, path, header, source):
        """Return the manifest row of one clip."""
        clip = {
            "ID": row[self.wav_column],
            "duration": f"{header.duration:.6f}",
            "wav": str(path),
            "method": row.get(self.system_column) or NO_SYSTEM,
        }
        for name, found in self.ranges.items():
            cell = format_label(parse_score(row[found.column]))
            clip |= {name: cell, name + SOURCE_SUFFIX: cell and source}
        if self.group_column is not None:
            clip["group"] = row[self.group_column]
        if self.split_column is not None:
            clip["split"] = row[self.split_column].lower()
        return clip
