"""Objects that a run needs late, checked at its start.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from speechbrain.augment.augmenter import Augmenter
from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.epoch_loop import EpochCounter, EpochCounterWithStopper

from mtqnet_brain.evaluation.metrics import direction
from mtqnet_brain.training.learning_rates import scheduler_arguments

if TYPE_CHECKING:
    from speechbrain.utils.train_logger import TrainLogger

OPTIMIZERS = ("opt_class", "ssl_opt_class", "encoder_opt_class")


def check_objects(hparams: dict) -> None:
    """Refuse objects that would fail after an epoch of work or more.

    Arguments
    ---------
    hparams : dict
        Objects of the hyperparameter file, by name.

    Raises
    ------
    ValueError
        If an object cannot be used; it says what is needed.
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
        raise ValueError(
            "number_of_epochs: 0, and there is no network to test; give 1"
        )
    for name in OPTIMIZERS:
        if hparams.get(name) is not None:
            check_optimizer(name, hparams[name])
    check_scheduler(
        hparams.get("lr_annealing"), hparams.get("final_lr_share", 1.0)
    )
    check_augmenter(hparams.get("wav_augment"))


def check_counter(counter: EpochCounter, select_by: str) -> None:
    """Refuse what does not count epochs, or would keep the worst one.

    Arguments
    ---------
    counter : EpochCounter
        With early stopping or without.
    select_by : str
        The metric that stops training early.

    Raises
    ------
    ValueError
        If it is another object, or has the wrong direction.
    """
    best = direction(select_by)
    if not isinstance(counter, EpochCounter):
        raise ValueError(
            f"epoch_counter: {counter!r} is not an EpochCounter of SpeechBrain"
        )
    if isinstance(counter, EpochCounterWithStopper):
        if counter.direction != best:
            raise ValueError(
                f"epoch_counter: direction is {counter.direction}, but the "
                f"best {select_by} is the {best}; give direction: {best}"
            )


def check_logger(train_logger: TrainLogger) -> None:
    """Reject a train_logger that cannot log or has no folder for its file."""
    if not callable(getattr(train_logger, "log_stats", None)):
        raise ValueError(
            f"train_logger: {train_logger!r} has no log_stats; take "
            "SpeechBrain's FileTrainLogger"
        )
    path = getattr(train_logger, "save_file", None)
    if path is not None and not Path(path).absolute().parent.is_dir():
        raise ValueError(f"train_logger: {path}: its folder does not exist")


def check_checkpointer(
    checkpointer: Checkpointer, needed: list[object]
) -> None:
    """Refuse a checkpointer that does not keep all needed objects."""
    if not isinstance(checkpointer, Checkpointer):
        raise ValueError(
            f"checkpointer: {checkpointer!r} is not a Checkpointer of "
            "SpeechBrain; the test needs the best checkpoint"
        )
    kept = list(checkpointer.recoverables.values())
    for one in needed:
        if not any(one is recoverable for recoverable in kept):
            raise ValueError(
                f"checkpointer: its recoverables lack {type(one).__name__}; "
                "a resumed run would start it from scratch"
            )


def check_optimizer(name: str, opt_class: Callable) -> None:
    """Make an optimiser of one weight, to see that its settings are valid."""
    try:
        optimizer = opt_class([torch.nn.Parameter(torch.zeros(1))])
    except (TypeError, ValueError) as err:
        raise ValueError(f"{name}: {err}") from err
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(
            f"{name}: makes a {type(optimizer).__name__}, need an optimiser"
        )


def check_scheduler(scheduler: Callable | None, final_lr_share: float) -> None:
    """Refuse what is no scheduler, or two things that set learning rates."""
    if scheduler is None:
        return
    scheduler_arguments(scheduler)
    if final_lr_share != 1:
        raise ValueError(
            f"final_lr_share: {final_lr_share}, but lr_annealing sets the "
            "learning rates; give --final_lr_share=1"
        )


def check_augmenter(augmenter: Augmenter | None) -> None:
    """Refuse what is not SpeechBrain's Augmenter, which repeats labels."""
    if not isinstance(augmenter, Augmenter | None):
        raise ValueError(
            f"wav_augment: {type(augmenter).__name__} is no Augmenter; give "
            "!new:speechbrain.augment.augmenter.Augmenter"
        )
