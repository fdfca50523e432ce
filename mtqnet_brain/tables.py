"""Tables of scores as measurement tools export them.

Separated by comma, semicolon or tab, with decimal point or comma, with or
without a byte-order mark.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import re
from pathlib import Path

from mtqnet_brain.manifest import parse_label

# A letter that belongs to no longer word: SMOS, S-MOS, s_mos, 3QUEST_S_MOS.
_QUEST_COLUMN = re.compile(r"(?<![a-z])([sng])[-_ ]?mos(?![a-z])", re.I)


class ScoreError(ValueError):
    """A table of scores that cannot be read or joined."""


def read_table(csv_path):
    """Read a table as measurement tools export it.

    Arguments
    ---------
    csv_path : str or Path
        UTF-8, or UTF-16 with a byte-order mark.

    Returns
    -------
    header : list of str
        Names of the columns.
    rows : list of tuple
        Line number and dict of cells, blanks stripped.

    Raises
    ------
    ScoreError
        If the file is no such text or a row has too few or many cells.
    """
    content = Path(csv_path).read_bytes()
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as err:
        raise ScoreError(f"{csv_path}: save it as UTF-8 ({err})") from err
    first = text.split("\n", 1)[0]
    # A comma may be a decimal one where another separator occurs.
    delimiter = next((mark for mark in "\t;" if mark in first), ",")
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    header = [cell.strip() for cell in next(reader, [])]
    rows = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise ScoreError(
                f"{csv_path}, row {reader.line_num}: {len(cells)} cells, "
                f"the header has {len(header)}"
            )
        cells = dict(zip(header, map(str.strip, cells), strict=True))
        rows.append((reader.line_num, cells))
    return header, rows


def parse_score(cell):
    """Return the number in a cell with decimal point or comma; NaN if empty.

    Example
    -------
    >>> parse_score("3,25")
    3.25
    """
    return parse_label(cell if "." in cell else cell.replace(",", "."))


def score_within(cell, task):
    """Return the number in a cell if it lies in the range of a task.

    Arguments
    ---------
    cell : str
        As for `parse_score`.
    task : Task
        Its range; None for any number.

    Returns
    -------
    float
        NaN for a missing score.

    Raises
    ------
    ValueError
        Ends the sentence "the cell is ...".
    """
    try:
        value = parse_score(cell)
    except ValueError as err:
        raise ValueError("no number") from err
    # NaN, a missing score, is neither too small nor too large.
    if task and (value < task.low or value > task.high):
        raise ValueError(f"outside {task.low:g}..{task.high:g} of {task.name}")
    return value


def find_quest_columns(csv_path):
    """Recognise the columns of S-MOS, N-MOS and G-MOS by their names."""
    header, _ = read_table(csv_path)
    found = {}
    for column in header:
        match = _QUEST_COLUMN.search(column)
        if match:
            name = f"{match[1].lower()}_mos"
            found.setdefault(name, []).append(column)
    double = {name: names for name, names in found.items() if names[1:]}
    if double or not found:
        what = f"ambiguous columns {double}" if double else "no MOS column"
        raise ScoreError(
            f"{csv_path}: {what} among {header}; say which with "
            "--label s_mos=COLUMN n_mos=COLUMN g_mos=COLUMN"
        )
    return {name: names[0] for name, names in found.items()}
