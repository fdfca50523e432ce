"""Clips of any length as windows of bounded length.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mtqnet_brain.model.frames import HOP

QUIET = 6  # hops, about 0.1 s, over which the quietest place is sought


class Window(NamedTuple):
    """Samples of a clip from ``start`` on; ``last`` ends the clip."""

    start: int
    samples: np.ndarray
    last: bool


def cut_windows(blocks: Iterable[np.ndarray], window: int) -> Iterator[Window]:
    """Cut a clip into windows where it is quiet.

    A window that begins within a word is scored too low: networks are
    trained on whole utterances. Measured on long clips of several
    utterances: cuts at quiet places halve the error that cuts every so many
    seconds leave, and need no overlap.

    ::

        clip up to one window:   |-----|               one window, whole
        longer:                  |---------|           cut at the quietest
                                           |------|    place of the second
                                                  |--| half

    Arguments
    ---------
    blocks : iterable of np.ndarray
        Consecutive samples, shape (n,) each.
    window : int
        Most samples of a window; all but the last are cut on the grid of
        256 samples.

    Yields
    ------
    Window
        One after another, no sample is left out. None is shorter than half
        a window, unless the clip is.
    """
    held = np.zeros(0, dtype=np.float32)
    start = 0  # of what is held
    least = -(-window // 2)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > window + least + HOP:
            cut = quiet_place(held, least, window)
            yield Window(start, held[:cut], False)
            held, start = held[cut:], start + cut
    while len(held) > window:
        cut = quiet_place(held, least, min(window, len(held) - least))
        yield Window(start, held[:cut], False)
        held, start = held[cut:], start + cut
    yield Window(start, held, True)


def quiet_place(samples: np.ndarray, first: int, last: int) -> int:
    """Return the quietest place, on the grid where there is one.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n,), float32.
    first, last : int
        Between which it is sought.

    Returns
    -------
    int
        Samples before it.
    """
    places = np.arange(-(-first // HOP), last // HOP + 1) * HOP
    if not len(places):
        return last
    reach = QUIET * HOP // 2
    # Differences: an offset or a drift is not heard.
    steps = np.nan_to_num(np.diff(samples.astype(np.float64), prepend=0.0))
    energy = np.cumsum(np.append(0.0, steps * steps))  # (n + 1,)
    low = np.maximum(places - reach, 0)
    high = np.minimum(places + reach, len(samples))
    power = (energy[high] - energy[low]) / (high - low)
    return int(places[np.argmin(power)])
