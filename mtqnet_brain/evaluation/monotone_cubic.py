"""The third-order monotone mapping of ITU-T P.1401.

Listeners of one test use the scale in their own way. A mapping of the scores
onto the votes, fitted per test, takes out that difference before an error is
computed; it must not fall, or it would hide a wrong order.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import nnls

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

N_COEFFICIENTS = 4
# Roots of the derivative's squares; neighbours differ by 1 % of the range.
ROOTS = np.linspace(0, 1, 101)


@dataclass
class MonotoneCubic:
    """A cubic that does not fall between the smallest and largest score.

    Arguments
    ---------
    low, high : float
        The range of scores that it was fitted over; it is constant beyond.
    coefficients : list of float
        Of 1, t, t^2 and t^3, where t is 0 at ``low`` and 1 at ``high``.
    """

    low: float
    high: float
    coefficients: list[float]

    def __call__(self, scores: ArrayLike) -> np.ndarray:
        """Map scores (n,) onto the scale of the votes."""
        t = _to_unit(np.asarray(scores, dtype=float), self.low, self.high)
        return np.polynomial.polynomial.polyval(t, self.coefficients)


def fit_monotone_cubic(scores: ArrayLike, votes: ArrayLike) -> MonotoneCubic:
    """Fit the cubic with the least squared error among those that never fall.

    A quadratic is nowhere negative on [0, 1] if and only if it is a sum, with
    weights of at least 0, of t (1 - t) and of squares (t - r)^2 with r in
    [0, 1] (Lukacs). The derivative is such a sum, so the fit is one of
    non-negative least squares.

    Arguments
    ---------
    scores, votes : array_like
        Shape (n,), n at least 1, finite.

    Returns
    -------
    MonotoneCubic
        Constant where the scores are all equal, or fall as the votes rise.

    Example
    -------
    >>> mapping = fit_monotone_cubic([1, 2, 3, 4, 5], [2, 2.5, 3, 3.5, 4])
    >>> mapping([1.5, 9.0]).round(6).tolist()
    [2.25, 4.0]
    """
    x = np.asarray(scores, dtype=float)
    y = np.asarray(votes, dtype=float)
    low, high = float(x.min()), float(x.max())
    powers = np.vander(_to_unit(x, low, high), N_COEFFICIENTS, increasing=True)
    if len(np.unique(x)) >= N_COEFFICIENTS:
        free = np.linalg.lstsq(powers, y, rcond=None)[0]
        if _never_falls(free):
            return MonotoneCubic(low, high, free.tolist())
    rising = _rising_cubics()  # (3, sums)
    columns = powers[:, 1:] @ rising  # (n, sums)
    means = columns.mean(axis=0)
    weights, _ = nnls(columns - means, y - y.mean())
    constant = y.mean() - means @ weights
    return MonotoneCubic(low, high, [float(constant), *(rising @ weights)])


def _to_unit(scores, low, high):
    """Return scores as fractions of their range, limited to 0..1."""
    return np.clip((scores - low) / ((high - low) or 1.0), 0, 1)


def _never_falls(coefficients):
    """Whether the derivative of a cubic is at least 0 on [0, 1]."""
    _, a, b, c = coefficients  # derivative: a + 2 b t + 3 c t^2
    lowest = -b / (3 * c) if c else 0.0
    at = np.array([0, 1, np.clip(lowest, 0, 1)])
    return bool(np.all(a + 2 * b * at + 3 * c * at**2 >= 0))


def _rising_cubics():
    """Return coefficients of t, t^2, t^3, shape (3, 102), one per column.

    Integrals of t (1 - t), and of (t - r)^2 for each of `ROOTS`.
    """
    hump = np.array([[0], [1 / 2], [-1 / 3]])
    squares = np.stack([ROOTS**2, -ROOTS, np.full_like(ROOTS, 1 / 3)])
    return np.hstack([hump, squares])
