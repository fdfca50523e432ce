"""Packets that are lost and how receivers conceal it; mutes.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.damage.drawing import (
    Degradation,
    log_uniform,
    one_of,
    random_damage,
)

FADE = 0.6  # gain of every further repetition
BLEND = 40  # samples, 2.5 ms, over which received speech sets in again
PITCHES = (SAMPLE_RATE // 400, SAMPLE_RATE // 66)  # samples per period
MEMORY = 3 * PITCHES[1]  # samples from which the pitch is found


def lose_packets(
    samples: np.ndarray,
    rng: np.random.Generator,
    loss_share: float,
    frame_ms: int,
    burst_frames: float,
    concealment: str,
) -> np.ndarray:
    """Lose frames and conceal them.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws which frames are lost, one at least.
    loss_share : float
        Expected share of lost frames, at most 0.5.
    frame_ms : int
        Length of a frame.
    burst_frames : float
        Mean number of frames lost in a row.
    concealment : str
        ``silence``; ``repeat``: the last frame, fading; ``pitch``: its last
        period, fading, as in ITU-T G.711 Appendix I; ``interpolate``: from
        the last frame before to the first one after.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32.
    """
    size = SAMPLE_RATE * frame_ms // 1000
    lost = draw_losses(-(-len(samples) // size), rng, loss_share, burst_frames)
    output = np.array(samples, dtype=np.float32)
    edges = np.flatnonzero(np.diff([0, *lost, 0]))
    for start, end in edges.reshape(-1, 2) * size:
        end = min(int(end), len(samples))
        fill = CONCEALMENTS[concealment](samples, int(start), end, size)
        output[start:end] = fill
        _blend(output, end, fill)
    return output


def draw_losses(
    n_frames: int,
    rng: np.random.Generator,
    share: float,
    burst: float,
) -> np.ndarray:
    """Draw which frames are lost: boolean, shape (n_frames,).

    One is lost at least, and one is received.

    Source: Gilbert, "Capacity of a burst-noise channel", Bell System
    Technical Journal 39(5), 1960, with every frame of the bad state lost. A
    burst of mean length 1 / (1 - share) is loss at random.
    """
    leave = 1 / burst
    enter = leave * share / (1 - share)
    draws = rng.random(n_frames)
    lost = np.zeros(n_frames, bool)
    bad = draws[0] < share
    for frame, draw in enumerate(draws):
        if frame:
            bad = draw >= leave if bad else draw < enter
        lost[frame] = bad
    if not lost.any():
        lost[rng.integers(n_frames)] = True
    if lost.all():
        lost[0] = False
    return lost


def _silence(_samples, start, end, _size):
    """Zeros."""
    return np.zeros(end - start, np.float32)


def _repeat(samples, start, end, size):
    """The last frame again and again, softer every time."""
    return _extend(samples[max(0, start - size) : start], end - start, size)


def _pitch(samples, start, end, size):
    """The last period of the speech again and again, softer every frame."""
    period = _period(samples[max(0, start - MEMORY) : start])
    return _extend(samples[max(0, start - period) : start], end - start, size)


def _interpolate(samples, start, end, size):
    """From the last frame before to the first one after, reversed."""
    before = _repeat(samples, start, end, size)
    after = _extend(samples[end : end + size][::-1], end - start, size)[::-1]
    weight = np.linspace(0, 1, end - start, dtype=np.float32)
    return (1 - weight) * before + weight * after


def _extend(piece, n_samples, size):
    """Repeat a piece; the gain falls from frame to frame."""
    if not len(piece):
        return np.zeros(n_samples, np.float32)
    fade = FADE ** (np.arange(n_samples) // size)
    return (np.resize(piece, n_samples) * fade).astype(np.float32)


def _period(past):
    """Find the period of the last samples by their autocorrelation."""
    low, high = PITCHES
    half = len(past) - high
    if half < low:
        return high
    last = past[-half:]
    likeness = [
        last @ past[len(past) - half - lag : len(past) - lag]
        for lag in range(low, high)
    ]
    return low + int(np.argmax(likeness))


def _blend(output, end, fill):
    """Fade from what was filled in to what is received."""
    n_samples = min(BLEND, len(output) - end, len(fill))
    if not fill.any() or n_samples <= 0:
        return
    weight = np.linspace(1, 0, n_samples, dtype=np.float32)
    received = output[end : end + n_samples]
    tail = fill[-n_samples:][::-1]  # mirrored: no step where it begins
    output[end : end + n_samples] = weight * tail + (1 - weight) * received


CONCEALMENTS = {
    "silence": _silence,
    "repeat": _repeat,
    "pitch": _pitch,
    "interpolate": _interpolate,
}


def mute(
    samples: np.ndarray,
    rng: np.random.Generator,
    mute_share: float,
    mute_ms: float,
) -> np.ndarray:
    """Mute pieces of samples (n_samples,) of ``mute_ms`` each.

    They do not overlap, and take about ``mute_share`` of the clip, one at
    least; none is longer than half of the clip. Returns float32.
    """
    size = max(1, min(len(samples) // 2, round(SAMPLE_RATE * mute_ms / 1000)))
    n_slots = len(samples) // size
    n_mutes = min(n_slots, max(1, round(len(samples) * mute_share / size)))
    offset = rng.integers(len(samples) - n_slots * size + 1)
    output = np.array(samples, dtype=np.float32)
    for slot in rng.choice(n_slots, n_mutes, replace=False):
        start = offset + slot * size
        output[start : start + size] = 0
    return output


_RANGES = {
    "loss_share": log_uniform(0.005, 0.4, 4),
    "frame_ms": one_of(10, 20, 40),
    "burst_frames": log_uniform(1, 8, 2),
    "concealment": one_of(*CONCEALMENTS),
}
_LOSS = random_damage(lose_packets, **_RANGES)


def _draw_loss(rng):
    """Draw a loss; every second one is random, without bursts."""
    drawn = _LOSS.draw(rng)
    shortest = round(1 / (1 - drawn["loss_share"]), 4)
    bursts = rng.integers(2) and drawn["burst_frames"] > shortest
    return drawn | ({} if bursts else {"burst_frames": shortest})


TRANSMISSION = {
    "Loss": Degradation(_draw_loss, _LOSS.apply, _LOSS.columns),
    "Dropouts": random_damage(
        mute,
        mute_share=log_uniform(0.01, 0.4, 3),
        mute_ms=log_uniform(20, 500, 1),
    ),
}
