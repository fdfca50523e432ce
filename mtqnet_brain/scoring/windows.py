"""Clips of any length as windows of bounded length.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import NamedTuple

import numpy as np

from mtqnet_brain.frames import HOP
from mtqnet_brain.scoring.pauses import active_power, frame_power, kept_hops

QUIET = 6  # hops, about 0.1 s, over which the quietest place is sought


class Window(NamedTuple):
    """Samples of a clip, and which hops of 256 samples of it they are."""

    hops: np.ndarray  # rising, shape (ceil(n / 256),)
    samples: np.ndarray  # (n,)


def cut_windows(blocks, window):
    """Cut long pauses out of a clip, and the rest into windows.

    A network hears a window as a whole: quiet noise beside the speech is
    brought to another level with it, and is scored as noisy speech. A window
    that begins within a word is scored too low: networks are trained on whole
    utterances. Measured on long clips of several utterances: cuts at quiet
    places halve the error that cuts every so many seconds leave, and need no
    overlap.

    ::

        clip up to one window:   |-----|               one window, whole
        longer:                  |---------|           cut at the quietest
                                           |------|    place of the second
                                                  |--| half
        with a long pause:       |----|      |----|    one window of both

    Arguments
    ---------
    blocks : iterable of np.ndarray
        Consecutive samples, shape (n,) each; the windows do not depend on
        how they are divided.
    window : int
        Most samples of a window; all but the last are cut on the grid of
        256 samples.

    Yields
    ------
    Window
        One after another; no sample is left out but those of pauses. None is
        shorter than half a window, unless the clip is, or pauses were cut
        out.
    """
    held, least = _Held(), -(-window // 2)
    size = max(least // HOP, 1) * HOP
    for block in _blocks_of(blocks, size):
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
    """What was read of a clip and is in no window yet."""

    def __init__(self):
        self.samples = np.zeros(0, dtype=np.float32)
        self.hops = np.zeros(0, dtype=int)
        self.read = 0  # hops
        self.start = 0  # samples that were taken
        self.loudest = 0.0  # power of the speech, of all that was held

    def add(self, block):
        """Add samples; all blocks but the last are whole hops."""
        hops = self.read + np.arange(-(-len(block) // HOP))
        self.samples = np.concatenate([self.samples, block])
        self.hops = np.concatenate([self.hops, hops])
        self.read += len(hops)

    def take(self, n_samples):
        """Return the first samples as a window."""
        n_hops = -(-n_samples // HOP)
        taken = Window(self.hops[:n_hops], self.samples[:n_samples])
        self.samples = self.samples[n_samples:]
        self.hops = self.hops[n_hops:]
        self.start += n_samples
        return taken

    def cut_pauses(self, ended=False):
        """Forget the middle of long pauses."""
        if not len(self.samples):
            return
        power = frame_power(self.samples)  # (1 + n // 256,)
        self.loudest = max(self.loudest, active_power(power))
        short = len(self.hops) + 1 - len(power)  # 1 behind a hop cut short
        power = np.pad(power, (0, short), "edge")  # (hops + 1,)
        kept = kept_hops(power, self.loudest, ended)
        if not kept.all():
            self.samples = self.samples[_samples_of(kept, len(self.samples))]
            self.hops = self.hops[kept]


def _samples_of(hops, n_samples):
    """Return a mask of samples of a mask of hops."""
    return np.repeat(hops, HOP)[:n_samples]


def _blocks_of(blocks, size):
    """Join and divide blocks into those of one size; the last has the rest."""
    parts, n_held = [np.zeros(0, dtype=np.float32)], 0
    for block in blocks:
        parts.append(block)
        n_held += len(block)
        if n_held >= size:
            held = np.concatenate(parts)
            n_held = len(held) % size
            for start in range(0, len(held) - n_held, size):
                yield held[start : start + size]
            parts = [held[len(held) - n_held :]]
    yield np.concatenate(parts)


def quiet_place(samples, first, last):
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
