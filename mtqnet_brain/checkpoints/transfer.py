"""Builds the network of a training run, from a trained one if wanted.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from speechbrain.utils.logger import get_logger

from mtqnet_brain.checkpoints.network_checks import (
    QualityNetwork,
    check_settings,
)
from mtqnet_brain.checkpoints.run_folder import read_settings, read_weights
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.model.network_settings import NetworkSettings, SSLSettings
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.untrusted_json import ModelError, attempt

logger = get_logger(__name__)


@dataclass(frozen=True)
class Transfer:
    """The weights that a network took from a trained one, by name.

    Arguments
    ---------
    origin : str
        Run and first digits of its weights' hash.
    taken : list of str
        Weights that were copied.
    fresh : list of str
        Weights that only the network has: they keep their initial values.
    unused : list of str
        Weights that only the run has.
    """

    origin: str
    taken: list[str]
    fresh: list[str]
    unused: list[str]

    def __str__(self) -> str:
        """Return one line per list, the weights by module."""
        lines = [f"{self.origin}: {len(self.taken)} weights taken"]
        lines[0] += f" ({_modules(self.taken)})"
        if self.fresh:
            lines.append(f"new here: {_modules(self.fresh)}")
        if self.unused:
            lines.append(f"not taken: {_modules(self.unused)}")
        return "\n".join(lines)


def _modules(names: list[str]) -> str:
    """Return the modules of weights: ``encoder.conv, heads.s_mos``."""
    modules = dict.fromkeys(".".join(name.split(".")[:2]) for name in names)
    return ", ".join(modules)


def network_like(run: str | Path, tasks: Sequence[Task]) -> MTQNet:
    """Make a network with a run's settings and other tasks.

    Arguments
    ---------
    run : str or Path
        Output folder of a training run, or its folder ``model``.
    tasks : sequence of Task
        One head each.

    Returns
    -------
    MTQNet
        With initial weights.

    Raises
    ------
    ModelError
        If the run's network is not an MTQNet.
    """
    settings = {**_settings_of(run), "tasks": tasks}
    return attempt(lambda: MTQNet(**settings), str(run))


def _settings_of(run: str | Path) -> dict[str, Any]:
    """Return the constructor's arguments of a run's MTQNet, checked."""
    info = read_settings(run)
    if info["class"] != "MTQNet":
        raise ModelError(
            f"{run}: its network must be an MTQNet, got {info['class']}"
        )
    return check_settings(info["class"], info["network"], str(run))


def build_network(
    make: Callable[..., QualityNetwork],
    tasks: Sequence[Task],
    pretrained: str | Path | None = None,
    adopt_settings: bool = False,
    *,
    seed: int,
) -> QualityNetwork:
    """Build the network to train, after the hyperparameter file is read.

    Its initial weights depend on the seed alone, not on what was drawn while
    a teacher was opened.

    Arguments
    ---------
    make : Callable
        The hyperparameter file's ``network``: makes a network of tasks.
    tasks : sequence of Task
        One head each.
    pretrained : str or Path, optional
        Output folder of a training run.
    adopt_settings : bool, optional
        Whether the pretrained run's settings replace those of ``make``.
    seed : int
        Seed of the initial weights.

    Returns
    -------
    MTQNet or MOSSSL
        With initial weights.

    Raises
    ------
    ValueError
        If a setting is invalid.
    """
    torch.manual_seed(seed)
    if pretrained and adopt_settings:
        return network_like(pretrained, tasks)
    return make(tasks=tasks)


def initialize_from(network: MTQNet, run: str | Path) -> Transfer:
    """Copy the weights of a trained network that fit by name and shape.

    These are the encoder's, and the heads' of tasks with the same name and
    activation. The log says what was taken and what was not.

    Arguments
    ---------
    network : MTQNet
        Changed in place.
    run : str or Path
        Output folder of a training run, or its folder ``model``.

    Returns
    -------
    Transfer
        The names of the weights.

    Raises
    ------
    FileNotFoundError
        If the run has no trained network.
    ValueError
        If settings differ that must match, or no weight of the encoder fits.
    """
    settings, info = _settings_of(run), read_settings(run)
    _check_match(network, run, settings)
    weights, own = read_weights(run), network.state_dict()
    other = _other_heads(network, settings["tasks"])
    taken = {
        name: weight
        for name, weight in weights.items()
        if name in own
        and own[name].shape == weight.shape
        and not name.startswith(other)
    }
    transfer = Transfer(
        f"{info['provenance'].get('run', run)} {info['weights_sha256'][:12]}",
        list(taken),
        [name for name in own if name not in taken],
        [name for name in weights if name not in taken],
    )
    # Filter banks and batch counters fit networks of any size.
    layers = [name for name, weight in taken.items() if weight.ndim > 1]
    layers = [n for n in layers if not n.startswith("encoder.streams.")]
    if not any(name.startswith("encoder.") for name in layers):
        raise ValueError(
            f"{run}: no weight of its encoder fits; adopt all of its settings "
            "with --adopt_settings True"
        )
    network.load_state_dict(taken, strict=False)
    logger.info(str(transfer))
    return transfer


def _check_match(
    network: MTQNet, run: str | Path, other: dict[str, Any]
) -> None:
    """Refuse weights that would mean something else in this network."""
    theirs, their_ssl = _split(other)
    own, own_ssl = _split(network.settings())
    differing = own.mismatches(theirs)
    if own_ssl and their_ssl:
        differing += [f"ssl {one}" for one in own_ssl.mismatches(their_ssl)]
    if differing:
        raise ValueError(
            f"{run}: its encoder was trained with other settings "
            f"({'; '.join(differing)}); give the same to --network, or adopt "
            "all of its settings with --adopt_settings True"
        )


def _split(
    settings: dict[str, Any],
) -> tuple[NetworkSettings, SSLSettings | None]:
    """Return an MTQNet's settings, and those of its SSL model."""
    own = {k: v for k, v in settings.items() if k not in ("tasks", "ssl")}
    ssl = settings.get("ssl")
    return NetworkSettings.of(own), ssl and SSLSettings.of(ssl)


def begin_with(
    network: QualityNetwork,
    pretrained: str | Path | None,
    freeze_encoder: bool,
) -> str | None:
    """Load a network's pretrained weights, and freeze its encoder if wanted.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        Changed in place. A MOSSSL cannot be pretrained.
    pretrained : str or Path or None
        Output folder of a training run; None leaves the initial weights.
    freeze_encoder : bool
        Whether only the heads learn.

    Returns
    -------
    str or None
        Run and first digits of its weights' hash, None without a run.

    Raises
    ------
    ValueError
        If a random encoder would be frozen.
    """
    if freeze_encoder and not pretrained:
        raise ValueError(
            "freeze_encoder: True without --pretrained RUN: the encoder "
            "would stay random"
        )
    if not pretrained:
        return None
    if not isinstance(network, MTQNet):
        raise ValueError(f"pretrained: {pretrained}: only for an MTQNet")
    origin = initialize_from(network, pretrained).origin
    settings = network.network_settings.to_dict()
    logger.info(f"settings of the network: {settings}")
    if freeze_encoder:
        network.encoder.freeze()
    return origin


def _other_heads(network: MTQNet, tasks: list[dict]) -> tuple[str, ...]:
    """Return the prefixes of heads whose activation has changed."""
    trained = [Task(**task) for task in tasks]
    before = {task.name: task.activation for task in trained}
    return tuple(
        f"heads.{task.name}."
        for task in network.tasks
        if before.get(task.name, task.activation) != task.activation
    )
