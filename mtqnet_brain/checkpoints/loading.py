"""Loads networks: exported models, from a folder or the hub, and runs.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyperpyyaml import load_hyperpyyaml
from speechbrain.utils.fetching import FetchConfig, LocalStrategy, fetch

from mtqnet_brain.checkpoints.model_files import read_hyperparameters
from mtqnet_brain.checkpoints.network_checks import (
    QualityNetwork,
    admit_network,
)
from mtqnet_brain.checkpoints.run_folder import (
    FOLDER,
    SETTINGS,
    load_model,
)
from mtqnet_brain.checkpoints.weights import (
    check_against_shell,
    check_shapes,
    fill,
    read_pickled,
    shapes_of,
)
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.utils.error_text import one_line
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.untrusted_json import (
    ModelError,
    model_file,
)
from mtqnet_brain.utils.untrusted_yaml import read_yaml

HYPERPARAMETERS = "hyperparams.yaml"
PARAMETERS = "network.ckpt"
MAX_SSL_BYTES = 16 * 10**9  # of a network with a fine-tuned SSL model


def load_network(
    source: str | Path,
    savedir: str | Path | None = None,
    trust: bool = False,
    fetch_config: FetchConfig | None = None,
    local_strategy: LocalStrategy = LocalStrategy.SYMLINK,
) -> tuple[QualityNetwork, dict]:
    """Load a network for scoring.

    Arguments
    ---------
    source : str or Path
        Output folder of a training run; or the folder that ``mtqnet export``
        wrote, or its name on the Hugging Face hub.
    savedir : str or Path, optional
        Folder of downloaded files. Default: the hub's cache.
    trust : bool, optional
        Whether code in the model's hyperparameter file may run.
    fetch_config : FetchConfig, optional
        SpeechBrain's; names a revision, or forbids downloads.
    local_strategy : LocalStrategy, optional
        SpeechBrain's, for ``savedir``.

    Returns
    -------
    MTQNet or MOSSSL
        With its primary heads, in eval mode, on the CPU.
    dict
        Result of `run_folder.read_settings`, or all hyperparameters of a
        trusted model.

    Raises
    ------
    FileNotFoundError
        If there is no model.
    ModelError
        If its hyperparameters are not those of MTQ-Net or MOS-SSL, or its
        weights not those of the export.
    """
    if is_run(source):
        network, info = load_model(source)
        if isinstance(network, MTQNet):
            network = network.drop_auxiliary()
        if not network.tasks:
            raise ModelError(f"{source}: no primary task, nothing to score")
        return network, info
    options: dict[str, Any] = {
        "source": str(source),
        "savedir": savedir,
        "fetch_config": fetch_config or FetchConfig(),
        "local_strategy": local_strategy,
    }
    if trust:
        return _load_trusted(source, options)
    path = _fetch(HYPERPARAMETERS, options)
    where = f"{source}/{HYPERPARAMETERS}"
    info = read_hyperparameters(read_yaml(path, where), where)
    admitted = admit_network(info["class"], info["network"], where)
    path, digest = _fetch(PARAMETERS, options), info["weights_sha256"]
    where = f"{source}/{PARAMETERS}"
    if info["network"].get("ssl"):
        # Before its SSL model is loaded or even downloaded.
        found = shapes_of(read_pickled(path, MAX_SSL_BYTES, where))
        check_against_shell(found, where, admitted.shell)
    network = _fill(admitted.build(), path, digest, where)
    return network.eval(), info


def _load_trusted(source, options):
    """Load a model as SpeechBrain does: its hyperparameters may run code."""
    text = _fetch(HYPERPARAMETERS, options).read_text(encoding="utf-8")
    hparams = load_hyperpyyaml(text)
    network = hparams["modules"]["network"]
    path, digest = _fetch(PARAMETERS, options), hparams.get("weights_sha256")
    _fill(network, path, digest, f"{source}/{PARAMETERS}")
    return network.eval(), hparams


def is_run(source: str | Path) -> bool:
    """Return whether a source is the folder of a training run."""
    folders = Path(source), Path(source) / FOLDER
    return any((folder / SETTINGS).exists() for folder in folders)


def find_file(
    source: str | Path,
    name: str,
    savedir: str | Path | None = None,
    fetch_config: FetchConfig | None = None,
    local_strategy: LocalStrategy = LocalStrategy.SYMLINK,
) -> Path | None:
    """Return the path of a file that not every model has; None without it.

    Arguments
    ---------
    source, savedir, fetch_config, local_strategy
        As for `load_network`.
    name : str
        Name of the file.

    Returns
    -------
    Path or None
        The file on this machine.
    """
    try:
        if Path(source).is_dir():
            return model_file(source, name)
        options = {
            "source": str(source),
            "savedir": savedir,
            "fetch_config": fetch_config or FetchConfig(),
            "local_strategy": local_strategy,
        }
        return _fetch(name, options)
    except FileNotFoundError:
        return None


def _fetch(name, options):
    """Return the local path of one file of a model."""
    source = options["source"]
    if Path(source).is_dir():
        # Both are needed: an unfinished run has the first.
        for needed in (HYPERPARAMETERS, PARAMETERS):
            if not (Path(source) / needed).exists():
                raise FileNotFoundError(
                    f"{source}: no {needed}, and not a finished training run"
                )
        path = model_file(source, name)
        if options["savedir"] is not None:
            fetch(name, **options)
        return path
    if source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise FileNotFoundError(
            f"{source}: no such folder; names on the hub are OWNER/NAME"
        )
    if Path(source).exists():
        raise FileNotFoundError(f"{source} is a file; a model must be a folder")
    try:
        return Path(fetch(name, **options))
    except (OSError, ValueError) as err:
        reason = one_line(err)
        raise FileNotFoundError(
            f"{source}: not a folder, and cannot be downloaded from the "
            f"Hugging Face hub ({reason})"
        ) from err


def _fill(network, path, expected, where):
    """Load the weights of an export into a network, key by key."""
    tensors = read_pickled(path, _n_bytes(network), where)
    check_shapes(shapes_of(tensors), shapes_of(network.state_dict()), where)
    digest = file_hash(path)
    if digest != expected:
        raise ModelError(
            f"{where}: sha256 {digest[:12]} does not match "
            f"{str(expected)[:12]} in {HYPERPARAMETERS}; download it again"
        )
    return fill(network, tensors, where)


def _n_bytes(network):
    """Return the bytes of a network's weights."""
    return sum(w.nbytes for w in network.state_dict().values())
