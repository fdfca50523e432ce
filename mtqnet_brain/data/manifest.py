"""Manifests: one CSV row per clip, with its labels and where they come from.

The format is SpeechBrain's: ``ID,duration,wav,reference,method,snr,noise,
sentence,speaker``, then the label columns that exist, each followed by
``<column>_source``. An empty cell is a missing label.

On disk the wavs below the data folder are written ``$data_root/...``, so that
the data may move. Beside the manifests lies ``data_root.json`` with the
folder they were written for; whoever has moved the data gives another. In
memory every path is a full one.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import math
import re
from pathlib import Path

from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX
from mtqnet_brain.utils.files import write_csv, write_json
from mtqnet_brain.utils.outputs import target_of

CLIP_COLUMNS = (
    "ID",
    "duration",
    "wav",
    "reference",
    "method",
    "snr",
    "noise",
    "sentence",
    "speaker",
)
LABELS = (
    "s_mos",
    "n_mos",
    "g_mos",
    "pesq",
    "stoi",
    "sdi",
    "quality",
    "intelligibility",
)
PATH_COLUMNS = ("wav", "reference")
MISSING = ("", "-", "na", "n/a", "#n/a", "nan", "none", "null")
PLACEHOLDER = "$data_root"
ROOT_FILE = "data_root.json"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.I)


class ManifestError(ValueError):
    """A manifest that cannot be used; the message lists every fault."""


def parse_label(cell: str | None) -> float:
    """Return the number in a label cell.

    A number is what a calculator shows: digits 0 to 9 with at most one
    decimal point, a sign before it, an exponent after it (``1e-05``). Not
    what Python's ``float`` takes beyond that: ``1_0``, ``inf``, digits of
    other scripts.

    Arguments
    ---------
    cell : str
        Cell of a manifest, or None.

    Returns
    -------
    float
        NaN for a missing label: an empty cell, None, and in capitals or not
        ``-``, ``na``, ``n/a``, ``#n/a``, ``nan``, ``none``, ``null``.

    Raises
    ------
    ValueError
        If the cell holds anything else than a finite number.

    Example
    -------
    >>> parse_label(" +1.5e1 "), parse_label("N/A")
    (15.0, nan)
    """
    text = "" if cell is None else str(cell).strip()
    if text.lower() in MISSING:
        return math.nan
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"label {cell!r} is not a finite number")
    return float(text)


def format_label(value: float) -> str:
    """Return a label as a cell: six significant digits, NaN as empty."""
    return "" if math.isnan(value) else format(value, ".6g")


def set_labels(
    rows: list[dict], column: str, values: list[float], source: str
) -> None:
    """Write one label into every row, with its source.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    column : str
        Label column.
    values : list of float
        One per row; NaN leaves the cell and its source empty.
    source : str
        Where the labels come from. Nothing is written if all are missing.
    """
    if all(math.isnan(value) for value in values):
        return
    for row, value in zip(rows, values, strict=True):
        row[column] = format_label(value)
        row[column + SOURCE_SUFFIX] = source if row[column] else ""


def label_columns(rows: list[dict]) -> list[str]:
    """Return the label columns of the rows, in the manifest's order.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.

    Returns
    -------
    list of str
        Those in `LABELS`, then others that have a ``<column>_source``, then
        pseudo-labels.
    """
    keys = dict.fromkeys(key for row in rows for key in row)
    names = [key for key in keys if not key.endswith(SOURCE_SUFFIX)]
    pseudo = [name for name in names if name.startswith(PSEUDO_PREFIX)]
    known = [name for name in LABELS if name in keys]
    others = [
        name
        for name in names
        if name + SOURCE_SUFFIX in keys and name not in known + pseudo
    ]
    return known + others + pseudo


def write_manifest(
    path: str | Path, rows: list[dict], data_root: str | Path | None = None
) -> None:
    """Write a manifest whole.

    Arguments
    ---------
    path : str or Path
        CSV to write, or a link to it; its folder is made.
    rows : list of dict
        Full paths in ``wav`` and ``reference``; other columns than the
        manifest's are kept at the end.
    data_root : str or Path
        Folder that becomes ``$data_root``, one for all manifests of a
        folder. Default: the one in ``data_root.json`` beside the manifest,
        so that rewriting keeps it; without that file full paths are
        written.
    """
    known = list(CLIP_COLUMNS)
    for name in label_columns(rows):
        known += [name, name + SOURCE_SUFFIX]
    others = dict.fromkeys(key for row in rows for key in row)
    columns = known + [key for key in others if key not in known]
    root_file = Path(path).with_name(ROOT_FILE)
    if data_root is not None:
        data_root = Path(data_root).absolute()
        write_json(root_file, {"data_root": str(data_root)})
    elif root_file.is_file():
        data_root = _stored_root(path)
    if data_root is not None:
        rows = [_relative(row, data_root) for row in rows]
    write_csv(target_of(path), rows, columns)


def _relative(row, data_root):
    """Return the row with ``$data_root`` in its paths."""
    row = dict(row)
    for column in PATH_COLUMNS:
        cell = row.get(column)
        if cell and Path(cell).is_relative_to(data_root):
            inner = Path(cell).relative_to(data_root).as_posix()
            row[column] = f"{PLACEHOLDER}/{inner}"
    return row


def read_manifest(
    path: str | Path, data_root: str | Path | None = None
) -> list[dict]:
    """Read a manifest, with full paths.

    Arguments
    ---------
    path : str or Path
        CSV of `write_manifest`.
    data_root : str or Path
        Replaces ``$data_root``. Default: the folder in the
        ``data_root.json`` beside the manifest.

    Returns
    -------
    list of dict
        One dict of strings per row.

    Raises
    ------
    ManifestError
        If there is no row or no column ``ID`` or ``wav``, or if
        ``$data_root`` occurs and the folder is not known.
    FileNotFoundError
        If the manifest is missing.
    """
    rows = read_csv(path)
    if not rows:
        raise ManifestError(f"{path}: no rows; prepare the data again")
    for column in ("ID", "wav"):
        if column not in rows[0]:
            raise ManifestError(
                f"{path}: no column {column!r}; there are {list(rows[0])}"
            )
    for row in rows:
        for column in PATH_COLUMNS:
            if (row.get(column) or "").startswith(PLACEHOLDER + "/"):
                data_root = data_root or _stored_root(path)
                inner = row[column][len(PLACEHOLDER) + 1 :]
                row[column] = str(Path(data_root).absolute() / inner)
    return rows


def _stored_root(path):
    """Read the data folder that the manifest was written for."""
    root_file = Path(path).with_name(ROOT_FILE)
    if not root_file.is_file():
        raise ManifestError(
            f"{path}: what is {PLACEHOLDER}? {root_file} is missing; give "
            "data_root, the folder of the wavs"
        )
    return json.loads(root_file.read_text(encoding="utf-8"))["data_root"]
