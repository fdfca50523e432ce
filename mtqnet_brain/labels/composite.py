"""Composite measures CSIG, CBAK and COVL.

Source: Y. Hu and P. C. Loizou, "Evaluation of objective quality measures for
speech enhancement", IEEE TASLP 16(1), 2008. Frames, filters and limits are
those of the authors' composite.m.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.labels.llr import log_likelihood_ratios
from mtqnet_brain.labels.spectra import (
    frame_blocks,
    frame_view,
    frame_window,
    power_spectra,
)
from mtqnet_brain.labels.wss import weighted_spectral_slopes

BEST_FRACTION = 0.95
SEGMENTAL_SNR_RANGE = (-10.0, 35.0)  # dB
RATING_RANGE = (1.0, 5.0)

# Rows: constant, PESQ, LLR, WSS, segmental SNR.
COEFFICIENTS = {
    "csig": (3.093, 0.603, -1.029, -0.009, 0.0),
    "cbak": (1.634, 0.478, 0.0, -0.007, 0.063),
    "covl": (1.594, 0.805, -0.512, -0.007, 0.0),
}


def composite_labels(
    reference: np.ndarray, degraded: np.ndarray, pesq: float
) -> dict:
    """Predict the three ratings of ITU-T P.835 from open measures.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,), n_samples >= 600, full scale 1.
    pesq : float
        Wide-band PESQ (MOS-LQO) of the pair.

    Returns
    -------
    dict
        ``csig``, ``cbak``, ``covl``: distortion of the speech, intrusiveness
        of the background and overall quality, 1 (worst) to 5.
    """
    distances = []
    for block in frame_blocks(len(reference)):
        powers = power_spectra(reference[block]), power_spectra(degraded[block])
        llr = log_likelihood_ratios(*powers)
        distances.append((llr, weighted_spectral_slopes(*powers)))
    llr, wss = map(np.concatenate, zip(*distances))  # (n_frames,) each
    return composite_scores(
        pesq,
        best_mean(llr),
        best_mean(wss),
        float(segmental_snrs(reference, degraded).mean()),
    )


def composite_scores(
    pesq: float, llr: float, wss: float, segmental_snr: float
) -> dict:
    """Combine four measures into CSIG, CBAK and COVL (Hu and Loizou 2008).

    Arguments
    ---------
    pesq, llr, wss : float
        PESQ, mean log-likelihood ratio, mean weighted spectral slope.
    segmental_snr : float
        Mean segmental signal-to-noise ratio in dB.

    Returns
    -------
    dict
        ``csig``, ``cbak``, ``covl``, each limited to 1..5.

    Example
    -------
    >>> round(composite_scores(3.0, 0.5, 20.0, 10.0)["covl"], 3)
    3.613
    """
    measures = np.array([1.0, pesq, llr, wss, segmental_snr])
    return {
        name: float(np.clip((measures * weights).sum(), *RATING_RANGE))
        for name, weights in COEFFICIENTS.items()
    }


def best_mean(distortions: np.ndarray) -> float:
    """Average the lowest 95 % of the frames.

    Arguments
    ---------
    distortions : np.ndarray
        One value per frame, shape (n_frames,).

    Returns
    -------
    float
        The mean; a half frame counts as one.
    """
    n_best = int(len(distortions) * BEST_FRACTION + 0.5)
    return float(np.sort(distortions)[:n_best].mean())


def segmental_snrs(reference: np.ndarray, degraded: np.ndarray) -> np.ndarray:
    """Compute the signal-to-noise ratio of each frame.

    Both signals lose their mean and the degraded one gets the peak of the
    reference first, as in composite.m and SpeechBrain's recipes.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Shape (n_samples,), not constant.

    Returns
    -------
    np.ndarray
        In dB, limited to -10..35, shape (n_frames,). A frame without any
        difference has 35 dB, even if it is silent.
    """
    gain = peak_of(reference) / peak_of(degraded)
    means = reference.mean(), degraded.mean()
    weights = frame_window() ** 2
    energies = []
    for block in frame_blocks(len(reference)):
        clean = reference[block] - means[0]
        noise = clean - gain * (degraded[block] - means[1])
        energies.append(
            [
                np.einsum("ij,j->i", frame_view(samples**2), weights)
                for samples in (clean, noise)
            ]
        )
    # (n_frames,) each
    signal_energy, noise_energy = np.concatenate(energies, axis=1)
    eps = np.finfo(np.float64).eps
    snrs = 10 * np.log10(signal_energy / (noise_energy + eps) + eps)
    lowest, highest = SEGMENTAL_SNR_RANGE
    snrs = np.where(noise_energy == 0, highest, snrs)
    return np.clip(snrs, lowest, highest)


def peak_of(samples: np.ndarray) -> float:
    """Return the largest distance from the mean, shape (n_samples,) given."""
    # Without a copy of the samples, which may last hours.
    mean = samples.mean()
    return max(samples.max() - mean, mean - samples.min())
