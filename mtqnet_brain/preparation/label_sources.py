"""Steps that the preparation of every corpus shares.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.data.manifest import (
    MAX_FAILED_FRACTION,
    ManifestError,
    parse_label,
    set_labels,
)
from mtqnet_brain.data.score_join import check_columns, parse_columns
from mtqnet_brain.data.table_files import find_quest_columns, read_rows
from mtqnet_brain.utils.files import TEXT, same_name

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task

COMPOSITE, FUSION = "composite", "fusion"
COMPUTED = (COMPOSITE, FUSION)
_COMPOSITE_NAME = "composite (CSIG/CBAK/COVL)"
_INTRUSIVE = {name: (name, "intrusive") for name in ("pesq", "stoi", "sdi")}
# Measure and label source by label, for either computed source.
MEASURES = {
    COMPOSITE: {
        "s_mos": ("csig", _COMPOSITE_NAME),
        "n_mos": ("cbak", _COMPOSITE_NAME),
        "g_mos": ("covl", _COMPOSITE_NAME),
        **_INTRUSIVE,
    },
    FUSION: {
        **{name: (name, _COMPOSITE_NAME) for name in ("csig", "cbak", "covl")},
        **_INTRUSIVE,
    },
}
PAPER_LABELS = tuple(MEASURES[COMPOSITE])
THREE_WAYS = (
    "give --label_csv FILE --label s_mos=COLUMN n_mos=COLUMN g_mos=COLUMN "
    "--label_source NAME (your own scores), --quest_csv FILE (3QUEST's), or "
    "--label_source composite (CSIG, CBAK, COVL, PESQ, STOI, SDI computed "
    "here from the clean references), or --label_source fusion (these and "
    "teachers, fused as listeners would)"
)


def fingerprint(paths: list[Path]) -> str:
    """Return a hash of names, sizes and times of change of files.

    Arguments
    ---------
    paths : list of Path
        Existing files.

    Returns
    -------
    str
        Changes when a file is changed, added or removed.
    """
    digest = hashlib.sha256()
    for path in sorted(map(str, paths)):
        stat = os.stat(path)
        line = f"{path}\t{stat.st_size}\t{stat.st_mtime_ns}\n"
        digest.update(line.encode(**TEXT))
    return digest.hexdigest()


def check_label_settings(
    tasks: list[Task],
    label_csv: str | Path | None = None,
    label: dict | str | list[str] | None = None,
    label_source: str | None = None,
    quest_csv: str | Path | None = None,
) -> None:
    """Refuse settings that give no labels, or labels twice.

    Arguments
    ---------
    tasks : list of Task
        Labels to learn.
    label_csv, label, label_source, quest_csv
        As for the preparation of a corpus.

    Raises
    ------
    ValueError
        With the flags that are missing or too many.
    """
    computed = label_source in COMPUTED and not label_csv
    given = [bool(label_csv), bool(quest_csv), computed]
    if sum(given) > 1 or (label_csv and label_source in COMPUTED):
        raise ValueError(
            "labels are given twice: choose one of --label_csv, --quest_csv, "
            "--label_source composite and --label_source fusion"
        )
    if quest_csv and label_source:
        raise ValueError("--quest_csv has a source, 3QUEST: no --label_source")
    if label_csv and not (label and label_source):
        raise ValueError(
            f"--label_csv {label_csv} needs --label s_mos=COLUMN ... and "
            "--label_source NAME, which goes into every report"
        )
    if not any(given) and (label or label_source):
        raise ValueError(
            f"--label {label!r}, --label_source {label_source!r}: there is no "
            f"table to read them from; {THREE_WAYS}"
        )
    missing = [t.column for t in tasks if t.column in PAPER_LABELS]
    if missing and not any(given):
        raise ValueError(
            f"the tasks learn from {', '.join(missing)}, and no labels are "
            f"given; {THREE_WAYS}"
        )


def check_labels(settings: dict, tasks: list[Task]) -> None:
    """Refuse labels that are not given, or not in their table.

    Arguments
    ---------
    settings : dict
        The settings of a recipe by name.
    tasks : list of Task
        Labels to learn.

    Raises
    ------
    ValueError, OSError
        With what is missing, or too much.
    """
    names = ("label_csv", "label", "label_source", "quest_csv")
    check_label_settings(tasks, *(settings.get(name) for name in names))
    table = settings.get("label_csv") or settings.get("quest_csv")
    label = settings.get("label")
    if table and label:
        check_columns(table, parse_columns(label))
    elif table:
        find_quest_columns(table)


def require_source(label_source: str) -> None:
    """Refuse labels whose origin no report could name.

    Arguments
    ---------
    label_source : str
        Given by the user, or None.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not label_source:
        raise ValueError(
            "no --label_source NAME: who or what gave the labels? The name "
            "goes into every report"
        )


