"""Scores as CSV, JSON or JSON lines.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.utils.files import TableWriter
from mtqnet_brain.utils.resumable_tables import ResumableCsv

if TYPE_CHECKING:
    from mtqnet_brain.inference.clips import Result

FORMATS = (".csv", ".json", ".jsonl")


def check_format(output: str | Path, frames: bool) -> None:
    """Refuse an output that cannot hold what is asked for.

    Arguments
    ---------
    output : str or Path
        File, or None for CSV on standard output.
    frames : bool
        Whether scores over time are wanted.

    Raises
    ------
    ValueError
        With the endings that there are.
    """
    ending = Path(output).suffix.lower() if output else ".csv"
    if ending not in FORMATS:
        raise ValueError(f"--output {output}: need one of {', '.join(FORMATS)}")
    if frames and ending == ".csv":
        raise ValueError(
            "--frames: a CSV has one row per file; give --output FILE.json "
            "or FILE.jsonl"
        )


def columns_of(tasks: list[str]) -> list[str]:
    """Return the columns of a table of scores.

    Arguments
    ---------
    tasks : list of str
        Names of the scores.

    Returns
    -------
    list of str
        ``file``, the scores, ``warning``, ``error``.
    """
    return ["file", *tasks, "warning", "error"]


def make_row(result: Result, tasks: list[str]) -> dict:
    """Return the cells of a result, numbers with six significant digits.

    Arguments
    ---------
    result : Result
        Of `engine.Engine`.
    tasks : list of str
        Names of the scores.

    Returns
    -------
    dict
        By column; with ``frames`` where there are scores over time, None in
        the place of those that are not finite.
    """
    row = {"file": str(result.key)}
    for task in tasks:
        row[task] = result.scores and _rounded(result.scores[task])
    row["warning"] = "; ".join(result.warnings)
    row["error"] = result.error
    if result.frames is not None:
        row["frames"] = {
            name: [_rounded(value) for value in values]
            for name, values in result.frames.items()
        }
    return row


def _rounded(value):
    """Return a number with six significant digits; None if it is none."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


class FileOutput:
    """Writes to a file that appears when it is complete; resumes.

    Arguments
    ---------
    path : str or Path
        ``.csv``, ``.json`` or ``.jsonl``.
    tasks : list of str
        Names of the scores.
    settings : dict
        What the scores depend on.
    files : list of str
        All that are to be scored.
    restart : bool
        Whether what an interrupted run has left is discarded.
    """

    def __init__(
        self,
        path: str | Path,
        tasks: list[str],
        settings: dict,
        files: list[str],
        restart: bool = False,
    ) -> None:
        sources = {file: [file] for file in files}
        self.rows = ResumableCsv(
            path, columns_of(tasks), settings, sources, restart
        )
        self.ending = Path(path).suffix.lower()

    @property
    def done(self):
        """Files that need not be scored again, once it is open."""
        return self.rows.done

    def __enter__(self):
        """Open it."""
        self.rows.__enter__()
        return self

    def __exit__(self, *exception) -> None:
        """Close it."""
        self.rows.__exit__(*exception)

    def write(self, row: dict) -> None:
        """Keep a row.

        Arguments
        ---------
        row : dict
            Of `make_row`.
        """
        self.rows.write(row)

    def finish(self, order: list[str]) -> None:
        """Write the file.

        Arguments
        ---------
        order : list of str
            The files, as they were given.
        """
        writers = {".json": _write_json, ".jsonl": _write_json_lines}
        self.rows.finish(order, writers.get(self.ending))


class StandardOutput:
    """Prints CSV rows in the order of the files, as soon as it can.

    Arguments
    ---------
    order : list of str
        The files, as they were given.
    tasks : list of str
        Names of the scores.
    """

    done = {}

    def __init__(self, order: list[str], tasks: list[str]) -> None:
        self.order, self.position = order, 0
        self.rows = {}
        self.writer = TableWriter(sys.stdout, columns_of(tasks))

    def __enter__(self):
        """Print the header."""
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="surrogateescape")
        self.writer.writeheader()
        return self

    def __exit__(self, *exception) -> None:
        """Nothing is left to do."""

    def write(self, row: dict) -> None:
        """Print a row once those before it are printed.

        Arguments
        ---------
        row : dict
            Of `make_row`.
        """
        self.rows[row["file"]] = row
        while self.position < len(self.order):
            ready = self.rows.get(self.order[self.position])
            if ready is None:
                break
            self.writer.writerow(ready)
            self.position += 1
        sys.stdout.flush()

    def finish(self, order) -> None:
        """Nothing is left to do."""


def _write_json(file, rows):
    """Write a list of objects, one per line."""
    file.write("[\n" + ",\n".join(map(_dumps, rows)) + "\n]\n")


def _write_json_lines(file, rows):
    """Write an object per line."""
    for row in rows:
        file.write(_dumps(row) + "\n")


def _dumps(row):
    """Return JSON in one line, valid whatever bytes a file's name has."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a name that is no UTF-8
        return json.dumps(row, allow_nan=False)
    return text
