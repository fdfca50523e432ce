"""Checks objects and chooses the precision at the start of a run.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from speechbrain.utils.distributed import infer_device
from speechbrain.utils.logger import get_logger

from mtqnet_brain.training.distributed import gather, this_rank
from mtqnet_brain.training.early_checks import check_objects
from mtqnet_brain.utils.devices import check_device
from mtqnet_brain.utils.files import write_json
from mtqnet_brain.utils.precision import AUTO, PRECISIONS, choose_precision

if TYPE_CHECKING:
    from speechbrain.utils.run_opts import RunOptions

logger = get_logger(__name__)

FLAG = "--precision"
RECORD = "precision.json"  # in the folder of a run


def begin_run(run_opts: RunOptions, hparams: dict) -> RunOptions:
    """Refuse objects that would fail late; choose the precision.

    Arguments
    ---------
    run_opts : RunOptions
        Run options of `command_line.parse_recipe`.
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
    if _option(run_opts, hparams, "remove_vector_weight_decay"):
        raise ValueError(
            "--remove_vector_weight_decay: not supported, SpeechBrain would "
            "clip the gradients of some weights only; set weight_decay in "
            "opt_class"
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
        Result of `parse_recipe`. Without a precision there and in the
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
    return with_precision(run_opts, chosen)


def _option(run_opts, hparams, name):
    """Return a run option: the command line's, else the YAML's, else None."""
    if name in run_opts.overridden_args:
        return run_opts[name]
    return hparams.get(name)


def with_precision(run_opts: RunOptions, precision: str) -> RunOptions:
    """Return run options as if the precision had been typed."""
    given = run_opts.overridden_args | {"precision"}
    return replace(run_opts, precision=precision, overridden_args=given)