def add_intrusive_labels(
    rows: list[dict],
    data_folder: Path,
    save_folder: Path,
    workers: int | None,
    logger: logging.Logger,
    pseudo: bool = False,
    source: str = COMPOSITE,
) -> list[dict]:
    """Label clips against their clean references.

    A ``labels.csv`` of the corpus builder in the data folder is taken if it
    lists every wav; otherwise one is computed in the save folder.

    Arguments
    ---------
    rows : list of dict
        Manifest rows with ``reference``, changed in place.
    data_folder, save_folder : Path
        Folders of the corpus and of the manifests.
    workers : int
        Processes.
    logger : logging.Logger
        Told where the labels come from and which clips failed.
    pseudo : bool, optional
        Whether rows without a reference stay, without labels, since a teacher
        gives them pseudo-labels.
    source : str, optional
        ``composite``: CSIG, CBAK and COVL are the S-, N- and G-MOS, as
        stand-ins for 3QUEST. ``fusion``: they keep their names.

    Returns
    -------
    list of dict
        The rows that were labelled, then those without a reference.

    Raises
    ------
    ManifestError
        If more than 5 % of the clips could not be labelled.
    """
    alone = [row for row in rows if pseudo and not row["reference"]]
    if alone:
        logger.info(
            f"{len(alone)} of {len(rows)} wavs have no clean reference: they "
            "are learnt from pseudo-labels alone"
        )
        rows = [row for row in rows if row["reference"]]
    files = [_file(row, data_folder) for row in rows]
    labels = _read_labels(data_folder / "labels.csv", files)
    if labels:
        logger.info(f"labels taken from {data_folder / 'labels.csv'}")
    else:
        labels = _compute_labels(rows, files, save_folder, workers, logger)
    failed = {file: labels[file]["error"] for file in files}
    _report_failed({k: v for k, v in failed.items() if v}, len(files), logger)
    kept = [i for i, file in enumerate(files) if not failed[file]]
    rows = [rows[i] for i in kept]
    for name, (column, measured) in MEASURES[source].items():
        values = [parse_label(labels[files[i]][column]) for i in kept]
        set_labels(rows, name, values, measured)
    return rows + alone


def _file(row, data_folder):
    """Return the path of a wav as the label tables have it."""
    return Path(row["wav"]).relative_to(data_folder).as_posix()


def _read_labels(path, files):
    """Return the label rows by file, None if one of the files is missing.

    None too if it is a user's own table of the same name.
    """
    if not path.is_file():
        return None
    header, rows = read_rows(path)
    columns = {"file", "error", *(c for c, _ in MEASURES[FUSION].values())}
    if not columns <= set(header):
        return None
    labels = {same_name(cells["file"]): cells for _, cells in rows}
    return labels if labels.keys() >= set(files) else None


def _compute_labels(rows, files, save_folder, workers, logger):
    """Return computed label rows by file, of an earlier run if they hold."""
    output = save_folder / "labels.csv"
    labels = _read_labels(output, files)
    newest = max(os.stat(row["wav"]).st_mtime_ns for row in rows)
    if labels and output.stat().st_mtime_ns > newest:
        logger.info(f"labels taken from {output}, computed earlier")
        return labels
    _refuse_without_references(rows)
    from mtqnet_brain.labels import Pair, label_pairs

    pairs = [
        Pair(file, row["reference"] or None, row["wav"])
        for file, row in zip(files, rows, strict=True)
    ]
    logger.info(f"computing the labels of {len(pairs)} wavs in {output}")
    label_pairs(pairs, output, workers=workers or os.cpu_count() or 1)
    return _read_labels(output, files)


def _refuse_without_references(rows):
    """Refuse clips that nothing can be compared with, before the work."""
    alone = [row for row in rows if not row["reference"]]
    if len(alone) > MAX_FAILED_FRACTION * len(rows):
        raise ManifestError(
            f"{len(alone)} of {len(rows)} wavs have no clean reference, the "
            f"first is {alone[0]['wav']}: the clean clip must be in the "
            "corpus, named like the last part of that file name; add the "
            "references, or give your own scores with --label_csv"
        )


def _report_failed(failed, n_clips, logger):
    """Say which clips could not be labelled; refuse too many."""
    if not failed:
        return
    found = Counter(failed.values()).most_common(3)
    reasons = "; ".join(f"{reason} ({count})" for reason, count in found)
    text = (
        f"{len(failed)} of {n_clips} wavs could not be labelled, first "
        f"{next(iter(failed))}: {reasons}"
    )
    if len(failed) > MAX_FAILED_FRACTION * n_clips:
        raise ManifestError(
            f"{text}; more than {MAX_FAILED_FRACTION:.0%} failed"
        )
    logger.warning(f"{text}; left out")
