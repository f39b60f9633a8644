"""The bridge that drives a motor: losses, size, mass.

Two of six transistors conduct at any time. Conduction I^2 2 Rds(on); switching V I (tr + tf) f per
pair that switches (makers' application notes, hard switching). The transistor is the one of a
package of that current: Rds(on) falls as the current it is made for grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .materials import BOARD

Array = NDArray[np.float64]

RESISTANCE_PRODUCT: Final = 0.10
"""[ohm A], ASSUMPTION: Rds(on) times rated current of 30-60 V transistors and small integrated bridges
(10 milliohm at 10 A, 100 milliohm at 1 A)."""
EDGE: Final = 20e-9  # [s], ASSUMPTION: of a rise or a fall
FREQUENCY: Final = 50e3  # [Hz], ASSUMPTION: of the PWM, for the low inductance of slotless windings
IDLE: Final = 0.15  # [W], ASSUMPTION: microcontroller, gate drive, encoder
BOARD_AREA: Final = 180e-6  # [m2], ASSUMPTION: controller, encoder, bus: 12 x 15 mm
BOARD_PER_AMPERE: Final = 12e-6  # [m2/A], ASSUMPTION: transistors, shunts, capacitors
BOARD_THICKNESS: Final = 1.0e-3  # [m]
PARTS_PER_AREA: Final = 3.0  # [kg/m2], ASSUMPTION: of components on both sides


@dataclass(frozen=True, eq=False)
class Bridge:
    """A three-phase bridge; arrays of one shape.

    Attributes:
        voltage: Supply [V].
        current_max: That it is made for [A].
    """

    voltage: Array
    current_max: Array

    @property
    def resistance(self) -> Array:
        """Of the two transistors that conduct [ohm]."""
        return np.asarray(2.0 * RESISTANCE_PRODUCT / self.current_max)

    def loss(self, current: Array) -> Array:
        """[W], at a current of the motor [A]."""
        switching = self.voltage * np.abs(current) * EDGE * FREQUENCY
        return np.asarray(self.resistance * np.square(current) + switching + IDLE)

    @property
    def area(self) -> Array:
        """Of the board [m2]."""
        return np.asarray(BOARD_AREA + BOARD_PER_AMPERE * self.current_max)

    @property
    def mass(self) -> Array:
        """[kg]."""
        return np.asarray(self.area * (BOARD.density * BOARD_THICKNESS + PARTS_PER_AREA))
