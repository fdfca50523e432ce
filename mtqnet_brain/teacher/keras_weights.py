"""Weights in a Keras HDF5 file, in the order of its layers.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import os
import stat
import zlib
from pathlib import Path

from mtqnet_brain.utils.installation import require

ROOT = "model_weights"  # of a full save; a weights-only save has no such group
MAX_BYTES = 500_000_000  # of a file; the published one has 5 MB
MAX_VALUES = 10_000_000  # the published MOSA-Net has 1.75 million
MAX_CHUNKS = 10_000  # of one weight
MAX_NAMES = 1_000_000  # bytes of an attribute
DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3  # HDF5's own numbers of its filters
DAMAGE = (OSError, LookupError, RuntimeError, ValueError, TypeError)


class KerasFileError(ValueError):
    """A file that cannot be imported."""


def read_keras_weights(path: str | Path) -> list[tuple]:
    """Read the weights of a `model.save()` or `save_weights()` file.

    Arguments
    ---------
    path : str or Path
        HDF5 file of Keras.

    Returns
    -------
    list of tuple
        Name, such as ``conv2d_1/kernel:0``, and numpy array, in the order in
        which Keras lists layers and weights. The groups' own order is
        alphabetic: ``conv2d_10`` before ``conv2d_2``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KerasFileError
        If the file is damaged, or is not HDF5, or not of Keras: links to
        elsewhere, types other than floats, sizes beyond any MOSA-Net.
    ImportError
        If h5py is not installed.
    """
    (h5py,) = require("keras", "h5py")
    check_keras_file(path)
    if not h5py.is_hdf5(path):
        raise KerasFileError(
            f"{path}: not an HDF5 file, or its beginning is damaged; give the "
            ".h5 that Keras' model.save() or save_weights() wrote"
        )
    try:
        with h5py.File(path, "r") as file:
            return _read_layers(file)
    except KerasFileError as err:
        raise KerasFileError(f"{path}: {err}") from err
    # Errors of h5py and zlib on damaged bytes.
    except (*DAMAGE, zlib.error) as err:
        raise KerasFileError(
            f"{path}: truncated or damaged HDF5 ({err}); fetch it again"
        ) from err


def check_keras_file(path: str | Path) -> None:
    """Refuse a path that is not a file of plausible size.

    Arguments
    ---------
    path : str or Path
        HDF5 file of Keras.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KerasFileError
        If it is not a regular file, or too large.
    """
    try:
        found = os.stat(path)
    except OSError as err:
        raise FileNotFoundError(f"{path}: no such file") from err
    if not stat.S_ISREG(found.st_mode):
        raise KerasFileError(f"{path}: a folder or device, need a .h5 file")
    if found.st_size > MAX_BYTES:
        raise KerasFileError(
            f"{path}: {found.st_size / 1e6:.0f} MB, the published MOSA-Net has "
            f"5 MB and no file above {MAX_BYTES / 1e6:.0f} MB is read"
        )


def _read_layers(file):
    """Return names and arrays of every layer."""
    group = file
    if ROOT in file:
        group = _inside(file, ROOT)
    if "layer_names" not in group.attrs:
        raise KerasFileError(
            "not a Keras HDF5 file: no layer_names attribute at the root or "
            f"in group {ROOT}; found {sorted(group)[:5]}"
        )
    weights, n_values = [], 0
    for layer in _texts(group, "layer_names"):
        inner = _inside(group, layer)
        for name in _texts(inner, "weight_names"):
            dataset = _inside(inner, name)
            _check_dataset(dataset, name)
            n_values += dataset.size
            if n_values > MAX_VALUES:
                raise KerasFileError(
                    f"{name} and those before it have {n_values} values, the "
                    f"published MOSA-Net has less than {MAX_VALUES}"
                )
            weights.append((name, dataset[()]))
    return weights


def _inside(group, name):
    """Return what a group holds under a name, in the file itself.

    A soft link may lead in circles, an external one into any other file.
    """
    (h5py,) = require("keras", "h5py")
    for part in name.split("/"):
        link = group.get(part, getlink=True) if _is_group(group) else None
        if link is None:
            raise KeyError(f"no {name}")
        if not isinstance(link, h5py.HardLink):
            raise KerasFileError(
                f"{name} is a link to another file ({type(link).__name__}), "
                "which Keras never writes"
            )
        group = group[part]
    return group


def _is_group(item):
    """Whether an item can hold others."""
    (h5py,) = require("keras", "h5py")
    return isinstance(item, h5py.Group)


def _check_dataset(dataset, name):
    """Refuse values that are not plain floats stored in the file."""
    (h5py,) = require("keras", "h5py")
    if not isinstance(dataset, h5py.Dataset):
        raise KerasFileError(f"{name}: a group, expected an array")
    if dataset.dtype.kind != "f" or dataset.shape is None:
        raise KerasFileError(
            f"{name}: values of type {dataset.dtype}, expected floats"
        )
    if dataset.is_virtual or dataset.external:
        raise KerasFileError(
            f"{name}: its values are stored in an external file, which Keras "
            "never does"
        )
    if dataset.size > MAX_VALUES:
        raise KerasFileError(
            f"{name}: shape {dataset.shape}, no weight of the published "
            "MOSA-Net is that large"
        )
    if dataset.chunks is not None:
        _check_chunks(dataset, name)


def _check_chunks(dataset, name):
    """Refuse chunks that would take more memory than their values do."""
    n_bytes = math.prod(dataset.chunks) * dataset.dtype.itemsize
    pipeline = dataset.id.get_create_plist()
    filters = {
        pipeline.get_filter(i)[0] for i in range(pipeline.get_nfilters())
    }
    # HDF5 enlarges its buffer as long as there is something to inflate.
    if (
        n_bytes > MAX_BYTES
        or dataset.id.get_num_chunks() > MAX_CHUNKS
        or not filters <= {SHUFFLE, DEFLATE, FLETCHER32}
        or (DEFLATE in filters and _is_bomb(dataset, n_bytes))
    ):
        raise KerasFileError(
            f"{name}: compressed as Keras never does (chunks "
            f"{dataset.chunks}, filters {sorted(filters)})"
        )


def _is_bomb(dataset, n_bytes):
    """Whether a chunk inflates to more than its size."""
    for i in range(dataset.id.get_num_chunks()):
        chunk = dataset.id.get_chunk_info(i)
        if chunk.size > 2 * n_bytes + 1000:
            return True
        _, stored = dataset.id.read_direct_chunk(chunk.chunk_offset)
        inflate = zlib.decompressobj()
        if len(inflate.decompress(stored, n_bytes + 1)) > n_bytes:
            return True
    return False


def _texts(item, name):
    """Return an attribute's names as str: h5py gives bytes or str."""
    (h5py,) = require("keras", "h5py")
    stored = item.attrs.get_id(name)
    if stored.shape == (0,):  # of any type: a layer without weights
        return []
    text = h5py.check_string_dtype(stored.dtype)
    if text is None or len(stored.shape) > 1 or not _is_short(stored):
        raise KerasFileError(
            f"attribute {name} of {item.name}: type {stored.dtype}, shape "
            f"{stored.shape}, expected a list of names"
        )
    return [
        n.decode() if isinstance(n, bytes) else str(n) for n in item.attrs[name]
    ]


def _is_short(attribute):
    """Whether an attribute can be a list of layers or weights."""
    n_names = math.prod(attribute.shape)
    return n_names * attribute.dtype.itemsize <= MAX_NAMES
