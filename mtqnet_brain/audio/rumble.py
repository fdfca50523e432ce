"""Measures rumble below 20 Hz, which networks hear although nobody does.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE

FRAME = 16384  # samples, 1 s: bins of 1 Hz
LOWEST_HEARD = 20.0  # Hz


class Rumble:
    """Measures, block by block, the rumble that `remove_unheard` leaves.

    Over the whole clip, whereas `inaudible.remove_unheard` decides for each
    window of it.
    """

    def __init__(self) -> None:
        self._power = np.zeros(FRAME // 2 + 1)
        self._rest = np.zeros(0, dtype=np.float32)
        self._n_frames = 0

    def add(self, block: np.ndarray) -> None:
        """Take in mono samples at 16 kHz, shape (n,)."""
        samples = np.concatenate([self._rest, block])
        n_frames = len(samples) // FRAME
        self._rest = samples[n_frames * FRAME :]
        for frame in samples[: n_frames * FRAME].reshape(n_frames, FRAME):
            self._add_frame(frame)

    def left_db(self) -> float:
        """Return the power left below 20 Hz against that above, in dB."""
        from mtqnet_brain.audio.inaudible import GONE_DB, LEFT_DB

        if not self._n_frames and len(self._rest):
            self._add_frame(self._rest)
        frequency = np.arange(len(self._power)) * SAMPLE_RATE / FRAME
        slow = _slow_gain()
        rest_power = (self._power * (1 - slow) ** 2).sum() + 1e-12
        ratio = 10 * np.log10(
            (self._power * slow**2).sum() / rest_power + 1e-12
        )
        removed = np.clip((ratio - LEFT_DB) / (GONE_DB - LEFT_DB), 0, 1)
        left = self._power * (1 - removed * slow) ** 2
        is_low = frequency < LOWEST_HEARD
        heard = left[~is_low].sum() + 1e-12
        return float(10 * np.log10(left[is_low].sum() / heard + 1e-12))

    def _add_frame(self, frame: np.ndarray) -> None:
        """Add the power spectrum of samples without their mean."""
        wave = np.nan_to_num(frame).astype(np.float64)  # (n,)
        wave = (wave - wave.mean()) * np.hanning(len(wave))
        self._power += np.abs(np.fft.rfft(wave, FRAME)) ** 2
        self._n_frames += 1


def _slow_gain() -> np.ndarray:
    """Return how much of each frequency `inaudible.slow_part` takes."""
    from mtqnet_brain.audio.inaudible import slow_taps  # which loads torch

    return np.abs(np.fft.rfft(slow_taps().numpy(), FRAME))
