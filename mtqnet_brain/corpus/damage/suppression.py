"""What poor noise suppressors leave: holes, musical noise, pumping.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.ndimage import uniform_filter1d

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.damage.drawing import (
    degradation,
    log_uniform,
    random_damage,
    uniform,
)
from mtqnet_brain.corpus.enhancement.classical import (
    FRAME,
    HOP,
    analyse,
    synthesise,
    track_noise,
)
from mtqnet_brain.corpus.mixing import limit_peak, mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.corpus.spectral_faults import split_mixture

TINY = 1e-12
CLEAN_DB = 40  # a clip with less noise than that is given some
PUMPING_FRAMES = 30  # about 0.5 s


def cut_holes(
    samples: np.ndarray,
    rng: np.random.Generator,
    hole_share: float,
    hole_ms: float,
    hole_hz: float,
) -> np.ndarray:
    """Remove rectangles of time and frequency.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws where they lie.
    hole_share : float
        Expected share of the plane that they cover together.
    hole_ms, hole_hz : float
        Length and width of one.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    spectra = analyse(samples)  # (n_frames, 257)
    n_frames, n_bins = spectra.shape
    long = min(n_frames, max(1, round(hole_ms * SAMPLE_RATE / 1000 / HOP)))
    wide = min(n_bins, max(1, round(hole_hz * FRAME / SAMPLE_RATE)))
    # Corners beyond the edges too, so that no bin is spared.
    places = (n_frames + long - 1) * (n_bins + wide - 1)
    n_holes = np.log(1 - hole_share) / np.log(1 - long * wide / places)
    for _ in range(max(1, round(n_holes))):
        frame = rng.integers(1 - long, n_frames)
        low = rng.integers(1 - wide, n_bins)
        rows = slice(max(0, frame), frame + long)
        spectra[rows, max(0, low) : low + wide] = 0
    return limit_peak(synthesise(spectra, len(samples)))


def subtract_poorly(
    samples: np.ndarray,
    clean: np.ndarray,
    rng: np.random.Generator,
    over: float,
    residual_db: float,
    pumping_db: float,
    hiss_snr_db: float,
) -> np.ndarray:
    """Subtract the noise's spectrum bin by bin, without smoothing.

    Arguments
    ---------
    samples, clean : np.ndarray
        Mixture and the clean speech in it, at 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the noise that is added and the errors of its estimate.
    over : float
        Factor of the subtracted power; what exceeds it is musical noise.
    residual_db : float
        Smallest gain.
    pumping_db : float
        Standard deviation of the slow errors of the estimated noise level.
    hiss_snr_db : float
        SNR of the pink noise that clean speech is given first.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.

    Source: Berouti, Schwartz and Makhoul, "Enhancement of speech corrupted by
    acoustic noise", ICASSP 1979.
    """
    if _snr(samples, clean) > CLEAN_DB:
        noise = pink_noise(len(samples), rng)
        samples = mix_at_snr(samples, noise, hiss_snr_db, rng)
    spectra = analyse(samples)  # (n_frames, 257)
    powers = np.abs(spectra) ** 2
    errors = rng.standard_normal(len(powers) + 2 * PUMPING_FRAMES)
    errors = uniform_filter1d(errors, PUMPING_FRAMES)[PUMPING_FRAMES:]
    errors = errors[: len(powers)] * np.sqrt(PUMPING_FRAMES) * pumping_db
    noise = track_noise(powers) * 10 ** (errors[:, None] / 10)
    gains = np.sqrt(np.maximum(1 - over * noise / (powers + TINY), 0))
    gains = np.maximum(gains, 10 ** (residual_db / 20))
    return limit_peak(synthesise(gains * spectra, len(samples)))


def _snr(samples, clean):
    """Ratio in dB of the speech in a mixture to the rest."""
    speech, rest = split_mixture(samples, clean)
    return 10 * np.log10((speech @ speech + TINY) / (rest @ rest + TINY))


SUPPRESSION = {
    "Holes": random_damage(
        cut_holes,
        hole_share=log_uniform(0.01, 0.6, 3),
        hole_ms=log_uniform(32, 400, 0),
        hole_hz=log_uniform(150, 3000, 0),
    ),
    "Musical": degradation(
        subtract_poorly,
        over=log_uniform(0.5, 6, 2),
        residual_db=uniform(-40, -6, 1),
        pumping_db=uniform(0, 10, 1),
        hiss_snr_db=uniform(5, 35, 1),
    ),
}
