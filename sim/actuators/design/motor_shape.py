"""What a brushless motor with an inner rotor looks like inside.

A slotless winding is wound askew, as those of Faulhaber and maxon are: each wire crosses a pole on
its way from end to end, so there are no end turns, but it meets the field at an angle and with the
mean of half a wave. Where no source stands, a constant is an ASSUMPTION about motors of 6 to 36 mm;
none is fitted to a motor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

HOUSING: Final = 0.025  # ASSUMPTION: wall of the housing over its diameter
CLEARANCE: Final = 0.015  # ASSUMPTION: air between rotor and winding over the diameter ...
CLEARANCE_MIN: Final = 0.1e-3  # [m], ... and what bearings and balance allow at the least
ENDS: Final = 0.45  # ASSUMPTION: bearings, caps and sensor board, both ends, over the diameter
SHAFT: Final = 0.30  # ASSUMPTION: shaft over magnet radius, two poles
CORE: Final = 0.55  # ASSUMPTION: rotor's iron over magnet radius, four poles and more
BELTS: Final = 3.0 / np.pi  # winding factor of three phases in belts of 60 deg
# fmt: off
TEETH: Final = (
    (3, 0.866), (6, 0.866), (9, 0.866), (9, 0.945), (12, 0.933), (9, 0.866), (12, 0.933),
    (18, 0.945),
)
# fmt: on
"""Slots and winding factor for 1 to 8 pole pairs, each tooth wound by itself: 3 slots to 2 poles or
nearly as many as poles (Skaar, Krovel & Nilssen 2006, Int. Conf. on Electrical Machines)."""
SKEW: Final = 2.0 / np.pi  # mean of the field's half wave that a wire crosses
OVERHANG: Final = 0.11  # ASSUMPTION: how far end turns of a tooth stand out over the pole pitch
END_TURN: Final = 0.6  # ASSUMPTION: length of an end turn of a tooth over the pole pitch


@dataclass(frozen=True, eq=False)
class MotorShape:
    """Geometry of a motor; arrays of one shape, lengths in metres.

    Attributes:
        diameter: Of the housing.
        length: Of the housing.
        pole_pairs: 1 to 8.
        winding: Radial thickness of the copper, or depth of the slots.
        yoke: Radial thickness of the back iron.
        slotted: 1 with teeth, 0 without.
    """

    diameter: Array
    length: Array
    pole_pairs: Array
    winding: Array
    yoke: Array
    slotted: Array

    @property
    def wall(self) -> Array:
        """Thickness of the housing [m]."""
        return HOUSING * self.diameter

    @cached_property
    def outer(self) -> Array:
        """Outer radius of the copper [m]."""
        return 0.5 * self.diameter - self.wall - self.yoke

    @cached_property
    def inner(self) -> Array:
        """Its inner radius [m]."""
        return self.outer - self.winding

    @cached_property
    def magnet(self) -> Array:
        """Outer radius of the magnet [m]."""
        return self.inner - np.maximum(CLEARANCE * self.diameter, CLEARANCE_MIN)

    @cached_property
    def core(self) -> Array:
        """Its inner radius [m]."""
        return self.magnet * np.where(self.pole_pairs < 2.0, SHAFT, CORE)

    @cached_property
    def bore(self) -> Array:
        """Where the stator's iron begins [m]."""
        return np.where(self.slotted > 0.5, self.inner, self.outer)

    @cached_property
    def arm(self) -> Array:
        """Radius at which the force acts [m]."""
        return np.where(self.slotted > 0.5, self.inner, 0.5 * (self.inner + self.outer))

    @cached_property
    def pitch(self) -> Array:
        """Of a pole along the copper's mean radius [m]."""
        return np.pi * 0.5 * (self.inner + self.outer) / self.pole_pairs

    @cached_property
    def end_turn(self) -> Array:
        """Length of an end turn over the active length."""
        return np.asarray(np.where(self.slotted > 0.5, END_TURN, 0.0) * self.pitch / self.active)

    @cached_property
    def winding_factor(self) -> Array:
        """Part of the field's fundamental that the currents make use of."""
        along = 1.0 / np.hypot(1.0, self.pitch / self.active)  # cosine of a skewed wire's angle
        teeth = np.array(TEETH)[np.asarray(self.pole_pairs, dtype=np.intp) - 1, 1]
        return np.where(self.slotted > 0.5, teeth, BELTS * SKEW * along)

    @cached_property
    def _free_length(self) -> Array:
        stands = np.where(self.slotted > 0.5, OVERHANG, 0.0)
        return np.asarray(self.length - ENDS * self.diameter - 2.0 * stands * self.pitch)

    @cached_property
    def active(self) -> Array:
        """Length of iron, magnet and straight copper [m]; never less than a tenth of the whole."""
        return np.maximum(self._free_length, 0.1 * self.length)

    @cached_property
    def fits(self) -> Mask:
        """Whether a rotor is left and copper reaches the field, as bool."""
        room = self._free_length > 0.1 * self.length
        return np.asarray((self.magnet > 0.15 * self.diameter) & room)
