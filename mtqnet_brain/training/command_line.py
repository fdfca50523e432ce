"""The command line of a recipe: SpeechBrain's parser, and what it lacks.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import difflib
import io
import sys
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import speechbrain as sb
import yaml

from mtqnet_brain.training.run_settings import FLAG, with_precision
from mtqnet_brain.training.setting_checks import check_values
from mtqnet_brain.utils.hparams_files import (
    BASE,
    base_of,
    file_nodes,
    top_nodes,
    with_base,
)
from mtqnet_brain.utils.name_value import parse_pairs
from mtqnet_brain.utils.precision import AUTO

if TYPE_CHECKING:
    from speechbrain.utils.run_opts import RunOptions

LABEL_FLAG, TEACHER_FLAG = "--label", "--teacher"
SEVERAL = ("--jit_module_keys", "--compile_module_keys")  # take many values
PLACEHOLDER = "!PLACEHOLDER"
# Tags of objects in a hyperparameter file.
MADE = ("!new:", "!name:", "!apply:", "!include:")
SPARE = ("encoder_opt_class", "ssl_opt_class", "ssl", "label")  # may be null
# YAML's tags of plain values.
NULL, BOOL, INT, FLOAT = (
    f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float")
)


def parse_recipe(argv: list[str]) -> tuple[str, RunOptions, str]:
    """Parse a recipe's command line: SpeechBrain's, with additions.

    Arguments
    ---------
    argv : list of str
        ``--label`` and ``--teacher`` may have several values, ``--precision``
        may be ``auto``.

    Returns
    -------
    hparams_file : str
        The hyperparameter file; of a variant, its base.
    run_opts : RunOptions
        Run options for the Brain.
    overrides : str
        YAML of what a variant changes and of the other arguments.

    Raises
    ------
    ValueError
        If a setting is unknown, missing or invalid.
    """
    argv, auto = _without_auto(recipe_arguments(argv))
    _refuse_strays(argv)
    hparams_file, run_opts, overrides = _parse(argv)
    if auto:
        run_opts = with_precision(run_opts, AUTO)
    check_settings(hparams_file, overrides)
    hparams_file, overrides = with_base(hparams_file, overrides)
    check_values(hparams_file, overrides, run_opts)
    return hparams_file, run_opts, overrides


def _parse(argv):
    """Parse as SpeechBrain does, but raise an error instead of exiting."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parsed = sb.parse_arguments(argv)
    except SystemExit as end:
        if not end.code:  # the help
            raise
        error = said.getvalue().strip().splitlines()[-1]
        raise ValueError(error.partition("error: ")[2]) from None
    sys.stderr.write(said.getvalue())
    return parsed


def _without_auto(argv):
    """Return the arguments without ``--precision auto``; was it there?"""
    for i, argument in enumerate(argv):
        if argument == f"{FLAG}={AUTO}":
            return argv[:i] + argv[i + 1 :], True
        if argv[i : i + 2] == [FLAG, AUTO]:
            return argv[:i] + argv[i + 2 :], True
    return argv, False


def _refuse_strays(argv):
    """Refuse words that SpeechBrain's parser would append to a value."""
    free, flag = [], ""
    for before, argument in zip(["=", *argv], argv):
        if argument.startswith("--"):
            flag = argument
        elif not before.startswith("--") or "=" in before:
            if flag not in SEVERAL:
                free.append(argument)
    if len(free) > 1:  # the first is the hyperparameter file
        raise ValueError(f"{free[1]}: not of the form --NAME=VALUE")


def check_settings(hparams_file: str, overrides: str) -> None:
    """Refuse settings that do not exist, have no value, or are missing.

    Arguments
    ---------
    hparams_file : str
        The hyperparameter file; none of its objects is made.
    overrides : str
        YAML of the command line.

    Raises
    ------
    ValueError
        If so; it names the setting, and those with a similar name.
    """
    known = file_nodes(hparams_file)
    base = base_of(hparams_file)
    if base is not None:
        del known[BASE]
        known = {**file_nodes(base), **known}
    given = top_nodes(overrides, "the command line")
    for name, node in given.items():
        if name not in known:
            like = difflib.get_close_matches(name, known)
            raise ValueError(
                f"--{name}: {hparams_file} has no setting '{name}'"
                + (f"; it has {', '.join(like)}" if like else "")
            )
        _check_value(name, node, known[name])
    for name, node in known.items():
        if node.tag == PLACEHOLDER and name not in given:
            raise ValueError(f"{hparams_file} needs a value: give --{name}")


