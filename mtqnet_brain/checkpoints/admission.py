"""Which networks other people's hyperparameters may describe.

Hyperparameters are data: plain values that are checked against a schema, of
which our own code builds the network. No name in them is looked up, no tag
acted upon, nothing computed.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import nn

from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.model.mtqnet import SETTINGS, MTQNet
from mtqnet_brain.model.ssl import GivenEmbeddings
from mtqnet_brain.tasks import ACTIVATIONS, ROLES
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.documents import ModelError, Tagged, attempt

# Columns and keys that stand beside the scores.
RESERVED = ("file", "warning", "error", "frames", "time", "id")


def _task_name(value, where):
    """Check the name of a score."""
    if schema.name(value, where).lower() in RESERVED:
        schema.fail(value, where, f"a name that is none of {RESERVED}")
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
SSL_SETTINGS = {
    "source": schema.text,
    "freeze": schema.boolean,
    "revision": schema.optional(schema.text),
    "normalize": schema.boolean,
}
SSL = schema.mapping(SSL_SETTINGS, needed=("source",))
TASKS = schema.sequence(TASK, 1, 32)
NETWORKS = {
    "MTQNet": schema.mapping(
        {
            "tasks": TASKS,
            "ssl": schema.optional(SSL),
            **SETTINGS,
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
_FIGURE = schema.optional(schema.real(-1e12, 1e12))
FIGURES = {
    "n": schema.integer(0, 10**12),
    "lcc": _FIGURE,
    "srcc": _FIGURE,
    "mse": _FIGURE,
    "source": schema.text,
}
CLASSES = {"MTQNet": MTQNet, "MOSSSL": MOSSSL}
# What exported hyperparameters call them, whatever the modules are today.
CLASS_TAGS = {
    "!new:mtqnet_brain.model.MTQNet": "MTQNet",
    "!new:mtqnet_brain.mos_ssl.MOSSSL": "MOSSSL",
}
TASK_TAG = "!new:mtqnet_brain.tasks.Task"
PRETRAINER_TAG = "!new:speechbrain.utils.parameter_transfer.Pretrainer"
# What SpeechBrain's own loader needs and ours does not.
FIXED = {
    "modules": {"network": Tagged("!ref", "<network>")},
    "pretrainer": Tagged(
        PRETRAINER_TAG,
        {"loadables": {"network": Tagged("!ref", "<network>")}},
    ),
}


def tag_of(network: nn.Module) -> str:
    """Return what exported hyperparameters call a network's class."""
    names = {name: tag for tag, name in CLASS_TAGS.items()}
    return names[type(network).__name__]


class Plan(NamedTuple):
    """A network that may be built.

    ``build`` makes it; ``shell``, of the SSL model's channels, makes it
    without the SSL model. Without one, both take 200 MB at most.
    """

    build: Callable[[], nn.Module]
    shell: Callable[[int], nn.Module]


def plan_network(kind: str, settings: Any, where: str) -> Plan:
    """Check the settings of a network of ours.

    Arguments
    ---------
    kind : str
        Name of its class, of `CLASSES`.
    settings : object
        Plain values.
    where : str
        What errors name.

    Returns
    -------
    Plan
        For the network with these settings.

    Raises
    ------
    ModelError
        If the class or a setting is none that is admitted.
    """
    if kind not in CLASSES:
        raise ModelError(
            f"{where} is of another kind of network: {kind!r:.80}; known are "
            f"{', '.join(CLASSES)}"
        )
    checked = NETWORKS[kind](settings, where)
    make = CLASSES[kind]

    def build():
        """Build the network, its SSL model included."""
        return attempt(lambda: make(**checked), where)

    def shell(n_channels):
        """Build it with nothing in place of the SSL model."""
        ssl = checked.get("ssl")
        stand_in = ssl and GivenEmbeddings(n_channels, **ssl)
        return attempt(lambda: make(**{**checked, "ssl": stand_in}), where)

    return Plan(build, shell)


def read_metrics(content: Any, where: str) -> dict:
    """Check the figures of a run's ``metrics.json`` that a card shows.

    Arguments
    ---------
    content : object
        Plain values.
    where : str
        What errors name.

    Returns
    -------
    dict
        By primary task: ``n``, ``lcc``, ``srcc``, ``mse``, ``source``.

    Raises
    ------
    ModelError
        If a task's figures are of another kind.
    """
    entries = schema.mapping_of(schema.mapping_of(_anything))(content, where)
    tasks = {n: v for n, v in entries.items() if v.get("role") == "primary"}
    return {
        schema.name(name, where): schema.mapping(
            FIGURES, needed=tuple(FIGURES)
        )(
            {key: value for key, value in figures.items() if key in FIGURES},
            f"{where}: {name}",
        )
        for name, figures in tasks.items()
    }


def read_hyperparameters(content: Any, where: str) -> dict:
    """Check what `mtqnet export` writes for SpeechBrain's loader.

    Arguments
    ---------
    content : object
        Of `yaml_documents.read_yaml`.
    where : str
        What errors name.

    Returns
    -------
    dict
        ``class``, ``network``, ``weights_sha256`` and ``provenance``, as a
        run's ``model.json``.

    Raises
    ------
    ModelError
        If something is in it that such a file does not have.
    """
    schema.mapping(
        {
            "tasks": _anything,
            "network": _anything,
            "modules": _exactly(FIXED["modules"]),
            "pretrainer": _exactly(FIXED["pretrainer"]),
            "weights_sha256": schema.text,
            "provenance": provenance,
        },
        needed=("tasks", "network", "weights_sha256"),
    )(content, where)
    network = content["network"]
    is_known = isinstance(network, Tagged) and network.tag in CLASS_TAGS
    if not is_known or not isinstance(network.value, dict):
        schema.fail(network, f"{where}: network", " or ".join(CLASS_TAGS))
    _exactly(Tagged("!ref", "<tasks>"))(
        network.value.get("tasks"), f"{where}: network: tasks"
    )
    return {
        "class": CLASS_TAGS[network.tag],
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


def _anything(value, where):
    """Admit a value that is checked elsewhere."""
    return value


def _exactly(expected):
    """Return the rule for one value."""

    def rule(value, where):
        """Check one value."""
        if value != expected or type(value) is not type(expected):
            schema.fail(value, where, "what mtqnet export writes")
        return value

    return rule


def provenance(value: Any, where: str) -> dict:
    """Check what a model says of its origin.

    Arguments
    ---------
    value : object
        Plain values, or None.
    where : str
        What errors name.

    Returns
    -------
    dict
        Empty if it says nothing.

    Raises
    ------
    ModelError
        If it is no mapping, or an entry that is used is of another kind.
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
        "network": schema.mapping_of(_anything),
        "weights_sha256": schema.text,
        "provenance": provenance,
    },
    needed=("network", "weights_sha256"),
)
