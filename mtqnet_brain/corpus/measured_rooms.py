"""Measured room responses: speech as it sounds in them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import fftconvolve

from mtqnet_brain.audio.io import AudioError, load_audio
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.corpus.mixing import active_level, limit_peak
from mtqnet_brain.corpus.rooms import decay_time
from mtqnet_brain.utils.error_text import reason_of

ROOM = "Room"  # the method of clips in a measured room
ROOM_PARAMETERS = ("room", "t60_s")  # columns of degradations.csv
ONSET_DB = -20.0  # below the peak, as in ISO 3382-1, 5.3.3
BEFORE = 40  # samples (2.5 ms): the rise of the direct sound
DIRECT = 40  # samples (2.5 ms) after the onset: the direct sound peaks there


def find_rooms(
    folder: str | Path | None,
) -> tuple[list[Path], dict[Path, str]]:
    """List the room responses of a folder.

    Arguments
    ---------
    folder : str or Path
        With subfolders of any depth; None for no responses.

    Returns
    -------
    rooms : list of Path
        Files that can be used, sorted.
    bad : dict
        Reason by path, of those that cannot.

    Raises
    ------
    AudioError
        If there is no audio file.
    """
    rooms, bad = [], {}
    for path in audio_files(folder) if folder else []:
        try:
            load_room(path)
        except (AudioError, OSError, ValueError) as err:
            bad[path] = reason_of(err, path)
        else:
            rooms.append(path)
    return rooms, bad


@lru_cache(maxsize=64)
def load_room(path: Path) -> tuple[np.ndarray, int]:
    """Read a room response.

    Arguments
    ---------
    path : Path
        Audio file; several channels are mixed down.

    Returns
    -------
    response : np.ndarray
        Shape (n_samples,) at 16 kHz, without what precedes the direct sound
        by more than 2.5 ms.
    direct : int
        Index of the direct sound's peak.

    Raises
    ------
    AudioError
        If it cannot be read.
    ValueError
        If it is silent.
    """
    response = load_audio(path).astype(np.float64)
    size = np.abs(response)
    if not size.any():
        raise ValueError("the room response is silent; remove the file")
    onset = int(np.argmax(size >= size.max() * 10 ** (ONSET_DB / 20)))
    direct = onset + int(np.argmax(size[onset : onset + DIRECT]))
    start = max(0, onset - BEFORE)
    return response[start:], direct - start


def room_parameters(path: Path) -> dict[str, Any]:
    """Return the row of degradations.csv for a room: file and T60 in s.

    The time is extrapolated from the decay of 5 to 25 dB, as by
    `rooms.decay_time`; empty where a response has no such decay.
    """
    response, direct = load_room(path)
    try:
        with np.errstate(divide="ignore"):  # a response may end in zeros
            decay = float(decay_time(response[direct:]))
        seconds: float | str = round(decay, 3)
    except (TypeError, ValueError, np.linalg.LinAlgError):
        seconds = ""
    return {"room": path.name, "t60_s": seconds}


def put_in_room(samples: np.ndarray, path: Path) -> np.ndarray:
    """Return speech as a microphone in a measured room picks it up.

    Arguments
    ---------
    samples : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    path : Path
        Room response.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32: the direct sound not delayed, the active
        level that of the samples, the peak at most 0.99. What would follow
        the last sample is cut off.
    """
    response, direct = load_room(path)
    wet = fftconvolve(samples, response)[direct : direct + len(samples)]
    gain_db = active_level(samples) - active_level(wet)
    return limit_peak(wet * 10 ** (gain_db / 20))