def _check_value(name, given, default):
    """Refuse a value of another type than the hyperparameter file's."""
    if given.value == "" and given.style is None:
        raise ValueError(f"--{name}: no value; give --{name}=VALUE")
    if given.tag == NULL and name in SPARE:
        return
    is_mapping = isinstance(given, yaml.MappingNode)
    value = given.value if isinstance(given, yaml.ScalarNode) else "[...]"
    if isinstance(default, yaml.MappingNode) and not is_mapping:
        raise ValueError(f"--{name}={value}: need {{NAME: VALUE}}")
    if is_mapping and not isinstance(default, yaml.MappingNode):
        raise ValueError(
            f"--{name}: {{NAME: VALUE}} changes parts of what the "
            f"hyperparameter file has there, which is {default.value or '[]'}; "
            "give one value, or change that file"
        )
    if default.tag.startswith(MADE) and not is_mapping:
        raise ValueError(
            f"--{name}={value}: would replace what {name} is made of; leave "
            "it out, or change the hyperparameter file"
        )
    # HyperPyYAML reads YAML 1.2, in which no is a word, and so is true.
    truth = str(given.value).lower() in ("true", "false")
    if default.tag == BOOL and not truth:
        raise ValueError(f"--{name}={given.value}: need True or False")
    if default.tag in (INT, FLOAT) and given.tag != NULL:
        try:
            float(given.value)
        except (TypeError, ValueError):
            raise ValueError(f"--{name}: need a number") from None


def recipe_arguments(argv: list[str]) -> list[str]:
    """Turn ``--label a=B c=D`` and ``--teacher A B`` into YAML overrides.

    SpeechBrain's parser takes one value per flag and splits at ``=``.

    Arguments
    ---------
    argv : list of str
        Arguments of a recipe's script.

    Returns
    -------
    list of str
        The same with ``--label`` followed by ``{a: B, c: D}``, and
        ``--teacher`` by ``[A, B]`` where there are several.

    Raises
    ------
    ValueError
        If a label is not of the form LABEL=COLUMN.

    Example
    -------
    >>> recipe_arguments(["x.yaml", "--label", "s_mos=S", "g_mos=G", "--lr=1"])
    ['x.yaml', '--label', "{s_mos: 'S', g_mos: 'G'}", '--lr=1']
    >>> recipe_arguments(["x.yaml", "--teacher", "RUN", "dnsmos"])
    ['x.yaml', '--teacher', "['RUN', 'dnsmos']"]
    """
    argv = _with_joined(argv, LABEL_FLAG, _label_mapping)
    return _with_joined(argv, TEACHER_FLAG, _teacher_list)


def _with_joined(argv, flag, join):
    """Return the arguments with the values of a flag joined into one."""
    if flag not in argv:
        return list(argv)
    start = argv.index(flag) + 1
    end = start
    while end < len(argv) and not argv[end].startswith("--"):
        end += 1
    return [*argv[:start], *join(argv[start:end]), *argv[end:]]


def _label_mapping(values):
    """Return label columns as a YAML mapping."""
    pairs = parse_pairs(values, "LABEL=COLUMN", LABEL_FLAG)
    mapping = ", ".join(f"{name}: {_quoted(c)}" for name, c in pairs.items())
    return ["{" + mapping + "}"]


def _teacher_list(values):
    """Return several teachers as a YAML list, one or none as it is."""
    if len(values) < 2:
        return values
    return ["[" + ", ".join(map(_quoted, values)) + "]"]


def _quoted(text):
    """Return a YAML string."""
    return "'" + text.replace("'", "''") + "'"
