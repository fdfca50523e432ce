"""The settings and the precision of a recipe, settled before it works.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import difflib
import io
import json
import sys
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import speechbrain as sb
import yaml
from speechbrain.utils.distributed import infer_device
from speechbrain.utils.logger import get_logger

from mtqnet_brain.training.distributed import gather, this_rank
from mtqnet_brain.training.early_checks import check_objects
from mtqnet_brain.training.run import recipe_arguments
from mtqnet_brain.training.setting_checks import check_values
from mtqnet_brain.utils.devices import check_device
from mtqnet_brain.utils.files import write_json
from mtqnet_brain.utils.hparams_files import BASE, base_of, with_base
from mtqnet_brain.utils.precision import AUTO, PRECISIONS, choose_precision

if TYPE_CHECKING:
    from speechbrain.utils.run_opts import RunOptions

logger = get_logger(__name__)

FLAG = "--precision"
RECORD = "precision.json"  # in the folder of a run
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
    """Parse a recipe's command line: SpeechBrain's, with two additions.

    Arguments
    ---------
    argv : list of str
        ``--label`` may have several values, ``--precision`` may be ``auto``.

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
        run_opts = _with_precision(run_opts, AUTO)
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
    with open(hparams_file, "rb") as file:
        known = _top_level(file, hparams_file)
    base = base_of(hparams_file)
    if base is not None:
        del known[BASE]
        with open(base, "rb") as file:
            known = {**_top_level(file, str(base)), **known}
    given = _top_level(overrides, "the command line")
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


def _top_level(text, name):
    """Return the nodes of a YAML mapping by key."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1
        raise ValueError(f"{name}, line {line}: {err.problem}") from err
    except yaml.YAMLError as err:
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


def begin_run(run_opts: RunOptions, hparams: dict) -> RunOptions:
    """Refuse objects that would fail late; settle the precision.

    Arguments
    ---------
    run_opts : RunOptions
        Run options of `parse_recipe`.
    hparams : dict
        Objects of the hyperparameter file, by name.

    Returns
    -------
    RunOptions
        Run options for the Brain.

    Raises
    ------
    ValueError
        If an option or an object cannot be used.
    """
    if _option(run_opts, hparams, "data_parallel_backend"):
        raise ValueError(
            "--data_parallel_backend: not supported, PyTorch advises against "
            "it; for N GPUs: torchrun --nproc_per_node=N train.py ..."
        )
    factor = _option(run_opts, hparams, "grad_accumulation_factor")
    if factor is not None and factor < 1:
        raise ValueError(
            f"--grad_accumulation_factor={factor}: need a whole number from 1"
        )
    check_device(_option(run_opts, hparams, "device"))
    check_objects(hparams)
    return settle_precision(run_opts, hparams)


def settle_precision(run_opts: RunOptions, hparams: dict) -> RunOptions:
    """Return run options with a precision that the Brain knows.

    A resumed run keeps its precision unless another one is asked for.

    Arguments
    ---------
    run_opts : RunOptions
        Run options of `parse_recipe`. Without a precision there and in the
        hyperparameters: ``auto`` on a CPU, SpeechBrain's fp32 on a GPU.
    hparams : dict
        With ``output_folder``, which gets a record of the choice.

    Returns
    -------
    RunOptions
        The same on all ranks.
    """
    device = _option(run_opts, hparams, "device") or infer_device()
    wanted = _option(run_opts, hparams, "precision")
    usable = PRECISIONS if device == "cpu" else (*PRECISIONS, "fp16")
    if wanted not in (None, *usable):
        raise ValueError(
            f"{FLAG}={wanted}: need {', '.join(usable)} on {device}"
        )
    wanted = wanted or (AUTO if device == "cpu" else "fp32")
    path = Path(hparams["output_folder"]) / RECORD
    before = None
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))["precision"]
    if wanted == AUTO and before is not None:
        chosen = before
        logger.info(f"precision: {chosen}, in which this run began")
    else:
        chosen = choose_precision(wanted, device, logger.info)
    if before not in (None, chosen):
        logger.warning(f"precision: {chosen}, though the run began in {before}")
    chosen = gather(chosen)[0]
    if this_rank() == 0:
        write_json(path, {"precision": chosen})
    return _with_precision(run_opts, chosen)


def _option(run_opts, hparams, name):
    """Return a run option: the command line's, else the YAML's, else None."""
    if name in run_opts.overridden_args:
        return run_opts[name]
    return hparams.get(name)


def _with_precision(run_opts, precision):
    """Return run options as if the precision had been typed."""
    given = run_opts.overridden_args | {"precision"}
    return replace(run_opts, precision=precision, overridden_args=given)
