"""Overlapping frames of 30 ms and their power spectra.

The framing of composite.m, which comes with P. C. Loizou, "Speech
Enhancement: Theory and Practice", 2007; shared by LLR, WSS and segmental SNR.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

FRAME = 480  # samples, 30 ms
HOP = 120  # samples, 75 % overlap
N_FFT = 1024  # next power of 2 above two frames
BLOCK_FRAMES = 4000  # whose spectra take 50 MB


@cache
def frame_window() -> np.ndarray:
    """Return the Hann window of a frame, without its zeros, shape (480,)."""
    phase = 2 * np.pi * np.arange(1, FRAME + 1) / (FRAME + 1)
    return 0.5 * (1 - np.cos(phase))


def frame_blocks(n_samples: int) -> Iterator[slice]:
    """Divide a clip into slices whose frames follow one another.

    Arguments
    ---------
    n_samples : int
        Length of the clip.

    Yields
    ------
    slice
        30 s of samples, so that every clip up to 20 s is one slice.
    """
    for start in range(0, n_samples - FRAME - HOP + 1, BLOCK_FRAMES * HOP):
        yield slice(start, start + BLOCK_FRAMES * HOP + FRAME)


def frame_view(samples: np.ndarray) -> np.ndarray:
    """Cut samples into overlapping frames, without copying.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n_samples,), n_samples >= 600.

    Returns
    -------
    np.ndarray
        Shape ((n_samples - 480) // 120, 480): as in composite.m, the last
        whole frame is not used.
    """
    n_frames = (len(samples) - FRAME) // HOP
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)
    return windows[::HOP][:n_frames]  # (n_frames, 480)


def power_spectra(samples: np.ndarray) -> np.ndarray:
    """Compute the power spectrum of each frame.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n_samples,), at 16 kHz, full scale 1.

    Returns
    -------
    np.ndarray
        |DFT|^2 of the windowed frames, shape (n_frames, 513).
    """
    frames = frame_view(samples) * frame_window()  # (n_frames, 480)
    spectra = np.fft.rfft(frames, N_FFT)  # (n_frames, 513)
    return spectra.real**2 + spectra.imag**2
