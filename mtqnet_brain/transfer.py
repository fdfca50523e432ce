"""Networks that begin with the weights of a trained one.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass

from speechbrain.utils.logger import get_logger

from mtqnet_brain.checkpoint import read_settings, read_weights
from mtqnet_brain.model import MTQNet

logger = get_logger(__name__)


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


def network_like(run, tasks):
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
    """
    return MTQNet(**{**read_settings(run)["network"], "tasks": tasks})


def choose_network(tasks, pretrained, otherwise):
    """Make the network to fine-tune, or return the one to train anew.

    Arguments
    ---------
    tasks : list of Task
        One head each.
    pretrained : str or Path
        Output folder of a training run, or None.
    otherwise : MTQNet
        Returned without a run.

    Returns
    -------
    MTQNet
        With initial weights.
    """
    return network_like(pretrained, tasks) if pretrained else otherwise


def initialize_from(network, run):
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
        If no weight of the encoder fits.
    """
    info, weights = read_settings(run), read_weights(run)
    own = network.state_dict()
    other = _other_heads(network, info["network"]["tasks"])
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
    if not any(name.startswith("encoder.") for name in taken):
        raise ValueError(
            f"{run}: no weight of its encoder fits; give the network the "
            "settings in the run's model/model.json"
        )
    network.load_state_dict(taken, strict=False)
    logger.info(str(transfer))
    return transfer


def begin_with(network, pretrained, freeze_encoder):
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
