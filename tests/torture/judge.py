"""Judges a command by its exit code, its messages and its table.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import math
import os
import re
import unicodedata

CODES = (0, 1, 2, 130)
LOWEST, HIGHEST = 0.0, 6.0  # of a plausible score
PROGRESS = re.compile(r"\d+%\||\d+(it|file|clip|wav)s? \[")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # to a spreadsheet


def judge_command(ended, box, codes=CODES, recipe=False):
    """List what a command did wrong.

    Arguments
    ---------
    ended : Ended
        The command's end.
    box : Box
        Its folders.
    codes : tuple of int
        Valid exit codes.
    recipe : bool
        Whether it is a script that logs more than one line.

    Returns
    -------
    list of str
        Empty if it behaved.
    """
    faults = list(ended.faults) + box.faults()
    if ended.faults:
        return faults
    if "Traceback (most recent" in ended.stdout + ended.stderr:
        faults.append("traceback")
    elif ended.code not in codes:
        faults.append(f"exit code {ended.code}")
    elif ended.code == 2 and not recipe:
        faults += _refusal_faults(ended.stderr)
    return faults


def _refusal_faults(stderr):
    """Check that wrong input is refused in one line.

    The faults of a table may stand below it, indented.
    """
    lines = [
        line
        for line in re.split(r"[\r\n]+", stderr)
        if line.strip() and line[:2] != "  " and not PROGRESS.search(line)
    ]
    if lines and lines[0].startswith("usage: ") and ": error: " in lines[-1]:
        return []  # argparse
    named = [line for line in lines if line.startswith("mtqnet: ")]
    if len(named) != 1:
        return [f"{len(named)} lines 'mtqnet: ...' say why it was refused"]
    return [] if len(lines) == 1 else [f"{len(lines)} lines, not one"]


def read_rows(path):
    """Read a table of scores as a stranger would.

    Arguments
    ---------
    path : Path
        ``.csv``, ``.json`` or ``.jsonl``.

    Returns
    -------
    list of dict
        Cells by column, strings and numbers.
    """
    with open(
        path, encoding="utf-8", errors="surrogateescape", newline=""
    ) as file:
        if path.suffix == ".csv":
            return _read_csv(file)
        if path.suffix == ".json":
            return json.load(file, parse_constant=_no_constant)
        return [json.loads(x, parse_constant=_no_constant) for x in file]


def _read_csv(file):
    """Read cells of any length; the limit of commands stays as it was."""
    before = csv.field_size_limit(1 << 30)
    try:
        return list(csv.DictReader(file, strict=True))
    except csv.Error as err:
        raise ValueError(err) from err
    finally:
        csv.field_size_limit(before)


def _no_constant(word):
    """Refuse NaN and infinity."""
    raise ValueError(f"{word} is not JSON")


def judge_rows(rows, names):
    """Return the faults of a table of scores by input; inputs are distinct."""
    found = {}
    for row in rows:
        found.setdefault(same_name(row["file"]), []).append(row)
    return {name: _judge_row(found.get(same_name(name), [])) for name in names}


def same_name(name):
    """Return a file's name in one of its spellings."""
    name = os.path.normpath(name.lstrip("'"))
    return unicodedata.normalize("NFC", name)


def _judge_row(rows):
    """List the faults of an input's rows."""
    if len(rows) != 1:
        return [f"{len(rows)} rows"]
    row, faults = rows[0], []
    if row["file"].startswith(FORMULA):
        faults.append("a spreadsheet takes the file's name for a formula")
    if None in row or None in row.values():
        return faults if row.get("error") else [*faults, "cells are missing"]
    return faults + score_faults(row)


def score_faults(row):
    """List what is wrong with the scores of a row."""
    scores = {
        name: value
        for name, value in row.items()
        if name not in ("file", "warning", "error", "frames")
    }
    given = [value for value in scores.values() if value not in ("", None)]
    if row["error"]:
        return [f"scores beside an error: {given}"] if given else []
    if not scores or len(given) < len(scores):
        return ["neither score nor error"]
    try:
        values = [float(value) for value in given]
    except ValueError:
        return [f"not numbers: {given}"]
    wrong = [v for v in values if not math.isfinite(v)]
    wrong += [v for v in values if not LOWEST <= v <= HIGHEST]
    return [f"score {wrong[0]} without an error"] if wrong else []
