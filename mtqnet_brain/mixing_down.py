"""How the channels of a recording become one.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

# Channels that have nothing to do with each other have a mean of 1/channels
# of their power. With half of that, they cancel: two channels correlate by
# less than -0.5.
CANCELLED = 0.5


class Mixdown:
    """The mean of all channels; of channels that cancel, the loudest one.

    Decided over the whole recording, so that no block of it is mixed in
    another way. A constant offset counts for nothing.

    Arguments
    ---------
    channels : int
        Their number.

    Example
    -------
    >>> wave = np.sin(np.arange(800, dtype=np.float32))
    >>> mixdown = Mixdown(2)
    >>> mixdown.look(np.stack([wave, -0.9 * wave], axis=1))
    >>> mixdown.warning
    'channels cancel each other: channel 1 of 2 alone is used, the loudest'
    """

    def __init__(self, channels):
        self.channels = channels
        self._n_samples = 0
        # Of each channel, and of their mean.
        self._sums = np.zeros(channels + 1)
        self._squares = np.zeros(channels + 1)

    def look(self, block):
        """Take a block into account.

        Arguments
        ---------
        block : np.ndarray
            Shape (n, channels).
        """
        mean = block.mean(axis=1, keepdims=True)  # (n, 1)
        wide = np.hstack([block, mean]).astype(np.float64)  # (n, channels + 1)
        self._n_samples += len(wide)
        self._sums += wide.sum(axis=0)
        self._squares += np.einsum("nc,nc->c", wide, wide)

    @property
    def channel(self):
        """Index of the channel that is used alone; None for their mean."""
        if self.channels == 1:
            return None
        n_samples = max(self._n_samples, 1)
        power = self._squares / n_samples - (self._sums / n_samples) ** 2
        least = CANCELLED / self.channels * power[:-1].mean()
        # Of samples that are not finite, nothing is known.
        return int(power[:-1].argmax()) if power[-1] < least else None

    @property
    def warning(self):
        """What a listener should know; empty if the mean is used."""
        if self.channel is None:
            return ""
        return (
            f"channels cancel each other: channel {self.channel + 1} of "
            f"{self.channels} alone is used, the loudest"
        )

    def mix(self, block):
        """Mix a block down.

        Arguments
        ---------
        block : np.ndarray
            Shape (n, channels).

        Returns
        -------
        np.ndarray
            Shape (n,).
        """
        if self.channel is None:
            return block.mean(axis=1)  # (n,)
        return block[:, self.channel]  # (n,)


def mix_down(samples):
    """Mix samples at hand down.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n, channels), float.

    Returns
    -------
    mono : np.ndarray
        Shape (n,).
    warning : str
        Of `Mixdown.warning`.
    """
    mixdown = Mixdown(samples.shape[1])
    if mixdown.channels > 1:
        mixdown.look(samples)
    return mixdown.mix(samples), mixdown.warning
