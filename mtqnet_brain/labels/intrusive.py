"""All intrusive labels of one pair of clips.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, check_samples
from mtqnet_brain.labels.composite import composite_labels, peak_of
from mtqnet_brain.labels.long_clips import long_delay, long_stoi, mean_pesq
from mtqnet_brain.labels.pesq_stoi import (
    LabelError,
    pesq_score,
    speech_distortion_index,
    stoi_score,
)

LABELS = ("pesq", "stoi", "sdi", "csig", "cbak", "covl")
MIN_LABEL_SAMPLES = SAMPLE_RATE // 4  # PESQ needs 0.25 s
# PESQ's reference code has room for 50 utterances, each at least 0.2 s long
# and 0.2 s apart, and crashes beyond.
PIECE_SAMPLES = 20 * SAMPLE_RATE
MAX_LABEL_SAMPLES = 2 * 3600 * SAMPLE_RATE  # about 3 GB of memory
MAX_LENGTH_DIFFERENCE = 0.05
SILENT_PEAK = 1e-4  # -80 dB, three steps of 16-bit samples


def intrusive_labels(reference: np.ndarray, degraded: np.ndarray) -> dict:
    """Score a degraded clip against its clean reference.

    Lengths that differ by up to 5 % are cut to the shorter one. The clips are
    not aligned, though PESQ compensates delays itself. PESQ is made for up to
    20 s: for a longer clip it is the mean over equal pieces of at most that
    length, without pieces whose reference has no speech; CSIG, CBAK and COVL
    use this mean. Every other measure is of the whole clip.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,), full scale 1.

    Returns
    -------
    dict
        ``pesq`` (wide-band MOS-LQO), ``stoi``, ``sdi`` (speech distortion
        index), ``csig``, ``cbak``, ``covl`` (Hu and Loizou 2008), as floats.

    Raises
    ------
    ValueError
        If a clip is silent, not finite, shorter than 0.25 s or longer than
        2 h, if the lengths differ by more, or if a measure is undefined. If
        this is PESQ of a clip above 20 s, the `LabelError` has the others.
    """
    reference, degraded = check_pair(reference, degraded)
    if len(reference) > PIECE_SAMPLES:
        return _long_labels(reference, degraded)
    pesq = pesq_score(reference, degraded)
    return _finite(
        {
            "pesq": pesq,
            "stoi": stoi_score(reference, degraded),
            "sdi": speech_distortion_index(reference, degraded),
            **composite_labels(reference, degraded, pesq),
        }
    )


def _long_labels(reference, degraded):
    """Score a clip that is too long for PESQ."""
    labels = {
        "stoi": long_stoi(reference, degraded),
        "sdi": speech_distortion_index(reference, degraded),
    }
    try:
        pesq = mean_pesq(reference, degraded, PIECE_SAMPLES, SILENT_PEAK)
    except LabelError as err:
        err.labels = _finite(labels)
        raise
    composite = composite_labels(reference, degraded, pesq)
    return _finite({"pesq": pesq, **labels, **composite})


def _finite(labels):
    """Return labels; refuse infinite and NaN ones."""
    for name, value in labels.items():
        if not np.isfinite(value):
            raise LabelError(f"{name} is {value}; check the clip by ear")
    return labels


def check_pair(
    reference: np.ndarray,
    degraded: np.ndarray,
    names: tuple[str, str] = ("reference", "degraded clip"),
) -> tuple[np.ndarray, np.ndarray]:
    """Refuse a pair that cannot be labelled; cut others to equal length.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,).
    names : tuple of str
        Names of the two in errors.

    Returns
    -------
    tuple of np.ndarray
        Both clips, float64, as long as the shorter one.

    Raises
    ------
    ValueError
        As `intrusive_labels` raises.
    """
    for name, samples in zip(names, (reference, degraded)):
        _check_clip(name, samples)
    lengths = len(reference), len(degraded)
    if max(lengths) - min(lengths) > MAX_LENGTH_DIFFERENCE * max(lengths):
        raise LabelError(
            f"{names[0]}: {lengths[0]} samples, {names[1]}: {lengths[1]}, "
            "lengths differ by more than 5 %; check that it is the right "
            "reference and neither is cut off"
        )
    cut = (
        np.asarray(reference[: min(lengths)], dtype=np.float64),
        np.asarray(degraded[: min(lengths)], dtype=np.float64),
    )
    for name, samples in zip(names, cut):
        peak = peak_of(samples)
        if peak < SILENT_PEAK:
            raise LabelError(f"{name}: silent, peak {peak:.2g}; remove it")
    return cut


def _check_clip(name, samples):
    """Refuse samples of a wrong shape, length or value."""
    if np.ndim(samples) != 1:
        raise LabelError(
            f"{name}: shape {np.shape(samples)}, expected (n_samples,)"
        )
    check_samples(samples, name, MIN_LABEL_SAMPLES)
    if len(samples) > MAX_LABEL_SAMPLES:
        raise LabelError(
            f"{name}: {len(samples) / SAMPLE_RATE:.0f} s, more than "
            f"{MAX_LABEL_SAMPLES // SAMPLE_RATE} s; cut it into clips"
        )


def find_delay(reference: np.ndarray, degraded: np.ndarray) -> float:
    """Find how late the degraded clip is, by cross-correlation.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,).

    Returns
    -------
    float
        Milliseconds; negative where the degraded clip is early. Above 20 s
        only delays of up to 10 s are found.
    """
    if len(reference) > PIECE_SAMPLES:
        return 1000 * long_delay(reference, degraded) / SAMPLE_RATE
    from scipy.signal import correlate, correlation_lags

    correlation = correlate(degraded, reference, method="fft")
    lags = correlation_lags(len(degraded), len(reference))
    # Without sign: a clip of inverted polarity is still in time.
    return 1000 * int(lags[np.abs(correlation).argmax()]) / SAMPLE_RATE


def cut_to_overlap(
    reference: np.ndarray, degraded: np.ndarray, delay: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cut two clips to their common part, given the delay.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,), of any two lengths.
    delay : float
        How late the degraded clip is in milliseconds, from `find_delay`.

    Returns
    -------
    tuple of np.ndarray
        Both clips, aligned, of equal length; views.
    """
    lag = round(delay * SAMPLE_RATE / 1000)
    reference = reference[max(-lag, 0) :]  # (n_reference,)
    degraded = degraded[max(lag, 0) :]  # (n_degraded,)
    n_overlap = min(len(reference), len(degraded))
    return reference[:n_overlap], degraded[:n_overlap]
