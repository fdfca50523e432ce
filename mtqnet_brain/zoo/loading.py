"""Loads networks: exported models, from a folder or the hub, and runs.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import torch
from hyperpyyaml import load_hyperpyyaml
from speechbrain.utils.fetching import FetchConfig, LocalStrategy, fetch

from mtqnet_brain.checkpoint import FOLDER, SETTINGS, file_hash, load_model
from mtqnet_brain.zoo.admission import check_hyperparameters

HYPERPARAMETERS = "hyperparams.yaml"
PARAMETERS = "network.ckpt"


def load_network(
    source,
    savedir=None,
    trust=False,
    fetch_config=None,
    local_strategy=LocalStrategy.SYMLINK,
):
    """Load a network for scoring.

    Arguments
    ---------
    source : str or Path
        Output folder of a training run, or what ``mtqnet export`` wrote: a
        folder, or a name on the Hugging Face hub.
    savedir : str or Path
        Where files from the hub are kept. Default: the hub's cache.
    trust : bool
        Whether code in its hyperparameter file may run.
    fetch_config : FetchConfig
        SpeechBrain's; names a revision, or forbids the network.
    local_strategy : LocalStrategy
        SpeechBrain's, for ``savedir``.

    Returns
    -------
    torch.nn.Module
        With its primary heads, in eval mode, on the CPU.
    dict
        Its hyperparameters; of a run, what `checkpoint.read_settings` says.

    Raises
    ------
    FileNotFoundError
        If there is no model.
    UntrustedModelError
        If its hyperparameter file could run code and is not trusted.
    ValueError
        If its weights are not those that it was exported with.
    """
    if is_run(source):
        network, info = load_model(source)
        drop = getattr(network, "drop_auxiliary", None)
        return drop() if drop else network, info
    options = {
        "source": str(source),
        "savedir": savedir,
        "fetch_config": fetch_config or FetchConfig(),
        "local_strategy": local_strategy,
    }
    text = _fetch(HYPERPARAMETERS, options).read_text(encoding="utf-8")
    name = f"{source}/{HYPERPARAMETERS}"
    if not trust:
        check_hyperparameters(text, name)
    hparams = load_hyperpyyaml(text)
    network = hparams["modules"]["network"]
    _load_weights(network, _fetch(PARAMETERS, options), hparams, source)
    return network.eval(), hparams


def is_run(source):
    """Return whether a source is a training run's folder.

    Arguments
    ---------
    source : str or Path
        As for `load_network`.

    Returns
    -------
    bool
        Whether `checkpoint.load_model` reads it.
    """
    folders = Path(source), Path(source) / FOLDER
    return any((folder / SETTINGS).is_file() for folder in folders)


def _fetch(name, options):
    """Return the local path of one file of a model."""
    source = options["source"]
    if Path(source).is_dir():
        # Both, whichever is wanted: a run that goes on has the first.
        for needed in (HYPERPARAMETERS, PARAMETERS):
            if not (Path(source) / needed).is_file():
                raise FileNotFoundError(
                    f"{source}: no {needed}, nor the model of a training run "
                    "that has ended"
                )
    elif source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise FileNotFoundError(
            f"{source}: no such folder; a name on the hub is OWNER/NAME"
        )
    elif Path(source).exists():
        raise FileNotFoundError(f"{source}: a file, a model is a folder")
    try:
        return Path(fetch(name, **options))
    except (OSError, ValueError) as err:
        raise FileNotFoundError(
            f"{source}: neither a folder nor to be had from the Hugging Face "
            f"hub ({err})"
        ) from err


def _load_weights(network, path, hparams, source):
    """Load weights that are those of the export, key by key."""
    expected = hparams.get("weights_sha256")
    digest = file_hash(path)
    if digest != expected:
        raise ValueError(
            f"{source}/{PARAMETERS}: sha256 {digest[:12]}, {HYPERPARAMETERS} "
            f"says {str(expected)[:12]}; download it again"
        )
    # Never a pickle that runs code, whatever torch's default is.
    weights = torch.load(path, map_location="cpu", weights_only=True)
    try:
        network.load_state_dict(weights)
    except RuntimeError as err:
        raise ValueError(
            f"{source}/{PARAMETERS} does not fit {HYPERPARAMETERS}: {err}"
        ) from err
