"""Hyperparameter files that hold only what they change of another one.

Such a variant begins with ``base: FILE``, a self-contained file in the same
folder. HyperPyYAML gets the base, and what the variant changes as overrides, so
that everything that reads or copies hyperparameters sees all of them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from functools import lru_cache
from io import StringIO
from pathlib import Path

import ruamel.yaml
import yaml
from speechbrain.utils.data_utils import recursive_update

BASE = "base"


def base_of(hparams_file: str | Path) -> Path | None:
    """Return the file that a variant changes; None for one without a base.

    Arguments
    ---------
    hparams_file : str or Path
        Hyperparameter file; nothing in it is executed.

    Returns
    -------
    Path or None
        Self-contained file.

    Raises
    ------
    ValueError
        If the base is a variant too.
    """
    name = file_nodes(hparams_file).get(BASE)
    if name is None:
        return None
    base = Path(hparams_file).with_name(str(name.value))
    if BASE in file_nodes(base):
        raise ValueError(
            f"{hparams_file}: its base {base} has a base too; name that one"
        )
    return base


def with_base(hparams_file: str | Path, overrides: str = "") -> tuple[str, str]:
    """Return the self-contained base of a variant, and all changes to it.

    Arguments
    ---------
    hparams_file : str or Path
        Hyperparameter file.
    overrides : str, optional
        YAML of the command line, which wins over the variant. Of a mapping,
        such as ``ssl``, only the given keys are changed.

    Returns
    -------
    str
        The base; a file without one is returned as it is.
    str
        YAML of the overrides, those of the variant first.

    Raises
    ------
    ValueError
        If the variant has a setting that its base lacks, or the overrides
        change a value into a mapping.
    """
    base = base_of(hparams_file)
    if base is None:
        return str(hparams_file), overrides
    parser = ruamel.yaml.YAML()
    changes = parser.load(Path(hparams_file).read_text(encoding="utf-8"))
    del changes[BASE]
    known = file_nodes(base)
    if lacking := [k for k in changes if k not in known]:
        raise ValueError(f"{hparams_file}: {base} has no setting {lacking[0]}")
    try:
        recursive_update(changes, parser.load(overrides) or {})
    except TypeError as err:
        raise ValueError(
            f"{overrides}: does not fit the settings of {hparams_file}"
        ) from err
    text = StringIO()
    parser.dump(changes, text)
    return str(base), text.getvalue()


def setting_names(hparams_file: str | Path) -> set[str]:
    """Return the top-level keys of a hyperparameter file, e.g. ``lr``.

    Arguments
    ---------
    hparams_file : str or Path
        A variant has those of its base; nothing is executed.

    Returns
    -------
    set of str
        What ``--NAME=VALUE`` may override.
    """
    return {*file_nodes(base_of(hparams_file) or hparams_file)}


def file_nodes(path: str | Path) -> dict[str, yaml.Node]:
    """Return the top-level nodes of a YAML file by key, as `top_nodes`.

    Raises
    ------
    ValueError
        If the file has no settings, too.
    """
    nodes = top_nodes(Path(path).read_bytes(), path)
    if not nodes:
        raise ValueError(f"{path}: no settings; give a hyperparameter file")
    return nodes


def top_nodes(text: str | bytes, name: str | Path) -> dict[str, yaml.Node]:
    """Return the nodes of a YAML mapping by key; nothing is executed.

    Arguments
    ---------
    text : str or bytes
        YAML; an empty text has no nodes.
    name : str or Path
        Name of the text in errors.

    Returns
    -------
    dict of str to yaml.Node
        In the order of the text.

    Raises
    ------
    ValueError
        If it is not YAML or no mapping, or a key occurs twice.
    """
    try:
        root = _compose(text)
    except yaml.MarkedYAMLError as err:
        line = f", line {err.problem_mark.line + 1}" if err.problem_mark else ""
        raise ValueError(f"{name}{line}: {err.problem}") from err
    except yaml.reader.ReaderError as err:
        raise ValueError(f"{name}: not YAML: {err.reason}") from err
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(
            f"{name}: {root.value!r} is not of the form NAME=VALUE"
        )
    nodes = {key.value: value for key, value in root.value}
    if len(nodes) < len(root.value):
        keys = [key.value for key, _ in root.value]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{name}: {twice} is given twice")
    return nodes


@lru_cache(maxsize=8)  # each check of a command line reads the same files
def _compose(text):
    """Return the root node of a YAML text."""
    return yaml.compose(text, Loader=yaml.SafeLoader)
