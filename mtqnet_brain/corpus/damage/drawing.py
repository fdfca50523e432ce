"""A degradation, and how its parameters are drawn.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

One = Callable[[np.random.Generator], Any]
Draw = Callable[[np.random.Generator], dict[str, Any]]


class Degradation(NamedTuple):
    """How a degradation is drawn and applied.

    Arguments
    ---------
    draw : Callable
        Takes a generator; returns the parameters that it draws, as a dict.
    apply : Callable
        Takes samples, the clean speech in them, a generator and the
        parameters by name; returns samples.
    columns : tuple of str
        Names of the parameters.
    """

    draw: Draw
    apply: Callable[..., np.ndarray]
    columns: tuple[str, ...]


def uniform(low: float, high: float, digits: int) -> One:
    """Return a function that draws uniformly, rounded to decimal places."""
    return lambda rng: round(rng.uniform(low, high), digits)


def log_uniform(low: float, high: float, digits: int) -> One:
    """Return a function whose draws are as frequent in every octave."""
    ends = np.log10(low), np.log10(high)
    return lambda rng: round(float(10 ** rng.uniform(*ends)), digits)


def one_of(*choices: Any) -> One:
    """Return a function that draws one of some choices, all as often."""
    return lambda rng: choices[int(rng.integers(len(choices)))]


def degradation(apply: Callable[..., np.ndarray], **ranges: One) -> Degradation:
    """Return a degradation whose parameters are drawn one after the other."""

    def draw(rng):
        """Draw the parameters in the order of the ranges."""
        return {name: one(rng) for name, one in ranges.items()}

    return Degradation(draw, apply, tuple(ranges))


def random_damage(
    function: Callable[..., np.ndarray], **ranges: One
) -> Degradation:
    """Return the degradation of a function (samples, rng, parameters)."""
    return degradation(
        lambda samples, _clean, rng, **drawn: function(samples, rng, **drawn),
        **ranges,
    )


def fixed_damage(
    function: Callable[..., np.ndarray], **ranges: One
) -> Degradation:
    """Return the degradation of a function (samples, parameters)."""
    return degradation(
        lambda samples, _clean, _rng, **drawn: function(samples, **drawn),
        **ranges,
    )
