"""Mixes the channels of a recording down to one.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Iterable, Iterator
from itertools import starmap

import numpy as np

# The mean of uncorrelated channels has 1/channels of their power. With less
# than half of that they cancel: two channels correlate by less than -0.5.
CANCELLED = 0.5
LOST_POWER = 0.1  # fraction of it in parts that cancel: worth a warning
PART = 8192  # samples, 0.2 to 0.5 s


class Mixdown:
    """The mean of all channels, or the loudest if they cancel each other.

    Decided once for a recording, so that all its blocks are mixed in the same
    way. A constant offset does not count.

    Arguments
    ---------
    channels : int
        Number of channels.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.channel: int | None = None  # used alone; None for their mean
        self._n_samples = 0
        # One for each channel, and one for their mean.
        self._sums = np.zeros(channels + 1)
        self._squares = np.zeros(channels + 1)
        self._power = self._lost = 0.0  # of all parts; of those that cancel

    def mix_blocks(
        self, blocks: Iterable[np.ndarray], most: int
    ) -> Iterator[np.ndarray]:
        """Mix blocks down, all in the same way.

        Arguments
        ---------
        blocks : iterable of np.ndarray
            Shape (n, channels) each.
        most : int
            Samples that are held back to decide by.

        Yields
        ------
        np.ndarray
            Shape (n,) each.
        """
        if self.channels == 1:
            yield from (block[:, 0] for block in blocks)  # (n,)
            return
        held: list[tuple[np.ndarray, np.ndarray]] | None = []
        for block in blocks:
            mean = block.mean(axis=1)  # (n,)
            self._look(block, mean)
            if held is None:
                yield self._choose(block, mean)
                continue
            held.append((block, mean))
            if self._n_samples >= most:
                self.channel = self._loudest_of_cancelled()
                yield from starmap(self._choose, held)
                held = None
        if held:
            self.channel = self._loudest_of_cancelled()
            yield from starmap(self._choose, held)

    def _look(self, block: np.ndarray, mean: np.ndarray) -> None:
        """Take a block of shape (n, channels) into account."""
        self._n_samples += len(block)
        for i, wave in enumerate([*block.T, mean]):
            wave = wave.astype(np.float64)  # (n,)
            self._sums[i] += wave.sum()
            self._squares[i] += wave @ wave
        for start in range(0, len(block), PART):
            part = slice(start, start + PART)
            self._look_at_part(block[part], mean[part])

    def _look_at_part(self, block: np.ndarray, mean: np.ndarray) -> None:
        """Add the power of a part to all, and to the lost if it cancels."""
        # NaN and infinite samples prove nothing.
        with np.errstate(invalid="ignore", over="ignore"):
            power = float(block.var(axis=0, dtype=np.float64).mean())
            mixed = float(mean.var(dtype=np.float64))
        self._power += power * len(block)
        if mixed < CANCELLED / self.channels * power:
            self._lost += power * len(block)

    def _loudest_of_cancelled(self) -> int | None:
        """Return which channel is the loudest; None if they do not cancel."""
        n_samples = max(self._n_samples, 1)
        power = self._squares / n_samples - (self._sums / n_samples) ** 2
        least = CANCELLED / self.channels * power[:-1].mean()
        # NaN and infinite samples prove nothing.
        return int(power[:-1].argmax()) if power[-1] < least else None

    def _choose(self, block: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Return a block's mean, or the channel that is used alone."""
        return mean if self.channel is None else block[:, self.channel]

    @property
    def is_wrong(self) -> bool:
        """Whether channels were averaged that cancel in the recording."""
        return self.channel is None and self._loudest_of_cancelled() is not None

    @property
    def warning(self) -> str:
        """What a reader of the score should know; empty if nothing."""
        if self.channel is None:
            if not self._lost > LOST_POWER * self._power:
                return ""
            return (
                "channels cancel each other in parts that hold "
                f"{self._lost / self._power:.0%} of the power; score one "
                "channel alone"
            )
        return (
            f"channels cancel each other: channel {self.channel + 1} of "
            f"{self.channels} alone is used, the loudest"
        )


def mix_down(samples: np.ndarray) -> tuple[np.ndarray, str]:
    """Mix the channels of an array down.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n, channels), float.

    Returns
    -------
    mono : np.ndarray
        Shape (n,).
    warning : str
        `Mixdown.warning`.

    Example
    -------
    >>> wave = np.sin(np.arange(800, dtype=np.float32))
    >>> mix_down(np.stack([wave, -0.9 * wave], axis=1))[1]
    'channels cancel each other: channel 1 of 2 alone is used, the loudest'
    """
    mixdown = Mixdown(samples.shape[1])
    (mono,) = mixdown.mix_blocks([samples], len(samples))
    return mono, mixdown.warning
