"""The monotone cubic against numpy's fit and a general optimiser.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from mtqnet_brain.evaluation.monotone_cubic import fit_monotone_cubic


def error(mapping, x, y):
    """Return the mean squared error."""
    return np.mean((mapping(x) - y) ** 2)


def constrained(x, y):
    """Return the least mean squared error under 200 constraints, by SLSQP."""
    grid = np.linspace(x.min(), x.max(), 200)
    found = minimize(
        lambda p: np.mean((np.polyval(p, x) - y) ** 2),
        [0, 0, np.cov(x, y)[0, 1] / x.var(), y.mean()],
        constraints={
            "type": "ineq",
            "fun": lambda p: np.polyval(np.polyder(p), grid),
        },
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    assert found.success
    return found.fun


def test_a_rising_cubic_is_numpys():
    """Where nothing falls, the condition changes nothing."""
    x = np.random.default_rng(1).uniform(1, 5, 60)
    y = 0.8 * x + 0.3 * np.sin(x)
    cubic = np.polyfit(x, y, 3)
    assert np.polyval(np.polyder(cubic), np.linspace(1, 5)).min() > 0
    expected = np.polyval(cubic, x)
    np.testing.assert_allclose(fit_monotone_cubic(x, y)(x), expected)


@pytest.mark.parametrize(
    "curve",
    [
        lambda x: (x - 3) ** 2,
        lambda x: -((x - 3.5) ** 2),
        lambda x: np.sin(2 * x) + 0.5 * x,
        lambda x: (x - 3) ** 3 - (x - 3),
    ],
)
def test_the_error_is_the_least_that_rises(curve):
    """As low as a general optimiser gets it, and nowhere falling."""
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 5, 80)
    y = curve(x) + 0.2 * rng.standard_normal(80)
    mapping = fit_monotone_cubic(x, y)
    assert np.diff(np.polyval(np.polyfit(x, y, 3), np.sort(x))).min() < 0
    grid = mapping(np.linspace(x.min() - 1, x.max() + 1, 5000))
    assert np.diff(grid).min() > -1e-9
    assert error(mapping, x, y) == pytest.approx(constrained(x, y), rel=2e-3)


def test_a_wrong_order_is_not_turned_round():
    """Scores that fall as the votes rise say nothing: the mean vote."""
    mapping = fit_monotone_cubic([1, 2, 3, 4], [4, 3, 2, 1])
    np.testing.assert_allclose(mapping([1, 4]), 2.5)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_or_equal_scores(n):
    """A line through two points; a mean where all scores are equal."""
    mapping = fit_monotone_cubic([1, 3, 3][:n], [2, 4, 4][:n])
    np.testing.assert_allclose(mapping([1, 3][:n]), [2, 4][:n], atol=1e-9)
    equal = fit_monotone_cubic([3.0] * n, [1.0, 2.0, 3.0][:n])
    np.testing.assert_allclose(equal([0, 9]), np.mean([1.0, 2.0, 3.0][:n]))
