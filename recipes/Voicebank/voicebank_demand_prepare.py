"""Prepare VoiceBank-DEMAND: manifests with labels.

The release holds clean speech of VCTK and the same with noise of DEMAND: 28
speakers for training, two for testing. A clip is named
``{speaker}_{sentence}.wav``, the same in both its folders. Folders
of 16 kHz copies, which end in ``_16k`` as SpeechBrain names them, go before
the originals at 48 kHz. ``log_trainset_28spk.txt`` and ``log_testset.txt``,
anywhere in the data folder, give each clip's noise and SNR.

    python voicebank_demand_prepare.py --data_folder VoiceBank \
        --save_folder prepared --label_source composite

Reference: Valentini-Botinhao, "Noisy speech database for training speech
enhancement algorithms and TTS models", University of Edinburgh, 2017.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import logging
from functools import partial
from pathlib import Path

from speechbrain.utils.logger import get_logger

from mtqnet_brain.data.grouping import SplitError, by_id, refuse_empty
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.preparation.label_sources import check_labels
from mtqnet_brain.preparation.manifests import (
    PAPER_TASKS,
    add_durations,
    add_label_arguments,
    add_labels,
    label_files,
    label_settings,
    prepare_once,
)
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.data.split_report import part_table
from mtqnet_brain.preparation.voicebank import (
    SETS,
    find_logs,
    list_clips,
    names_in_tables,
    pair_counts,
    scan_set,
)

logger = get_logger(__name__)

STATE = "voicebank_demand_prepare.json"
# The speakers that SpeechBrain's recipes take for validation.
VALID_SPEAKERS = ("p226", "p287")


def prepare_voicebank(
    data_folder,
    save_folder,
    tasks,
    valid_speakers=VALID_SPEAKERS,
    label_csv=None,
    label=None,
    label_source=None,
    quest_csv=None,
    teacher=None,
    resample=True,
    workers=None,
    skip_prep=False,
    teacher_cache=None,
):
    """Write ``train.csv``, ``valid.csv`` and ``test.csv`` of the corpus.

    Nothing is done again while the settings and the files are the same.

    Arguments
    ---------
    data_folder : str or Path
        The release, with its four folders of wavs.
    save_folder : str or Path
        Where the manifests go.
    tasks : list of Task
        Whose labels the manifests must have.
    valid_speakers : list of str or str
        Speakers of the training set that are taken for validation.
    label_csv, quest_csv : str or Path
        Table of scores, or of 3QUEST scores, by file name. A name without
        folder means the noisy clip, ``clean/NAME`` the clean one.
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
    if isinstance(valid_speakers, str):  # from a command line
        valid_speakers = valid_speakers.split()
    tasks, save_folder = list(tasks), Path(save_folder).absolute()
    data_folder = Path(data_folder).absolute()
    settings = {
        "data_folder": str(data_folder),
        "valid_speakers": list(valid_speakers),
        "resample": resample,
        **label_settings(
            tasks, label_csv, label, label_source, quest_csv, teacher
        ),
    }
    wavs, logs = list_clips(data_folder), find_logs(data_folder)
    inputs = [path for stems in wavs.values() for path in stems.values()]
    inputs += [*logs.values(), *label_files(settings)]
    inputs += data_folder.glob("labels.csv")
    write = partial(
        _write_parts, settings, wavs, logs, save_folder, tasks, workers
    )
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
    """Refuse labels that are not there, and a folder that is not this corpus.

    Arguments
    ---------
    settings : dict
        Of a recipe, by name; nothing has been made of them yet.
    tasks : list of Task
        What is to be learnt.

    Raises
    ------
    ValueError, OSError
        As `label_sources.check_labels` and `voicebank.list_clips`.
    """
    check_labels(settings, tasks)
    list_clips(Path(settings["data_folder"]).absolute())


def _write_parts(settings, wavs, logs, save_folder, tasks, workers):
    """Write the manifests, without pseudo-labels; return headers by wav."""
    data_folder = Path(settings["data_folder"])
    sets = {part: scan_set(part, wavs, logs, logger) for part in SETS}
    for part, rows in sets.items():
        logger.info(pair_counts(part, rows))
    rows = sets["train"] + sets["test"]
    _split(sets, settings["valid_speakers"])  # fails before the labels
    headers = add_durations(rows, data_folder, settings["resample"])
    rows = add_labels(
        rows, settings, save_folder, tasks, workers, names=names_in_tables
    )
    kept = {row["ID"] for row in rows}
    for part, part_rows in sets.items():
        sets[part] = [row for row in part_rows if row["ID"] in kept]
    parts = _split(sets, settings["valid_speakers"])
    for part, part_rows in parts.items():
        write_manifest(save_folder / f"{part}.csv", part_rows, data_folder)
    print(part_table(parts, ("speaker",)))
    return headers


def _split(sets, valid_speakers):
    """Take the speakers of validation out of the training set."""
    speakers = {row["speaker"] for row in sets["train"]}
    unknown = set(valid_speakers) - speakers
    if unknown or not valid_speakers:
        raise SplitError(
            f"valid_speakers {list(valid_speakers)}: give one or more of the "
            f"training set's, {sorted(speakers)}"
        )
    parts = {"train": [], "valid": [], "test": by_id(sets["test"])}
    for row in by_id(sets["train"]):
        held_out = row["speaker"] in valid_speakers
        parts["valid" if held_out else "train"].append(row)
    return refuse_empty(parts)


@plain_errors()
def main():
    """Run the preparation from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_label_arguments(parser)
    parser.add_argument("--valid_speakers", nargs="+", default=VALID_SPEAKERS)
    logging.basicConfig(level="INFO", format="%(message)s")
    prepare_voicebank(tasks=PAPER_TASKS, **vars(parser.parse_args()))


if __name__ == "__main__":
    main()
