"""Arrays and tensors of any type as mono floats.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import torch

from mtqnet_brain.audio.decoding import AudioError, to_float32
from mtqnet_brain.audio.downmix import mix_down

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MAX_CHANNELS = 64
NUMPY_FLOATS = (torch.float16, torch.float32, torch.float64)
AXES = "need (samples,), (samples, channels) or (channels, samples)"


def mono_samples(samples: ArrayLike | torch.Tensor) -> tuple[np.ndarray, str]:
    """Return samples as mono floats of full scale 1.

    Arguments
    ---------
    samples : array_like or torch.Tensor
        Shape (samples,), (samples, channels) or (channels, samples): the
        longer axis is time. Floats with full scale 1, or integers of their
        type's full scale (scipy reads 24-bit wavs as int32 of scale 2**31);
        unsigned integers have their zero in the middle, as in wav files.

    Returns
    -------
    mono : np.ndarray
        Shape (samples,), float32.
    warning : str
        From `downmix.mix_down`, or about 16-bit values in a wider type; else
        empty.

    Raises
    ------
    AudioError
        If they are not samples; names shape or type.
    """
    array = _as_array(samples)
    if array.ndim not in (1, 2) or not array.size:
        raise AudioError(f"samples of shape {array.shape}: {AXES}")
    if array.ndim == 1:
        array = array[:, None]  # (samples, 1)
    elif _channel_axis(array.shape) == 0:
        array = array.T  # (samples, channels)
    warning = _doubtful_scale(array)
    mono, mixed = mix_down(to_float32(_full_scale_one(array)))
    return mono, "; ".join(filter(None, [warning, mixed]))


def check_sample_rate(rate: int | float) -> int:
    """Return a rate as an integer.

    Arguments
    ---------
    rate : int or float
        In Hz; numbers of numpy and torch too.

    Returns
    -------
    int
        In Hz.

    Raises
    ------
    ValueError
        If it is no whole number of Hz above zero.
    """
    shape = getattr(rate, "shape", ())
    if shape:
        raise ValueError(
            f"sample_rate: {type(rate).__name__} of shape {tuple(shape)}, need "
            "Hz; samples come first, the rate second"
        )
    if isinstance(rate, (np.ndarray, torch.Tensor)):
        rate = rate.item()
    known = isinstance(rate, Real) and not isinstance(rate, bool)
    if not known or not (rate > 0 and float(rate).is_integer()):
        raise ValueError(
            f"sample_rate must be a whole number of Hz, got {rate!r}"
        )
    return int(rate)


def _as_array(samples: ArrayLike | torch.Tensor) -> np.ndarray:
    """Return samples as an array."""
    if isinstance(samples, (bytes, bytearray, memoryview, str)) or hasattr(
        samples, "read"
    ):
        raise AudioError(
            f"samples: {type(samples).__name__} is not an array; decode "
            "it first: samples, rate = soundfile.read(io.BytesIO(data))"
        )
    if isinstance(samples, torch.Tensor):
        return _tensor_as_array(samples)
    if np.ma.is_masked(samples):
        raise AudioError(
            f"samples: {np.ma.count_masked(samples)} are masked; cut them out, "
            "or fill them (numpy.ma.filled)"
        )
    try:
        return np.asarray(samples)
    except ValueError as err:  # rows of different length
        raise AudioError(f"samples are not an array ({err}): {AXES}") from err


def _tensor_as_array(samples: torch.Tensor) -> np.ndarray:
    """Return a tensor on any device as an array."""
    try:
        if samples.is_floating_point() and samples.dtype not in NUMPY_FLOATS:
            samples = samples.float()
        return samples.numpy(force=True)
    except (TypeError, RuntimeError) as err:  # sparse, quantized, on meta
        raise AudioError(
            f"samples: this tensor cannot be made an array ({err})"
        ) from err


def _full_scale_one(samples: np.ndarray) -> np.ndarray:
    """Return floats of full scale 1."""
    kind = samples.dtype.kind
    if kind == "f":
        return samples
    if kind not in "iu":
        raise AudioError(
            f"samples of type {samples.dtype}: need real floats or integers"
        )
    if samples.dtype.itemsize == 8:
        raise AudioError(
            f"samples of type {samples.dtype}, whose full scale is unknown; "
            "convert them to int16, int32, or floats of full scale 1"
        )
    half = 2.0 ** (8 * samples.dtype.itemsize - 1)
    return samples / half - (1.0 if kind == "u" else 0.0)


def _doubtful_scale(samples: np.ndarray) -> str:
    """Return a warning if 32-bit integers all fit into 16 bits."""
    kind, n_bytes = samples.dtype.kind, samples.dtype.itemsize
    if kind not in "iu" or n_bytes != 4:
        return ""
    narrow = np.iinfo(f"{kind}2")
    if samples.min() < narrow.min or samples.max() > narrow.max:
        return ""
    return (
        f"{samples.dtype} is taken to have a full scale of 2**31, yet all "
        f"values fit into {narrow.dtype}; if they are 16-bit samples, convert "
        f"them to {narrow.dtype}"
    )


def _channel_axis(shape: tuple[int, ...]) -> int:
    """Return which axis holds the channels: the shorter one."""
    if shape[0] == shape[1] or min(shape) > MAX_CHANNELS:
        raise AudioError(
            f"samples of shape {shape}: the time axis is ambiguous, or there "
            f"are more than {MAX_CHANNELS} channels; {AXES}"
        )
    return 0 if shape[0] < shape[1] else 1
