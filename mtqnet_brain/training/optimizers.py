"""One optimiser per learning rate.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

OptimizerClass = Callable[[list], "torch.optim.Optimizer"]


def make_optimizers(
    named_parameters: Iterable[tuple[str, torch.nn.Parameter]],
    opt_class: OptimizerClass,
    ssl_opt_class: OptimizerClass | None,
    encoder_opt_class: OptimizerClass | None = None,
) -> dict[str, torch.optim.Optimizer]:
    """Make one optimiser per learning rate.

    One with several groups would not do: SpeechBrain clips only the gradients
    of an optimiser's first group.

    Arguments
    ---------
    named_parameters : iterable of tuple
        Names and weights; frozen weights are left out.
    opt_class : callable
        Makes the optimiser of the heads, and of the encoder by default.
    ssl_opt_class : callable
        Makes the optimiser of the SSL model; None without a fine-tuned one.
    encoder_opt_class : callable, optional
        Makes the optimiser of the encoder without its SSL model.

    Returns
    -------
    dict of str to torch.optim.Optimizer
        ``optimizer``; ``encoder_optimizer`` and ``ssl_optimizer`` if they
        have weights.

    Raises
    ------
    ValueError
        If an SSL model is fine-tuned and ``ssl_opt_class`` is None.
    """
    classes = {
        "optimizer": opt_class,
        "encoder_optimizer": encoder_opt_class,
        "ssl_optimizer": ssl_opt_class,
    }
    weights: dict[str, list] = {name: [] for name in classes}
    for name, weight in named_parameters:
        if weight.requires_grad:
            weights[_optimizer_of(f".{name}", classes)].append(weight)
    optimizers = {}
    for name, make in classes.items():
        if weights[name]:
            if make is None:
                raise ValueError(
                    "ssl_opt_class: null, but the SSL model is fine-tuned; "
                    "give an optimiser, or --ssl '{freeze: True}'"
                )
            optimizers[name] = make(weights[name])
    return optimizers


def _optimizer_of(name, classes):
    """Return the name of the optimiser that a weight belongs to."""
    if ".encoder.ssl." in name:
        return "ssl_optimizer"
    if ".encoder." in name and classes["encoder_optimizer"] is not None:
        return "encoder_optimizer"
    return "optimizer"
