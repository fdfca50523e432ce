"""Checks weight files before memory is allocated for them.

Names, shapes and dtypes are read from the header of a file and must be
those of the network; only then are the weights read.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from mtqnet_brain.utils.pickles import check_archive
from mtqnet_brain.utils.untrusted_json import ModelError

N = TypeVar("N", bound=nn.Module)
SSL_MODULE = "encoder.ssl"
SSL_PREFIX = SSL_MODULE + "."
SSL_INPUT = ("encoder.bottleneck.weight", "linear.weight")  # (units, channels)
MAX_SSL_CHANNELS = 8192
MAX_HEAD_BYTES = 8 * 1024 * 1024
OVERHEAD_BYTES = 4 * 1024 * 1024  # of a file besides its weights
_PARSING = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
)

# Shape and dtype by name; an unknown dtype by its name in the file.
Shapes = Mapping[str, tuple[tuple[int, ...], torch.dtype | str | None]]


def shapes_of(tensors: Mapping[str, torch.Tensor]) -> Shapes:
    """Return shape and dtype of each tensor, by name."""
    return {
        name: (tuple(tensor.shape), tensor.dtype)
        for name, tensor in tensors.items()
    }


def check_shapes(found: Shapes, expected: Shapes, where: str) -> None:
    """Refuse weights that do not fit a network.

    Arguments
    ---------
    found, expected : dict
        Results of `shapes_of`.
    where : str
        Name of the file in errors.

    Raises
    ------
    ModelError
        Names the first that is missing, unexpected or different.
    """
    for name in expected:
        if name not in found:
            raise ModelError(f"{where}: Missing key {name!r}")
    for name, value in found.items():
        if name not in expected:
            raise ModelError(f"{where}: Unexpected key {name!r:.200}")
        if value != expected[name]:
            (shape, dtype), (own, kind) = value, expected[name]
            raise ModelError(
                f"{where}: size mismatch of {name}: {shape} {dtype} in the "
                f"file, {own} {kind} in the network"
            )


def check_against_shell(
    found: Shapes, where: str, shell: Callable[[int], nn.Module]
) -> None:
    """Refuse weights that do not fit a network, except its SSL model.

    Arguments
    ---------
    found : dict
        Result of `shapes_of`.
    where : str
        Name of the file in errors.
    shell : Callable
        Builds the network, as `network_checks.Admitted.shell`.

    Raises
    ------
    ModelError
        As `check_shapes`.
    """
    own = found
    if SSL_MODULE in dict(shell(1).named_modules()):
        own = {n: v for n, v in found.items() if not n.startswith(SSL_PREFIX)}
    n_channels = 1
    for name in SSL_INPUT:
        shape = own.get(name, ((), None))[0]
        if len(shape) == 2:
            n_channels = min(shape[1], MAX_SSL_CHANNELS)
    expected = shapes_of(shell(n_channels).state_dict())
    check_shapes(own, expected, where)


def fill(network: N, tensors: Mapping[str, torch.Tensor], where: str) -> N:
    """Copy finite weights into a network whose names and shapes they have.

    Arguments
    ---------
    network : torch.nn.Module
        Changed in place.
    tensors : dict of str to torch.Tensor
        Weights by name.
    where : str
        Name of the file in errors.

    Returns
    -------
    torch.nn.Module
        The same network.

    Raises
    ------
    ModelError
        As `check_shapes` and `check_finite`.
    """
    check_shapes(shapes_of(tensors), shapes_of(network.state_dict()), where)
    check_finite(tensors, where)
    network.load_state_dict(tensors)
    return network


def check_finite(tensors: Mapping[str, torch.Tensor], where: str) -> None:
    """Refuse weights that hold NaN or infinite values."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(f"{where}: {name} holds NaN or infinite values")


def safetensors_shapes(path: str | Path, where: str) -> Shapes:
    """Return the shapes in a safetensors file, from its header alone.

    Arguments
    ---------
    path : str or Path
        A regular file.
    where : str
        Name of the file in errors.

    Returns
    -------
    dict
        As `shapes_of`.

    Raises
    ------
    ModelError
        If it is not a safetensors file, or its header does not fit its size.
    """
    with open(path, "rb") as file:
        head = file.read(8)
    if len(head) < 8 or struct.unpack("<Q", head)[0] > MAX_HEAD_BYTES:
        raise ModelError(f"{where}: not a safetensors file")
    try:
        with safe_open(path, framework="pt") as tensors:
            return {name: _described(tensors, name) for name in tensors.keys()}
    except SafetensorError as err:
        raise ModelError(f"{where}: not a safetensors file ({err})") from err


def _described(file, name):
    """Return shape and dtype of one entry."""
    part = file.get_slice(name)
    shape = tuple(part.get_shape())
    kinds = {
        "F64": torch.float64,
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "I64": torch.int64,
        "I32": torch.int32,
        "I16": torch.int16,
        "I8": torch.int8,
        "U8": torch.uint8,
        "BOOL": torch.bool,
    }
    return shape, kinds.get(part.get_dtype(), part.get_dtype())


def read_pickled(path: str | Path, expected: int, where: str) -> dict:
    """Read the state dict that `torch.save` wrote, without copying it.

    Arguments
    ---------
    path : str or Path
        A regular file.
    expected : int
        Bytes of the network's weights; a much larger file is refused.
    where : str
        Name of the file in errors.

    Returns
    -------
    dict of str to torch.Tensor
        Mapped from the file, so that memory is allocated on access.

    Raises
    ------
    ModelError
        If the file holds anything but tensors, or is compressed or damaged.
    """
    size = os.path.getsize(path)
    if size > expected * 1.01 + OVERHEAD_BYTES:
        raise ModelError(
            f"{where}: {size} bytes, the network has {expected} bytes of "
            "weights"
        )
    try:
        check_archive(path, where)
        tensors = torch.load(
            path, map_location="cpu", weights_only=True, mmap=True
        )
    except ModelError:
        raise
    except _PARSING as err:  # from a parser that hostile bytes have misled
        reason = (str(err).splitlines() or [type(err).__name__])[0]
        raise ModelError(f"{where}: cannot be read: {reason:.200}") from err
    if not isinstance(tensors, dict):
        raise ModelError(f"{where}: not a mapping of names to weights")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise ModelError(f"{where}: {name!r:.80} is not a named tensor")
        if not _is_dense(tensor):
            raise ModelError(f"{where}: {name!r:.80} is not a dense tensor")
    return dict(tensors)


def _is_dense(tensor: torch.Tensor) -> bool:
    """Return whether no two elements of a tensor share memory."""
    return tensor.is_contiguous() or (
        tensor.ndim == 4
        and tensor.is_contiguous(memory_format=torch.channels_last)
    )
