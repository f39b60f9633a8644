"""A cord from a motor in the forearm to its joint.

Capstan friction (Euler 1769): T_out = T_in exp(-mu theta). Cords of ultra-high molecular weight
polyethylene: strength of the fibre by its makers' tables, of which braid and knots leave half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .materials import POLYETHYLENE

Array = NDArray[np.float64]

FIBRE_STRENGTH: Final = 3.3e9  # [Pa] (makers' tables of SK75 fibre: 3.3 to 3.9 GPa)
BRAID: Final = 0.5  # ASSUMPTION: part of it that a braided cord with its terminations keeps
PACKING: Final = 0.6  # ASSUMPTION: part of the cord's round that is fibre
WORKING: Final = 0.25  # ASSUMPTION: of the breaking load, that creeps and wears slowly enough
ARM: Final = 0.008  # [m], ASSUMPTION: radius of pulleys that cords turn
GUIDE_FRICTION: Final = 0.08  # ASSUMPTION: polyethylene on polished steel; 0.05 to 0.12 published
ROUTE_ANGLE: Final = np.pi  # [rad], ASSUMPTION: all bends from forearm to finger together
BEND: Final = 8.0  # ASSUMPTION: least diameter of a spool over that of the cord


@dataclass(frozen=True, eq=False)
class Tendon:
    """A cord; arrays of one shape.

    Attributes:
        diameter: [m].
        length: [m].
        friction: Coefficient in its guides.
        angle: Of all bends together [rad].
    """

    diameter: Array
    length: Array
    friction: float = GUIDE_FRICTION
    angle: float = ROUTE_ANGLE

    @property
    def efficiency(self) -> float:
        """Of the tension at the motor, that arrives."""
        return float(np.exp(-self.friction * self.angle))

    @property
    def breaking(self) -> Array:
        """Tension at which it breaks [N]."""
        area = 0.25 * np.pi * self.diameter**2
        return np.asarray(FIBRE_STRENGTH * BRAID * PACKING * area)

    @property
    def tension_max(self) -> Array:
        """Tension it bears for good [N]."""
        return np.asarray(WORKING * self.breaking)

    @property
    def mass(self) -> Array:
        """[kg]."""
        area = 0.25 * np.pi * self.diameter**2
        return np.asarray(POLYETHYLENE.density * PACKING * area * self.length)


def cord_for(tension: Array, length: float) -> Tendon:
    """The thinnest cord that bears a tension [N] for good."""
    area = np.asarray(tension) / (WORKING * FIBRE_STRENGTH * BRAID * PACKING)
    return Tendon(np.sqrt(4.0 * area / np.pi), np.asarray(length))
