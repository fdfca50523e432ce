"""Rows of JSON and JSON lines, as ``mtqnet score`` writes them.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

from mtqnet_brain.utils.text_files import TextError, split_lines
from mtqnet_brain.utils.untrusted_json import without_duplicates

_PLAIN = (str, int, float, type(None))


def read_json_rows(
    text: str, path: str | Path
) -> tuple[list[str], list[tuple[int, dict]]]:
    """Read a list of objects, or an object per line, as a table.

    Arguments
    ---------
    text : str
        Content of the file.
    path : str or Path
        Name of the file; a ``.jsonl`` has one object per line.

    Returns
    -------
    header : list of str
        Keys whose values are text, numbers or null; lists, such as
        ``frames``, and objects are left out.
    rows : list of tuple
        Row number, and dict of cells as strings; null and missing values are
        empty.

    Raises
    ------
    TextError
        If it is not JSON, has no objects, or one of them has a key twice.
    """
    if Path(path).suffix.lower() == ".jsonl":
        lines = enumerate(split_lines(text), start=1)
        found = [_parse(x, f"{path}, row {n}") for n, x in lines if x.strip()]
    else:
        found = _parse(text, path)
    if not isinstance(found, list) or not found:
        raise TextError(
            f"{path}: not a list of objects; need what mtqnet score writes"
        )
    header: dict[str, None] = {}
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise TextError(
                f"{path}, row {number}: {row!r:.40} is not an object"
            )
        header |= {k: None for k, v in row.items() if isinstance(v, _PLAIN)}
    return list(header), [
        (number, {name: _cell(row.get(name)) for name in header})
        for number, row in enumerate(found, start=1)
    ]


def _parse(text, place):
    """Parse JSON; raise a fault in one line, with its place."""
    try:
        found = json.loads(text, object_pairs_hook=_object)
        json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogateescape")
    except RecursionError as err:
        raise TextError(f"{place}: JSON nested too deeply") from err
    except ValueError as err:
        raise TextError(f"{place}: not JSON ({err})") from err
    return found


def _object(pairs):
    """Return an object; refuse a duplicate key."""
    found = without_duplicates(pairs)
    if any("\0" in text for text in found.values() if isinstance(text, str)):
        raise ValueError("NUL character in a string")
    return found


def _cell(value):
    """Return a value as a cell of a CSV."""
    plain = isinstance(value, _PLAIN) and value is not None
    return str(value) if plain else ""
