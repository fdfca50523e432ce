"""What is wrong with a clip: refused, or scored with a warning.

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
MAX_PEAK = 1.5  # floats; some tools exceed 1 a little
# Samples at the largest |x| that follow each other: rounding makes two.
CLIPPED_RUN = 3
CLIPPED_SHARE = 1e-4
CLIPPED_PEAK = 0.1  # a quiet clip was clipped elsewhere, or has few levels
# Full-band speech falls off by 40 to 55 dB up to 8 kHz; what a filter has
# removed lies below.
EMPTY_BAND_DB = -70.0
MIN_BANDWIDTH = 7000.0
# Level of the loudest twentieth of the frames, in dB of full scale.
MIN_LEVEL_DB = -55.0
# Rumble that is left to a network, against the rest. A tone below 20 Hz at
# -25 dB cost five clips 0.0 to 1.4 points of G-MOS; 95 % of the recordings in
# LibriSpeech, NOIZEUS and speechocean762 lie below, and so does white noise.
MAX_RUMBLE_DB = -25.0
# Of the loudest frame: one step of 16 bits. There the network's score has begun
# to turn into that of zeros.
SILENT_DB = -90.0
LOUD_FRAMES = 5


class Screening:
    """Collects what is needed to judge a clip, block by block.

    Arguments
    ---------
    info : AudioInfo
        Of the file; None for samples from elsewhere.
    """

    def __init__(self, info: AudioInfo | None = None) -> None:
        self.info = info
        self.n_samples = 0
        self.n_bad = 0
        self.low, self.high = np.inf, -np.inf
        self.n_clipped = {}  # runs at a value, by value
        self.power = np.zeros(FRAME // 2 + 1)
        self.levels = []
        self.rest = np.zeros(0, dtype=np.float32)
        self.peak = 0.0  # of what is heard
        self.rumble = Rumble()
        self.remarks = []

    def remark(self, warning: str) -> None:
        """Take up a warning of whoever made the samples; none if empty.

        Arguments
        ---------
        warning : str
            One reason.
        """
        if warning:
            self.remarks.append(warning)

    def add_raw(self, block: np.ndarray) -> None:
        """Look at samples as the file has them.

        Arguments
        ---------
        block : np.ndarray
            Shape (n, channels), float32, full scale = 1.
        """
        finite = np.isfinite(block)
        self.n_bad += int(block.size - finite.sum())
        if not finite.all():
            return
        self.low = min(self.low, float(block.min()))
        self.high = max(self.high, float(block.max()))
        for channel in block.T:
            self._count_clipped(channel)

    def add(self, block: np.ndarray) -> None:
        """Look at mono samples at 16 kHz.

        Arguments
        ---------
        block : np.ndarray
            Shape (n,), float32.
        """
        self.n_samples += len(block)
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        samples = np.concatenate([self.rest, block])
        n_frames = len(samples) // FRAME
        self.rest = samples[n_frames * FRAME :]
        frames = samples[: n_frames * FRAME].reshape(n_frames, FRAME)
        self._add_frames(np.nan_to_num(frames))
        self.rumble.add(block)

    def refusal(self) -> str:
        """Return why the clip is not scored; empty if it is.

        Returns
        -------
        str
            The reason.
        """
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
        """Return the level that the loudest frames reach.

        Returns
        -------
        float
            dB of full scale, without offset: of the fifth loudest frame, 0.16 s
            of sound. Resampling leaves a click where an unheard tone begins.
        """
        levels = sorted(self._levels())
        return _decibels(levels[-min(LOUD_FRAMES, len(levels))])

    def warnings(self) -> list[str]:
        """Return what makes the score doubtful.

        Returns
        -------
        list of str
            One reason each.
        """
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
        clipped = self._clipped_share()
        if clipped > CLIPPED_SHARE:
            found.append(f"clipped: {clipped:.2%} of the samples")
        level = self._level()
        if level < MIN_LEVEL_DB:
            found.append(f"hardly any speech level: {level:.0f} dBFS")
        else:
            bandwidth = self._bandwidth()
            if bandwidth < MIN_BANDWIDTH:
                found.append(f"bandwidth {bandwidth / 1000:.1f} kHz, not 8")
            rumble = self.rumble.left_db()
            if rumble > MAX_RUMBLE_DB:
                found.append(
                    f"rumble below 20 Hz at {rumble:.0f} dB, which lowers "
                    "scores; filter it out"
                )
        return found

    def _count_clipped(self, channel):
        """Count samples in runs at the largest value, and the smallest."""
        for value in (float(channel.max()), float(channel.min())):
            if abs(value) < CLIPPED_PEAK:
                continue
            at = channel == value
            edges = np.flatnonzero(np.diff(np.r_[False, at, False]))
            runs = edges[1::2] - edges[::2]
            n_clipped = int(runs[runs >= CLIPPED_RUN].sum())
            if n_clipped:
                self.n_clipped[value] = self.n_clipped.get(value, 0) + n_clipped

    def _clipped_share(self):
        """Return the share of samples at the ends of the clip's range."""
        rate = self.info.sample_rate if self.info else SAMPLE_RATE
        channels = self.info.channels if self.info else 1
        n_raw = self.n_samples * rate / SAMPLE_RATE * channels
        ends = {self.low, self.high}
        n_clipped = sum(n for v, n in self.n_clipped.items() if v in ends)
        return n_clipped / max(n_raw, 1)

    def _add_frames(self, frames):
        """Add frames' power spectra and levels."""
        if not len(frames):
            return
        spectra = np.fft.rfft(frames * np.hanning(FRAME), axis=1)
        self.power += (np.abs(spectra) ** 2).sum(axis=0)
        self.levels.append(_levels(frames))

    def _levels(self):
        """Return the level of every frame; of a rest where there is none."""
        if self.levels:
            return np.concatenate(self.levels)
        return _levels(self.rest[None])

    def _level(self):
        """Return the level of the loudest twentieth of the frames, dBFS."""
        return _decibels(np.percentile(self._levels(), 95))

    def _bandwidth(self):
        """Return the highest frequency with energy, in Hz.

        No more than the file's rate can hold: resampling leaves images.
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
    """Say whether a network hears nothing.

    Arguments
    ---------
    samples : np.ndarray
        Mono at 16 kHz, shape (n,), float32, full scale = 1.

    Returns
    -------
    bool
        Its score would be that of zeros.
    """
    screening = Screening()
    screening.add(samples)
    return screening.loudest_db() < SILENT_DB


def _levels(frames):
    """Return the RMS of frames, without their means."""
    return frames.astype(np.float64).std(axis=1)  # (n,)


def _decibels(level):
    """Return a level in dB of full scale."""
    return 20 * np.log10(max(level, 1e-10))
