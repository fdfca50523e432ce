"""PESQ, STOI and SDI of a pair.

Sources: ITU-T P.862.2 (package pesq); C. Taal et al., "An algorithm for
intelligibility prediction of time-frequency weighted noisy speech", IEEE TASLP
19(7), 2011 (package pystoi); J. Chen et al., "New insights into the noise
reduction Wiener filter", IEEE TASLP 14(4), 2006 (SDI).

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from mtqnet_brain.audio.io import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

BLOCK = 60 * SAMPLE_RATE  # squared at a time
TOO_LITTLE_SPEECH = (
    "less than 0.4 s of speech in the reference, too little for STOI; remove "
    "the clip"
)


class LabelError(ValueError):
    """A pair that cannot be labelled; the message says why.

    Attributes
    ----------
    labels : dict
        Labels that the pair has all the same.
    """

    labels: dict[str, float] = {}


def pesq_score(reference: np.ndarray, degraded: np.ndarray) -> float:
    """Rate a pair by wide-band PESQ.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples at 16 kHz, shape (n_samples,).

    Returns
    -------
    float
        MOS-LQO, 1.04 to 4.64.

    Raises
    ------
    LabelError
        If PESQ finds no utterance.
    """
    from pesq import PesqError, pesq

    try:
        return float(pesq(SAMPLE_RATE, reference, degraded, "wb"))
    except PesqError as err:
        reason = err.args[0] if err.args else type(err).__name__
        if isinstance(reason, bytes):
            reason = reason.decode(errors="replace")
        raise LabelError(f"PESQ fails: {reason}") from err


def stoi_score(reference: np.ndarray, degraded: np.ndarray) -> float:
    """Rate a pair by STOI, not extended.

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
    from pystoi import stoi

    with warnings.catch_warnings():
        # pystoi returns 1e-5 for such clips, which is no measurement.
        warnings.filterwarnings("error", "Not enough STFT", RuntimeWarning)
        try:
            return float(stoi(reference, degraded, SAMPLE_RATE))
        except RuntimeWarning as err:
            raise LabelError(TOO_LITTLE_SPEECH) from err


def speech_distortion_index(
    reference: np.ndarray, degraded: np.ndarray
) -> float:
    """Return the energy of the difference over that of the reference.

    Arguments
    ---------
    reference, degraded : np.ndarray
        Samples, shape (n_samples,); the reference is not all zero.

    Returns
    -------
    float
        sum (x - y)^2 / sum x^2: 0 without distortion, no upper end.

    Example
    -------
    >>> import numpy as np
    >>> speech_distortion_index(np.array([3.0, 4.0]), np.array([3.0, 3.0]))
    0.04
    """
    distortion = speech = 0.0
    for start in range(0, len(reference), BLOCK):
        clean = reference[start : start + BLOCK]
        difference = clean - degraded[start : start + BLOCK]
        # Not by dot: its last bits depend on the number of BLAS threads.
        distortion += (difference**2).sum()
        speech += (clean**2).sum()
    return float(distortion / speech)
