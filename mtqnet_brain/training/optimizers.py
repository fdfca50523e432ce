"""Which weights learn at which rate.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def make_optimizers(
    named_parameters: Iterable[tuple],
    opt_class: Callable,
    ssl_opt_class: Callable,
    encoder_opt_class: Callable | None = None,
) -> dict[str, torch.optim.Optimizer]:
    """Make one optimiser per learning rate.

    Not one with several groups: SpeechBrain clips only an optimiser's first
    group.

    Arguments
    ---------
    named_parameters : iterable of tuple
        Names and weights; frozen ones are left out.
    opt_class : callable
        Makes the optimiser of what the others leave.
    ssl_opt_class : callable
        Makes that of the SSL model.
    encoder_opt_class : callable
        Makes that of the rest of the encoder. Default: ``opt_class`` has it.

    Returns
    -------
    dict of str to torch.optim.Optimizer
        ``optimizer``; ``encoder_optimizer`` and ``ssl_optimizer`` where they
        have weights.
    """
    classes = {
        "optimizer": opt_class,
        "encoder_optimizer": encoder_opt_class,
        "ssl_optimizer": ssl_opt_class,
    }
    weights = {name: [] for name in classes}
    for name, weight in named_parameters:
        if weight.requires_grad:
            weights[_optimizer_of(f".{name}", classes)].append(weight)
    return {
        name: classes[name](weights[name]) for name in classes if weights[name]
    }


def _optimizer_of(name, classes):
    """Return the name of the optimiser that a weight belongs to."""
    if ".encoder.ssl." in name:
        return "ssl_optimizer"
    if ".encoder." in name and classes["encoder_optimizer"] is not None:
        return "encoder_optimizer"
    return "optimizer"
