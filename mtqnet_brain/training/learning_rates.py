"""Learning rates from epoch to epoch, or from step to step.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from speechbrain.utils.checkpoints import (
    DEFAULT_SAVE_HOOKS,
    get_default_hook,
)

if TYPE_CHECKING:
    import torch

# How SpeechBrain's schedulers are called, by the arguments they take.
EACH_STEP = (("opt",), ("opt", "num_updates"))
EACH_EPOCH = (
    ("metric_value",),
    ("current_epoch",),
    ("optim_list", "current_epoch", "current_loss"),
)


def scheduler_arguments(scheduler: Callable) -> tuple[str, ...]:
    """Return the names of what a scheduler is called with.

    Raises
    ------
    ValueError
        If it is no scheduler of ``speechbrain.nnet.schedulers``, or one that
        is called in another way than these are.
    """
    found: tuple[str, ...] = ()
    if callable(scheduler) and not inspect.isclass(scheduler):
        found = tuple(inspect.signature(scheduler).parameters)
    if found not in EACH_STEP + EACH_EPOCH:
        raise ValueError(
            f"lr_annealing: {type(scheduler).__name__}({', '.join(found)}) is "
            "no scheduler that is known here; take one of "
            "speechbrain.nnet.schedulers, e.g. NewBobScheduler (!new:)"
        )
    return found


def has_state(scheduler: Callable | None) -> bool:
    """Return whether a scheduler has something to keep in checkpoints."""
    return get_default_hook(scheduler, DEFAULT_SAVE_HOOKS) is not None


class LearningRates:
    """Sets the learning rates of several optimisers.

    A scheduler is given the first; the others keep their ratio to it.

    Arguments
    ---------
    optimizers : dict of str to torch.optim.Optimizer
        With the learning rates of the first epoch.
    n_epochs : int
        Largest number of epochs.
    final_share : float
        Rates of the last epoch as a fraction of those of the first; between
        them they fall linearly. Unused with a scheduler.
    scheduler : callable, optional
        As for `scheduler_arguments`.
    """

    def __init__(
        self,
        optimizers: dict[str, torch.optim.Optimizer],
        n_epochs: int,
        final_share: float = 1.0,
        scheduler: Callable | None = None,
    ) -> None:
        self.optimizers = list(optimizers.values())
        self.n_epochs, self.final_share = n_epochs, final_share
        self.scheduler = scheduler
        self.arguments: tuple[str, ...] = ()
        if scheduler is not None:
            self.arguments = scheduler_arguments(scheduler)
        self.first = [
            [group["lr"] for group in optimizer.param_groups]
            for optimizer in self.optimizers
        ]

    def begin_epoch(self, epoch: int) -> None:
        """Set the rates of an epoch, from 1; a scheduler has set its own."""
        if self.scheduler is None:
            passed = (epoch - 1) / max(self.n_epochs - 1, 1)
            self._scale(1 + passed * (self.final_share - 1))

    def end_step(self, n_steps: int) -> None:
        """Let a scheduler of steps set the rates of the next.

        Arguments
        ---------
        n_steps : int
            Steps since the training began.
        """
        if self.arguments in EACH_STEP:
            self._call(opt=self.optimizers[0], num_updates=n_steps)
            self._follow(self.optimizers[0].param_groups[0]["lr"])

    def end_epoch(self, epoch: int, loss: float) -> None:
        """Let a scheduler of epochs set the rates of the next.

        Arguments
        ---------
        epoch : int
            The epoch that has ended, from 1.
        loss : float
            Of validation.
        """
        if self.arguments in EACH_EPOCH:
            _, rate = self._call(
                metric_value=loss,
                current_epoch=epoch,
                optim_list=self.optimizers[:1],
                current_loss=loss,
            )
            self._follow(rate)

    def _call(self, **values: Any) -> Any:
        """Call the scheduler with what it takes."""
        scheduler = cast("Callable", self.scheduler)  # it has arguments
        return scheduler(*(values[name] for name in self.arguments))

    def _follow(self, rate):
        """Set the first optimiser's rate, the others' in proportion."""
        self._scale(rate / self.first[0][0])
        for group in self.optimizers[0].param_groups:
            group["lr"] = rate

    def _scale(self, factor):
        """Set all rates to so much of the first ones."""
        for optimizer, rates in zip(self.optimizers, self.first):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * factor
