"""Measures of long clips, computed in blocks.

The memory besides the samples does not grow with the clip.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.labels.pesq_stoi import (
    TOO_LITTLE_SPEECH,
    LabelError,
    pesq_score,
)

MAX_LAG = 10 * SAMPLE_RATE
DELAY_BLOCK = 60 * SAMPLE_RATE
# Those of STOI (Taal et al., 2011), as in package pystoi.
STOI_RATE = 10000
STOI_FRAME, STOI_HOP, STOI_FFT = 256, 128, 512
STOI_SEGMENT = 30  # frames
STOI_RANGE = 40  # dB
STOI_CLIP = 1 + 10 ** (15 / 20)  # -15 dB
STOI_BLOCK = 4000  # frames, 51 s


def mean_pesq(
    reference: np.ndarray, degraded: np.ndarray, most: int, silent_peak: float
) -> float:
    """Average PESQ over equal pieces.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    most : int
        Samples of a piece, at most.
    silent_peak : float
        Peak below which a piece of the degraded clip is silent.

    Returns
    -------
    float
        MOS-LQO, without pieces in whose reference PESQ finds no utterance.

    Raises
    ------
    LabelError
        If PESQ is undefined: no piece has an utterance, or one with an
        utterance is silent in the degraded clip.
    """
    n_pieces = -(-len(reference) // most)
    ends = np.linspace(0, len(reference), n_pieces + 1).astype(int)
    scores = []
    for start, end in zip(ends, ends[1:]):
        clean, piece = reference[start:end], degraded[start:end]
        if np.ptp(piece) < 2 * silent_peak:
            if np.ptp(clean) < 2 * silent_peak:
                continue
            seconds = f"{start / SAMPLE_RATE:.1f} to {end / SAMPLE_RATE:.1f} s"
            raise LabelError(
                f"PESQ is not defined: the degraded clip is silent from "
                f"{seconds}, the reference is not; cut the clip there"
            )
        try:
            scores.append(pesq_score(clean, piece))
        except LabelError as err:
            reason = err
    if not scores:
        raise reason
    return float(np.mean(scores))


def long_delay(reference: np.ndarray, degraded: np.ndarray) -> int:
    """Find how late a degraded clip is, by cross-correlation in blocks.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,), longer than 10 s.

    Returns
    -------
    int
        Samples, within 10 s; negative where the degraded clip is early.
    """
    from scipy.signal import correlate

    total = np.zeros(2 * MAX_LAG + 1)
    for start in range(0, len(reference), DELAY_BLOCK):
        block = reference[start : start + DELAY_BLOCK]
        # The degraded block covers all lags of the reference block.
        first, last = start - MAX_LAG, start + len(block) + MAX_LAG
        heard = degraded[max(first, 0) : last]
        missing = max(-first, 0), max(last - len(degraded), 0)
        heard = np.pad(heard, missing)  # (len(block) + 2 * MAX_LAG,)
        total += correlate(heard, block, mode="valid", method="fft")
    return int(np.abs(total).argmax()) - MAX_LAG


def long_stoi(reference: np.ndarray, degraded: np.ndarray) -> float:
    """Rate a pair by STOI, as `pesq_stoi.stoi_score` does, in blocks.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,).

    Returns
    -------
    float
        At most 1.

    Raises
    ------
    LabelError
        If the reference holds less than 0.4 s that are not silent.
    """
    clean = _resampled(reference)
    kept = _audible(clean)
    # One clip after the other: an hour takes twice 0.3 GB.
    bands = [_bands(_joined(_frame_blocks(clean), kept))]
    del clean
    heard = _frame_blocks(_resampled(degraded))
    bands.append(_bands(_joined(heard, kept)))
    n_segments = bands[0].shape[1] - STOI_SEGMENT + 1
    if n_segments < 1:
        raise LabelError(TOO_LITTLE_SPEECH)
    total = 0.0
    for start in range(0, n_segments, STOI_BLOCK):
        end = min(start + STOI_BLOCK, n_segments) + STOI_SEGMENT - 1
        total += _correlations(*(band[:, start:end] for band in bands))
    return float(total / (n_segments * len(bands[0])))


def _stoi_window():
    """Return the window of a frame, shape (256,)."""
    return np.hanning(STOI_FRAME + 2)[1:-1]


def _frame_blocks(samples):
    """Yield the windowed frames of samples, up to STOI_BLOCK at a time."""
    # As in pystoi, a frame that ends with the clip is not used.
    n_frames = len(range(0, len(samples) - STOI_FRAME, STOI_HOP))
    views = np.lib.stride_tricks.sliding_window_view(samples, STOI_FRAME)
    frames = views[::STOI_HOP][:n_frames]  # (n_frames, 256)
    for start in range(0, n_frames, STOI_BLOCK):
        yield frames[start : start + STOI_BLOCK] * _stoi_window()


def _resampled(samples):
    """Return samples at the rate of STOI."""
    from pystoi.utils import resample_oct

    return resample_oct(samples, STOI_RATE, SAMPLE_RATE)


def _audible(reference):
    """Mark the frames of a reference that are not silent, (n_frames,)."""
    eps = np.finfo(float).eps
    norms = [np.linalg.norm(f, axis=1) for f in _frame_blocks(reference)]
    levels = 20 * np.log10(np.concatenate(norms) + eps)  # (n_frames,)
    return levels.max() - STOI_RANGE - levels < 0


def _joined(blocks, kept):
    """Overlap-add the frames that are kept."""
    out = np.zeros((kept.sum() + 1) * STOI_HOP)
    first = seen = 0
    for frames in blocks:
        frames = frames[kept[seen : seen + len(frames)]]
        halves = frames.reshape(-1, 2, STOI_HOP)  # (n_kept, 2, 128)
        seen += min(STOI_BLOCK, len(kept) - seen)
        for half in range(2):
            start = (first + half) * STOI_HOP
            span = out[start : start + len(frames) * STOI_HOP]
            span += halves[:, half].ravel()
        first += len(frames)
    return out


def _bands(samples):
    """Return the levels in third-octave bands, shape (15, n_frames)."""
    from pystoi.stoi import OBM

    levels = []
    for frames in _frame_blocks(samples):
        spectra = np.abs(np.fft.rfft(frames, STOI_FFT)) ** 2  # (n, 257)
        levels.append(np.sqrt(OBM @ spectra.T))  # (15, n)
    return np.concatenate(levels or [np.zeros((len(OBM), 0))], axis=1)


def _correlations(clean, degraded):
    """Sum the correlations of all segments and bands, as in pystoi."""
    eps = np.finfo(float).eps
    x, y = (
        np.lib.stride_tricks.sliding_window_view(levels, STOI_SEGMENT, axis=1)
        for levels in (clean, degraded)
    )  # (15, n_segments, 30)
    norms = [np.linalg.norm(z, axis=2, keepdims=True) for z in (x, y)]
    y = np.minimum(y * (norms[0] / (norms[1] + eps)), x * STOI_CLIP)
    x, y = (z - z.mean(axis=2, keepdims=True) for z in (x, y))
    products = (x * y).sum(axis=2)  # (15, n_segments)
    x, y = (np.linalg.norm(z, axis=2) + eps for z in (x, y))
    return float((products / (x * y)).sum())
