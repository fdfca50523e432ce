"""A recipe's settings, checked before any object is made.

Building a network may mean a download, and preparing data takes minutes: an
invalid setting is refused before both.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pydoc import locate
from typing import TYPE_CHECKING

import yaml
from hyperpyyaml import resolve_references
from ruamel.yaml.loader import SafeLoader
from ruamel.yaml.nodes import MappingNode, SequenceNode

from mtqnet_brain.checkpoints.run_folder import read_settings
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.setting_rules import PARTS, RULES
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.untrusted_json import Tagged

if TYPE_CHECKING:
    from speechbrain.utils.run_opts import RunOptions

NAME = "!name:"
# A function of a preparation script: check_settings(settings, tasks).
HOOK = "check_settings"
TABLES = ("csv", "label_csv", "quest_csv")


def check_values(
    hparams_file: str, overrides: str, run_opts: RunOptions
) -> None:
    """Refuse invalid settings, those that are found fastest first.

    Arguments
    ---------
    hparams_file : str
        The hyperparameter file; none of its objects is made.
    overrides : str
        YAML of the command line.
    run_opts : RunOptions
        SpeechBrain's run options.

    Raises
    ------
    ValueError, OSError
        In one line: the setting, its value and what it may be.
    """
    values = _resolve(hparams_file, overrides)
    given = {name: run_opts[name] for name in run_opts.overridden_args}
    for name, value in (values | given).items():
        if not isinstance(value, Tagged):
            RULES.get(name, schema.anything)(value, f"--{name}")
        elif isinstance(value.value, dict):
            _check_arguments(value, f"--{name}")
    valid, test = (values.get(f"{part}_share", 0) for part in ("valid", "test"))
    if valid + test >= 1:
        raise ValueError(
            f"--valid_share: {valid} and --test_share: {test} leave no clip "
            "to train; need a sum below 1"
        )
    _check_network(values.get("network"))
    _check_paths(values)
    if not values.get("skip_prep"):
        _check_preparation(values)


class _Reader(SafeLoader):
    """Reads YAML as HyperPyYAML does, but makes nothing of a tag."""


def _tagged(loader, suffix, node):
    """Return a value with its tag."""
    if isinstance(node, MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return Tagged(f"!{suffix}", value)


_Reader.add_multi_constructor("!", _tagged)


def _resolve(hparams_file, overrides):
    """Return the settings by name, with references resolved."""
    with open(hparams_file, encoding="utf-8") as file:
        text = resolve_references(file, overrides, overrides_must_match=True)
    return yaml.load(text, Loader=_Reader)


def _check_arguments(made, where):
    """Refuse arguments that a class or function does not take."""
    callable_ = locate(made.tag.partition(":")[2])
    if not callable(callable_):  # HyperPyYAML will say so when it loads
        return
    known = inspect.signature(callable_).parameters
    any_name = any(p.kind is p.VAR_KEYWORD for p in known.values())
    for name, value in made.value.items():
        if name not in known and not any_name:
            schema.fail(name, where, f"keys among {', '.join(known)}")
        if name in RULES and not isinstance(value, Tagged):
            RULES[name](value, f"{where}: {name}")


def _check_network(network):
    """Refuse sizes and choices that the network's class does not offer."""
    if not isinstance(network, Tagged) or not isinstance(network.value, dict):
        return
    class_ = locate(network.tag.partition(":")[2])
    if hasattr(class_, "setting_rules"):
        others = ("tasks", "ssl")  # settings of their own
        sizes = {k: v for k, v in network.value.items() if k not in others}
        schema.mapping(class_.setting_rules())(sizes, "--network")


def _check_paths(values):
    """Refuse files and folders that do not exist."""
    needed: list[tuple[str, Callable[[str], bool], str]]
    needed = [(name, os.path.isfile, "file") for name in TABLES]
    needed.append(("data_folder", os.path.isdir, "folder"))
    if values.get("skip_prep"):
        needed = [(name, os.path.isfile, "file") for name in PARTS]
    for name, exists, kind in needed:
        path = values.get(name)
        if path is not None and not exists(path):
            other = os.path.exists(path)
            what = f"is not a {kind}" if other else f"no such {kind}"
            remedy = "check the path"
            if values.get("skip_prep"):
                remedy += ", or leave out --skip_prep"
            raise ValueError(f"--{name}: {path}: {what}; {remedy}")
    if values.get("pretrained"):
        try:
            read_settings(values["pretrained"])
        except FileNotFoundError as err:
            raise FileNotFoundError(f"--pretrained: {err}") from err
    if "output_folder" in values:
        _check_output(values["output_folder"])


def _check_output(folder):
    """Refuse an output folder that cannot be made or written to."""
    parent = os.path.abspath(folder)  # the nearest that exists
    while not os.path.lexists(parent):
        parent = os.path.dirname(parent)
    if not os.path.isdir(parent):
        raise ValueError(
            f"--output_folder: {folder}: {parent} is not a folder; give another"
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise ValueError(
            f"--output_folder: {folder}: no permission to write to {parent}; "
            "allow it (chmod) or give another folder"
        )


def _true_tasks(values):
    """Return the tasks of the hyperparameter file."""
    tasks = values.get("tasks")
    if isinstance(tasks, Tagged):
        return []
    return [Task(**task.value) for task in tasks]


def _check_preparation(values):
    """Let the preparation script check corpus and labels, if it can."""
    prepare = values.get("prepare")
    if isinstance(prepare, Tagged) and prepare.tag.startswith(NAME):
        function = locate(prepare.tag.removeprefix(NAME))
        module = sys.modules.get(getattr(function, "__module__", ""))
        check = getattr(module, HOOK, None)
        if check is not None:
            check(values, _true_tasks(values))
