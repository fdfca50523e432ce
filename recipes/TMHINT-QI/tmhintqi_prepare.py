"""Prepare TMHINT-QI, or a corpus in its layout: manifests with labels.

The release holds, in ``train/`` and ``test/``, Mandarin speech: clean, mixed
with noise, and enhanced by five systems (FCN, DDAE, Trans, MMSE, KLT), as
``{method}_{snrN}_{noise}_{cleanUtterance}.wav``, the clean clips as
``{cleanUtterance}.wav``. ``raw_data.csv`` has one row per clip and listener.
The S-MOS, N-MOS and G-MOS of the paper (3QUEST) are not in the release: give
your own scores, those of 3QUEST, or have open stand-ins computed.

    python tmhintqi_prepare.py --data_folder TMHINT-QI --save_folder prepared \
        --label_source composite

Reference: Chen and Tsao, "InQSS: a speech intelligibility and quality
assessment model using a multi-task learning network", Interspeech 2022.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import logging
from functools import partial
from pathlib import Path

from speechbrain.utils.logger import get_logger

from mtqnet_brain.preparation.tmhint_qi import list_wavs, scan_release
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.preparation.label_sources import check_labels
from mtqnet_brain.preparation.manifests import (
    PAPER_TASKS,
    PSEUDO_TASKS,
    add_durations,
    add_label_arguments,
    add_labels,
    label_files,
    label_settings,
    prepare_once,
)
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.data.score_join import join_scores
from mtqnet_brain.data.split_report import log_split, split_summary
from mtqnet_brain.data.splits import SPLITS, split_rows
from mtqnet_brain.data.table_files import read_csv, read_table
from mtqnet_brain.teacher import follow_teacher

logger = get_logger(__name__)

STATE = "tmhintqi_prepare.json"
LISTENERS = "TMHINT-QI listeners"
# A clip that lies in train/ and in test/ is one recording with one score.
COPIES = True
ORIGINS = ("source", "language")
HUMAN_COLUMNS = {
    "quality": "quality_score",
    "intelligibility": "intelligibility_score",
}


def prepare_tmhintqi(
    data_folder,
    save_folder,
    tasks,
    split="paper",
    label_csv=None,
    label=None,
    label_source=None,
    quest_csv=None,
    teacher=None,
    resample=True,
    seed=1986,
    workers=None,
    skip_prep=False,
    teacher_cache=None,
):
    """Write ``train.csv``, ``valid.csv`` and ``test.csv`` of TMHINT-QI.

    Nothing is done again while the settings and the files are the same.

    Arguments
    ---------
    data_folder : str or Path
        The release, with ``train/``, ``test/`` and ``raw_data.csv``.
    save_folder : str or Path
        Where the manifests go.
    tasks : list of Task
        Whose labels the manifests must have.
    split : str
        ``paper``, ``official``, ``sentence`` or ``speaker``.
    label_csv, quest_csv : str or Path
        Table of scores, or of 3QUEST scores, by file name.
    label : dict or str
        Its column by label, e.g. ``{"s_mos": "S"}`` or ``"s_mos=S"``.
    label_source : str
        Where its scores come from; ``composite`` without a table: CSIG,
        CBAK, COVL, PESQ, STOI and SDI are computed.
    teacher : str or Path, or a list of them
        Give missing pseudo-labels: the output folder of a trained teacher,
        the published MOSA-Net's ``.h5``, ``intrusive``, ``dnsmos``,
        ``distillmos``.
    resample : bool
        Whether wavs of another rate than 16 kHz are accepted.
    seed : int
        Of the split.
    workers : int
        Processes that compute labels and pseudo-labels. Default: one per
        core.
    skip_prep : bool
        Whether to do nothing.
    teacher_cache : str or Path
        Folder where scores of teachers are kept by the content of the wavs.
        Default: ``teacher_scores`` beside the manifests.

    Raises
    ------
    ValueError
        If labels are missing or the data are faulty, with every fault.
    OSError
        If a folder or table is missing.
    """
    if skip_prep:
        return
    tasks, save_folder = list(tasks), Path(save_folder).absolute()
    settings = {
        "data_folder": str(Path(data_folder).absolute()),
        "split": split,
        "seed": seed,
        "resample": resample,
        **label_settings(
            tasks, label_csv, label, label_source, quest_csv, teacher
        ),
    }
    write = partial(_write_parts, settings, save_folder, tasks, workers)
    inputs = _inputs(settings)
    prepare_once(
        save_folder,
        STATE,
        settings,
        inputs,
        tasks,
        write,
        workers,
        teacher_cache,
    )


def check_settings(settings, tasks):
    """Refuse labels that are not there, and a folder that is no TMHINT-QI.

    Arguments
    ---------
    settings : dict
        Of a recipe, by name; nothing has been made of them yet.
    tasks : list of Task
        What is to be learnt.

    Raises
    ------
    ValueError, OSError
        As `label_sources.check_labels` and `tmhint_qi.list_wavs`.
    """
    check_labels(settings, tasks)
    list_wavs(Path(settings["data_folder"]).absolute())


def _inputs(settings):
    """Return every file that the manifests depend on."""
    root = Path(settings["data_folder"])
    tables = (root / "raw_data.csv", root / "labels.csv")
    files = [path for path in tables if path.is_file()]
    files += [path for paths in list_wavs(root).values() for path in paths]
    return files + label_files(settings)


def _write_parts(settings, save_folder, tasks, workers):
    """Write the manifests, without pseudo-labels; return headers by wav."""
    data_folder = Path(settings["data_folder"])
    raw_data = data_folder / "raw_data.csv"
    rows = scan_release(data_folder, logger)
    headers = add_durations(rows, data_folder, settings["resample"])
    _add_human_labels(rows, raw_data)
    _add_origins(rows, raw_data)
    _require_human_labels(rows, raw_data, tasks)
    # What cannot be split is refused before labels are computed.
    split_rows(rows, settings["split"], settings["seed"])
    rows = add_labels(
        rows, settings, save_folder, tasks, workers, copies=COPIES
    )
    parts = split_rows(rows, settings["split"], settings["seed"])
    for part, part_rows in parts.items():
        write_manifest(save_folder / f"{part}.csv", part_rows, data_folder)
    log_split(parts, len(rows), settings["split"], logger)
    print(split_summary(parts, settings["split"]))
    return headers


def _add_human_labels(rows, raw_data):
    """Add the means over listeners, where somebody has listened."""
    if raw_data.is_file():
        header, _ = read_table(raw_data)
        columns = {k: v for k, v in HUMAN_COLUMNS.items() if v in header}
        report = join_scores(
            rows, raw_data, columns, LISTENERS, average=True, copies=COPIES
        )
        logger.info(f"{raw_data}: {report}")
    else:
        logger.warning(f"{raw_data}: no such file, so no listeners' scores")


def _add_origins(rows, raw_data):
    """Add source and language of the clips of a corpus that has several."""
    if not raw_data.is_file():
        return
    origins = {
        row.get("file_name", ""): {name: row.get(name, "") for name in ORIGINS}
        for row in read_csv(raw_data)
        if row.get(ORIGINS[0])
    }
    for row in rows:
        row |= origins.get(Path(row["wav"]).name, {})


def _require_human_labels(rows, raw_data, tasks):
    """Refuse tasks that need listeners where nobody has listened."""
    for task in tasks:
        if task.column in HUMAN_COLUMNS and task.column not in rows[0]:
            raise ValueError(
                f"task {task.name}: {raw_data} gives no "
                f"{HUMAN_COLUMNS[task.column]}; take it from the release"
            )


@plain_errors()
def main():
    """Run the preparation from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_label_arguments(parser)
    parser.add_argument("--split", default="paper", choices=SPLITS)
    parser.add_argument("--seed", type=int, default=1986)
    parser.add_argument("--teacher", nargs="+", help="add pseudo-labels")
    parser.add_argument("--teacher_cache", help="keeps their scores")
    args = parser.parse_args()
    tasks = PAPER_TASKS
    if args.teacher:
        tasks = follow_teacher([*tasks, *PSEUDO_TASKS], args.teacher)
    logging.basicConfig(level="INFO", format="%(message)s")
    prepare_tmhintqi(tasks=tasks, **vars(args))


if __name__ == "__main__":
    main()
