"""Cuts clips of any length into windows of bounded length.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mtqnet_brain.audio.resampling import regroup
from mtqnet_brain.inference.pauses import active_power, frame_power, kept_hops
from mtqnet_brain.model.frames import HOP

QUIET = 6  # hops, about 0.1 s, over which the power at a cut is measured


class Window(NamedTuple):
    """A part of a clip, without its pauses."""

    hops: np.ndarray  # numbers of its hops of 256 samples in the clip, rising
    samples: np.ndarray  # (n,); there are ceil(n / 256) hops


def cut_windows(blocks: Iterable[np.ndarray], window: int) -> Iterator[Window]:
    """Cut long pauses out of a clip, and divide the rest into windows.

    The network scores a window as a whole, and would score the quiet noise of
    a long pause as noisy speech. A window that begins within a word gets too
    low a score, since networks are trained on whole utterances. Measured on
    long clips of several utterances, cuts at quiet points halve the error of
    cuts at regular intervals, and need no overlap.

    ::

        clip up to one window:   |-----|               one window, whole
        longer:                  |---------|           cut at the quietest
                                           |------|    point of the window's
                                                  |--| second half
        with a long pause:       |----|      |----|    one window of both

    Arguments
    ---------
    blocks : iterable of np.ndarray
        Consecutive samples, shape (n,) each; the windows do not depend on
        the sizes of the blocks.
    window : int
        Most samples of a window. All windows but the last have a multiple of
        256 samples.

    Yields
    ------
    Window
        One after another; only samples of pauses are left out. A window is
        shorter than half of ``window`` only if the clip is, or if pauses were
        cut out.
    """
    held, least = _Held(), -(-window // 2)
    size = max(least // HOP, 1) * HOP
    for block in regroup(blocks, size):
        held.add(block)
        if len(held.samples) > window + least + HOP:
            held.cut_pauses()
        while len(held.samples) > window + least + HOP:
            yield held.take(quiet_place(held.samples, least, window))
    held.cut_pauses(ended=True)
    while len(held.samples) > window:
        last = min(window, len(held.samples) - least)
        yield held.take(quiet_place(held.samples, least, last))
    if len(held.samples) or held.start == 0:
        yield held.take(len(held.samples))


class _Held:
    """Samples that were read and are in no window yet."""

    def __init__(self) -> None:
        self.samples = np.zeros(0, dtype=np.float32)
        self.hops = np.zeros(0, dtype=int)
        self.read = 0  # hops
        self.start = 0  # samples that were taken
        self.loudest = 0.0  # power of the loudest speech so far

    def add(self, block: np.ndarray) -> None:
        """Add samples; all blocks but the last consist of whole hops."""
        hops = self.read + np.arange(-(-len(block) // HOP))
        self.samples = np.concatenate([self.samples, block])
        self.hops = np.concatenate([self.hops, hops])
        self.read += len(hops)

    def take(self, n_samples: int) -> Window:
        """Remove the first samples and return them as a window."""
        n_hops = -(-n_samples // HOP)
        taken = Window(self.hops[:n_hops], self.samples[:n_samples])
        self.samples = self.samples[n_samples:]
        self.hops = self.hops[n_hops:]
        self.start += n_samples
        return taken

    def cut_pauses(self, ended: bool = False) -> None:
        """Drop the middle of long pauses."""
        if not len(self.samples):
            return
        power = frame_power(self.samples)  # (1 + n // 256,)
        self.loudest = max(self.loudest, active_power(power))
        lacking = len(self.hops) + 1 - len(power)  # 1 if the last hop is short
        power = np.pad(power, (0, lacking), "edge")  # (hops + 1,)
        kept = kept_hops(power, self.loudest, ended)
        if not kept.all():
            samples = np.repeat(kept, HOP)[: len(self.samples)]
            self.samples = self.samples[samples]
            self.hops = self.hops[kept]


def quiet_place(samples: np.ndarray, first: int, last: int) -> int:
    """Return the quietest point to cut.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n,), float32.
    first, last : int
        First and last point allowed, in samples.

    Returns
    -------
    int
        Number of samples before the cut: a multiple of 256, or ``last`` if
        none is allowed.
    """
    places = np.arange(-(-first // HOP), last // HOP + 1) * HOP
    if not len(places):
        return last
    reach = QUIET * HOP // 2
    # Differences do not contain an offset or a drift.
    steps = np.nan_to_num(np.diff(samples.astype(np.float64), prepend=0.0))
    energy = np.cumsum(np.append(0.0, steps * steps))  # (n + 1,)
    low = np.maximum(places - reach, 0)
    high = np.minimum(places + reach, len(samples))
    power = (energy[high] - energy[low]) / (high - low)
    return int(places[np.argmin(power)])
