"""Samples at hand: arrays and tensors of any kind as mono floats.

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
        type's full scale, 2**31 of int32, as scipy reads wavs of 24 bits;
        unsigned ones have their middle at zero, as in wav files.

    Returns
    -------
    mono : np.ndarray
        Shape (samples,), float32.
    warning : str
        Of `downmix.mix_down`, and of 16-bit values in a wider type;
        empty if there is nothing to say.

    Raises
    ------
    AudioError
        If they are no samples, with shape or type.
    """
    samples = _as_array(samples)
    if samples.ndim not in (1, 2) or not samples.size:
        raise AudioError(f"samples of shape {samples.shape}: {AXES}")
    if samples.ndim == 1:
        samples = samples[:, None]  # (samples, 1)
    elif _channel_axis(samples.shape) == 0:
        samples = samples.T  # (samples, channels)
    warning = _doubtful_scale(samples)
    mono, mixed = mix_down(to_float32(_full_scale_one(samples)))
    return mono, "; ".join(filter(None, [warning, mixed]))


def check_sample_rate(rate: int | float) -> int:
    """Return a rate as an integer.

    Arguments
    ---------
    rate : int or float
        In Hz; numpy's numbers too.

    Returns
    -------
    int
        In Hz.

    Raises
    ------
    ValueError
        If it is no whole number of Hz above zero.
    """
    known = isinstance(rate, Real) and not isinstance(rate, bool)
    if not known or not (rate > 0 and float(rate).is_integer()):
        raise ValueError(f"sample_rate: {rate!r}, need Hz, a whole number")
    return int(rate)


def _as_array(samples):
    """Return an array of what stands for one."""
    if isinstance(samples, (bytes, bytearray, memoryview, str)) or hasattr(
        samples, "read"
    ):
        raise AudioError(
            f"samples: {type(samples).__name__} is no array; decode it first: "
            "samples, rate = soundfile.read(io.BytesIO(data))"
        )
    if isinstance(samples, torch.Tensor):
        return _tensor_as_array(samples)
    try:
        return np.asarray(samples)
    except ValueError as err:  # rows of different length
        raise AudioError(f"samples are no array ({err}): {AXES}") from err


def _tensor_as_array(samples):
    """Return an array of a tensor of any kind."""
    try:
        if samples.is_floating_point() and samples.dtype not in NUMPY_FLOATS:
            samples = samples.float()
        return samples.numpy(force=True)
    except (TypeError, RuntimeError) as err:  # sparse, quantized, on meta
        raise AudioError(
            f"samples: no array can be made of this tensor ({err})"
        ) from err


def _full_scale_one(samples):
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
            f"samples of type {samples.dtype}: of which full scale? Convert "
            "them to int16 or int32, or to floats of full scale 1"
        )
    half = 2.0 ** (8 * samples.dtype.itemsize - 1)
    return samples / half - (1.0 if kind == "u" else 0.0)


def _doubtful_scale(samples):
    """Return a warning of 32-bit integers that all fit into 16 bits."""
    kind, n_bytes = samples.dtype.kind, samples.dtype.itemsize
    if kind not in "iu" or n_bytes != 4:
        return ""
    narrow = np.iinfo(f"{kind}2")
    if samples.min() < narrow.min or samples.max() > narrow.max:
        return ""
    return (
        f"{samples.dtype} is taken to have a full scale of 2**31, yet all "
        f"values fit into {narrow.dtype}; if they are of 16 bits, give them "
        f"as {narrow.dtype}"
    )


def _channel_axis(shape):
    """Return which axis holds the channels: the shorter one."""
    if shape[0] == shape[1] or min(shape) > MAX_CHANNELS:
        raise AudioError(
            f"samples of shape {shape}: which axis is time cannot be told, or "
            f"there are more than {MAX_CHANNELS} channels; {AXES}"
        )
    return 0 if shape[0] < shape[1] else 1
