"""Scores many clips: reads ahead in threads, batches windows of like length.

Authors
 * The mtqnet-brain developers 2026
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import torch

from mtqnet_brain.audio import SAMPLE_RATE
from mtqnet_brain.scoring.ahead import groups, read_ahead, remember
from mtqnet_brain.scoring.blocks import check_file, read_blocks
from mtqnet_brain.scoring.clips import CLIP_ERRORS, Clip, Result, clip_fault
from mtqnet_brain.scoring.screening import Screening
from mtqnet_brain.scoring.timeline import (
    Timeline,
    bridge_pauses,
    times_of,
    track_centres,
)
from mtqnet_brain.scoring.windows import Window, cut_windows

# Attention over more at once is what eats memory.
BATCH_SECONDS = 40
BATCH_SIZE = 16
GPU_FACTOR = 16  # a GPU is not filled by less
SORTED_BATCHES = 8  # among how many batches' worth clips are sorted by length
READ_AHEAD = 4  # files per worker


class Engine:
    """Scores clips with one network.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        In eval mode, on its device.
    window : float
        Seconds; longer clips are scored in windows, cut where it is quiet.
    batch_size : int
        Most windows per batch; their seconds are bounded too. Default: 16,
        on a GPU 256.
    precision : str
        ``fp32`` or ``bf16``.
    frames : bool
        Whether scores over time are wanted.

    Raises
    ------
    ValueError
        If window or batch size make no sense, or the network's weights are
        not in float32.
    """

    def __init__(
        self,
        network,
        window=10.0,
        batch_size=None,
        precision="fp32",
        frames=False,
    ):
        if not 0.5 <= window <= BATCH_SECONDS:
            raise ValueError(f"window: {window} s, need 0.5 to {BATCH_SECONDS}")
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size: {batch_size}, need at least 1")
        if precision not in ("fp32", "bf16"):
            raise ValueError(f"precision: {precision!r}, need fp32 or bf16")
        check_weights(network)
        self.network = network
        self.tasks = [task.name for task in network.tasks]
        self.window = round(window * SAMPLE_RATE)
        self.precision, self.frames = precision, frames
        self.device = next(network.parameters()).device
        factor = GPU_FACTOR if self.device.type == "cuda" else 1
        self.batch_size = batch_size or factor * BATCH_SIZE
        self.batch_seconds = factor * BATCH_SECONDS

    def score_paths(self, items, workers=2):
        """Score files.

        Arguments
        ---------
        items : iterable of tuple
            Key and path of each.
        workers : int
            Threads that read.

        Yields
        ------
        Result
            One per item, in any order.
        """
        if workers < 1:
            raise ValueError(f"workers: {workers}, need at least 1")
        paths = {}
        with ThreadPoolExecutor(workers) as pool:
            items = remember(items, paths)
            depth = READ_AHEAD * workers
            clips = read_ahead(pool, self._open, items, depth)
            for result in self.score_clips(clips):
                result.path = paths.pop(result.key)
                yield result

    def score_clips(self, clips):
        """Score clips that are open.

        Arguments
        ---------
        clips : iterable of Clip or Result
            Results are handed on.

        Yields
        ------
        Result
            One per clip, in any order.
        """
        waiting, seconds = [], 0.0
        for clip in clips:
            if isinstance(clip, Result):
                yield clip
            elif not clip.whole:
                yield self._score_long(clip)
            else:
                waiting.append(clip)
                seconds += clip.screening.n_samples / SAMPLE_RATE
                if (
                    seconds > SORTED_BATCHES * self.batch_seconds
                    or len(waiting) >= SORTED_BATCHES * self.batch_size
                ):
                    yield from self._score_whole(waiting)
                    waiting, seconds = [], 0.0
        yield from self._score_whole(waiting)

    def open_samples(self, key, samples, warning=""):
        """Return a clip of samples at hand.

        Arguments
        ---------
        key : object
            Of the caller.
        samples : np.ndarray
            Mono at 16 kHz, shape (n,), float32.
        warning : str
            Of whoever made them mono.

        Returns
        -------
        Clip or Result
            A Result if they are refused.
        """
        screening = Screening()
        screening.remark(warning)
        screening.add_raw(samples[:, None])
        screening.add(samples)
        windows = cut_windows([samples], self.window)
        return self._admit(key, screening, list(windows))

    def _open(self, item):
        """Open a file; read it if it is short."""
        key, path = item
        try:
            info = check_file(path)
            screening = Screening(info)
            blocks = read_blocks(path, info, screening)
            if info.duration > self.window / SAMPLE_RATE:
                windows = cut_windows(blocks, self.window)
                return Clip(key, screening, windows, whole=False)
            windows = list(cut_windows(blocks, self.window))
            return self._admit(key, screening, windows)
        except CLIP_ERRORS as err:
            return Result(key, error=clip_fault(err))

    def _admit(self, key, screening, windows):
        """Return a clip that was read, or why it is refused."""
        if screening.refusal():
            return self._refused(key, screening)
        return Clip(key, screening, windows, whole=len(windows) == 1)

    def _refused(self, key, screening):
        """Return the result of a clip without scores."""
        seconds = screening.n_samples / SAMPLE_RATE
        return Result(key, error=screening.refusal(), seconds=seconds)

    def _score_whole(self, clips):
        """Score clips of one window, those of like length together."""
        clips = sorted(clips, key=lambda clip: clip.screening.n_samples)
        while clips:
            size = self._fitting(clips)
            batch, clips = clips[:size], clips[size:]
            yield from self._score_batch(batch)

    def _score_batch(self, clips):
        """Score clips at once; those that are too much for it, by halves."""
        try:
            scored = list(self._run([c.windows[0].samples for c in clips]))
        except CLIP_ERRORS as err:
            fault = clip_fault(err)
            if len(clips) == 1:
                yield Result(clips[0].key, error=fault)
                return
            half = len(clips) // 2
            yield from self._score_batch(clips[:half])
            yield from self._score_batch(clips[half:])
            return
        for clip, (utterance, frames) in zip(clips, scored):
            timeline = None
            if self.frames:
                timeline = Timeline(self.tasks)
                self._add(timeline, clip.windows[0], frames)
                timeline.end(clip.screening.n_samples)
                timeline = timeline.scores()
            yield self._result(clip, utterance, timeline)

    def _fitting(self, clips):
        """Return how many clips of rising length fit into a batch."""
        size = 1
        while size < min(self.batch_size, len(clips)):
            longest = len(clips[size].windows[0].samples) / SAMPLE_RATE
            if (size + 1) * longest > self.batch_seconds:
                break
            size += 1
        return size

    def _score_long(self, clip):
        """Score a clip window by window."""
        timeline, n_windows, utterance = Timeline(self.tasks), 0, None
        size = max(1, int(self.batch_seconds * SAMPLE_RATE / self.window))
        size = min(size, self.batch_size)
        try:
            for batch in groups(clip.windows, size):
                n_windows += len(batch)
                if n_windows == 1 and len(batch[0].samples) == 0:
                    break
                scored = self._run([window.samples for window in batch])
                for window, (one, frames) in zip(batch, scored):
                    utterance = one
                    self._add(timeline, window, frames)
        except CLIP_ERRORS as err:
            return Result(clip.key, error=clip_fault(err))
        if clip.screening.refusal():
            return self._refused(clip.key, clip.screening)
        timeline.end(clip.screening.n_samples)
        scores = timeline.scores()
        if n_windows > 1:
            active = timeline.active()
            utterance = {t: scores[t][active].mean() for t in self.tasks}
            scores = {t: bridge_pauses(scores[t], active) for t in self.tasks}
        return self._result(clip, utterance, scores)

    def _add(self, timeline, window: Window, frames):
        """Add a window's frame scores to a timeline."""
        tracks = track_centres(self.network, len(window.samples))
        timeline.add(window.hops, window.samples, tracks, frames)

    def _result(self, clip, utterance, timeline):
        """Put together what became of a clip."""
        odd = [t for t in self.tasks if not np.isfinite(utterance[t])]
        if timeline is not None:
            odd += [t for t in timeline if not np.isfinite(timeline[t]).all()]
        if odd:
            names = ", ".join(dict.fromkeys(odd))
            return Result(
                clip.key,
                error=f"the network's score is not finite: {names}",
                seconds=clip.screening.n_samples / SAMPLE_RATE,
            )
        frames = None
        if self.frames:
            frames = {"time": times_of(clip.screening.n_samples)} | timeline
        return Result(
            clip.key,
            {task: float(utterance[task]) for task in self.tasks},
            clip.screening.warnings(),
            seconds=clip.screening.n_samples / SAMPLE_RATE,
            frames=frames,
            info=clip.screening.info,
        )

    def _run(self, samples):
        """Run the network over a batch of windows.

        Yields utterance scores and frame scores of each.
        """
        counts = [len(one) for one in samples]
        # A program that scores may have set other defaults than these.
        wavs = torch.zeros(
            len(samples),
            max(counts),
            dtype=torch.float32,
            device="cpu",
            pin_memory=self.device.type == "cuda",
        )
        for row, one in zip(wavs.numpy(), samples):
            row[: len(one)] = one
        wavs = wavs.to(self.device, non_blocking=True)
        with torch.no_grad(), self._arithmetic():
            scores = self.network(wavs, torch.tensor(counts, device="cpu"))
        utterance = self._fetch(scores.utterance)  # (tasks, batch)
        frames = self._fetch(scores.frames)  # (tasks, batch, frames)
        for i, n in enumerate(scores.n_frames.tolist()):
            yield (
                dict(zip(self.tasks, utterance[:, i])),
                dict(zip(self.tasks, frames[:, i, :n])),
            )

    @contextmanager
    def _arithmetic(self):
        """Set the precision; a GPU's float32 is not to be TF32.

        SpeechBrain switches TF32 on, which moves scores by 1e-3.
        """
        bf16 = self.precision == "bf16"
        products = torch.backends.cuda.matmul
        before, products.allow_tf32 = products.allow_tf32, False
        try:
            with (
                torch.autocast(self.device.type, torch.bfloat16, enabled=bf16),
                torch.backends.cudnn.flags(enabled=True, allow_tf32=False),
            ):
                yield
        finally:
            products.allow_tf32 = before

    def _fetch(self, by_task):
        """Bring the scores of all tasks here at once."""
        stacked = torch.stack([by_task[task] for task in self.tasks])
        return stacked.cpu().numpy()


def check_weights(network):
    """Refuse a network that was cast to another type than float32.

    Arguments
    ---------
    network : torch.nn.Module
        The network.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    kinds = {p.dtype for p in network.parameters()} - {torch.float32}
    if kinds:
        raise ValueError(
            f"the network's weights are {kinds.pop()}, need torch.float32: "
            "call .float(); precision='bf16' computes faster"
        )
