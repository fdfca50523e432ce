"""Manifests: one CSV row per clip, with its labels and where they come from.

The format is SpeechBrain's: ``ID,duration,wav,reference,method,snr,noise,
sentence,speaker``, then label columns, each followed by ``<column>_source``.
An empty cell is a missing label.

On disk, wavs in the data folder are written ``$data_root/...``, so that the
data may be moved. ``data_root.json`` next to the manifests holds the folder;
whoever has moved the data gives another. In memory, paths are absolute.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import math
from pathlib import Path

import numpy as np

from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX
from mtqnet_brain.utils.files import NUMBER, write_csv, write_json
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
MAX_FAILED_FRACTION = 0.05  # of the rows of a manifest
MISSING = ("", "-", "na", "n/a", "#n/a", "nan", "none", "null")
PLACEHOLDER = "$data_root"
ROOT_FILE = "data_root.json"


class ManifestError(ValueError):
    """A manifest that cannot be used; the message lists every fault."""


def parse_label(cell: str | None) -> float:
    """Return the number in a label cell.

    A number has digits 0 to 9, at most one decimal point, perhaps a sign and
    an exponent (``1e-05``). What else Python's ``float`` accepts is refused:
    ``1_0``, ``inf``, digits of other scripts.

    Arguments
    ---------
    cell : str
        Cell of a manifest, or None.

    Returns
    -------
    float
        NaN for a missing label: an empty cell, None, ``-``, ``na``, ``n/a``,
        ``#n/a``, ``nan``, ``none`` or ``null``, in any case.

    Raises
    ------
    ValueError
        If the cell holds anything but a finite number.

    Example
    -------
    >>> parse_label(" +1.5e1 "), parse_label("N/A")
    (15.0, nan)
    """
    text = "" if cell is None else str(cell).strip()
    if text.lower() in MISSING:
        return math.nan
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"label {cell!r} is not a finite number")
    return float(text)


def label_values(rows: list[dict], column: str) -> np.ndarray:
    """Return a column of labels, shape (rows,), NaN where one is missing."""
    return np.array([parse_label(row.get(column)) for row in rows])


def format_label(value: float) -> str:
    """Return a label as a cell: six significant digits, NaN as empty."""
    return "" if math.isnan(value) else format(value, ".6g")


def set_labels(
    rows: list[dict], column: str, values: list[float], source: str
) -> None:
    """Write the labels of one column into the rows, with their source.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    column : str
        Label column.
    values : list of float
        One per row; NaN leaves the cell and its source empty.
    source : str
        Label source. Nothing is written if all labels are missing.
    """
    if all(math.isnan(value) for value in values):
        return
    for row, value in zip(rows, values, strict=True):
        row[column] = format_label(value)
        row[column + SOURCE_SUFFIX] = source if row[column] else ""


def label_columns(rows: list[dict]) -> list[str]:
    """Return the label columns of manifest rows, in the manifest's order.

    Those in `LABELS` come first, then others that have a ``<column>_source``,
    then pseudo-labels.
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
    """Write a manifest, as a whole or not at all.

    Arguments
    ---------
    path : str or Path
        CSV to write, or a link to it; its folder is made.
    rows : list of dict
        Absolute paths in ``wav`` and ``reference``; unknown columns are kept
        at the end.
    data_root : str or Path, optional
        Folder that becomes ``$data_root``, the same for all manifests of a
        folder. Default: the one in ``data_root.json`` next to the manifest;
        without that file, absolute paths are written.
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
    """Read a manifest, with absolute paths.

    Arguments
    ---------
    path : str or Path
        CSV of `write_manifest`.
    data_root : str or Path, optional
        Folder for ``$data_root``. Default: the one in ``data_root.json``
        next to the manifest.

    Returns
    -------
    list of dict
        One dict of strings per row.

    Raises
    ------
    ManifestError
        If there is no row, no column ``ID`` or ``wav``, or the folder of
        ``$data_root`` is unknown.
    FileNotFoundError
        If the manifest is missing.
    """
    rows = read_csv(path)
    if not rows:
        raise ManifestError(f"{path}: no rows; prepare the data again")
    for column in ("ID", "wav"):
        if column not in rows[0]:
            raise ManifestError(
                f"{path}: no column {column!r} among {list(rows[0])}; prepare "
                "the data again"
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
            f"{path}: the folder of {PLACEHOLDER} is unknown, {root_file} is "
            "missing; give data_root, the folder of the wavs"
        )
    return json.loads(root_file.read_text(encoding="utf-8"))["data_root"]
