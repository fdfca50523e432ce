"""Clips of VoiceBank-DEMAND: clean and noisy folders, logs of the noise.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
from pathlib import Path

from mtqnet_brain.data.clip_index import table_names
from mtqnet_brain.data.manifest import ManifestError
from mtqnet_brain.data.table_numbers import parse_score
from mtqnet_brain.preparation.tmhint_qi import wavs_in
from mtqnet_brain.utils.text_files import read_text, split_lines

SETS = {"train": "trainset_28spk", "test": "testset"}
METHODS = {"clean": "clean", "noisy": "Noisy"}
EXPECTED_PAIRS = {"train": 11572, "test": 824}
COPY_SUFFIX = "_16k"  # as SpeechBrain names resampled copies


def list_clips(data_folder: Path) -> dict:
    """Return the wavs of the four folders, of the 16 kHz copies if any.

    Arguments
    ---------
    data_folder : Path
        Holds ``clean_trainset_28spk_wav`` or ``..._wav_16k`` and so on.

    Returns
    -------
    dict
        Per (part, ``clean`` or ``noisy``): paths by stem.

    Raises
    ------
    FileNotFoundError
        Names every folder without a wav.
    """
    wavs, missing = {}, []
    for part, name in SETS.items():
        for kind in METHODS:
            folder = data_folder / f"{kind}_{name}_wav"
            copies = folder.with_name(folder.name + COPY_SUFFIX)
            folder = copies if copies.is_dir() else folder
            wavs[part, kind] = {path.stem: path for path in wavs_in(folder)}
            missing += [] if wavs[part, kind] else [folder.name]
    if missing:
        raise FileNotFoundError(
            f"{data_folder}: no wav in {', '.join(missing)}; give the folder "
            "that holds the unpacked archives of VoiceBank-DEMAND as "
            "--data_folder"
        )
    return wavs


def find_logs(data_folder: Path) -> dict:
    """Return the logs of noises in the data folder and below, by part."""
    found = {
        part: sorted(data_folder.rglob(f"log_{name}.txt"))
        for part, name in SETS.items()
    }
    return {part: paths[0] for part, paths in found.items() if paths}


def read_log(path: Path) -> dict:
    """Read noise and SNR per clip, from lines like ``p226_001 cafe 15``.

    Arguments
    ---------
    path : Path
        The log.

    Returns
    -------
    dict
        (noise, snr), both str, by stem.

    Raises
    ------
    ManifestError
        If a line is not of that form.
    """
    conditions = {}
    for number, line in enumerate(split_lines(read_text(path)), start=1):
        try:
            if line.strip():
                stem, noise, snr = line.split()
                conditions[stem] = noise, f"{parse_score(snr):g}"
        except ValueError as err:
            raise ManifestError(
                f"{path}, line {number}: {line!r} is not SPEAKER_SENTENCE "
                "NOISE SNR; unpack the file again"
            ) from err
    return conditions


def scan_set(
    part: str, wavs: dict, logs: dict, logger: logging.Logger
) -> list[dict]:
    """List the clips of the training or of the test set.

    Arguments
    ---------
    part : str
        ``train`` or ``test``.
    wavs : dict
        Result of `list_clips`.
    logs : dict
        Result of `find_logs`.
    logger : logging.Logger
        Gets warnings about a missing log and unknown names.

    Returns
    -------
    list of dict
        Manifest rows without labels and durations, clean ones first.
    """
    conditions = read_log(logs[part]) if part in logs else {}
    if part not in logs:
        logger.warning(f"no log_{SETS[part]}.txt: noise and snr stay empty")
    clips = [(k, s, p) for k in METHODS for s, p in wavs[part, k].items()]
    unknown = [path for _, stem, path in clips if not all(_who_what(stem))]
    if unknown:
        logger.warning(
            f"{len(unknown)} wavs left out, whose names are not "
            f"SPEAKER_SENTENCE: {unknown[0]}"
        )
    return [
        _row(kind, path, wavs[part, "clean"].get(stem, ""), conditions)
        for kind, stem, path in clips
        if all(_who_what(stem))
    ]


def _who_what(stem):
    """Return speaker and sentence of ``p226_001``."""
    speaker, _, sentence = stem.partition("_")
    return speaker, sentence


def _row(kind, path, reference, conditions):
    """Return the manifest row of one clip."""
    noise, snr = "", ""
    if kind == "noisy":
        noise, snr = conditions.get(path.stem, ("", ""))
    speaker, sentence = _who_what(path.stem)
    return {
        "ID": f"{kind}_{path.stem}",
        "duration": "",
        "wav": str(path),
        "reference": str(reference),
        "method": METHODS[kind],
        "snr": snr,
        "noise": noise,
        "sentence": sentence,
        "speaker": speaker,
    }


def pair_counts(part: str, rows: list[dict]) -> str:
    """Return how many pairs there are, and which clips have no partner.

    Arguments
    ---------
    part : str
        ``train`` or ``test``.
    rows : list of dict
        Result of `scan_set`.

    Returns
    -------
    str
        One line.
    """
    noisy, clean = (
        {(r["speaker"], r["sentence"]) for r in rows if r["method"] == method}
        for method in ("Noisy", "clean")
    )
    text = (
        f"{SETS[part]}: {len(noisy & clean)} pairs found, "
        f"{EXPECTED_PAIRS[part]} expected"
    )
    if noisy != clean:
        text += (
            f"; {len(noisy - clean)} noisy wavs have no clean one, "
            f"{len(clean - noisy)} clean ones no noisy one, first "
            + "_".join(min(noisy ^ clean))
        )
    return text


def names_in_tables(row: dict) -> list[str]:
    """Return the names that a table may give a clip.

    Clean and noisy clips have the same file names. One without folder means
    the noisy clip, so that its scores do not reach the clean one.

    Arguments
    ---------
    row : dict
        Manifest row.

    Returns
    -------
    list of str
        The path, the folder's name with and without ``_16k``, ``noisy`` or
        ``clean`` as a folder, and for a noisy clip the bare name.
    """
    path, name = table_names(row)
    folder = Path(path).parent.name.removesuffix(COPY_SUFFIX)
    kind = folder.split("_")[0]
    folders = (folder + COPY_SUFFIX, folder, kind)
    names = [path, *(f"{inner}/{name}" for inner in folders)]
    return names + ([name] if kind == "noisy" else [])
