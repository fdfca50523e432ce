"""Prepare any corpus: a table with a column of wavs and columns of labels.

The table has one row per clip; comma, semicolon or tab, decimal point or
comma. For VoiceMOS 2023, track 3:

    python anycorpus_prepare.py --csv track3.csv --data_folder wavs \
        --save_folder prepared --wav_column file --label mos=score:1:5 \
        --label_source "VoiceMOS 2023 listeners"

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import logging
from functools import partial
from pathlib import Path

from speechbrain.utils.logger import get_logger

from mtqnet_brain.preparation.any_table import ClipTable
from mtqnet_brain.data.grouping import (
    PARTS,
    SplitError,
    by_id,
    nested_subset,
    split_groups,
)
from mtqnet_brain.preparation.label_columns import label_tasks
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.preparation.label_sources import require_source
from mtqnet_brain.preparation.manifests import prepare_once
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.data.split_report import part_table
from mtqnet_brain.utils.name_value import parse_pairs

logger = get_logger(__name__)

STATE = "anycorpus_prepare.json"


def prepare_anycorpus(
    csv,
    data_folder,
    save_folder,
    label,
    label_source,
    wav_column="file",
    split_column=None,
    group_column=None,
    system_column=None,
    valid_share=0.1,
    test_share=0.2,
    max_train_clips=None,
    resample=True,
    seed=1986,
    skip_prep=False,
):
    """Write ``train.csv``, ``valid.csv`` and ``test.csv`` of a table.

    Nothing is done again while the settings and the files are the same.

    Arguments
    ---------
    csv : str or Path
        The table.
    data_folder : str or Path
        Where relative names of wavs start.
    save_folder : str or Path
        Where the manifests go.
    label : dict, str or list of str
        Label, column and range, e.g. ``{"mos": "score:1:5"}``.
    label_source : str
        Where the labels come from; goes into every report.
    wav_column : str
        Column of the wavs: relative or absolute, with or without extension.
    split_column : str
        Column with train, valid or test. Default: drawn with the seed.
    group_column : str
        Column whose values are must not be in two parts, such as the talkers.
    system_column : str
        Column of the system that made a clip, for figures per system.
    valid_share, test_share : float
        Fractions of all clips where the split is drawn.
    max_train_clips : int
        Clips of train that are used, drawn with the seed; fewer ones lie
        within more. Default: all.
    resample : bool
        Whether wavs of another rate than 16 kHz are accepted.
    seed : int
        Of the split and of the clips used.
    skip_prep : bool
        Whether to do nothing.

    Raises
    ------
    ValueError
        If a setting is wrong, or the table faulty, with every fault.
    OSError
        If the table is missing.
    """
    if skip_prep:
        return
    require_source(label_source)
    save_folder = Path(save_folder).absolute()
    settings = {
        "csv": str(Path(csv).absolute()),
        "data_folder": str(Path(data_folder).absolute()),
        "label": parse_pairs(label, option="--label") if label else {},
        "label_source": label_source,
        "wav_column": wav_column,
        "split_column": split_column,
        "group_column": group_column,
        "system_column": system_column,
        "shares": {"valid": valid_share, "test": test_share},
        "max_train_clips": max_train_clips,
        "resample": resample,
        "seed": seed,
    }
    table = _table(settings)
    write = partial(_write_parts, table, settings, save_folder)
    inputs = {Path(settings["csv"]), *table.files()}
    tasks = label_tasks(settings["label"])
    prepare_once(save_folder, STATE, settings, inputs, tasks, write)


def check_settings(settings, _tasks):
    """Refuse labels without a source, and columns that are not there.

    Arguments
    ---------
    settings : dict
        Of a recipe, by name; nothing has been made of them yet.
    _tasks : list of Task
        Not used: the tasks follow from the labels.

    Raises
    ------
    ValueError, OSError
        As `label_sources.require_source` and `any_table.ClipTable`.
    """
    require_source(settings["label_source"])
    _table(settings)


def _table(settings):
    """Open the table."""
    columns = ("wav_column", "split_column", "group_column", "system_column")
    return ClipTable(
        settings["csv"],
        settings["data_folder"],
        label=settings["label"],
        **{column: settings[column] for column in columns},
    )


def _write_parts(table, settings, save_folder):
    """Write the three manifests; return headers by wav."""
    rows = table.read_rows(settings["label_source"], settings["resample"])
    parts = _split(rows, settings)
    if settings["max_train_clips"] is not None:
        n_clips = settings["max_train_clips"]
        parts["train"] = nested_subset(
            parts["train"], n_clips, settings["seed"]
        )
    for part, part_rows in parts.items():
        path = save_folder / f"{part}.csv"
        write_manifest(path, part_rows, settings["data_folder"])
    grouped = settings["group_column"] is not None
    print(part_table(parts, ("group",) if grouped else ()))
    return table.headers


def _split(rows, settings):
    """Split by the table's column, or at random in whole groups."""
    if settings["split_column"] is not None:
        rows = by_id(rows)
        return {part: [r for r in rows if r["split"] == part] for part in PARTS}
    key, column = "ID", settings["group_column"]
    if column is not None:
        key, groups = "group", sorted({row["group"] for row in rows})
        if len(groups) < len(PARTS):
            raise SplitError(
                f"{settings['csv']}, {column}: {groups}; three values at "
                "least are needed, one per part"
            )
    shares, seed = settings["shares"], settings["seed"]
    return split_groups(rows, lambda row: row[key], shares, seed)


@plain_errors()
def main():
    """Run the preparation from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for flag in ("csv", "data_folder", "save_folder", "label_source"):
        parser.add_argument(f"--{flag}", required=True)
    parser.add_argument(
        "--label", nargs="+", required=True, metavar="NAME=COLUMN:LOW:HIGH"
    )
    parser.add_argument("--wav_column", default="file")
    for flag in ("split_column", "group_column", "system_column"):
        parser.add_argument(f"--{flag}")
    parser.add_argument("--valid_share", type=float, default=0.1)
    parser.add_argument("--test_share", type=float, default=0.2)
    parser.add_argument("--max_train_clips", type=int)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level="INFO", format="%(message)s")
    prepare_anycorpus(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
