"""Scores as CSV, JSON or JSON lines.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from mtqnet_brain.inference.calibration import interval_columns
from mtqnet_brain.utils.files import TableWriter
from mtqnet_brain.utils.resumable_tables import ResumableCsv
from mtqnet_brain.utils.sealed_rows import dumps

if TYPE_CHECKING:
    from mtqnet_brain.inference.clips import Result

FORMATS = (".csv", ".json", ".jsonl")


def check_format(output: str | Path | None, frames: bool) -> None:
    """Refuse an output that cannot hold what is asked for.

    Arguments
    ---------
    output : str, Path or None
        File; None for CSV on standard output.
    frames : bool
        Whether scores over time are wanted.

    Raises
    ------
    ValueError
        The possible extensions.
    """
    extension = Path(output).suffix.lower() if output else ".csv"
    if extension not in FORMATS:
        raise ValueError(f"--output {output}: need one of {', '.join(FORMATS)}")
    if frames and extension == ".csv":
        raise ValueError(
            "--frames: a CSV has one row per file; give --output FILE.json "
            "or FILE.jsonl"
        )


def columns_of(tasks: list[str], intervals: bool = False) -> list[str]:
    """Return the columns of a table of scores."""
    ends = [end for task in tasks for end in interval_columns(task)]
    return ["file", *tasks, *ends * intervals, "warning", "error"]


def make_row(result: Result, tasks: list[str]) -> dict[str, Any]:
    """Return the cells of a result, numbers with six significant digits.

    Arguments
    ---------
    result : Result
        Result of `engine.Engine`; its key names the file.
    tasks : list of str
        Names of the scores.

    Returns
    -------
    dict
        Cells by column, with intervals and ``frames`` if there are any; None
        instead of numbers that are not finite.
    """
    row: dict[str, Any] = {"file": str(result.key)}
    for task in tasks:
        row[task] = result.scores and _rounded(result.scores[task])
    for task, ends in (result.intervals or {}).items():
        row |= zip(interval_columns(task), map(_rounded, ends))
    row["warning"] = "; ".join(result.warnings)
    row["error"] = result.error
    if result.frames is not None:
        row["frames"] = {
            name: [_rounded(value) for value in values]
            for name, values in result.frames.items()
        }
    return row


def _rounded(value: float) -> float | None:
    """Return a number with six significant digits; None if not finite."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


class FileOutput(ResumableCsv):
    """Writes to a file that appears when it is complete; resumes.

    Arguments
    ---------
    path : str or Path
        ``.csv``, ``.json`` or ``.jsonl``.
    columns : list of str
        Result of `columns_of`.
    settings : dict
        Everything that the scores depend on, besides the files.
    files : list of str
        All files to score.
    restart : bool, optional
        Whether to discard the rows of an interrupted run.
    """

    def __init__(
        self,
        path: str | Path,
        columns: list[str],
        settings: dict,
        files: list[str],
        restart: bool = False,
    ) -> None:
        sources = {file: [file] for file in files}
        super().__init__(path, columns, settings, sources, restart)
        self.extension = Path(path).suffix.lower()

    def finish(
        self, order: Iterable[str], write: Callable | None = None
    ) -> None:
        """Write the file with its rows in the order of the files."""
        writers = {".json": _write_json, ".jsonl": _write_json_lines}
        super().finish(list(order), write or writers.get(self.extension))


class StandardOutput:
    """Prints CSV rows in the order of the files, as soon as it can.

    Arguments
    ---------
    order : list of str
        The files, as they were given.
    columns : list of str
        Result of `columns_of`.
    """

    def __init__(self, order: list[str], columns: list[str]) -> None:
        self.order, self.position = order, 0
        self.done: dict[str, dict] = {}
        self.rows: dict[str, dict] = {}
        self.writer = TableWriter(sys.stdout, columns)

    def __enter__(self) -> Self:
        """Print the header."""
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="surrogateescape")
        self.writer.writeheader()
        return self

    def __exit__(self, *exception: object) -> None:
        """Do nothing: every row has been printed."""

    def write(self, row: dict) -> None:
        """Print a row of `make_row` once all rows before it are printed."""
        self.rows[row["file"]] = row
        while self.position < len(self.order):
            ready = self.rows.get(self.order[self.position])
            if ready is None:
                break
            self.writer.writerow(ready)
            self.position += 1
        sys.stdout.flush()

    def finish(self, order: Iterable[str]) -> None:
        """Do nothing: every row has been printed."""


def _write_json(file: IO[str], rows: Iterable[dict]) -> None:
    """Write a list of objects, one per line."""
    file.write("[\n" + ",\n".join(map(_dumps, rows)) + "\n]\n")


def _write_json_lines(file: IO[str], rows: Iterable[dict]) -> None:
    """Write an object per line."""
    for row in rows:
        file.write(_dumps(row) + "\n")


def _dumps(row: dict) -> str:
    """Return JSON in one line, valid for file names of any bytes."""
    text = dumps(row)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # the name is not UTF-8
        return json.dumps(row, allow_nan=False)
    return text
