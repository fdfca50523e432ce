#!/usr/bin/env python3
"""What a hyperparameter file resolves to, as plain values.

From the root of the repository, to keep what every file resolves to now:
> python tests/recipe_values.py

Authors
 * The mtqnet-brain developers 2026
"""

import json
import re
from pathlib import Path

import yaml
from hyperpyyaml import resolve_references

from mtqnet_brain.reproduction.systems import SYSTEMS
from mtqnet_brain.utils.hparams_files import base_of, with_base

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "hparams.json"


def resolved_values(path, overrides=None):
    """Return the leaves of a hyperparameter file with all references resolved.

    No object is made.

    Arguments
    ---------
    path : str or Path
        Hyperparameter file.
    overrides : dict, optional
        What to change, by key. What the user has to give is ``GIVEN``.

    Returns
    -------
    dict
        Value by dotted key. The tag of ``x`` stands under ``x!``. What the
        file reuses is ``same as KEY``, the place where it stands first.
    """
    texts = [Path(p).read_text("utf-8") for p in (path, base_of(path)) if p]
    needed = re.findall(r"^(\w+): *!PLACEHOLDER", "\n".join(texts), re.M)
    given = dict.fromkeys(needed, "GIVEN") | (overrides or {})
    path, overrides = with_base(path, json.dumps(given))
    with open(path, encoding="utf-8") as file:
        resolved = resolve_references(file, overrides)
    root = yaml.compose(resolved, Loader=yaml.SafeLoader)
    leaves = {}
    _flatten(root, "", leaves, {})
    return leaves


def _flatten(node, name, leaves, seen):
    """Add the leaves of a node."""
    if isinstance(node, yaml.CollectionNode):
        if id(node) in seen:
            leaves[name] = f"same as {seen[id(node)]}"
            return
        seen[id(node)] = name
    if node.tag.startswith("!"):
        leaves[f"{name}!"] = node.tag
    if isinstance(node, yaml.ScalarNode):
        tagged = node.tag.startswith("!")
        leaves[name] = node.value if tagged else _plain(node)
        return
    pairs = list(enumerate(node.value))
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, value) for key, value in node.value]
    if not pairs:
        leaves[name] = {} if isinstance(node, yaml.MappingNode) else []
    for key, value in pairs:
        _flatten(value, f"{name}.{key}".removeprefix("."), leaves, seen)


def _plain(node):
    """Return the value of an untagged scalar."""
    loader = yaml.SafeLoader("")
    return loader.construct_object(node)


def compact(values):
    """Store files that are alike as differences from the first of them.

    Arguments
    ---------
    values : dict of str to dict
        `resolved_values` by name.

    Returns
    -------
    dict of str to dict
        ``{"values": ...}``, or ``{"like": NAME, "values": ..., "without":
        [...]}`` where that is shorter.
    """
    stored, whole = {}, []
    for name, leaves in values.items():
        stored[name] = {"values": leaves}
        for base in whole:
            other = values[base]
            own = {
                k: v for k, v in leaves.items() if (k, v) not in other.items()
            }
            gone = [k for k in other if k not in leaves]
            if len(own) + len(gone) < len(stored[name]["values"]) / 2:
                stored[name] = {"like": base, "values": own, "without": gone}
        if "like" not in stored[name]:
            whole.append(name)
    return stored


def expand(stored):
    """Return what `compact` was given.

    Arguments
    ---------
    stored : dict of str to dict
        Content of the golden file.

    Returns
    -------
    dict of str to dict
        Leaves by name.
    """
    values = {}
    for name, entry in stored.items():
        base = values.get(entry.get("like"), {})
        gone = entry.get("without", ())
        kept = {k: v for k, v in base.items() if k not in gone}
        values[name] = kept | entry["values"]
    return values


def current_values():
    """Return what every file, and every system with overrides, resolves to.

    Returns
    -------
    dict of str to dict
        `resolved_values` by path below ``recipes/`` or by name of the system.
    """
    recipes = ROOT / "recipes"
    values = {
        path.relative_to(recipes).as_posix(): resolved_values(path)
        for path in sorted(recipes.glob("**/hparams/*.yaml"))
    }
    for name, system in SYSTEMS.items():
        if system.overrides:
            folder = recipes / "TMHINT-QI" / system.recipe / "hparams"
            given = {k: yaml.safe_load(v) for k, v in system.overrides.items()}
            given["output_folder"] = f"results/{name}/1986"
            path = folder / f"{system.hparams}.yaml"
            values[name] = resolved_values(path, given)
    return values


def main():
    """Write the golden file."""
    text = json.dumps(compact(current_values()), indent=1, sort_keys=True)
    GOLDEN.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
