"""A trained network in a folder: plain settings, safe weights.

Nothing in such a folder is executed when it is loaded: the settings are JSON,
the weights safetensors.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json
from pathlib import Path

from safetensors.torch import load_file, save_file

from mtqnet_brain.files import write_json
from mtqnet_brain.model import MTQNet
from mtqnet_brain.mos_ssl import MOSSSL

NETWORKS = {"MTQNet": MTQNet, "MOSSSL": MOSSSL}
FOLDER = "model"
SETTINGS = "model.json"
WEIGHTS = "model.safetensors"


def save_model(folder, network, provenance):
    """Write a network into a folder.

    Arguments
    ---------
    folder : str or Path
        Made if needed.
    network : MTQNet or MOSSSL
        Trained; a frozen SSL model's weights are not written.
    provenance : dict
        ``run``, the name of the training run, and where labels and data came
        from; for JSON.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: weight.detach().cpu().contiguous()
        for name, weight in network.state_dict().items()
    }
    partial = folder / (WEIGHTS + ".partial")
    save_file(weights, partial)
    digest = file_hash(partial)
    partial.replace(folder / WEIGHTS)
    # Written last: a folder without it is no model.
    write_json(
        folder / SETTINGS,
        {
            "class": _class_name(network),
            "network": network.settings(),
            "weights_sha256": digest,
            "provenance": provenance,
        },
    )


def _class_name(network):
    """Return which of `NETWORKS` reads its settings; else its own name.

    A subclass that only makes networks is loaded as what it makes.
    """
    names = [n for n, kind in NETWORKS.items() if isinstance(network, kind)]
    return names[0] if names else type(network).__name__


def read_settings(path):
    """Read what a folder of `save_model` says of its network.

    Arguments
    ---------
    path : str or Path
        The folder, or the output folder of the run that wrote it.

    Returns
    -------
    dict
        ``class``, ``network``, ``weights_sha256`` and ``provenance``.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    """
    settings = _model_folder(path) / SETTINGS
    return json.loads(settings.read_text(encoding="utf-8"))


def read_weights(path):
    """Read the weights in a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        As for `read_settings`.

    Returns
    -------
    dict of str to torch.Tensor
        By name, on the CPU.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ValueError
        If the weights are not those that the settings were saved with.
    """
    folder, info = _model_folder(path), read_settings(path)
    digest = file_hash(folder / WEIGHTS)
    if digest != info["weights_sha256"]:
        raise ValueError(
            f"{folder / WEIGHTS}: sha256 {digest[:12]}, {SETTINGS} says "
            f"{info['weights_sha256'][:12]}; copy the folder again"
        )
    return load_file(folder / WEIGHTS)


def load_model(path, device="cpu", build=None):
    """Load a network from a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        As for `read_settings`.
    device : str
        Where the network goes.
    build : Callable
        Makes the network of its settings. Default: its class in `NETWORKS`.

    Returns
    -------
    torch.nn.Module
        What ``build`` made, in eval mode.
    dict
        Of `read_settings`.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ValueError
        If the folder is of another kind of network, or the weights are not
        those that the settings were saved with.
    """
    info, weights = read_settings(path), read_weights(path)
    folder = _model_folder(path)
    build = build or NETWORKS.get(info.get("class", "MTQNet"))
    if build is None:
        raise ValueError(
            f"{folder / SETTINGS} is of another kind of network: "
            f"{info['class']}"
        )
    try:
        network = build(**info["network"])
    except TypeError as err:
        raise ValueError(
            f"{folder / SETTINGS} is of another kind of network: {err}"
        ) from err
    try:
        network.load_state_dict(weights)
    except RuntimeError as err:
        raise ValueError(
            f"{folder / WEIGHTS} does not fit {SETTINGS}: {err}"
        ) from err
    return network.to(device).eval(), info


def _model_folder(path):
    """Return the folder itself or the ``model`` folder of a run."""
    for folder in (Path(path), Path(path) / FOLDER):
        if (folder / SETTINGS).is_file():
            return folder
    raise FileNotFoundError(
        f"{path}: no {SETTINGS} in it nor in its folder {FOLDER}/; give the "
        "output folder of a training run that has ended"
    )


def file_hash(path):
    """Return the SHA-256 of a file, hexadecimal.

    Arguments
    ---------
    path : str or Path
        The file.

    Returns
    -------
    str
        64 digits.
    """
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
