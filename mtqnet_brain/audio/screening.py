"""Judges a clip: refused, scored with warnings, or scored.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.audio.decoding import scale_fault
from mtqnet_brain.audio.io import MIN_SAMPLES, SAMPLE_RATE
from mtqnet_brain.audio.rumble import Rumble

if TYPE_CHECKING:
    from mtqnet_brain.audio.decoding import AudioInfo

SHORT_SECONDS = 0.5
FRAME = 512
MAX_PEAK = 1.5  # of floats; some tools exceed 1 a little
# Consecutive samples at the largest |x|: rounding makes two.
CLIPPED_RUN = 3
CLIPPED_FRACTION = 1e-4
CLIPPED_PEAK = 0.1  # a quieter clip was clipped elsewhere, or has few levels
# Full-band speech falls off by 40 to 55 dB up to 8 kHz; a filter leaves less.
EMPTY_BAND_DB = -70.0
MIN_BANDWIDTH = 7000.0
# Level of the loudest twentieth of the frames, in dBFS.
MIN_LEVEL_DB = -55.0
# Level of the loudest frame: one step of 16 bits. There the network's score
# begins to become that of zeros.
SILENT_DB = -90.0
LOUD_FRAMES = 5


class Screening:
    """Collects what is needed to judge a clip, block by block.

    Arguments
    ---------
    info : AudioInfo, optional
        Header of the file; None for samples that are not from a file.
    """

    def __init__(self, info: AudioInfo | None = None) -> None:
        self.info = info
        self.n_samples = 0
        self.n_bad = 0
        self.low, self.high = np.inf, -np.inf
        self.n_clipped: dict[float, int] = {}  # samples in runs, by value
        self.power = np.zeros(FRAME // 2 + 1)
        self.levels: list[np.ndarray] = []
        self.rest = np.zeros(0, dtype=np.float32)
        self.peak = 0.0  # after resampling
        self.rumble = Rumble()
        self.remarks: list[str] = []

    def remark(self, warning: str) -> None:
        """Add a warning of the code that read the samples, unless empty."""
        if warning:
            self.remarks.append(warning)

    def add_raw(self, block: np.ndarray) -> None:
        """Take in samples of the file, shape (n, channels), full scale 1."""
        finite = np.isfinite(block)
        self.n_bad += int(block.size - finite.sum())
        if not finite.all():
            return
        self.low = min(self.low, float(block.min()))
        self.high = max(self.high, float(block.max()))
        for channel in block.T:
            self._count_clipped(channel)

    def add(self, block: np.ndarray) -> None:
        """Take in mono samples at 16 kHz, shape (n,), float32."""
        self.n_samples += len(block)
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        samples = np.concatenate([self.rest, block])
        n_frames = len(samples) // FRAME
        self.rest = samples[n_frames * FRAME :]
        frames = samples[: n_frames * FRAME].reshape(n_frames, FRAME)
        self._add_frames(np.nan_to_num(frames))
        self.rumble.add(block)

    def refusal(self) -> str:
        """Return why the clip is not scored; empty if it is."""
        if self.n_bad:
            return f"{self.n_bad} NaN or infinite samples"
        if self.n_samples < MIN_SAMPLES:
            return (
                f"{self.n_samples} samples at {SAMPLE_RATE} Hz, need at least "
                f"{MIN_SAMPLES}"
            )
        if self.low == self.high:
            if self.low == 0:
                return "digital silence: all samples are zero"
            return f"constant: all samples are {self.low:.6g}"
        if fault := scale_fault(self.peak):
            return fault
        level = self.loudest_db()
        if level < SILENT_DB:
            reason = (
                f"silence: what is left at {SAMPLE_RATE} Hz has a level of "
                f"{level:.0f} dBFS, need {SILENT_DB:.0f}"
            )
            return "; ".join([reason, *self.remarks])
        return ""

    def loudest_db(self) -> float:
        """Return the level of the fifth loudest frame in dBFS.

        Without offset; 0.16 s of sound reach it. The loudest frame alone may
        be a click that resampling leaves where an inaudible tone begins.
        """
        levels = sorted(self._levels())
        return _decibels(levels[-min(LOUD_FRAMES, len(levels))])

    def warnings(self) -> list[str]:
        """Return the reasons why the score is doubtful."""
        found = list(self.remarks)
        if self.n_samples < SHORT_SECONDS * SAMPLE_RATE:
            found.append(f"short: {self.n_samples / SAMPLE_RATE:.2f} s")
        if self.info is not None and self.info.truncation:
            found.append(self.info.truncation.split("; ")[0])
        if self.info is not None and self.info.excess:
            found.append(self.info.excess)
        peak = max(self.high, -self.low)
        if peak > MAX_PEAK:
            found.append(f"above full scale: peak {peak:.4g}")
        clipped = self._clipped_fraction()
        if clipped > CLIPPED_FRACTION:
            found.append(f"clipped: {clipped:.2%} of the samples")
        level = self._level()
        if level < MIN_LEVEL_DB:
            found.append(f"hardly any speech level: {level:.0f} dBFS")
        else:
            bandwidth = self._bandwidth()
            if bandwidth < MIN_BANDWIDTH:
                found.append(f"bandwidth {bandwidth / 1000:.1f} kHz, not 8")
            if rumble := self.rumble.warning():
                found.append(rumble)
        return found

    def _count_clipped(self, channel: np.ndarray) -> None:
        """Count samples in runs at the largest and the smallest value."""
        for value in (float(channel.max()), float(channel.min())):
            if abs(value) < CLIPPED_PEAK:
                continue
            at = channel == value
            edges = np.flatnonzero(np.diff(np.r_[False, at, False]))
            runs = edges[1::2] - edges[::2]
            n_clipped = int(runs[runs >= CLIPPED_RUN].sum())
            if n_clipped:
                self.n_clipped[value] = self.n_clipped.get(value, 0) + n_clipped

    def _clipped_fraction(self) -> float:
        """Return the fraction of samples at the ends of the clip's range."""
        rate = self.info.sample_rate if self.info else SAMPLE_RATE
        channels = self.info.channels if self.info else 1
        n_raw = self.n_samples * rate / SAMPLE_RATE * channels
        ends = {self.low, self.high}
        n_clipped = sum(n for v, n in self.n_clipped.items() if v in ends)
        return n_clipped / max(n_raw, 1)

    def _add_frames(self, frames: np.ndarray) -> None:
        """Add the power spectra and levels of frames."""
        if not len(frames):
            return
        spectra = np.fft.rfft(frames * np.hanning(FRAME), axis=1)
        self.power += (np.abs(spectra) ** 2).sum(axis=0)
        self.levels.append(_levels(frames))

    def _levels(self) -> np.ndarray:
        """Return the RMS of every frame; of a clip without one, of its rest."""
        if self.levels:
            return np.concatenate(self.levels)
        return _levels(self.rest[None])

    def _level(self) -> float:
        """Return the level of the loudest twentieth of the frames, dBFS."""
        return _decibels(np.percentile(self._levels(), 95))

    def _bandwidth(self) -> float:
        """Return the highest frequency with energy, in Hz.

        At most half of the file's rate: resampling leaves images above.
        """
        limit = SAMPLE_RATE / 2
        if self.info is not None:
            limit = min(limit, self.info.sample_rate / 2)
        if not self.power.any():
            return limit
        smooth = np.convolve(self.power, np.ones(5) / 5, mode="same")
        decibels = 10 * np.log10(np.maximum(smooth, 1e-30) / smooth.max())
        top = np.flatnonzero(decibels > EMPTY_BAND_DB)[-1]
        return min(top * SAMPLE_RATE / FRAME, limit)


def is_silent(samples: np.ndarray) -> bool:
    """Whether mono samples at 16 kHz, shape (n,), score like zeros."""
    screening = Screening()
    screening.add(samples)
    return screening.loudest_db() < SILENT_DB


def _levels(frames: np.ndarray) -> np.ndarray:
    """Return the RMS of frames, without their means."""
    return frames.astype(np.float64).std(axis=1)  # (n,)


def _decibels(level: float) -> float:
    """Return a level in dBFS."""
    return 20 * np.log10(max(level, 1e-10))
