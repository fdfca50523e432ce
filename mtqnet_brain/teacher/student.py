"""Chooses the tasks of a recipe's student before it is built.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from io import StringIO
from pathlib import Path

import ruamel.yaml
import yaml
from hyperpyyaml import load_hyperpyyaml, resolve_references

from mtqnet_brain.teacher.registry import follow_teacher
from mtqnet_brain.utils.hparams_files import top_nodes

NULL, STR = "tag:yaml.org,2002:null", "tag:yaml.org,2002:str"


def student_overrides(hparams_file: str | Path, overrides: str) -> str:
    """Return the overrides of a recipe, with the tasks that its teachers allow.

    The teachers are opened here, once, so that loading the hyperparameters
    opens no file.

    Arguments
    ---------
    hparams_file : str or Path
        Hyperparameter file with ``tasks`` and ``teacher``, a name or a list;
        one without a teacher changes nothing.
    overrides : str
        YAML of the command line.

    Returns
    -------
    str
        The overrides, with ``tasks`` where `registry.follow_teacher` returns
        other tasks than the file.
    """
    with open(hparams_file, encoding="utf-8") as file:
        resolved = resolve_references(file, overrides)
    # PyYAML, since ruamel.yaml would write the comments into the values.
    nodes = top_nodes(resolved.read(), hparams_file)
    if "teacher" not in nodes or nodes["teacher"].tag == NULL:
        return overrides
    kept = [(yaml.ScalarNode(STR, n), nodes[n]) for n in ("tasks", "teacher")]
    root = yaml.MappingNode("tag:yaml.org,2002:map", kept)
    settings = load_hyperpyyaml(yaml.serialize(root))
    tasks = settings["tasks"]
    followed = follow_teacher(tasks, settings["teacher"])
    if followed == tasks:
        return overrides
    parser, text = ruamel.yaml.YAML(), StringIO()
    changed = parser.load(overrides)
    changed["tasks"] = parser.load(
        "\n".join(
            f"- !new:mtqnet_brain.tasks.Task {json.dumps(task.to_dict())}"
            for task in followed
        )
    )
    parser.dump(changed, text)
    return text.getvalue()
