"""Scores many clips: reads ahead in threads, batches windows of similar length.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.inference.calibration import CALIBRATION
from mtqnet_brain.inference.clips import (
    CLIP_ERRORS,
    Clip,
    LongClip,
    Result,
    ShortClip,
    clip_fault,
)
from mtqnet_brain.inference.open_clips import open_file, open_samples
from mtqnet_brain.inference.score_range import range_warnings
from mtqnet_brain.inference.timeline import times_of
from mtqnet_brain.inference.window_joiner import Joined, WindowJoiner
from mtqnet_brain.inference.window_scorer import WindowScorer
from mtqnet_brain.utils.batches import batches_by_length
from mtqnet_brain.utils.counts import check_at_least_one
from mtqnet_brain.utils.prefetch import groups, read_ahead

if TYPE_CHECKING:
    from mtqnet_brain.inference.calibration import Calibration
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet

# Attention over more seconds at once takes too much memory.
BATCH_SECONDS = 40
BATCH_SIZE = 16
GPU_FACTOR = 16  # smaller batches leave a GPU idle
SORTED_BATCHES = 8  # clips of so many batches are sorted by length together
READ_AHEAD = 4  # files per worker


class Engine:
    """Scores clips with one network.

    Every score of a file or an array comes from here: a clip is screened,
    long quiet pauses are cut out, and what is longer than a window is scored
    in windows.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        In eval mode, on its device.
    window : float, optional
        Longest window in seconds; windows are cut where it is quiet.
    batch_size : int, optional
        Most windows per batch; their seconds are bounded too. Default: 16,
        on a GPU 256.
    precision : str, optional
        ``fp32`` or ``bf16``.
    frames : bool, optional
        Whether results hold scores over time.
    intervals : bool, optional
        Whether results hold intervals.
    calibration : Calibration, optional
        The model's: gives intervals, and warnings.

    Raises
    ------
    ValueError
        If a setting is invalid, the network's weights are not float32, or
        there are no intervals without a calibration.
    """

    def __init__(
        self,
        network: MTQNet | MOSSSL,
        window: float = 10.0,
        batch_size: int | None = None,
        precision: str = "fp32",
        frames: bool = False,
        intervals: bool = False,
        calibration: Calibration | None = None,
    ) -> None:
        if not 0.5 <= window <= BATCH_SECONDS:
            raise ValueError(
                f"window must be 0.5 to {BATCH_SECONDS} s, got {window}"
            )
        if batch_size is not None:
            check_at_least_one("batch_size", batch_size)
        if intervals and calibration is None:
            raise ValueError(
                f"intervals: the model has no {CALIBRATION}; make one with "
                "recipes/Lite/calibrate.py"
            )
        self.intervals, self.calibration = intervals, calibration
        self.score_windows = WindowScorer(network, precision)
        self.network, self.precision, self.frames = network, precision, frames
        self.tasks = self.score_windows.tasks
        self.window = round(window * SAMPLE_RATE)
        on_gpu = self.score_windows.device.type == "cuda"
        factor = GPU_FACTOR if on_gpu else 1
        self.batch_size = batch_size or factor * BATCH_SIZE
        self.batch_seconds = factor * BATCH_SECONDS

    def score_paths(
        self, items: Iterable[tuple[Any, str | Path]], workers: int = 2
    ) -> Iterator[Result]:
        """Score files.

        Arguments
        ---------
        items : iterable of tuple
            Key and path of each file.
        workers : int, optional
            Threads that read.

        Yields
        ------
        Result
            One per item, in any order.
        """
        check_at_least_one("workers", workers)
        with ThreadPoolExecutor(workers) as pool:
            clips = read_ahead(pool, self._open, items, READ_AHEAD * workers)
            yield from self.score_clips(clips)

    def score_clips(
        self, clips: Iterable[ShortClip | LongClip | Result]
    ) -> Iterator[Result]:
        """Score clips that were opened.

        Arguments
        ---------
        clips : iterable of ShortClip, LongClip or Result
            Results, of refused clips, are passed on.

        Yields
        ------
        Result
            One per clip, in any order.
        """
        waiting: list[ShortClip] = []
        seconds = 0.0
        for clip in clips:
            if isinstance(clip, Result):
                yield clip
            elif isinstance(clip, LongClip):
                yield self._score_long(clip)
            else:
                waiting.append(clip)
                seconds += clip.heard_seconds
                if (
                    seconds > SORTED_BATCHES * self.batch_seconds
                    or len(waiting) >= SORTED_BATCHES * self.batch_size
                ):
                    yield from self._score_short(waiting)
                    waiting, seconds = [], 0.0
        yield from self._score_short(waiting)

    def open_samples(
        self, key: Any, samples: np.ndarray, warning: str = ""
    ) -> ShortClip | LongClip | Result:
        """Make a clip of samples; see `open_clips.open_samples`."""
        return open_samples(key, samples, self.window, warning)

    def _open(
        self, item: tuple[Any, str | Path]
    ) -> ShortClip | LongClip | Result:
        """Open a file, given with its key."""
        key, path = item
        return open_file(key, path, self.window)

    def _score_short(self, clips: list[ShortClip]) -> Iterator[Result]:
        """Score clips of one window, those of similar length together."""
        clips = sorted(clips, key=lambda clip: clip.heard_seconds)
        for batch in batches_by_length(
            clips,
            lambda clip: clip.heard_seconds,
            self.batch_seconds,
            self.batch_size,
        ):
            yield from self._score_batch(batch)

    def _score_batch(self, clips: list[ShortClip]) -> Iterator[Result]:
        """Score clips at once, or half of them where memory is short."""
        try:
            scored = self.score_windows([clip.window.samples for clip in clips])
        except CLIP_ERRORS as err:
            fault = clip_fault(err)
            if len(clips) == 1:
                yield clips[0].refused(fault)
                return
            half = len(clips) // 2
            yield from self._score_batch(clips[:half])
            yield from self._score_batch(clips[half:])
            return
        for clip, scores in zip(clips, scored):
            joined = Joined(scores.utterance, scores.pooled)
            if self.frames:
                joiner = WindowJoiner(self.network)
                joiner.add(clip.window, scores)
                joined = joiner.finish(clip.screening.n_samples)
            yield self._result(clip, joined)

    def _score_long(self, clip: LongClip) -> Result:
        """Score a clip window by window."""
        joiner = WindowJoiner(self.network)
        size = max(1, int(self.batch_seconds * SAMPLE_RATE / self.window))
        try:
            for batch in groups(clip.windows, min(size, self.batch_size)):
                if not len(batch[0].samples):  # a clip without samples
                    break
                scored = self.score_windows([one.samples for one in batch])
                for window, scores in zip(batch, scored):
                    joiner.add(window, scores)
        except CLIP_ERRORS as err:
            return clip.refused(clip_fault(err))
        if clip.screening.refusal():
            return clip.refused(clip.screening.refusal())
        return self._result(clip, joiner.finish(clip.screening.n_samples))

    def _result(self, clip: Clip, joined: Joined) -> Result:
        """Return the result of a scored clip, refused if not finite."""
        utterance, frames = joined.utterance, joined.frames
        broken = [
            task
            for task in self.tasks
            if not np.isfinite(utterance[task])
            or (frames and not np.isfinite(frames[task]).all())
        ]
        if broken:
            names = ", ".join(broken)
            return clip.refused(f"the network's score is not finite: {names}")
        scores = {task: float(utterance[task]) for task in self.tasks}
        if frames is not None and self.frames:
            frames = {"time": times_of(clip.screening.n_samples)} | frames
        warnings = clip.screening.warnings()
        warnings += range_warnings(self.network.tasks, scores)
        intervals = None
        if self.calibration is not None:
            warnings += self.calibration.warnings(joined.pooled)
            if self.intervals:
                intervals = self.calibration.intervals(scores, joined.pooled)
        return Result(
            clip.key,
            scores,
            warnings,
            intervals=intervals,
            pooled=joined.pooled,
            seconds=clip.seconds,
            frames=frames if self.frames else None,
            speech=joined.speech if self.frames else None,
            info=clip.screening.info,
            path=clip.path,
        )
