"""Manifests of a corpus: made once, labelled from one source, checked.

The preparation scripts of the recipes share these functions; their steps
lie in `label_sources` and `pseudo_labels`.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechbrain.utils.logger import get_logger

from mtqnet_brain.data.grouping import PARTS
from mtqnet_brain.data.score_join import join_quest, join_scores, parse_columns
from mtqnet_brain.data.validation import validate_manifests
from mtqnet_brain.preparation.fused_labels import TAUGHT, add_fused_labels
from mtqnet_brain.preparation.label_sources import (
    FUSION,
    add_intrusive_labels,
    check_label_settings,
    fingerprint,
)
from mtqnet_brain.preparation.pseudo_labels import add_pseudo_labels
from mtqnet_brain.tasks import Task, auxiliary_tasks, mosanet_tasks
from mtqnet_brain.utils.files import write_json

if TYPE_CHECKING:
    from mtqnet_brain.audio.decoding import AudioInfo

logger = get_logger(__name__)

# The paper's tasks, for the command line; recipes have theirs in YAML.
PAPER_TASKS = [Task(name, 1.0, 5.0) for name in ("s_mos", "n_mos", "g_mos")]
PSEUDO_TASKS = [
    replace(task, role="auxiliary", column="") for task in mosanet_tasks()
]


def label_settings(
    tasks: list[Task],
    label_csv: str | Path | None,
    label: dict | str | list[str] | None,
    label_source: str | None,
    quest_csv: str | Path | None,
    teacher: str | Path | Sequence[str | Path] | None,
) -> dict:
    """Return the label sources as plain values; refuse contradictions.

    Arguments
    ---------
    tasks : list of Task
        Labels to learn.
    label_csv, label, label_source, quest_csv, teacher
        As for the preparation of a corpus.

    Returns
    -------
    dict
        For `prepare_once`.
    """
    check_label_settings(tasks, label_csv, label, label_source, quest_csv)
    return {
        "label": parse_columns(label) if label else None,
        "label_source": label_source,
        "label_csv": label_csv and str(label_csv),
        "quest_csv": quest_csv and str(quest_csv),
        "teacher": _plain_names(teacher),
    }


def _plain_names(teacher):
    """Return one teacher as text, several as a list of it, none as None."""
    if teacher is None or isinstance(teacher, (str, Path)):
        return teacher and str(teacher)
    return list(map(str, teacher))


def label_files(settings: dict) -> list[Path]:
    """Return the tables and the teachers' files that labels depend on.

    Arguments
    ---------
    settings : dict
        With those of `label_settings`.

    Returns
    -------
    list of Path
        Those given.
    """
    tables = [settings["label_csv"], settings["quest_csv"]]
    files = [Path(table) for table in tables if table]
    names = settings["teacher"] or []
    for path in map(Path, [names] if isinstance(names, str) else names):
        files += [path] if path.is_file() else path.rglob("model.*")
    return files


def add_label_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that every corpus with references has.

    Arguments
    ---------
    parser : argparse.ArgumentParser
        Parser of a preparation script.
    """
    parser.add_argument("--data_folder", required=True)
    parser.add_argument("--save_folder", required=True)
    parser.add_argument("--label_csv")
    parser.add_argument("--label", nargs="+", metavar="LABEL=COLUMN")
    parser.add_argument("--label_source", metavar="NAME")
    parser.add_argument("--quest_csv")
    parser.add_argument("--workers", type=int)


def prepare_once(
    save_folder: str | Path,
    state_file: str,
    settings: dict,
    inputs: list[Path],
    tasks: list[Task],
    write_parts: Callable,
    workers: int | None = None,
    teacher_cache: str | Path | None = None,
) -> None:
    """Write three manifests unless the settings and files are the same.

    Arguments
    ---------
    save_folder : str or Path
        Where the manifests go.
    state_file : str
        Name of the file next to them that records the settings.
    settings : dict
        Plain values; ``resample``, and ``teacher`` where tasks need one.
    inputs : list of Path
        Every file that the manifests depend on.
    tasks : list of Task
        Whose labels the manifests must have.
    write_parts : callable
        Writes them, without pseudo-labels; returns the headers by wav that it
        has read.
    workers, teacher_cache
        As for `pseudo_labels.add_pseudo_labels`.
    """
    save_folder = Path(save_folder)
    state_path = save_folder / state_file
    state = {"settings": settings, "inputs": fingerprint(inputs)}
    stored = {}
    if state_path.is_file():
        stored = json.loads(state_path.read_text("utf-8"))
    manifests = [save_folder / f"{part}.csv" for part in PARTS]
    headers = None
    there = all(path.is_file() for path in manifests)
    if there and state.items() <= stored.items():
        logger.info(f"{save_folder}: prepared already")
    else:
        state_path.unlink(missing_ok=True)
        headers = write_parts()
        write_json(state_path, state)
        stored = state
    fused = settings.get("label_source") == FUSION
    parts = add_pseudo_labels(
        manifests,
        [*tasks, *TAUGHT] if fused else tasks,
        settings.get("teacher"),
        workers,
        teacher_cache,
    )
    if fused:
        add_fused_labels(parts, save_folder)
    checked = {"tasks": repr(tasks), "manifests": fingerprint(manifests)}
    if stored.get("checked") != checked:
        validate_manifests(parts, tasks, settings["resample"], headers)
        write_json(state_path, stored | {"checked": checked})


def add_durations(
    rows: list[dict], data_folder: Path, resample: bool
) -> dict[str, AudioInfo]:
    """Refuse unusable wavs, all of them at once; add the durations.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    data_folder : Path
        Named in the error.
    resample : bool
        Whether another rate than 16 kHz is accepted.

    Returns
    -------
    dict of str to AudioInfo
        Header by wav.
    """
    headers = validate_manifests({str(data_folder): rows}, [], resample)
    for row in rows:
        row["duration"] = f"{headers[row['wav']].duration:.6f}"
    return headers


def add_labels(
    rows: list[dict],
    settings: dict,
    save_folder: Path,
    tasks: list[Task],
    workers: int | None,
    **matching: Any,
) -> list[dict]:
    """Add the labels from the label source in the settings.

    Arguments
    ---------
    rows : list of dict
        Manifest rows, changed in place.
    settings : dict
        With ``data_folder`` and those of `label_settings`.
    save_folder : Path
        Where computed labels go.
    tasks : list of Task
        Whose labels must lie in their range.
    workers : int
        Processes that compute them.
    **matching
        ``names`` and ``copies`` of `clip_matching.match_clips`.

    Returns
    -------
    list of dict
        The rows without those that could not be labelled.
    """
    label_csv, quest_csv = settings["label_csv"], settings["quest_csv"]
    columns, source = settings["label"], settings["label_source"]
    if label_csv:
        joined = join_scores(
            rows, label_csv, columns, source, tasks=tasks, **matching
        )
        logger.info(f"{label_csv}: {joined}")
    elif quest_csv:
        joined = join_quest(rows, quest_csv, columns, tasks, **matching)
        logger.info(f"{quest_csv}: {joined}")
    elif source:
        root = Path(settings["data_folder"])
        pseudo = bool(settings["teacher"] and auxiliary_tasks(tasks))
        return add_intrusive_labels(
            rows, root, save_folder, workers, logger, pseudo, source
        )
    return rows
