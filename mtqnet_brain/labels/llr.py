"""Log-likelihood ratio (LLR) of two signals, for all frames at once.

Source: S. Quackenbush, T. Barnwell and M. Clements, "Objective Measures of
Speech Quality", 1988; settings of composite.m (Hu and Loizou 2008).

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.labels.spectra import N_FFT

LPC_ORDER = 16

# 20 dB below the quantisation noise of 16-bit samples in one frame. It gives
# digital silence a flat spectrum, where composite.m divides rounding errors.
SILENCE_ENERGY = 1e-10


def log_likelihood_ratios(
    reference_power: np.ndarray, degraded_power: np.ndarray
) -> np.ndarray:
    """Compare the linear prediction filters of each frame.

    Arguments
    ---------
    reference_power, degraded_power : np.ndarray
        Power spectra, shape (n_frames, 513).

    Returns
    -------
    np.ndarray
        log(a_d R_r a_d' / a_r R_r a_r'), shape (n_frames,): how much more of
        the reference the filter of the degraded frame leaves unpredicted.
    """
    lags = autocorrelation(reference_power)  # (n_frames, 17)
    _, smallest_error = linear_prediction(lags)
    degraded_filter, _ = linear_prediction(autocorrelation(degraded_power))
    # a R a' of a Toeplitz matrix R, by its diagonals.
    error = np.zeros(len(lags))  # (n_frames,)
    for lag in range(LPC_ORDER + 1):
        products = np.einsum(
            "ij,ij->i",
            degraded_filter[:, : LPC_ORDER + 1 - lag],
            degraded_filter[:, lag:],
        )  # (n_frames,)
        error += (2 if lag else 1) * lags[:, lag] * products
    return np.log(error / smallest_error)


def autocorrelation(power: np.ndarray) -> np.ndarray:
    """Return lags 0 to 16 of the frames with these power spectra.

    Arguments
    ---------
    power : np.ndarray
        Shape (n_frames, 513).

    Returns
    -------
    np.ndarray
        Shape (n_frames, 17); lag 0 includes a floor for digital silence.
    """
    # Every second bin will do: 512 points are more than a frame and 16 lags,
    # so nothing wraps around.
    lags = np.fft.irfft(power[:, ::2], N_FFT // 2)  # (n_frames, 512)
    lags = lags[:, : LPC_ORDER + 1].copy()  # (n_frames, 17)
    lags[:, 0] += SILENCE_ENERGY
    return lags


def linear_prediction(lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve the normal equations of all frames (Levinson and Durbin).

    Arguments
    ---------
    lags : np.ndarray
        Autocorrelation, shape (n_frames, order + 1).

    Returns
    -------
    filters : np.ndarray
        Prediction error filters, shape (n_frames, order + 1), first tap 1.
    errors : np.ndarray
        Energy of the prediction errors, shape (n_frames,).
    """
    filters = np.zeros_like(lags)
    filters[:, 0] = 1.0
    errors = lags[:, 0].copy()  # (n_frames,)
    for i in range(1, lags.shape[1]):
        known = filters[:, :i]  # (n_frames, i)
        unpredicted = np.einsum("ij,ij->i", known, lags[:, i:0:-1])
        reflection = -unpredicted / errors  # (n_frames,)
        filters[:, 1 : i + 1] += reflection[:, None] * known[:, ::-1]
        errors *= 1.0 - reflection**2
    return filters, errors
