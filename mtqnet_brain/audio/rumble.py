"""Warns of rumble below 20 Hz, which is inaudible but changes scores.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE

FRAME = 16384  # samples, 1 s: bins of 1 Hz
# Slower drift is removed well, and cannot be told from an offset in 1 s.
LOWEST, HIGHEST = 2.5, 20.0  # Hz
# Both against the power above 20 Hz. What is left at -25 dB cost five clips of
# LibriSpeech 0.0 to 1.4 points of G-MOS; of 40 recordings each, 1 of that
# corpus and none of NOIZEUS lie above, nor does white noise. Rumble of -5 dB
# cost 0.1 to 1.3 although it is removed, since the edges of windows keep some.
MAX_LEFT_DB, MAX_DB = -25.0, -5.0


class Rumble:
    """Measures, block by block, the rumble that `remove_unheard` leaves.

    Over the whole clip, whereas `rumble_removal.remove_unheard` decides for
    each window of it.
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

    def warning(self) -> str:
        """Return a warning of rumble that lowers scores; empty if none does."""
        from mtqnet_brain.audio.rumble_removal import GONE_DB, LEFT_DB

        if not self._n_frames and len(self._rest):
            self._add_frame(self._rest)
        slow = _slow_gain()
        ratio = _decibels(self._power * slow**2, self._power * (1 - slow) ** 2)
        removed = np.clip((ratio - LEFT_DB) / (GONE_DB - LEFT_DB), 0, 1)
        left = _rumble_db(self._power * (1 - removed * slow) ** 2)
        level = _rumble_db(self._power)
        if left <= MAX_LEFT_DB and level <= MAX_DB:
            return ""
        return (
            f"rumble below 20 Hz at {level:.0f} dB of the speech lowers "
            "scores; filter it out"
        )

    def _add_frame(self, frame: np.ndarray) -> None:
        """Add the power spectrum of samples without their mean."""
        wave = np.nan_to_num(frame).astype(np.float64)  # (n,)
        wave = (wave - wave.mean()) * np.hanning(len(wave))
        self._power += np.abs(np.fft.rfft(wave, FRAME)) ** 2
        self._n_frames += 1


def _slow_gain() -> np.ndarray:
    """Return how much of each frequency `rumble_removal.slow_part` takes."""
    from mtqnet_brain.audio.rumble_removal import slow_taps  # which loads torch

    return np.abs(np.fft.rfft(slow_taps().numpy(), FRAME))


def _rumble_db(power: np.ndarray) -> float:
    """Return the power of rumble against that above it, in dB."""
    frequency = np.arange(len(power)) * SAMPLE_RATE / FRAME
    is_rumble = (frequency >= LOWEST) & (frequency < HIGHEST)
    return _decibels(power[is_rumble], power[frequency >= HIGHEST])


def _decibels(power: np.ndarray, reference: np.ndarray) -> float:
    """Return the ratio of two sums in dB."""
    return float(
        10 * np.log10((power.sum() + 1e-12) / (reference.sum() + 1e-12))
    )
