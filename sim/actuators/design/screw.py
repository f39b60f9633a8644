"""A lead screw that pulls a tendon or pushes a link.

Efficiency of a thread (Shigley's Mechanical Engineering Design, ch. 8): tan(l) / tan(l + phi) when
it drives the load, tan(l - phi) / tan(l) when the load drives it; below zero it locks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .materials import STEEL

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Screw:
    """A screw and its nut; arrays of one shape.

    Attributes:
        diameter: Mean, of the thread [m].
        lead: Way of a turn [m].
        friction: Coefficient: 0.1 to 0.15 bronze on steel in grease, 0.005 to 0.01 for balls.
        stroke: Way of the nut [m].
    """

    diameter: Array
    lead: Array
    friction: Array
    stroke: Array

    @property
    def angle(self) -> Array:
        """Lead angle [rad]."""
        return np.arctan2(self.lead, np.pi * self.diameter)

    @property
    def efficiency(self) -> Array:
        """Of torque to thrust."""
        return np.tan(self.angle) / np.tan(self.angle + np.arctan(self.friction))

    @property
    def back_efficiency(self) -> Array:
        """Of thrust to torque; zero where it locks."""
        return np.maximum(np.tan(self.angle - np.arctan(self.friction)) / np.tan(self.angle), 0.0)

    def thrust(self, torque: Array) -> Array:
        """[N], of a torque [N m]."""
        return np.asarray(2.0 * np.pi * self.efficiency * torque / self.lead)

    @property
    def mass(self) -> Array:
        """Of screw and nut [kg]; a nut is as long as two diameters and twice as wide."""
        area = 0.25 * np.pi * self.diameter**2
        nut = 3.0 * area * 2.0 * self.diameter
        return np.asarray(STEEL.density * (area * (self.stroke + 2.0 * self.diameter) + nut))
