"""Two classical enhancement systems of TMHINT-QI: MMSE and KLT.

Both use the same noise tracker, which does not need a pause at the start of
the clip::

    samples -> frames -> periodograms -> noise PSD -> MMSE: gain per bin
                                             `------> KLT: filter per frame

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import ShortTimeFFT
from scipy.special import exp1

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.mixing import limit_peak

FRAME = 512  # samples, 32 ms
HOP = 256
ORDER = 32  # samples per vector of KLT, 2 ms
# Applied at analysis and synthesis, it overlap-adds to one.
WINDOW = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME))
# The first frame is centred on the first sample.
STFT = ShortTimeFFT(WINDOW, HOP, SAMPLE_RATE, dual_win=WINDOW, phase_shift=None)
SMOOTHING = 0.8  # of the noise PSD, per frame of 16 ms
ALPHA = 0.98  # weight of the previous frame in the a-priori SNR
PRIOR_FLOOR = 10**-2.5  # smallest a-priori SNR: -25 dB
# A power far below one 16-bit step: keeps divisions finite in silence.
TINY = 1e-12


def mmse(noisy: np.ndarray) -> np.ndarray:
    """Enhance by the minimum-mean-square-error log-spectral amplitude.

    Arguments
    ---------
    noisy : np.ndarray
        Samples at 16 kHz, shape (n_samples,), full scale = 1.

    Returns
    -------
    np.ndarray
        Enhanced samples, shape (n_samples,), float32, peak at most 0.99.

    Source: Ephraim and Malah, "Speech enhancement using a minimum
    mean-square error log-spectral amplitude estimator", IEEE Trans. ASSP
    33(2), 1985, with the decision-directed a-priori SNR (alpha 0.98).
    """
    spectra = analyse(noisy)  # (n_frames, 257)
    powers = np.abs(spectra) ** 2
    gains = lsa_gains(powers, track_noise(powers))
    return limit_peak(synthesise(gains * spectra, len(noisy)))


def klt(noisy: np.ndarray) -> np.ndarray:
    """Enhance in the signal subspace (Karhunen-Loeve transform).

    Vectors of 2 ms are projected on the eigenvectors of the signal's
    covariance after whitening by the noise's covariance, and each component
    is weighted by lambda / (lambda + mu).

    Arguments
    ---------
    noisy : np.ndarray
        Samples at 16 kHz, shape (n_samples,), full scale = 1.

    Returns
    -------
    np.ndarray
        Enhanced samples, shape (n_samples,), float32, peak at most 0.99.

    Source: Rezayee and Gazor, "An adaptive KLT approach for speech
    enhancement", IEEE Trans. SAP 9(2), 2001; whitening and mu after Hu and
    Loizou, IEEE Trans. SAP 11(4), 2003. Covariances come from smoothed
    periodograms, as Toeplitz matrices.
    """
    powers = np.abs(analyse(noisy)) ** 2
    filters = _subspace_filters(powers, track_noise(powers))
    return limit_peak(filter_vectors(noisy, filters))


ENHANCERS = {"MMSE": mmse, "KLT": klt}


def track_noise(powers: np.ndarray) -> np.ndarray:
    """Track the noise PSD by the probability that speech is present.

    Arguments
    ---------
    powers : np.ndarray
        Noisy periodograms, shape (n_frames, n_bins).

    Returns
    -------
    np.ndarray
        Noise PSD, shape (n_frames, n_bins).

    Source: Gerkmann and Hendriks, "Unbiased MMSE-based noise power
    estimation with low complexity and low tracking delay", IEEE Trans. ASLP
    20(4), 2012. The start is the mean of the quietest tenth of the frames,
    since clips may begin with speech.
    """
    prior = 10**1.5  # a-priori SNR under speech presence: 15 dB
    n_quiet = max(3, len(powers) // 10)
    quiet = np.argsort(powers.sum(1), kind="stable")[:n_quiet]
    noise = powers[quiet].mean(0) + TINY  # (n_bins,)
    mean_presence = np.full_like(noise, 0.5)
    tracked = np.empty_like(powers)
    for frame, power in enumerate(powers):
        exponent = np.minimum(power / noise * prior / (1 + prior), 200.0)
        presence = 1 / (1 + (1 + prior) * np.exp(-exponent))
        mean_presence = 0.9 * mean_presence + 0.1 * presence
        # As in the paper: a stuck estimate must be able to rise.
        stuck = mean_presence > 0.99
        presence = np.where(stuck, np.minimum(presence, 0.99), presence)
        now = presence * noise + (1 - presence) * power
        noise = SMOOTHING * noise + (1 - SMOOTHING) * now + TINY
        tracked[frame] = noise
    return tracked


def lsa_gains(powers: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the gains of the log-spectral amplitude estimator.

    Arguments
    ---------
    powers, noise : np.ndarray
        Noisy periodograms and noise PSD, shape (n_frames, n_bins).

    Returns
    -------
    np.ndarray
        0 to 1, shape (n_frames, n_bins).
    """
    posterior = np.minimum(powers / noise, 1e3)  # gamma_k
    gains = np.empty_like(powers)
    clean_power = powers[0]
    for frame in range(len(powers)):
        prior = ALPHA * clean_power / noise[frame]
        prior += (1 - ALPHA) * np.maximum(posterior[frame] - 1, 0)
        prior = np.maximum(prior, PRIOR_FLOOR)  # xi_k
        ratio = prior / (1 + prior)
        v = np.maximum(ratio * posterior[frame], 1e-6)
        gains[frame] = np.minimum(ratio * np.exp(0.5 * exp1(v)), 1.0)
        clean_power = gains[frame] ** 2 * powers[frame]
    return gains


