"""A recipe's settings, checked before anything is made of them.

Building a network may mean a download, and preparing data takes minutes: a
setting that cannot be right is refused before both.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import inspect
import os
import sys
from pydoc import locate
from typing import TYPE_CHECKING

import ruamel.yaml
import yaml
from hyperpyyaml import resolve_references

from mtqnet_brain.checkpoints.run_folder import read_settings
from mtqnet_brain.data.score_join import check_columns, parse_columns
from mtqnet_brain.data.table_files import find_quest_columns
from mtqnet_brain.model.network_settings import NetworkSettings
from mtqnet_brain.preparation.any_table import ClipTable
from mtqnet_brain.preparation.label_sources import (
    check_label_settings,
    require_source,
)
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.setting_rules import PARTS, RULES, anything
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.documents import Tagged

if TYPE_CHECKING:
    from speechbrain.utils.run_opts import RunOptions

NAME = "!name:"
MTQNET_TAG = "!name:mtqnet_brain.model.MTQNet"
ENHANCER = "!new:mtqnet_brain.corpus.enhancement."
TABLES = ("csv", "label_csv", "quest_csv")


def check_values(
    hparams_file: str, overrides: str, run_opts: RunOptions
) -> None:
    """Refuse settings that cannot be right, the cheapest to see first.

    Arguments
    ---------
    hparams_file : str
        The hyperparameter file; no object that it names is made.
    overrides : str
        YAML of the command line.
    run_opts : RunOptions
        SpeechBrain's.

    Raises
    ------
    ValueError, OSError
        In one line: the setting, its value and what it may be.
    """
    values = _resolve(hparams_file, overrides)
    given = {name: run_opts[name] for name in run_opts.overridden_args}
    for name, value in (values | given).items():
        if not isinstance(value, Tagged):
            RULES.get(name, anything)(value, f"--{name}")
        elif isinstance(value.value, dict):
            _check_arguments(value, f"--{name}")
    if (
        sum(values.get(share, 0) for share in ("valid_share", "test_share"))
        >= 1
    ):
        raise ValueError(
            f"--valid_share: {values['valid_share']} and --test_share: "
            f"{values['test_share']} leave no clip to train; need a sum below 1"
        )
    _check_network(values.get("network"))
    _check_places(values)
    if not values.get("skip_prep"):
        _check_labels(values)
        _check_data(values)


class _Reader(ruamel.yaml.SafeLoader):
    """Reads YAML as HyperPyYAML does, but acts upon no tag."""


def _tagged(loader, ending, node):
    """Return a value with its tag."""
    if isinstance(node, ruamel.yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, ruamel.yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return Tagged(f"!{ending}", value)


_Reader.add_multi_constructor("!", _tagged)


def _resolve(hparams_file, overrides):
    """Return the settings by name, references followed."""
    with open(hparams_file, encoding="utf-8") as file:
        text = resolve_references(file, overrides, overrides_must_match=True)
    return yaml.load(text, Loader=_Reader)


def _check_arguments(made, where):
    """Refuse arguments that a class or function does not take."""
    callable_ = locate(made.tag.partition(":")[2])
    if callable_ is None:  # an ImportError of HyperPyYAML, as soon as it loads
        return
    known = inspect.signature(callable_).parameters
    any_name = any(p.kind is p.VAR_KEYWORD for p in known.values())
    for name, value in made.value.items():
        if name not in known and not any_name:
            schema.fail(name, where, f"keys among {', '.join(known)}")
        if name in RULES and not isinstance(value, Tagged):
            RULES[name](value, f"{where}: {name}")


def _check_network(network):
    """Refuse sizes and choices that no network has."""
    if not isinstance(network, Tagged) or not isinstance(network.value, dict):
        return
    rules = None
    if network.tag == MTQNET_TAG:
        rules = NetworkSettings.rules()
    elif network.tag.startswith(ENHANCER):
        from mtqnet_brain.corpus.enhancement.trained import SIZES

        rules = SIZES.get(network.tag.rpartition(".")[2])
    if rules is not None:
        others = ("tasks", "ssl")  # settings of their own
        sizes = {k: v for k, v in network.value.items() if k not in others}
        schema.mapping(rules)(sizes, "--network")


def _check_places(values):
    """Refuse files and folders that are not there."""
    places = [(name, os.path.isfile, "file") for name in TABLES]
    places.append(("data_folder", os.path.isdir, "folder"))
    if values.get("skip_prep"):
        places = [(name, os.path.isfile, "file") for name in PARTS]
    for name, is_there, kind in places:
        path = values.get(name)
        if path is not None and not is_there(path):
            what = (
                f"is no {kind}" if os.path.exists(path) else f"no such {kind}"
            )
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
    """Refuse an output folder that cannot be made or written."""
    there = os.path.abspath(folder)
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise ValueError(
            f"--output_folder: {folder}: {there} is no folder; give another"
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(
            f"--output_folder: {folder}: no permission to write into {there}; "
            "allow it (chmod) or give another folder"
        )


def _check_labels(values):
    """Refuse labels that are not given, or not in the table."""
    names = ("label_csv", "label", "label_source", "quest_csv")
    label = values.get("label")
    if "csv" in values:
        require_source(values["label_source"])
        columns = ("wav_column", "split_column", "group_column")
        ClipTable(
            values["csv"],
            values["data_folder"],
            label=label,
            **{name: values[name] for name in (*columns, "system_column")},
        )
    elif "label_source" in values:
        settings = {name: values.get(name) for name in names}
        check_label_settings(_true_tasks(values), **settings)
        if values.get("label_csv"):
            check_columns(values["label_csv"], parse_columns(label))
        elif values.get("quest_csv") and label:
            check_columns(values["quest_csv"], parse_columns(label))
        elif values.get("quest_csv"):
            find_quest_columns(values["quest_csv"])


def _true_tasks(values):
    """Return the tasks that stand in the hyperparameter file."""
    tasks = values.get("tasks")
    if isinstance(tasks, Tagged):
        return []
    return [Task(**task.value) for task in tasks]


def _check_data(values):
    """Let the preparation look whether this is its corpus, if it can."""
    prepare = values.get("prepare")
    if isinstance(prepare, Tagged) and prepare.tag.startswith(NAME):
        function = locate(prepare.tag.removeprefix(NAME))
        module = sys.modules.get(getattr(function, "__module__", None))
        check = getattr(module, "check_data", None)
        if check is not None:
            check(values["data_folder"])
