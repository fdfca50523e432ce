"""Reads the JSON and YAML of other people's models into plain values.

Nothing in them is executed, and their size, depth and numbers are bounded
before a parser spends time or memory on them.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import yaml

Made = TypeVar("Made")
MAX_YAML_BYTES = 64 * 1024  # PyYAML takes half a second for so much
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 12
MAX_DIGITS = 32  # of a number
_PLAIN = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null")
}
_MAPPING, _SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


class ModelError(ValueError):
    """A model is refused; the message names the file and the reason."""


class Tagged(NamedTuple):
    """A YAML value with a tag of its own, which has not been acted upon."""

    tag: str
    value: Any


def model_file(folder: str | Path, name: str) -> Path:
    """Return the path of a model's file: a regular one inside its folder.

    Arguments
    ---------
    folder : str or Path
        The model's folder; in the Hugging Face cache its files are links to a
        folder beside it.
    name : str
        Name of the file.

    Returns
    -------
    Path
        The file, links resolved.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelError
        If it is a FIFO, a device or a folder, or a link to another folder.
    """
    path = Path(folder) / name
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError) as err:  # RuntimeError: links in a circle
        raise FileNotFoundError(f"{path}: no such file") from err
    if not stat.S_ISREG(mode):
        raise ModelError(f"{path}: not a regular file")
    home = Path(folder).resolve()
    cache = home.parent.parent
    if home.parent.name == "snapshots" and cache.name.startswith("models--"):
        if real.is_relative_to(cache / "blobs"):
            return real
    if not real.is_relative_to(home):
        raise ModelError(
            f"{path}: a link out of the model's folder; copy the file there"
        )
    return real


def read_json(path: str | Path, name: str | Path | None = None) -> Any:
    """Read a JSON file of bounded size into plain values.

    Arguments
    ---------
    path : str or Path
        A regular file.
    name : str or Path, optional
        Name of the file in errors. Default: the path.

    Returns
    -------
    object
        Dicts, lists, strings, finite numbers, booleans, None.

    Raises
    ------
    ModelError
        If it is too large or too deep, not JSON, has a key twice, or a
        number that is not finite.
    """
    name = name or path
    text = _read_text(path, name, MAX_JSON_BYTES)
    try:
        content = json.loads(
            text,
            object_pairs_hook=_without_doubles,
            parse_constant=_refuse_constant,
            parse_int=_bounded(int),
            parse_float=_bounded(float),
        )
    except RecursionError as err:
        raise ModelError(f"{name}: nested too deeply") from err
    except ValueError as err:
        raise ModelError(f"{name}: not valid JSON: {err}") from err
    if _depth(content) > MAX_DEPTH:
        raise ModelError(f"{name}: nested more than {MAX_DEPTH} deep")
    return content


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
    text = _read_text(path, name, MAX_YAML_BYTES)
    try:
        _check_events(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as err:
        if isinstance(err, ModelError):
            raise
        reason = " ".join(str(err).split())
        raise ModelError(f"{name}: not valid YAML: {reason:.300}") from err
    return None if node is None else _plain(node, name)


def attempt(make: Callable[[], Made], where: str) -> Made:
    """Call a function that other people's settings may make fail.

    Arguments
    ---------
    make : callable
        Takes no arguments.
    where : str
        Name of the file in errors.

    Returns
    -------
    object
        The result of the function.

    Raises
    ------
    ModelError
        In one line, for any error.
    OSError, ImportError
        As they are raised: their messages say what is missing.
    """
    try:
        return make()
    except (OSError, ImportError):
        raise
    # From any library that the settings reach, of any type.
    except Exception as err:
        reason = " ".join(str(err).strip("'\"").split()) or type(err).__name__
        raise ModelError(f"{where}: {reason:.300}") from err


def _read_text(path: str | Path, name: str | Path, limit: int) -> str:
    """Return the text of a file that is not too large."""
    size = os.path.getsize(path)
    if size > limit:
        raise ModelError(f"{name}: {size} bytes, need at most {limit}")
    try:
        return Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as err:
        raise ModelError(f"{name}: not UTF-8 ({err.reason})") from err


def _without_doubles(pairs):
    """Return a dict; refuse a key that occurs twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {double!r:.80} occurs twice")
    return content


def _refuse_constant(word):
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{word} is not a number")


def _bounded(kind):
    """Return a reader of numbers with a bounded count of digits."""

    def read(digits):
        """Return the number."""
        if len(digits) > MAX_DIGITS:
            raise ValueError(f"number of {len(digits)} digits")
        return kind(digits)

    return read


def _depth(content):
    """Return how deep lists and dicts are nested; stops beyond the limit."""
    level, depth = [content], 0
    while level and depth <= MAX_DEPTH:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level, depth = inner, depth + 1
    return depth


def _check_events(text, name):
    """Refuse anchors, aliases and depth before a tree is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                refuse(name, event, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if getattr(event, "anchor", None) is not None:
            refuse(name, event, "anchors and aliases are not allowed")


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
            why = "occurs twice" if isinstance(key, str) else "is not text"
            refuse(name, key_node, f"key {key!r:.80} {why}")
        value[key] = _plain(child, name)
    return value if node.tag == _MAPPING else Tagged(node.tag, value)


def _scalar(node, name):
    """Return the value of a scalar."""
    if node.tag.startswith("!"):
        return Tagged(node.tag, node.value)
    if node.tag not in _PLAIN:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        refuse(name, node, f"a value of type {kind!r:.80} is not allowed")
    is_number = node.tag.endswith(("int", "float"))
    if is_number and len(node.value) > MAX_DIGITS:
        refuse(name, node, f"number of {len(node.value)} digits")
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    # PyYAML looks up parts of texts that a tag calls numbers.
    except (yaml.YAMLError, ValueError, OverflowError, LookupError) as err:
        refuse(name, node, f"{node.value!r:.80} cannot be read ({err})")


def refuse(
    name: str | Path, node: yaml.Node | yaml.Event, why: str
) -> NoReturn:
    """Raise a `ModelError` that names the line of a YAML node or event."""
    line = node.start_mark.line + 1
    raise ModelError(f"{name}, line {line}: {why}")
