"""A trained network in a folder: plain settings, safe weights.

Nothing in such a folder is executed when it is loaded: the settings are JSON,
checked against a schema, the weights safetensors.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from safetensors.torch import load_file, save_file

from mtqnet_brain.checkpoints.admission import (
    CLASSES,
    RUN_SETTINGS,
    plan_network,
)
from mtqnet_brain.checkpoints.weights import (
    check_against_shell,
    check_finite,
    check_shapes,
    fill,
    safetensors_shapes,
    shapes_of,
)
from mtqnet_brain.utils.documents import ModelError, model_file, read_json
from mtqnet_brain.utils.files import write_json

if TYPE_CHECKING:
    import torch


FOLDER = "model"
SETTINGS = "model.json"
WEIGHTS = "model.safetensors"


class SavedNetwork(Protocol):
    """A torch.nn.Module with settings: MTQNet, MOSSSL or an enhancer."""

    def state_dict(self) -> dict[str, Any]:
        """Return the weights by name."""

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments, for JSON."""


def save_model(
    folder: str | Path, network: SavedNetwork, provenance: dict
) -> None:
    """Write a network into a folder.

    Arguments
    ---------
    folder : str or Path
        Made if needed.
    network : MTQNet, MOSSSL or EnhancementNetwork
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
    """Return which of `CLASSES` reads its settings; else its own name.

    A subclass that only makes networks is loaded as what it makes.
    """
    names = [n for n, kind in CLASSES.items() if isinstance(network, kind)]
    return names[0] if names else type(network).__name__


def read_settings(path: str | Path) -> dict:
    """Read what a folder of `save_model` says of its network.

    Arguments
    ---------
    path : str or Path
        The folder, or the output folder of the run that wrote it.

    Returns
    -------
    dict
        ``class``, ``network``, ``weights_sha256`` and ``provenance``: plain
        values; `admission.plan_network` checks the network's.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ModelError
        If the file is no JSON, too large, or of other content.
    """
    folder = _model_folder(path)
    file = model_file(folder, SETTINGS)
    info = RUN_SETTINGS(read_json(file, folder / SETTINGS), f"{file}")
    return {"class": "MTQNet", "provenance": {}, **info}


def read_weights(path: str | Path) -> dict[str, torch.Tensor]:
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
    ModelError
        If the weights are not those of the settings' network, not finite, or
        not those that the settings were saved with.
    """
    info = read_settings(path)
    where = str(_model_folder(path) / SETTINGS)
    plan = plan_network(info["class"], info["network"], where)
    check_against_shell(*_head(path), plan.shell)
    return _read_tensors(path, info)


def load_model(
    path: str | Path, device: str = "cpu", plan: Callable = plan_network
) -> tuple[torch.nn.Module, dict]:
    """Load a network from a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        As for `read_settings`.
    device : str
        Where the network goes.
    plan : Callable
        Checks settings and builds networks, as `admission.plan_network`.

    Returns
    -------
    torch.nn.Module
        In eval mode.
    dict
        Of `read_settings`.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ModelError
        If the folder is of another kind of network, or the weights are not
        those that the settings were saved with.
    """
    info, folder = read_settings(path), _model_folder(path)
    planned = plan(info["class"], info["network"], str(folder / SETTINGS))
    found, where = _head(path)
    if info["network"].get("ssl"):  # before that is loaded or downloaded
        check_against_shell(found, where, planned.shell)
    network = planned.build()
    check_shapes(found, shapes_of(network.state_dict()), where)
    fill(network, _read_tensors(path, info), where)
    return network.to(device).eval(), info


def _head(path):
    """Return what the file of weights holds, and how errors call it."""
    folder = _model_folder(path)
    where = str(folder / WEIGHTS)
    return safetensors_shapes(model_file(folder, WEIGHTS), where), where


def _read_tensors(path, info):
    """Return the weights whose head has been checked."""
    folder = _model_folder(path)
    file = model_file(folder, WEIGHTS)
    digest = file_hash(file)
    if digest != info["weights_sha256"]:
        raise ModelError(
            f"{folder / WEIGHTS}: sha256 {digest[:12]}, {SETTINGS} says "
            f"{info['weights_sha256'][:12]}; copy the folder again"
        )
    tensors = load_file(file)
    check_finite(tensors, str(folder / WEIGHTS))
    return tensors


def _model_folder(path):
    """Return the folder itself or the ``model`` folder of a run."""
    for folder in (Path(path), Path(path) / FOLDER):
        if (folder / SETTINGS).exists():
            return folder
    raise FileNotFoundError(
        f"{path}: no {SETTINGS} in it nor in its folder {FOLDER}/; give the "
        "output folder of a training run that has ended"
    )


def file_hash(path: str | Path) -> str:
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
