"""Degradations at growing severity, to see whether scores fall with them.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.degradations import DEGRADATIONS
from mtqnet_brain.corpus.mixing import mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise

NOISE_SECONDS = 20
ROOM = {"length_m": 6, "width_m": 4, "height_m": 3, "distance_m": 1.5}


class Rungs(NamedTuple):
    """A degradation and its severities.

    Arguments
    ---------
    unit : str
        Unit of the severities.
    steps : tuple of float
        Severities that follow the clip as it is, the worst last.
    apply : callable
        Takes clean speech, a severity, a generator that begins alike for every
        severity of a clip, and noise; returns samples.
    audible : bool
        Whether scores should fall; else they should stay.
    """

    unit: str
    steps: tuple[float, ...]
    apply: Callable[..., np.ndarray]
    audible: bool = True


def _of_corpus(method, parameter, **fixed):
    """Return a function that applies one of the builder's degradations."""

    def apply(clean, step, rng, _noise):
        """Degrade a clip."""
        how = DEGRADATIONS[method].apply
        return how(clean, clean, rng, **fixed, **{parameter: step})

    return apply


def _lose(clean, share, rng, _noise):
    """Lose 20-ms packets at random, heard as silence."""
    return DEGRADATIONS["Loss"].apply(
        clean,
        clean,
        rng,
        loss_share=share,
        frame_ms=20,
        burst_frames=1 / (1 - share),
        concealment="silence",
    )


def _follow_with_noise(clean, level, rng, _noise):
    """Append 20 s of pink noise of some dBFS."""
    noise = pink_noise(NOISE_SECONDS * SAMPLE_RATE, rng)
    noise *= 10 ** (level / 20) / np.sqrt(np.mean(noise**2))
    return np.concatenate([clean, noise]).astype(np.float32)


def _loop(clean, seconds, _rng, _noise):
    """Repeat a clip up to a length."""
    return np.resize(clean, round(seconds * SAMPLE_RATE))


LADDERS = {
    "noise": Rungs(
        "dB SNR",
        (40, 30, 25, 20, 15, 10, 5, 0),
        lambda x, snr, rng, noise: mix_at_snr(x, noise, snr, rng),
    ),
    "MNRU": Rungs("dB Q", (40, 30, 20, 15, 10, 5), _of_corpus("MNRU", "q_db")),
    "clipping": Rungs(
        "share of samples",
        (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
        _of_corpus("Clip", "clipped_share"),
    ),
    "low-pass": Rungs(
        "Hz",
        (7000, 6000, 5000, 4000, 3500, 3000, 2000),
        _of_corpus("Lowpass", "high_hz", low_hz=0),
    ),
    "reverberation": Rungs(
        "s RT60",
        (0.2, 0.4, 0.6, 0.8, 1.0),
        _of_corpus("Reverb", "rt60_s", **ROOM),
    ),
    "packet loss": Rungs("share", (0.01, 0.03, 0.05, 0.1, 0.2, 0.3), _lose),
    "Opus": Rungs(
        "kbit/s",
        (32, 24, 16, 12, 9, 6),
        _of_corpus("Opus", "kbps", input_db=0.0),
    ),
    "MP3": Rungs(
        "kbit/s", (64, 48, 32, 24, 16), _of_corpus("MP3", "kbps", input_db=0.0)
    ),
    "AMR": Rungs(
        "kbit/s",
        (12.2, 10.2, 7.95, 7.4, 6.7, 5.9, 5.15, 4.75),
        _of_corpus("AMR", "kbps", input_db=0.0),
    ),
    "noise after the speech": Rungs(
        "dBFS, 20 s", (-90, -80, -75, -70, -60), _follow_with_noise, False
    ),
    "DC": Rungs(
        "of full scale",
        (0.001, 0.003, 0.01, 0.03, 0.1),
        lambda x, offset, _rng, _noise: (x + offset).astype(np.float32),
        False,
    ),
    "length": Rungs("s, looped", (8, 10, 12, 20, 40), _loop, False),
}
