"""Checks other people's settings before a network is built from them.

Settings are data: plain values that are checked against a schema, from which
this package builds the network. No name in them is looked up, no tag acted
upon, nothing computed.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple

from mtqnet_brain.checkpoints.weights import N
from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.model.network_settings import NetworkSettings, SSLSettings
from mtqnet_brain.model.ssl import GivenEmbeddings
from mtqnet_brain.tasks import ACTIVATIONS, ROLES, make_tasks
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.untrusted_json import ModelError, attempt

# Columns and keys of outputs besides the scores.
RESERVED = ("file", "warning", "error", "frames", "time", "id")


def _task_name(value: Any, where: str) -> str:
    """Check the name of a score."""
    if schema.name(value, where).lower() in RESERVED:
        schema.fail(value, where, f"a name other than {', '.join(RESERVED)}")
    return value


_LABEL = schema.real(-1e6, 1e6)
TASK = schema.mapping(
    {
        "name": _task_name,
        "low": _LABEL,
        "high": schema.optional(_LABEL),
        "role": schema.choice(*ROLES),
        "column": schema.optional(schema.text),
        "activation": schema.choice(*ACTIVATIONS),
        "alpha": schema.real(0, 1e3),
        "cap": schema.optional(_LABEL),
    },
    needed=("name", "low"),
)
SSL = schema.mapping(SSLSettings.rules(), needed=("source",))
NETWORKS = {
    "MTQNet": schema.mapping(
        {
            "tasks": schema.sequence(TASK, 1, 32),
            "ssl": schema.optional(SSL),
            **NetworkSettings.rules(),
        },
        needed=("tasks",),
    ),
    "MOSSSL": schema.mapping(
        {"tasks": schema.sequence(TASK, 1, 1), "ssl": SSL},
        needed=("tasks", "ssl"),
    ),
}
QualityNetwork = MTQNet | MOSSSL
CLASSES: dict[str, type[MTQNet] | type[MOSSSL]] = {
    "MTQNet": MTQNet,
    "MOSSSL": MOSSSL,
}


class Admitted(NamedTuple, Generic[N]):
    """A network whose settings have been checked.

    ``build()`` makes it; ``shell(n)`` makes it without its SSL model, for
    embeddings of ``n`` channels. Neither takes more than 200 MB, besides the
    SSL model.
    """

    build: Callable[[], N]
    shell: Callable[[int], N]


def class_name(network: object) -> str:
    """Return which of `CLASSES` loads a network; else its own class.

    A subclass that only makes networks is loaded as what it makes.
    """
    names = [n for n, kind in CLASSES.items() if isinstance(network, kind)]
    return names[0] if names else type(network).__name__


def check_settings(kind: str, settings: Any, where: str) -> dict[str, Any]:
    """Check the settings of MTQ-Net or MOS-SSL, and return them.

    Arguments
    ---------
    kind, settings, where
        As for `admit_network`.

    Returns
    -------
    dict
        Arguments of the constructor.

    Raises
    ------
    ModelError
        As `admit_network`.
    """
    if kind not in CLASSES:
        raise ModelError(
            f"{where}: {kind!r:.80} is another kind of network, need "
            f"{' or '.join(CLASSES)}"
        )
    checked = NETWORKS[kind](settings, where)
    attempt(lambda: make_tasks(checked["tasks"]), where)
    return checked


def admit_network(
    kind: str, settings: Any, where: str
) -> Admitted[QualityNetwork]:
    """Admit MTQ-Net or MOS-SSL if all of its settings are valid.

    Arguments
    ---------
    kind : str
        Name of its class, one of `CLASSES`.
    settings : object
        Plain values.
    where : str
        Name of their file in errors.

    Returns
    -------
    Admitted
        Builds the network with these settings.

    Raises
    ------
    ModelError
        If the class is unknown, or a setting is unknown or invalid.
    """
    checked = check_settings(kind, settings, where)
    make = CLASSES[kind]

    def build() -> QualityNetwork:
        """Build the network, including its SSL model."""
        return attempt(lambda: make(**checked), where)

    def shell(n_channels: int) -> QualityNetwork:
        """Build it without the SSL model."""
        ssl = checked.get("ssl")
        stand_in = ssl and GivenEmbeddings(n_channels, **ssl)
        return attempt(lambda: make(**{**checked, "ssl": stand_in}), where)

    return Admitted(build, shell)
