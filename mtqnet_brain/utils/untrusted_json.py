"""Reads the files of other people's models into plain values.

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
from typing import Any, NamedTuple, TypeVar

Made = TypeVar("Made")
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 12
MAX_DIGITS = 32  # of a number


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
        folder next to it.
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
    text = read_bounded(path, name, MAX_JSON_BYTES)
    try:
        content = json.loads(
            text,
            object_pairs_hook=without_duplicates,
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


def read_bounded(path: str | Path, name: str | Path, limit: int) -> str:
    """Return the text of a file that is not too large."""
    size = os.path.getsize(path)
    if size > limit:
        raise ModelError(f"{name}: {size} bytes, need at most {limit}")
    try:
        return Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as err:
        raise ModelError(f"{name}: not UTF-8 ({err.reason})") from err


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a dict; refuse a duplicate key."""
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        duplicate = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"duplicate key {duplicate!r:.80}")
    return content


def _refuse_constant(word):
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{word} is not a number")


def _bounded(kind):
    """Return a parser of digits that refuses too many."""

    def read(digits):
        """Parse digits, refusing too many."""
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
