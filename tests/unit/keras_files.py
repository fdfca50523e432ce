"""Files with the layout of the published MOSA-Net, random weights.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
from keras_reference import keras_layers, random_weights


def write_file(
    path, weights=None, cudnn=True, root="model_weights", change=None
):
    """Write a file as Keras does, some weights changed or left out."""
    import h5py

    layers = keras_layers(weights or random_weights(), cudnn)
    with h5py.File(path, "w") as file:
        target = file.create_group(root) if root else file
        target.attrs["layer_names"] = np.array(list(layers), dtype="S")
        for layer, arrays in layers.items():
            if change:
                arrays = {n: change(n, a) for n, a in arrays.items()}
            arrays = {n: a for n, a in arrays.items() if a is not None}
            group = target.create_group(layer)
            group.attrs["weight_names"] = np.array(list(arrays), dtype="S")
            for name, array in arrays.items():
                group.create_dataset(name, data=array)
    return path
