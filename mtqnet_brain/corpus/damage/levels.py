"""Levels that change: jumps, fades, automatic gain control.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.ndimage import uniform_filter1d

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.damage.drawing import (
    log_uniform,
    one_of,
    random_damage,
)
from mtqnet_brain.corpus.mixing import active_level, limit_peak

FRAME = SAMPLE_RATE // 100
ATTACK_S = 0.02  # the control lowers its gain within this time
JUMP = FRAME // 2  # samples that a jump takes


def change_level(
    samples: np.ndarray,
    rng: np.random.Generator,
    gain_kind: str,
    gain_db: float,
    gain_s: float,
) -> np.ndarray:
    """Multiply samples by a gain that changes with time.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the course of the gain.
    gain_kind : str
        ``jumps``: up and down at random times. ``fades``: slowly, between
        random gains. ``control``: an automatic control that brings the level
        of every moment towards that of the speech, and so lifts pauses.
    gain_db : float
        Distance of the highest from the lowest gain.
    gain_s : float
        Mean time between jumps or turns, or the control's time of release.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    gains = GAINS[gain_kind](samples, rng, gain_db, gain_s)  # dB, (n_samples,)
    return limit_peak(samples * 10 ** (gains / 20))


def _jumps(samples, rng, depth, seconds):
    """Gains in dB that jump between 0 and -depth, (n_samples,)."""
    n_samples = len(samples)
    # One jump at least, within the clip.
    first = rng.uniform(0.1, 0.9) * n_samples
    n_more = rng.poisson(n_samples / SAMPLE_RATE / seconds)
    times = np.sort([first, *rng.uniform(0, n_samples, n_more)])
    crossed = np.searchsorted(times, np.arange(n_samples))
    gains = -depth * ((crossed + rng.integers(2)) % 2)
    return uniform_filter1d(gains.astype(float), JUMP, mode="nearest")


def _fades(samples, rng, depth, seconds):
    """Gains in dB on lines between random points, (n_samples,)."""
    n_samples = len(samples)
    step = max(1.0, seconds * SAMPLE_RATE)
    points = np.arange(-rng.uniform(0, step), n_samples + step, step)
    # In turns high and low, so that every fade is heard.
    low = (np.arange(len(points)) + rng.integers(2)) % 2
    gains = -depth * (low + rng.uniform(-0.2, 0.2, len(points))).clip(0, 1)
    return np.interp(np.arange(n_samples), points, gains)


def _control(samples, _rng, depth, seconds):
    """Gains in dB of a control with fast attack and slow release."""
    n_frames = -(-len(samples) // FRAME)
    padded = np.zeros(n_frames * FRAME)
    padded[: len(samples)] = samples
    power = np.mean(padded.reshape(n_frames, FRAME) ** 2, axis=1)
    levels = 10 * np.log10(power + 1e-12)
    target = max(active_level(samples), -90.0)
    wanted = np.clip(target - levels, -depth / 2, depth / 2)
    fall = np.exp(-FRAME / SAMPLE_RATE / ATTACK_S)
    rise = np.exp(-FRAME / SAMPLE_RATE / seconds)
    gains, gain = np.empty(n_frames), 0.0
    for frame, goal in enumerate(wanted):
        keep = fall if goal < gain else rise
        gain = keep * gain + (1 - keep) * goal
        gains[frame] = gain
    centres = (np.arange(n_frames) + 0.5) * FRAME
    return np.interp(np.arange(len(samples)), centres, gains)


GAINS = {"jumps": _jumps, "fades": _fades, "control": _control}
LEVELS = {
    "Gain": random_damage(
        change_level,
        gain_kind=one_of(*GAINS),
        gain_db=log_uniform(2, 40, 1),
        gain_s=log_uniform(0.2, 4, 2),
    ),
}