def _subspace_filters(powers, noise):
    """Return time-domain filters, shape (n_frames, order, order)."""
    padded = np.pad(powers, ((1, 1), (0, 0)), mode="edge")
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    noisy_covariance = _toeplitz(smooth)
    noise_covariance = _toeplitz(noise)
    root = np.linalg.cholesky(noise_covariance)  # (n_frames, K, K)
    unroot = np.linalg.inv(root)
    white = unroot @ noisy_covariance @ unroot.swapaxes(1, 2)
    eigenvalues, vectors = np.linalg.eigh(white)  # (n_frames, K), (.., K, K)
    signal = np.maximum(eigenvalues - 1, 0)
    # As Hu and Loizou chose it, mu falls from 5 at -5 dB to 1 at 20 dB.
    snr = 10 * np.log10(signal.mean(1, keepdims=True) + TINY)
    mu = np.clip(4.2 - snr / 6.25, 1.0, 5.0)
    gains = signal / (signal + mu)
    project = (vectors * gains[:, None, :]) @ vectors.swapaxes(1, 2)
    return root @ project @ unroot


def _toeplitz(powers):
    """Return Toeplitz covariance matrices from power spectra.

    From shape (n_frames, bins) to (n_frames, order, order).
    """
    lags = np.fft.irfft(powers)[:, :ORDER] / np.sum(WINDOW**2)
    lags[:, 0] = lags[:, 0] * 1.001 + TINY  # positive definite
    index = np.arange(ORDER)
    return lags[:, np.abs(index[:, None] - index)]


def filter_vectors(samples: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Filter overlapping vectors with the filter of the nearest frame.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n_samples,).
    filters : np.ndarray
        One per frame of `analyse`, shape (n_frames, order, order).

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32.
    """
    n_frames, order, _ = filters.shape
    step = order // 2
    per_frame = HOP // step
    # Frame t is centred on sample t * HOP, and so are its vectors.
    front = HOP // 2 + step
    length = (n_frames * per_frame + 1) * step
    padded = np.zeros(length)
    padded[front : front + len(samples)] = samples
    vectors = sliding_window_view(padded, order)[::step]
    vectors = vectors.reshape(n_frames, per_frame, order)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(order) / order)
    filtered = (vectors @ filters.swapaxes(1, 2)) * window
    halves = filtered.reshape(-1, 2, step)  # (n_vectors, half, step)
    output = np.zeros((len(halves) + 1, step))
    output[:-1] += halves[:, 0]
    output[1:] += halves[:, 1]
    return output.ravel()[front : front + len(samples)].astype(np.float32)


def analyse(samples: np.ndarray) -> np.ndarray:
    """Return the spectra of windowed frames, complex, (n_frames, 257)."""
    n_frames = 2 + (len(samples) - 1) // HOP
    # The last frame may begin with the last sample, where the window is zero.
    return STFT.stft(np.pad(samples, (0, HOP)), p0=0, p1=n_frames).T


def synthesise(spectra: np.ndarray, n_samples: int) -> np.ndarray:
    """Return the samples (n_samples,), float32, of spectra (n_frames, 257).

    They come closest, in the least-squares sense, to having these spectra.
    """
    return STFT.istft(spectra.T)[:n_samples].astype(np.float32)
