"""Networks that begin with the weights of a trained one.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from speechbrain.utils.logger import get_logger

from mtqnet_brain.checkpoints.admission import plan_network
from mtqnet_brain.checkpoints.run_folder import read_settings, read_weights
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.utils.documents import ModelError, attempt

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task

logger = get_logger(__name__)

# Settings that change what the same weights mean.
HEARING = (
    "waveform_norm",
    "spectrum",
    "spectrum_ends",
    "compression",
    "compression_power",
    "compression_floor",
    "filter_bank",
    "conv_norm",
    "conv_strides",
)


@dataclass(frozen=True)
class Transfer:
    """What a network took from a trained one, by names of weights.

    Arguments
    ---------
    origin : str
        Run and first digits of its weights' hash.
    taken : list of str
        Copied.
    fresh : list of str
        Of the network alone: they keep their initial values.
    unused : list of str
        Of the run alone.
    """

    origin: str
    taken: list
    fresh: list
    unused: list

    def __str__(self):
        """Return one line per list, the weights by module."""
        lines = [f"{self.origin}: {len(self.taken)} weights taken"]
        lines[0] += f" ({_modules(self.taken)})"
        if self.fresh:
            lines.append(f"new here: {_modules(self.fresh)}")
        if self.unused:
            lines.append(f"not taken: {_modules(self.unused)}")
        return "\n".join(lines)


def _modules(names):
    """Return the modules of weights: ``encoder.conv, heads.s_mos``."""
    modules = dict.fromkeys(".".join(name.split(".")[:2]) for name in names)
    return ", ".join(modules)


def network_like(run: str | Path, tasks: list[Task]) -> MTQNet:
    """Make a network with a run's settings and other tasks.

    Arguments
    ---------
    run : str or Path
        Output folder of a training run, or its folder ``model``.
    tasks : list of Task
        One head each.

    Returns
    -------
    MTQNet
        With initial weights.

    Raises
    ------
    ModelError
        If the run's network is of another kind.
    """
    settings = {**_settings_of(run), "tasks": tasks}
    return attempt(lambda: MTQNet(**settings), str(run))


def _settings_of(run):
    """Return all settings of a run's MTQNet, checked."""
    info = read_settings(run)
    if info["class"] != "MTQNet":
        raise ModelError(
            f"{run} is a run of another kind of network: {info['class']}"
        )
    plan = plan_network(info["class"], info["network"], str(run))
    return plan.shell(1).settings()


def choose_network(
    tasks: list[Task],
    pretrained: str | Path,
    otherwise: MTQNet,
    adopt_settings: bool,
) -> MTQNet:
    """Return the network to train: of a run's settings, or the one given.

    Arguments
    ---------
    tasks : list of Task
        One head each.
    pretrained : str or Path
        Output folder of a training run, or None.
    otherwise : MTQNet
        Returned if settings are not adopted.
    adopt_settings : bool
        Whether the run's settings are taken, where there is a run.

    Returns
    -------
    MTQNet
        With initial weights.
    """
    adopt = pretrained and adopt_settings
    return network_like(pretrained, tasks) if adopt else otherwise


def initialize_from(network: MTQNet, run: str | Path) -> Transfer:
    """Copy the weights of a trained network that fit by name and shape.

    Those are the encoder's, and of the heads those of tasks with the same
    name and activation. What was taken and what not is logged.

    Arguments
    ---------
    network : MTQNet
        Changed in place.
    run : str or Path
        Output folder of a training run, or its folder ``model``.

    Returns
    -------
    Transfer
        What was taken.

    Raises
    ------
    FileNotFoundError
        If the run has no trained network.
    ValueError
        If the encoders hear differently: in the settings of `HEARING`; or if
        no weight of the encoder fits.
    """
    settings, info = _settings_of(run), read_settings(run)
    _check_hearing(network, run, settings)
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
    # Filter bank and counters of batches fit whatever the sizes are.
    layers = [name for name, weight in taken.items() if weight.ndim > 1]
    layers = [n for n in layers if not n.startswith("encoder.streams.")]
    if not any(name.startswith("encoder.") for name in layers):
        raise ValueError(
            f"{run}: no weight of its encoder fits; take all of its settings "
            "with --adopt_settings True"
        )
    network.load_state_dict(taken, strict=False)
    logger.info(str(transfer))
    return transfer


def _check_hearing(network, run, other):
    """Refuse weights that would mean something else here."""
    own = network.settings()
    names = list(HEARING)
    if "power" not in (own["compression"], other["compression"]):
        names = [n for n in names if not n.startswith("compression_")]
    differing = [
        f"{name}: {own[name]} here, {other[name]} there"
        for name in names
        if own[name] != other[name]
    ]
    if own["ssl"] and other["ssl"]:
        differing += [
            f"ssl {name}: {own['ssl'][name]} here, {value} there"
            for name, value in other["ssl"].items()
            if name in ("source", "normalize") and own["ssl"][name] != value
        ]
    if differing:
        raise ValueError(
            f"{run}: its encoder hears differently ({'; '.join(differing)}); "
            "give the same to --network, or take all of its settings with "
            "--adopt_settings True"
        )


def begin_with(
    network: MTQNet, pretrained: str | Path, freeze_encoder: bool
) -> str:
    """Give a network the weights it begins with, and fix the encoder's.

    Arguments
    ---------
    network : MTQNet
        Changed in place.
    pretrained : str or Path
        Output folder of a training run; None leaves the initial weights.
    freeze_encoder : bool
        Whether only the heads learn.

    Returns
    -------
    str
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
    origin = None
    if pretrained:
        origin = initialize_from(network, pretrained).origin
        logger.info(f"settings of the network: {network.network_settings}")
    if freeze_encoder:
        network.encoder.freeze()
    return origin


def _other_heads(network, tasks):
    """Return the prefixes of heads whose activation has changed."""
    before = {task["name"]: task["activation"] for task in tasks}
    return tuple(
        f"heads.{task.name}."
        for task in network.tasks
        if before.get(task.name, task.activation) != task.activation
    )
