"""Tables: CSV of every kind, and JSON as ``mtqnet score`` writes it.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import io
import re
from collections import Counter
from itertools import chain
from pathlib import Path

from mtqnet_brain.data.json_rows import read_json_rows
from mtqnet_brain.utils.text_files import TextError, compose, read_text, unquote

# In order of preference: a comma may be a decimal one.
_SEPARATORS = "\t;,"
_END = "<end of the table>"
# A letter that belongs to no longer word: SMOS, S-MOS, s_mos, 3QUEST_S_MOS.
_QUEST_COLUMN = re.compile(r"(?<![a-z])([sng])[-_ ]?mos(?![a-z])", re.I)


class ScoreError(TextError):
    """A table that cannot be read or joined."""


def read_table(path: str | Path) -> tuple[list[str], list[tuple[int, dict]]]:
    """Read a table of a measurement tool, a spreadsheet or this package.

    Arguments
    ---------
    path : str or Path
        As for `read_rows`.

    Returns
    -------
    header : list of str
        Names of the columns, as `text_files.compose` writes them.
    rows : list of tuple
        Line number, and dict of cells without surrounding blanks and quotes.

    Raises
    ------
    ScoreError
        As `read_rows`, or if there is no row below the header.
    """
    header, rows = read_rows(path)
    names = {name: _column_name(name) for name in header}
    _refuse_duplicates(path, names.values())
    rows = [
        (line, {names[name]: unquote(cell) for name, cell in row.items()})
        for line, row in rows
        if any(cell.strip() for cell in row.values())
    ]
    if not rows:
        raise ScoreError(f"{path}: no row below the header")
    return list(dict.fromkeys(names.values())), rows


def read_rows(path: str | Path) -> tuple[list[str], list[tuple[int, dict]]]:
    """Read a table without changing its cells.

    Arguments
    ---------
    path : str or Path
        ``.json`` or ``.jsonl`` as ``mtqnet score`` writes it; else a CSV in
        any encoding of `text_files.decode_text`. The separator is the tab,
        semicolon or comma that gives every row as many cells as the header.
        Only the first column without a name is kept: spreadsheets leave empty
        ones at the right.

    Returns
    -------
    header : list of str
        Names of the columns.
    rows : list of tuple
        Number of the row's first line, and dict of cells.

    Raises
    ------
    ScoreError
        If the file is empty or not text, two columns have one name, a row
        has too few or many cells, a cell has more than 131,072 characters, or
        a quote is not closed.
    """
    try:
        text = read_text(path)
        if Path(path).suffix.lower() in (".json", ".jsonl"):
            return read_json_rows(text, path)
    except ValueError as err:
        raise ScoreError(str(err)) from err
    if not text.strip():
        raise ScoreError(f"{path}: empty; a table has a header and rows")
    header, rows = _read_csv(text, path)
    _refuse_duplicates(path, header)
    kept = {name: header.index(name) for name in header}
    return list(kept), [
        (line, {name: cells[i] for name, i in kept.items()})
        for line, cells in rows
    ]


def _column_name(name):
    """Return a column's name composed, without blanks and quotes."""
    return compose(unquote(name))


def _refuse_duplicates(path, names):
    """Refuse a header in which two columns have one name."""
    duplicates = [n for n, count in Counter(names).items() if n and count > 1]
    if duplicates:
        raise ScoreError(
            f"{path}: {Counter(names)[duplicates[0]]} columns are named "
            f"{duplicates[0]!r}; leave one, or rename them"
        )


def read_csv(path: str | Path) -> list[dict]:
    """Return the rows of `read_rows`, one dict of strings each."""
    return [row for _, row in read_rows(path)[1]]


def _read_csv(text, path):
    """Return header and rows, split at the separator that fits them."""
    first = re.sub(r'"[^"]*"', "", text[: csv.field_size_limit()])
    first = re.split(r"[\r\n]", first.lstrip(), maxsplit=1)[0]
    faults = []
    for separator in [mark for mark in _SEPARATORS if mark in first] or [","]:
        try:
            return _split(text, separator)
        except ValueError as err:
            faults.append(f"{path}, {err}")
    raise ScoreError(faults[0])


def _split(text, separator):
    """Return header and rows; raise a ValueError with row and fault."""
    # The csv module splits lines at \r and \n, never at U+2028.
    lines = chain(io.StringIO(text, newline=""), [_END])
    reader = csv.reader(lines, delimiter=separator)
    header: list[str] | None = None
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if cells == [_END] and next(lines, None) is None:
                if header is None:
                    raise ValueError("row 1: no column has a name")
                return header, rows
            filled = any(map(str.strip, cells))
            if header is None:
                header = cells if filled else None
            elif len(cells) == len(header):
                rows.append((line, cells))
            elif filled:
                raise ValueError(
                    f"row {line}: {len(cells)} cells, the header has "
                    f"{len(header)}"
                )
    except csv.Error as err:
        raise ValueError(
            f"row {start}: {err}; a cell has {csv.field_size_limit():,} "
            'characters at most: is a quote (") there not closed?'
        ) from err
    raise ValueError(
        f'row {line}: a quote (") is opened in this row and never closed; '
        "close it, or remove it"
    )


def find_quest_columns(csv_path: str | Path) -> dict[str, str]:
    """Recognise the columns of S-MOS, N-MOS and G-MOS by their names."""
    header, _ = read_table(csv_path)
    found: dict[str, list[str]] = {}
    for column in header:
        match = _QUEST_COLUMN.search(column)
        if match:
            name = f"{match[1].lower()}_mos"
            found.setdefault(name, []).append(column)
    duplicates = {name: names for name, names in found.items() if names[1:]}
    if duplicates or not found:
        what = (
            f"ambiguous columns {duplicates}" if duplicates else "no MOS column"
        )
        raise ScoreError(
            f"{csv_path}: {what} among {header}; say which with "
            "--label s_mos=COLUMN n_mos=COLUMN g_mos=COLUMN"
        )
    return {name: names[0] for name, names in found.items()}
