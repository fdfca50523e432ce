"""Impulse responses of shoebox rooms, by the image-source method.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence
from math import ceil
from types import ModuleType

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.utils.installation import require

SPEED_OF_SOUND = 343.0  # m/s
# Microphone: fractions of the room's length and width, and metres of height;
# off the planes of symmetry, where echoes would coincide.
MICROPHONE = (0.35, 0.43, 1.3)
# Fraction of the reverberation time that is simulated: down to -42 dB.
SIMULATED = 0.7
N_TRIALS = 4
TOLERANCE = 0.03  # relative, of the reverberation time


def load_pyroomacoustics() -> ModuleType:
    """Import pyroomacoustics, on one thread: the same bytes on any machine."""
    (rooms,) = require("rooms", "pyroomacoustics")
    rooms.constants.set("num_threads", 1)
    rooms.constants.set("c", SPEED_OF_SOUND)
    return rooms


def room_response(
    rt60: float, size: Sequence[float], distance: float
) -> np.ndarray:
    """Return the impulse response of a room, starting with the direct path.

    All walls have the same absorption, first that of Sabine's formula, then
    corrected until the response has the wanted reverberation time.

    Arguments
    ---------
    rt60 : float
        Reverberation time in s, 0.2 to 1.0.
    size : sequence of float
        Length, width and height in m; length at least 4, width 3, height 2.
    distance : float
        From talker to microphone in m, at most 2; rounded to a whole number
        of samples.

    Returns
    -------
    np.ndarray
        Shape (n_samples,) at 16 kHz; the direct path is sample 0 and has
        amplitude 1.

    Raises
    ------
    ImportError
        If pyroomacoustics is missing.

    Source: Allen and Berkley, "Image method for efficiently simulating
    small-room acoustics", JASA 65(4), 1979; Schroeder, "New method of
    measuring reverberation time", JASA 37(3), 1965.
    """
    length, width, height = size
    surface = 2 * (length * width + length * height + width * height)
    volume = length * width * height
    metres = SPEED_OF_SOUND * rt60
    absorption = 24 * np.log(10) * volume / surface / metres  # Sabine
    for _ in range(N_TRIALS):
        absorption = min(absorption, 0.99)
        response = _simulate(absorption, rt60, size, distance)
        found = decay_time(response)
        if abs(found / rt60 - 1) < TOLERANCE:
            break
        absorption *= found / rt60
    return response


def _simulate(absorption, rt60, size, distance):
    """Return the impulse response for an energy absorption of the walls."""
    pra = load_pyroomacoustics()
    order = ceil(SIMULATED * SPEED_OF_SOUND * rt60 / min(size))
    room = pra.ShoeBox(
        list(size),
        fs=SAMPLE_RATE,
        materials=pra.Material(absorption),
        max_order=order,
    )
    delay = round(distance / SPEED_OF_SOUND * SAMPLE_RATE)  # samples
    microphone = np.array(
        [*np.multiply(MICROPHONE[:2], size[:2]), MICROPHONE[2]]
    )
    metres = delay * SPEED_OF_SOUND / SAMPLE_RATE
    room.add_source(microphone + [metres, 0, 0])
    room.add_microphone(microphone)
    room.compute_rir()
    # Every path is delayed by half the length of its interpolation filter.
    start = delay + pra.constants.get("frac_delay_length") // 2
    response = np.asarray(room.rir[0][0], dtype=np.float64)[start:]
    return response / response[0]


def decay_time(response: np.ndarray) -> float:
    """Measure the reverberation time (T20) of a response (n_samples,), in s.

    From the slope of Schroeder's backward integral between -5 and -25 dB, as
    in ISO 3382; pyroomacoustics takes its two end points.
    """
    energy = np.cumsum(np.square(response)[::-1])[::-1]
    level = 10 * np.log10(energy / energy[0])
    decay = np.flatnonzero((level <= -5) & (level >= -25))
    slope = np.polyfit(decay / SAMPLE_RATE, level[decay], 1)[0]  # dB/s
    return -60 / slope
