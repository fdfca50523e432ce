"""Durations in a manifest against those of the wavs.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtqnet_brain.audio.io import AudioError, audio_info
from mtqnet_brain.data.manifest import parse_label

if TYPE_CHECKING:
    from mtqnet_brain.audio.decoding import AudioInfo

# Tolerance for rounding and for the estimated length of an mp3.
MAX_RATIO, MAX_SECONDS = 1.1, 0.05
N_PROBED = 64  # a wrong unit, or another rate's clips, show in any of them


def duration_problem(cell: str | None, header: AudioInfo) -> str:
    """Return why a duration in a manifest differs from that of the wav.

    Arguments
    ---------
    cell : str
        Seconds in the manifest; another fault finds invalid numbers.
    header : AudioInfo
        Header of the wav.

    Returns
    -------
    str
        One line; empty if they agree, or the cell is not a number.
    """
    try:
        told = parse_label(cell)
    except ValueError:
        return ""
    low, high = sorted([told, header.duration])
    # False for NaN and for durations that are not positive.
    if not (low > 0 and high > MAX_RATIO * low and high - low > MAX_SECONDS):
        return ""
    return (
        f"the wav is {header.duration:.3f} s long, and batches depend on it; "
        "prepare the data again"
    )


def probe_headers(rows: list[dict]) -> dict[int, AudioInfo]:
    """Read the headers of some wavs, evenly spread over a manifest.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.

    Returns
    -------
    dict of int to AudioInfo
        Header by index of the row, without wavs that cannot be read: they
        are refused when they are used.
    """
    found = {}
    for i in range(0, len(rows), -(-len(rows) // N_PROBED) or 1):
        try:
            found[i] = audio_info(rows[i]["wav"])
        except AudioError:
            continue
    return found
