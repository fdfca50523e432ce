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
from mtqnet_brain.tasks import ACTIVATIONS, ROLES
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.documents import ModelError, Tagged, attempt

# Columns and keys beside the scores in outputs.
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
PROVENANCE = {
    "run": schema.text,
    "pretrained": schema.optional(schema.text),
    "label_sources": schema.mapping_of(schema.text),
    "train_utterances": schema.integer(0, 10**12),
    "train_manifest_sha256": schema.text,
    "train_speakers": schema.sequence(schema.text, 0, 10**6),
}
_METRIC = schema.optional(schema.real(-1e12, 1e12))
METRICS = {
    "n": schema.integer(0, 10**12),
    "lcc": _METRIC,
    "srcc": _METRIC,
    "mse": _METRIC,
    "source": schema.text,
}
QualityNetwork = MTQNet | MOSSSL
CLASSES: dict[str, type[MTQNet] | type[MOSSSL]] = {
    "MTQNet": MTQNet,
    "MOSSSL": MOSSSL,
}
# Tags in exported hyperparameters: a format, whatever the modules are today.
CLASS_TAGS = {
    "MTQNet": "!new:mtqnet_brain.model.MTQNet",
    "MOSSSL": "!new:mtqnet_brain.mos_ssl.MOSSSL",
}
TASK_TAG = "!new:mtqnet_brain.tasks.Task"
PRETRAINER_TAG = "!new:speechbrain.utils.parameter_transfer.Pretrainer"
# Only SpeechBrain's own loader needs these.
FIXED = {
    "modules": {"network": Tagged("!ref", "<network>")},
    "pretrainer": Tagged(
        PRETRAINER_TAG,
        {"loadables": {"network": Tagged("!ref", "<network>")}},
    ),
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
    return NETWORKS[kind](settings, where)


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


def read_metrics(content: Any, where: str) -> dict:
    """Check the metrics of a run's ``metrics.json`` that a card shows.

    Arguments
    ---------
    content : object
        Plain values.
    where : str
        Name of the file in errors.

    Returns
    -------
    dict
        By primary task: ``n``, ``lcc``, ``srcc``, ``mse``, ``source``.

    Raises
    ------
    ModelError
        If a metric is missing or invalid.
    """
    any_metrics = schema.mapping_of(schema.mapping_of(schema.anything))
    check = schema.mapping(METRICS, needed=tuple(METRICS))
    return {
        schema.name(name, where): check(
            {key: found[key] for key in METRICS if key in found},
            f"{where}: {name}",
        )
        for name, found in any_metrics(content, where).items()
        if found.get("role") == "primary"
    }


def read_hyperparameters(content: Any, where: str) -> dict:
    """Check the hyperparameters that `mtqnet export` wrote.

    Arguments
    ---------
    content : object
        Content of the file, as `documents.read_yaml` returns it.
    where : str
        Name of the file in errors.

    Returns
    -------
    dict
        ``class``, ``network``, ``weights_sha256`` and ``provenance``, as a
        run's ``model.json`` has them.

    Raises
    ------
    ModelError
        If it has anything that such a file does not have.
    """
    schema.mapping(
        {
            "tasks": schema.anything,
            "network": schema.anything,
            "modules": _exactly(FIXED["modules"]),
            "pretrainer": _exactly(FIXED["pretrainer"]),
            "weights_sha256": schema.text,
            "provenance": provenance,
        },
        needed=("tasks", "network", "weights_sha256"),
    )(content, where)
    network = content["network"]
    classes = {tag: name for name, tag in CLASS_TAGS.items()}
    is_known = isinstance(network, Tagged) and network.tag in classes
    if not is_known or not isinstance(network.value, dict):
        schema.fail(network, f"{where}: network", " or ".join(classes))
    _exactly(Tagged("!ref", "<tasks>"))(
        network.value.get("tasks"), f"{where}: network: tasks"
    )
    return {
        "class": classes[network.tag],
        "network": {**network.value, "tasks": _tasks(content["tasks"], where)},
        "weights_sha256": content["weights_sha256"],
        "provenance": content.get("provenance") or {},
    }


def _tasks(tasks, where):
    """Return the arguments of each task."""
    if not isinstance(tasks, list):
        schema.fail(tasks, f"{where}: tasks", "a list")
    for i, task in enumerate(tasks):
        if not isinstance(task, Tagged) or task.tag != TASK_TAG:
            schema.fail(task, f"{where}: tasks[{i}]", TASK_TAG)
    return [task.value for task in tasks]


def _exactly(expected):
    """Return the rule for one value."""

    def rule(value, where):
        """Check one value."""
        if value != expected or type(value) is not type(expected):
            schema.fail(value, where, "the value that mtqnet export writes")
        return value

    return rule


def provenance(value: Any, where: str) -> dict:
    """Check a model's provenance.

    Arguments
    ---------
    value : object
        Plain values, or None.
    where : str
        Name of the file in errors.

    Returns
    -------
    dict
        Empty for None.

    Raises
    ------
    ModelError
        If it is not a mapping, or an entry in `PROVENANCE` is invalid.
    """
    value = schema.plain(value, where)
    if value is None:
        return {}
    if not isinstance(value, dict):
        schema.fail(value, where, "a mapping")
    for key, rule in PROVENANCE.items():
        if key in value:
            rule(value[key], f"{where}: {key}")
    return value


RUN_SETTINGS = schema.mapping(
    {
        "class": schema.name,
        "network": schema.mapping_of(schema.anything),
        "weights_sha256": schema.text,
        "provenance": provenance,
    },
    needed=("network", "weights_sha256"),
)
