"""Checks the files of other people's models: only expected keys and values.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import Any

from mtqnet_brain.utils import schema
from mtqnet_brain.utils.schema import Rule
from mtqnet_brain.utils.untrusted_json import Tagged

PROVENANCE = {
    "run": schema.text,
    "pretrained": schema.optional(schema.text),
    "label_sources": schema.mapping_of(schema.text),
    "train_utterances": schema.integer(0, 10**12),
    "train_manifest_sha256": schema.text,
    "command": schema.text,
    "commit": schema.text,
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
        Content of the file, as `untrusted_yaml.read_yaml` returns it.
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


def _tasks(tasks: Any, where: str) -> list[Any]:
    """Return the arguments of each task."""
    if not isinstance(tasks, list):
        schema.fail(tasks, f"{where}: tasks", "a list")
    for i, task in enumerate(tasks):
        if not isinstance(task, Tagged) or task.tag != TASK_TAG:
            schema.fail(task, f"{where}: tasks[{i}]", TASK_TAG)
    return [task.value for task in tasks]


def _exactly(expected: Any) -> Rule:
    """Return the rule for one value."""

    def rule(value: Any, where: str) -> Any:
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
