"""Records the wavs that a network was trained on, by content.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from mtqnet_brain.checkpoints.run_folder import FOLDER
from mtqnet_brain.utils.files import file_hash, whole_file
from mtqnet_brain.utils.untrusted_json import ModelError, model_file

KNOWN = "trained_on.txt"
N_DIGITS = 16
MAX_BYTES = 256 * 1024 * 1024  # 15 million wavs


def write_known_wavs(run: str | Path, rows: list[dict]) -> None:
    """Write a line per training wav into the model folder of a run.

    Arguments
    ---------
    run : str or Path
        Output folder of a training run.
    rows : list of dict
        Manifest rows.
    """
    lines = sorted({_digest(row["wav"]) for row in rows})
    with whole_file(Path(run) / FOLDER / KNOWN) as file:
        file.write("\n".join(lines) + "\n")


def count_known_wavs(run: str | Path, rows: list[dict]) -> int:
    """Count the wavs that a network was trained on.

    Arguments
    ---------
    run : str or Path
        Output folder of a training run, or its folder ``model``.
    rows : list of dict
        Manifest rows.

    Returns
    -------
    int
        0 if the run has no record of its training wavs.
    """
    for folder in (Path(run) / FOLDER, Path(run)):
        if (folder / KNOWN).exists():
            path = model_file(folder, KNOWN)
            if path.stat().st_size > MAX_BYTES:
                raise ModelError(f"{path}: more than {MAX_BYTES} bytes")
            own = [_digest(row["wav"]).encode() for row in rows]
            known = _found(path, set(own))
            return sum(digest in known for digest in own)
    return 0


def _found(path, wanted):
    """Return which digests are in a file, without keeping the others."""
    found, width = set(), N_DIGITS + 1  # a digest and the end of its line
    with open(path, "rb") as file:
        while block := file.read(width * 2**16):
            lines = (
                block[i : i + N_DIGITS] for i in range(0, len(block), width)
            )
            found |= wanted.intersection(lines)
    return found


def _digest(path):
    """Return the first digits of a wav's hash."""
    return file_hash(path)[:N_DIGITS]
