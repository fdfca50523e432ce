"""Which hyperparameter files may be loaded: those that run no foreign code.

HyperPyYAML makes any object and calls any function that a file names.

Authors
 * The mtqnet-brain developers 2026
"""

import yaml

ADMITTED = {
    "!new:mtqnet_brain.model.MTQNet",
    "!new:mtqnet_brain.mos_ssl.MOSSSL",
    "!new:mtqnet_brain.tasks.Task",
    "!new:speechbrain.utils.parameter_transfer.Pretrainer",
    "!ref",
    *(
        f"tag:yaml.org,2002:{kind}"
        for kind in ("map", "seq", "str", "int", "float", "bool", "null")
    ),
}
KEYS = {
    "tasks",
    "network",
    "modules",
    "pretrainer",
    "weights_sha256",
    "provenance",
}
# Arguments that could read or write elsewhere are not among these.
ARGUMENTS = {
    "pretrainer": {"loadables"},
    "ssl": {"source", "freeze", "revision", "normalize"},
}


class UntrustedModelError(ValueError):
    """A model that could run code of its author."""


def check_hyperparameters(text, name):
    """Refuse a hyperparameter file that does more than build our networks.

    Arguments
    ---------
    text : str
        Content of the file. Nothing in it is executed.
    name : str or Path
        What errors name.

    Raises
    ------
    UntrustedModelError
        With the first offending line.
    ValueError
        If it is no YAML mapping.
    """
    try:
        for token in yaml.scan(text):
            if isinstance(token, (yaml.AliasToken, yaml.AnchorToken)):
                _refuse(name, token, "anchors and aliases")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as err:
        raise ValueError(f"{name}: no YAML: {err}") from err
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{name}: no mapping of hyperparameters")
    _check_keys(root, KEYS, name)
    _walk(root, name)


def _walk(node, name):
    """Check the tags of a tree, and the arguments that matter."""
    if node.tag not in ADMITTED:
        _refuse(name, node, node.tag)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _walk(key, name)
            _walk(value, name)
            scalar = isinstance(key, yaml.ScalarNode)
            admitted = ARGUMENTS.get(key.value) if scalar else None
            if admitted and isinstance(value, yaml.MappingNode):
                _check_keys(value, admitted, name)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _walk(value, name)


def _check_keys(node, admitted, name):
    """Refuse a key that is not expected in a mapping."""
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            _refuse(name, key, f"key of kind {key.tag}")
        if key.value not in admitted:
            _refuse(name, key, f"key {key.value!r}")


def _refuse(name, node, what):
    """Raise, naming the line."""
    line = node.start_mark.line + 1
    raise UntrustedModelError(
        f"{name}, line {line}: {what} is not admitted: it could run code of "
        "the model's author or touch other files. If you trust them, load it "
        "with --trust (trust=True)"
    )
