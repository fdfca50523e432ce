"""Reads the YAML of other people's models into plain values.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path
from typing import Any, NoReturn

import yaml

from mtqnet_brain.utils.error_text import one_line
from mtqnet_brain.utils.untrusted_json import (
    MAX_DEPTH,
    MAX_DIGITS,
    ModelError,
    Tagged,
    read_bounded,
)

MAX_YAML_BYTES = 64 * 1024  # PyYAML takes half a second for so much
_PLAIN = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null")
}
_MAPPING, _SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


def read_yaml(path: str | Path, name: str | Path | None = None) -> Any:
    """Read a YAML file of bounded size into plain values and `Tagged` ones.

    Arguments
    ---------
    path : str or Path
        A regular file.
    name : str or Path, optional
        Name of the file in errors. Default: the path.

    Returns
    -------
    object
        As `read_json`; a value with a tag such as ``!new:x`` is a `Tagged`.

    Raises
    ------
    ModelError
        If it is too large or too deep, not YAML, has anchors, aliases, a key
        twice or a value of another type; with the line.
    """
    name = name or path
    text = read_bounded(path, name, MAX_YAML_BYTES)
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as err:
        if isinstance(err, ModelError):
            raise
        reason = one_line(err)
        raise ModelError(f"{name}: not valid YAML: {reason:.300}") from err
    return None if node is None else _plain(node, name)


def _check_events(text, name):
    """Refuse anchors, aliases and depth before a tree is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                _refuse(name, event, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if getattr(event, "anchor", None) is not None:
            _refuse(name, event, "anchors and aliases are not allowed")


def _plain(node, name):
    """Return the value of a node; no tag is acted upon."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, name)
    if isinstance(node, yaml.SequenceNode):
        items = [_plain(child, name) for child in node.value]
        return items if node.tag == _SEQUENCE else Tagged(node.tag, items)
    value: dict[str, Any] = {}
    for key_node, child in node.value:
        key = _plain(key_node, name)
        if not isinstance(key, str) or key in value:
            why = "is a duplicate" if isinstance(key, str) else "is not text"
            _refuse(name, key_node, f"key {key!r:.80} {why}")
        value[key] = _plain(child, name)
    return value if node.tag == _MAPPING else Tagged(node.tag, value)


def _scalar(node, name):
    """Return the value of a scalar."""
    if node.tag.startswith("!"):
        return Tagged(node.tag, node.value)
    if node.tag not in _PLAIN:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        _refuse(name, node, f"a value of type {kind!r:.80} is not allowed")
    is_number = node.tag.endswith(("int", "float"))
    if is_number and len(node.value) > MAX_DIGITS:
        _refuse(name, node, f"number of {len(node.value)} digits")
    if is_number and set(node.value) & set("_:"):
        # YAML 1.1 takes 1_28 and 2:8 for 128.
        _refuse(name, node, f"{node.value!r:.80} is no plain number")
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    # PyYAML looks up parts of texts that a tag calls numbers.
    except (yaml.YAMLError, ValueError, OverflowError, LookupError) as err:
        _refuse(name, node, f"{node.value!r:.80} cannot be read ({err})")


def _refuse(
    name: str | Path, node: yaml.Node | yaml.Event, why: str
) -> NoReturn:
    """Raise a `ModelError` that names the line of a YAML node or event."""
    line = node.start_mark.line + 1
    raise ModelError(f"{name}, line {line}: {why}")
