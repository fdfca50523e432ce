"""Weights in a Keras HDF5 file, in the order of its layers.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from mtqnet_brain.installation import require

ROOT = "model_weights"  # of a full save; a weights-only save has no such group


class KerasFileError(ValueError):
    """A file that is not what the import expects."""


def read_keras_weights(path):
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
        If the file is damaged, or is not HDF5, or not of Keras.
    ImportError
        If h5py is not installed.
    """
    (h5py,) = require("keras", "h5py")
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file")
    if not h5py.is_hdf5(path):
        raise KerasFileError(
            f"{path}: not an HDF5 file, or its beginning is damaged; give the "
            ".h5 that Keras' model.save() or save_weights() wrote"
        )
    try:
        with h5py.File(path, "r") as file:
            return _read_layers(path, file.get(ROOT, file))
    except (OSError, KeyError, RuntimeError) as err:
        raise KerasFileError(
            f"{path}: truncated or damaged HDF5 ({err}); fetch it again"
        ) from err


def _read_layers(path, group):
    """Return names and arrays of every layer."""
    if "layer_names" not in group.attrs:
        raise KerasFileError(
            f"{path}: HDF5, but not of Keras: no attribute layer_names at its "
            f"root nor in its group {ROOT}; found {sorted(group)[:5]}"
        )
    weights = []
    for layer in _texts(group.attrs["layer_names"]):
        for name in _texts(group[layer].attrs["weight_names"]):
            weights.append((name, group[layer][name][()]))
    return weights


def _texts(names):
    """Return names as str: h5py gives bytes or str."""
    return [n.decode() if isinstance(n, bytes) else str(n) for n in names]
