"""Artefacts of enhancement networks, simulated without the networks.

An imperfect mask, errors in the complex spectrum, a wrong phase: so a corpus
has artefacts of systems that it does not contain. Each function takes a
mixture and the clean speech in it.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from mtqnet_brain.corpus.enhancement.classical import analyse, synthesise
from mtqnet_brain.corpus.mixing import limit_peak

TINY = 1e-12


def imperfect_mask(
    noisy: np.ndarray,
    clean: np.ndarray,
    rng: np.random.Generator,
    mask_exponent: float,
    mask_error_db: float,
    extent: float,
    floor_db: float,
) -> np.ndarray:
    """Apply an ideal ratio mask with random errors.

    Arguments
    ---------
    noisy, clean : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the errors.
    mask_exponent : float
        2 gives the Wiener gain; larger values suppress too much, smaller ones
        too little.
    mask_error_db : float
        Standard deviation of the mask's errors in dB.
    extent : float
        Size of an error in frames and bins; 0 gives musical noise.
    floor_db : float
        Smallest gain.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    speech, noise = split_mixture(noisy, clean)
    target, other = np.abs(analyse(speech)) ** 2, np.abs(analyse(noise)) ** 2
    mask = (target / (target + other + TINY)) ** (mask_exponent / 2)
    mask *= 10 ** (_errors(rng, mask.shape, extent) * mask_error_db / 20)
    mask = np.clip(mask, 10 ** (floor_db / 20), 1.5)
    return limit_peak(synthesise(mask * analyse(noisy), len(noisy)))


def complex_error(
    noisy: np.ndarray,
    clean: np.ndarray,
    rng: np.random.Generator,
    left_db: float,
    error_db: float,
    extent: float,
) -> np.ndarray:
    """Estimate the complex spectrum, with errors.

    Arguments
    ---------
    noisy, clean : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the errors.
    left_db : float
        Gain of the remaining noise.
    error_db : float
        Level of the errors below the speech, bin by bin.
    extent : float
        As for `imperfect_mask`.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    speech, noise = split_mixture(noisy, clean)
    target = analyse(speech)
    errors = _errors(rng, target.shape, extent) + 1j * _errors(
        rng, target.shape, extent
    )
    # As complex gains: added errors of one phase would cancel from frame to
    # frame where they extend over several.
    gains = 1 + 10 ** (-error_db / 20) * errors / np.sqrt(2)
    spectrum = gains * target + 10 ** (left_db / 20) * analyse(noise)
    return limit_peak(synthesise(spectrum, len(noisy)))


def wrong_phase(
    noisy: np.ndarray,
    clean: np.ndarray,
    rng: np.random.Generator,
    phase_error: float,
    noisy_phase: bool,
) -> np.ndarray:
    """Keep the magnitudes of the speech and distort their phase.

    Arguments
    ---------
    noisy, clean : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    rng : np.random.Generator
        Draws the errors.
    phase_error : float
        Standard deviation of the phase's errors in radians.
    noisy_phase : bool
        Whether the phase is that of the mixture; else that of the speech.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    speech, _ = split_mixture(noisy, clean)
    target = analyse(speech)
    phase = np.angle(analyse(noisy) if noisy_phase else target)
    phase = phase + phase_error * rng.standard_normal(phase.shape)
    return limit_peak(
        synthesise(np.abs(target) * np.exp(1j * phase), len(noisy))
    )


def split_mixture(
    noisy: np.ndarray, clean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Split a mixture (n_samples,) into scaled speech and the rest, float64."""
    noisy, clean = np.asarray(noisy, float), np.asarray(clean, float)
    gain = noisy @ clean / max(clean @ clean, TINY)
    return gain * clean, noisy - gain * clean


def _errors(rng, shape, extent):
    """Draw errors of unit variance over frames and bins."""
    errors = rng.standard_normal(shape)
    if extent:
        errors = gaussian_filter(errors, extent)
        errors /= errors.std() + TINY
    return errors
