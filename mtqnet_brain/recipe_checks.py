"""What a run needs late and can be checked at its start.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import torch
from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.epoch_loop import EpochCounter, EpochCounterWithStopper

from mtqnet_brain.metrics import direction

OPTIMIZERS = ("opt_class", "ssl_opt_class", "encoder_opt_class")


def check_objects(hparams):
    """Refuse objects that would fail after an epoch of work or more.

    Arguments
    ---------
    hparams : dict
        Of the hyperparameter file.

    Raises
    ------
    ValueError
        Names the object and what it has to be.
    """
    select_by = hparams.get("select_by", "loss")
    check_counter(hparams["epoch_counter"], select_by)
    check_logger(hparams["train_logger"])
    modules = hparams["modules"].values()
    needed = [*modules, hparams["epoch_counter"]]
    check_checkpointer(hparams["checkpointer"], needed)
    trained = hparams.get("pretrained") or (
        hparams["epoch_counter"].limit > 0
        or hparams["checkpointer"].list_checkpoints()
    )
    if not trained:
        raise ValueError("number_of_epochs: 0, so there is nothing to test")
    for name in OPTIMIZERS:
        if hparams.get(name) is not None:
            check_optimizer(name, hparams[name])


def check_counter(counter, select_by):
    """Refuse what does not count epochs, or stops at the wrong end.

    Arguments
    ---------
    counter : EpochCounter
        One without early stopping is welcome.
    select_by : str
        The figure that would stop it.

    Raises
    ------
    ValueError
        Names what is wrong.
    """
    best = direction(select_by)
    if not isinstance(counter, EpochCounter):
        raise ValueError(
            f"epoch_counter: {counter!r} is no EpochCounter of SpeechBrain"
        )
    if isinstance(counter, EpochCounterWithStopper):
        if counter.direction != best:
            raise ValueError(
                f"epoch_counter: direction is {counter.direction}, but the "
                f"best {select_by} is the {best}; give direction: {best}"
            )


def check_logger(train_logger):
    """Refuse what logs nothing, or into a folder that is not there.

    Arguments
    ---------
    train_logger : TrainLogger
        Of SpeechBrain.

    Raises
    ------
    ValueError
        Names what is wrong.
    """
    if not callable(getattr(train_logger, "log_stats", None)):
        raise ValueError(
            f"train_logger: {train_logger!r} has no log_stats; take "
            "SpeechBrain's FileTrainLogger"
        )
    path = getattr(train_logger, "save_file", None)
    if path is not None and not Path(path).absolute().parent.is_dir():
        raise ValueError(f"train_logger: {path} lies in a folder that is not")


def check_checkpointer(checkpointer, needed):
    """Refuse a checkpointer that does not keep what a test needs.

    Arguments
    ---------
    checkpointer : Checkpointer
        Of SpeechBrain.
    needed : list of object
        Modules and counter.

    Raises
    ------
    ValueError
        Names what is wrong.
    """
    if not isinstance(checkpointer, Checkpointer):
        raise ValueError(
            f"checkpointer: {checkpointer!r} is no Checkpointer of "
            "SpeechBrain; the test needs the best checkpoint"
        )
    kept = list(checkpointer.recoverables.values())
    for one in needed:
        if not any(one is recoverable for recoverable in kept):
            raise ValueError(
                f"checkpointer: its recoverables lack {type(one).__name__}; "
                "a resumed run would begin it anew"
            )


def check_optimizer(name, opt_class):
    """Make an optimiser of nothing much, with the settings given.

    Arguments
    ---------
    name : str
        Of the setting.
    opt_class : callable
        As for the Brain.

    Raises
    ------
    ValueError
        If it cannot be made, with the reason.
    """
    try:
        optimizer = opt_class([torch.nn.Parameter(torch.zeros(1))])
    except (TypeError, ValueError) as err:
        raise ValueError(f"{name}: {err}") from err
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(f"{name}: makes a {type(optimizer).__name__}")
