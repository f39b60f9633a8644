"""Least squares within bounds, by Levenberg (1944) and Marquardt (1963).

Small problems only: normal equations, which no library spreads over threads, so that results are
the same to the bit on any number of cores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_MOST_DAMPING: Final = 1e9
_ENOUGH: Final = 1e-5  # relative progress of a step after which it is over


def solve(
    residual: Callable[[Array], Array],
    jacobian: Callable[[Array], Array],
    start: Array,
    lower: Array,
    upper: Array,
    steps: int = 100,
) -> tuple[Array, float]:
    """Minimises half the sum of squares.

    Args:
        residual: Of the unknowns.
        jacobian: Its derivatives, shape (residuals, unknowns).
        start: Where to begin.
        lower: Bounds of the unknowns.
        upper: Likewise.
        steps: Most of them.

    Returns:
        The unknowns and half the sum of squares.
    """
    x = np.clip(start, lower, upper)
    value, damping = residual(x), 1e-2
    cost = 0.5 * float(value @ value)
    for _ in range(steps):
        slope = jacobian(x)
        gradient, normal = slope.T @ value, slope.T @ slope
        before = cost
        while damping < _MOST_DAMPING:
            new = _step(x, gradient, normal, damping, lower, upper)
            found = residual(new)
            better = 0.5 * float(found @ found)
            if better < cost:
                x, value, cost = new, found, better
                damping = max(0.2 * damping, 1e-8)
                break
            damping *= 5.0
        if before - cost < _ENOUGH * before:
            break
    return x, cost


def _step(
    x: Array, gradient: Array, normal: Array, damping: float, lower: Array, upper: Array
) -> Array:
    """Unknowns at a bound that would leave it stay; the others move together."""
    stuck = ((x <= lower) & (gradient > 0.0)) | ((x >= upper) & (gradient < 0.0))
    free = np.flatnonzero(~stuck)
    matrix = normal[np.ix_(free, free)]
    matrix = matrix + damping * np.diag(np.maximum(np.diag(matrix), 1e-6))
    new = x.copy()
    new[free] -= np.linalg.solve(matrix, gradient[free])
    return np.clip(new, lower, upper)
