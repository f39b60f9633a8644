"""What a search makes small: the errors of a rig, and what a servo cannot be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .data_sheet import DataSheet, excess
from .parameters import Space, servo_of
from .rig_fit import SEARCH_STEP, SOFT, RigFit

Array = NDArray[np.float64]

PRICE: Final = 2.0
"""[rad] of mean error that being beyond the tolerance by the whole stated figure costs: so much
that no fit pays it."""
_DIFFERENCE = 1e-4  # of a place, for slopes


@dataclass(frozen=True, eq=False)
class Objective:
    """Errors over a space of parameters.

    Attributes:
        fit: The logs and their rig.
        space: Which parameters.
        sheet: What the servo has to be, too. None: anything that fits.
        held_to_sheet: Whether being something else costs.
    """

    fit: RigFit
    space: Space
    sheet: DataSheet | None = None
    held_to_sheet: bool = False

    def errors(self, points: Array, step: float = SEARCH_STEP) -> Array:
        """Of several points, shape (points, errors)."""
        values = [self.space.values(point) for point in points]
        cores = len(os.sched_getaffinity(0))  # on which no bit depends
        errors = self.fit.errors([servo_of(v) for v in values], step, cores)
        if not self.held_to_sheet:
            return errors
        price = PRICE * errors.shape[1]  # one error among many: it has to outweigh their mean
        beyond = np.array([[price * excess(v, self.sheet)] for v in values])
        return np.concatenate([errors, beyond], axis=1)

    def costs(self, points: Array, step: float = SEARCH_STEP) -> Array:
        """Mean of the soft errors [rad] of several points."""
        errors = self.errors(points, step)
        return np.asarray(SOFT * np.mean(np.sqrt(1.0 + (errors / SOFT) ** 2) - 1.0, axis=1))

    def jacobian(self, point: Array, step: float = SEARCH_STEP) -> Array:
        """Slopes of the errors at a point over its places, shape (errors, parameters)."""
        count = len(point)
        ways = np.where(point < 0.5, _DIFFERENCE, -_DIFFERENCE)  # never out of bounds
        moved = np.vstack([point, point + np.diag(ways)])
        errors = self.errors(moved, step)
        return np.asarray((errors[1:] - errors[0]).T / ways.reshape(1, count))
