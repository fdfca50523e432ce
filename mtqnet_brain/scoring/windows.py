"""Clips of any length as windows of bounded length.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import NamedTuple

import numpy as np


class Window(NamedTuple):
    """Samples of a clip from ``start`` on; ``last`` ends the clip."""

    start: int
    samples: np.ndarray
    last: bool


def cut_windows(blocks, window, hop):
    """Cut a clip into windows, the last of which ends with the clip.

    ::

        clip up to one window:   |-----|                  one window, whole
        longer:                  |----------|
                                      |----------|
                                           |----------|
                                             |----------|  ends with the clip

    Arguments
    ---------
    blocks : iterable of np.ndarray
        Consecutive samples, shape (n,) each.
    window, hop : int
        Samples; the hop is at most the window.

    Yields
    ------
    Window
        In order; no sample is left out.
    """
    held = np.zeros(0, dtype=np.float32)
    start = 0  # of what is held
    for block in blocks:
        held = np.concatenate([held, block])
        # Then a whole window follows for sure.
        while len(held) > window + hop:
            yield Window(start, held[:window], False)
            held, start = held[hop:], start + hop
    while len(held) > window:
        yield Window(start, held[:window], False)
        step = min(hop, len(held) - window)
        held, start = held[step:], start + step
    yield Window(start, held, True)
