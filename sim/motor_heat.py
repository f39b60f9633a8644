"""How warm a motor gets in the long run: the core's two bodies, driven by a mean current.

    C_w T_w' = i^2 R (1 + a (T_w - 25)) - (T_w - T_h) / R_wh
    C_h T_h' = (T_w - T_h) / R_wh - (T_h - T_a) / R_ha

Linear in the temperatures for a given mean square of the current, so the state at any time is
known in closed form. Grasps are short against the minutes in which a housing gets warm, and the
ripple of a winding within one is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from .. import _core

Array = NDArray[np.float64]

COPPER: Final = 0.00393  # [1/K], as in thermal.hpp
CATALOGUE: Final = 25.0  # [deg C], at which a resistance is stated


@dataclass(frozen=True)
class Heat:
    """State of a motor.

    Attributes:
        winding: [deg C]; infinite where no temperature is in balance.
        housing: [deg C].
    """

    winding: float
    housing: float


@dataclass(frozen=True)
class MotorHeat:
    """A motor's two bodies in a room.

    Attributes:
        motor: With thermal figures.
        ambient: [deg C].
    """

    motor: _core.Motor
    ambient: float = CATALOGUE

    @property
    def known(self) -> bool:
        """Whether it gets warm at all."""
        return self.motor.thermal.winding_resistance > 0.0 and self.motor.resistance > 0.0

    def after(self, square: float, time: float) -> Heat:
        """Where it is some time [s] after it stood in the room, at a mean i^2 [A^2]."""
        slope, constant = self._equations(square)
        block = np.zeros((3, 3))
        block[:2, :2], block[:2, 2] = slope, constant
        with np.errstate(over="ignore", invalid="ignore"):
            rise = expm(time * block)[:2, 2]
        return Heat(*(self.ambient + np.where(np.isfinite(rise), rise, np.inf)).tolist())

    def steady(self, square: float) -> Heat:
        """Where it ends for good, at a mean i^2 [A^2]."""
        slope, constant = self._equations(square)
        if np.linalg.det(slope) <= 0.0:  # the hotter, the more heat than can leave
            return Heat(np.inf, np.inf)
        return Heat(*(self.ambient - np.linalg.solve(slope, constant)).tolist())

    def derated(self) -> Heat:
        """Where it stays for good if its winding is always at its limit: no housing gets warmer."""
        figures = self.motor.thermal
        outside = figures.housing_resistance
        part = outside / (outside + figures.winding_resistance)
        rise = figures.winding_max - self.ambient
        return Heat(figures.winding_max, self.ambient + part * rise)

    def _equations(self, square: float) -> tuple[Array, Array]:
        """A and b of x' = A x + b for the rise over the room [K]."""
        figures = self.motor.thermal
        inward, outward = 1.0 / figures.winding_resistance, 1.0 / figures.housing_resistance
        power = square * self.motor.resistance
        slope = np.array([[COPPER * power - inward, inward], [inward, -inward - outward]])
        constant = np.array([power * (1.0 + COPPER * (self.ambient - CATALOGUE)), 0.0])
        capacity = np.array([figures.winding_capacity, figures.housing_capacity])
        return slope / capacity[:, None], constant / capacity
