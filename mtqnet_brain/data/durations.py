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

# What rounding and an estimated length of an mp3 may make of it.
MAX_RATIO, MAX_SECONDS = 1.1, 0.05
N_PROBED = 64  # a wrong unit, or another rate's clips, show in any of them


def duration_problem(cell: str | None, header: AudioInfo) -> str:
    """Return why a duration is not that of its wav.

    Arguments
    ---------
    cell : str
        Seconds in the manifest; what is no number is found elsewhere.
    header : AudioInfo
        Of the wav.

    Returns
    -------
    str
        One line, empty if it is.
    """
    try:
        told = parse_label(cell)
    except ValueError:
        return ""
    low, high = sorted([told, header.duration])
    # Of NaN and of what is not above zero, neither holds.
    if not (low > 0 and high > MAX_RATIO * low and high - low > MAX_SECONDS):
        return ""
    return (
        f"the wav is {header.duration:.3f} s long; batches are made by the "
        "manifest, prepare the data again"
    )


def probe_headers(rows: list[dict]) -> dict[int, AudioInfo]:
    """Read some headers, evenly spread over a manifest.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.

    Returns
    -------
    dict of int to AudioInfo
        By index; without wavs that cannot be read, which are named when
        they are used.
    """
    found = {}
    for i in range(0, len(rows), -(-len(rows) // N_PROBED) or 1):
        try:
            found[i] = audio_info(rows[i]["wav"])
        except AudioError:
            continue
    return found
