"""Checks files of weights before memory is taken for them.

Names, shapes and kinds of numbers are read from the head of a file and must
be those of the network; only then are the numbers read.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from mtqnet_brain.utils.documents import ModelError
from mtqnet_brain.utils.pickles import check_archive

SSL_PREFIX = "encoder.ssl."
SSL_INPUT = ("encoder.bottleneck.weight", "linear.weight")  # (units, channels)
MAX_SSL_CHANNELS = 8192
MAX_HEAD_BYTES = 8 * 1024 * 1024
OVERHEAD_BYTES = 4 * 1024 * 1024  # of a file over its numbers
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

Shapes = Mapping[str, tuple]


def shapes_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple]:
    """Return shape and kind of number of each tensor, by name."""
    return {
        name: (tuple(tensor.shape), tensor.dtype)
        for name, tensor in tensors.items()
    }


def check_shapes(found: Shapes, expected: Shapes, where: str) -> None:
    """Refuse weights that are not those of a network.

    Arguments
    ---------
    found, expected : dict
        Of `shapes_of`.
    where : str
        What the error names.

    Raises
    ------
    ModelError
        With the first that is missing, foreign or different.
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
    """Refuse weights that are not those of a network, its SSL model excepted.

    Arguments
    ---------
    found : dict
        Of `shapes_of`.
    where : str
        What the error names.
    shell : Callable
        Of `admission.Plan`.

    Raises
    ------
    ModelError
        As `check_shapes`.
    """
    own = {n: v for n, v in found.items() if not n.startswith(SSL_PREFIX)}
    own = found if shell(1).encoder.ssl is None else own
    n_channels = 1
    for name in SSL_INPUT:
        shape = own.get(name, ((), None))[0]
        if len(shape) == 2:
            n_channels = min(shape[1], MAX_SSL_CHANNELS)
    expected = shapes_of(shell(n_channels).state_dict())
    check_shapes(own, expected, where)


def fill(network: nn.Module, tensors: Mapping, where: str) -> nn.Module:
    """Copy weights into a network that has just their names and shapes.

    Arguments
    ---------
    network : torch.nn.Module
        Changed in place.
    tensors : dict of str to torch.Tensor
        By name.
    where : str
        What the error names.

    Returns
    -------
    torch.nn.Module
        The network.

    Raises
    ------
    ModelError
        As `check_shapes`, or if a weight is not finite.
    """
    check_shapes(shapes_of(tensors), shapes_of(network.state_dict()), where)
    check_finite(tensors, where)
    network.load_state_dict(tensors)
    return network


def check_finite(tensors: Mapping, where: str) -> None:
    """Refuse weights of which one is NaN or infinite."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(f"{where}: {name} holds NaN or infinite numbers")


def safetensors_shapes(path: str | Path, where: str) -> dict[str, tuple]:
    """Return what a safetensors file holds, from its head alone.

    Arguments
    ---------
    path : str or Path
        A regular file.
    where : str
        What errors name.

    Returns
    -------
    dict
        As of `shapes_of`.

    Raises
    ------
    ModelError
        If the file is no such file, or its head does not fit its length.
    """
    with open(path, "rb") as file:
        head = file.read(8)
    if len(head) < 8 or struct.unpack("<Q", head)[0] > MAX_HEAD_BYTES:
        raise ModelError(f"{where}: no safetensors file")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: _described(file, name) for name in file.keys()}
    except SafetensorError as err:
        raise ModelError(f"{where}: no safetensors file ({err})") from err


def _described(file, name):
    """Return shape and kind of number of one entry."""
    part = file.get_slice(name)
    shape = tuple(part.get_shape())
    # An entry without numbers tells its kind and takes no memory.
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
    """Read what `torch.save` wrote of a state dict, without copying it.

    Arguments
    ---------
    path : str or Path
        A regular file.
    expected : int
        Bytes of the network's numbers; a much larger file is refused.
    where : str
        What errors name.

    Returns
    -------
    dict of str to torch.Tensor
        Mapped from the file: memory is taken where they are read.

    Raises
    ------
    ModelError
        If the file holds anything but tensors, or is packed or damaged.
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
    except _PARSING as err:  # of a parser that hostile bytes have misled
        reason = (str(err).splitlines() or [type(err).__name__])[0]
        raise ModelError(f"{where}: cannot be read: {reason:.200}") from err
    if not isinstance(tensors, dict):
        raise ModelError(f"{where}: no weights by name")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise ModelError(f"{where}: {name!r:.80} is no named tensor")
        if not _is_dense(tensor):
            raise ModelError(f"{where}: {name!r:.80} is no plain tensor")
    return dict(tensors)


def _is_dense(tensor):
    """Return whether each number of a tensor has a place of its own."""
    return tensor.is_contiguous() or (
        tensor.ndim == 4
        and tensor.is_contiguous(memory_format=torch.channels_last)
    )
