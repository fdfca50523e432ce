"""A trained network in a folder: plain settings, safe weights.

Loading such a folder executes nothing in it: the settings are JSON, checked
against a schema, and the weights are safetensors.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from safetensors.torch import load_file, save_file

from mtqnet_brain.checkpoints.model_files import RUN_SETTINGS
from mtqnet_brain.checkpoints.network_checks import (
    Admitted,
    QualityNetwork,
    admit_network,
    class_name,
)
from mtqnet_brain.checkpoints.weights import (
    N,
    check_against_shell,
    check_finite,
    check_shapes,
    fill,
    safetensors_shapes,
    shapes_of,
)
from mtqnet_brain.utils.files import file_hash, write_json
from mtqnet_brain.utils.untrusted_json import ModelError, model_file, read_json

if TYPE_CHECKING:
    import torch

FOLDER = "model"
SETTINGS = "model.json"
WEIGHTS = "model.safetensors"


class SavableNetwork(Protocol):
    """A module whose ``settings()`` are its constructor's arguments."""

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values."""

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return the weights by name."""


def save_model(
    folder: str | Path, network: SavableNetwork, provenance: dict
) -> None:
    """Write a network into a folder.

    Arguments
    ---------
    folder : str or Path
        Created if needed.
    network : MTQNet, MOSSSL or an enhancement network
        A frozen SSL model's weights are not written.
    provenance : dict
        ``run``, the name of the training run, and the origin of labels and
        data, as plain values.
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
    # Written last: a folder without it is not a model.
    write_json(
        folder / SETTINGS,
        {
            "class": class_name(network),
            "network": network.settings(),
            "weights_sha256": digest,
            "provenance": provenance,
        },
    )


def read_settings(path: str | Path) -> dict:
    """Read the settings in a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        The folder, or the output folder of the run that wrote it.

    Returns
    -------
    dict
        ``class``, ``network``, ``weights_sha256`` and ``provenance``, as
        plain values; `network_checks.admit_network` checks ``network``.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ModelError
        If the file is not JSON, too large, or has other content.
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
        If the weights do not fit the settings' network, are not finite, or
        were not saved with the settings.
    """
    info = read_settings(path)
    where = str(_model_folder(path) / SETTINGS)
    admitted = admit_network(info["class"], info["network"], where)
    found, name = _head(path)
    check_against_shell(found, name, admitted.shell)
    return _read_tensors(path, info)


def load_model(
    path: str | Path, device: str = "cpu"
) -> tuple[QualityNetwork, dict]:
    """Load MTQ-Net or MOS-SSL from a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        As for `read_settings`.
    device : str, optional
        Device of the network.

    Returns
    -------
    MTQNet or MOSSSL
        In eval mode.
    dict
        Result of `read_settings`.

    Raises
    ------
    FileNotFoundError
        If there is no model in the folder.
    ModelError
        If the folder holds another kind of network, or weights that were not
        saved with the settings.
    """
    return load_admitted(path, admit_network, device)


def load_admitted(
    path: str | Path,
    admit: Callable[[str, Any, str], Admitted[N]],
    device: str = "cpu",
) -> tuple[N, dict]:
    """Load a network of any family from a folder of `save_model`.

    Arguments
    ---------
    path : str or Path
        As for `read_settings`.
    admit : Callable
        Checks the settings, as `network_checks.admit_network` does.
    device : str, optional
        Device of the network.

    Returns
    -------
    torch.nn.Module
        In eval mode.
    dict
        Result of `read_settings`.

    Raises
    ------
    FileNotFoundError, ModelError
        As `load_model`.
    """
    info, folder = read_settings(path), _model_folder(path)
    admitted = admit(info["class"], info["network"], str(folder / SETTINGS))
    found, where = _head(path)
    if info["network"].get("ssl"):  # before that is loaded or downloaded
        check_against_shell(found, where, admitted.shell)
    network = admitted.build()
    check_shapes(found, shapes_of(network.state_dict()), where)
    fill(network, _read_tensors(path, info), where)
    return network.to(device).eval(), info


def _head(path):
    """Return the shapes in the file of weights, and its name in errors."""
    folder = _model_folder(path)
    where = str(folder / WEIGHTS)
    return safetensors_shapes(model_file(folder, WEIGHTS), where), where


def _read_tensors(path, info):
    """Return the weights, whose header has been checked."""
    folder = _model_folder(path)
    file = model_file(folder, WEIGHTS)
    digest = file_hash(file)
    if digest != info["weights_sha256"]:
        raise ModelError(
            f"{folder / WEIGHTS}: sha256 {digest[:12]} does not match "
            f"{info['weights_sha256'][:12]} in {SETTINGS}; copy the folder "
            "again"
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
