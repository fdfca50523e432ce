"""Clips of a corpus in the layout of TMHINT-QI: ``train/`` and ``test/``.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
from collections import Counter
from pathlib import Path

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.data.clip_names import parse_name

FOLDERS = ("train", "test")
LAYOUT = "[METHOD_snrN_NOISE_]PREFIX_SPEAKER_SENTENCE.wav"


def wavs_in(folder: Path) -> list[Path]:
    """Return the audio files of one folder, sorted; none if it is missing."""
    try:
        return audio_files(folder, recursive=False)
    except AudioError:
        return []


def list_wavs(data_folder: Path) -> dict:
    """Return the wavs of each folder of the release, sorted.

    Arguments
    ---------
    data_folder : Path
        Folder that holds ``train/`` and ``test/``.

    Returns
    -------
    dict
        Paths by folder.

    Raises
    ------
    FileNotFoundError
        If there is no wav at all.
    ValueError
        If none is named like those of the release.
    """
    wavs = {folder: wavs_in(data_folder / folder) for folder in FOLDERS}
    if not any(wavs.values()):
        raise FileNotFoundError(
            f"{data_folder}: no wav in its folders train and test; give the "
            "folder of the TMHINT-QI release as --data_folder, or use the "
            "recipe AnyCorpus"
        )
    paths = [path for folder in FOLDERS for path in wavs[folder]]
    if all(parse_name(path.stem).speaker is None for path in paths):
        raise ValueError(
            f"{data_folder}: none of the {len(paths)} wavs in its folders "
            f"train and test is named {LAYOUT}, the first is "
            f"{paths[0].name}; rename them, or use the recipe AnyCorpus"
        )
    return wavs


def scan_release(data_folder: Path, logger: logging.Logger) -> list[dict]:
    """List the clips of the release.

    Arguments
    ---------
    data_folder : Path
        Folder that holds ``train/`` and ``test/``.
    logger : logging.Logger
        Told about wavs whose names say nothing; they are left out.

    Returns
    -------
    list of dict
        Manifest rows without labels and durations.
    """
    wavs = list_wavs(data_folder)
    stems = Counter(path.stem for paths in wavs.values() for path in paths)
    known = {(f, path.stem): path for f in wavs for path in wavs[f]}
    rows, unknown = [], []
    for folder, paths in wavs.items():
        for path in paths:
            name = parse_name(path.stem)
            if name.speaker is None:
                unknown.append(path)
                continue
            row_id = path.stem
            if stems[row_id] > 1:
                row_id = f"{folder}_{row_id}"
            here = known.get((folder, name.utterance))
            other = [known.get((f, name.utterance)) for f in FOLDERS]
            reference = here or other[0] or other[1] or ""
            rows.append(_row(row_id, path, reference, name))
    if unknown:
        logger.warning(
            f"{len(unknown)} wavs left out, whose names are not {LAYOUT}: "
            f"{unknown[0]}"
        )
    return rows


def _row(row_id, path, reference, name):
    """Return the manifest row of one clip."""
    return {
        "ID": row_id,
        "duration": "",
        "wav": str(path),
        "reference": str(reference),
        "method": name.method,
        "snr": name.snr_cell,
        "noise": name.noise or "",
        "sentence": name.sentence,
        "speaker": name.speaker,
    }
