"""A planetary gearhead from its diameter, stages, ratio and face width.

All stages are alike in one ring, as in makers' series. The sun turns, the carrier is the output,
with a ratio 1 + ring / sun. The last stage bears the torque. Tooth bending by Lewis, tooth contact
by Hertz (Shigley's Mechanical Engineering Design, ch. 14), with allowable stresses of case-hardened
steel for a life without end. Arrays broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..parts.motor_physics import backdriving_efficiency
from .materials import STEEL
from .practice import AS_DERIVED, Practice

Array = NDArray[np.float64]

PLANETS: Final = 3
SHARE: Final = 1.15  # ASSUMPTION: load of the busiest planet over its share
RATIO: Final = (3.2, 6.7)  # per stage; from 6.7 on three planets no longer pass each other
STAGE_LOSS: Final = 0.10  # of a stage's torque: median of 2,541 gearheads of two makers
SUN_TEETH: Final = 12.0  # ASSUMPTION: as few as profile shift allows without undercut
MODULE_MIN: Final = 0.12e-3  # [m], ASSUMPTION: finest teeth that are hobbed or sintered in series
WALL: Final = 0.05  # ASSUMPTION: of the ring beyond its teeth, over the diameter
LEWIS: Final = 0.30  # form factor of 12 to 20 teeth with profile shift, times the pressure angle
BENDING: Final = 280e6  # [Pa], ASSUMPTION: allowed at the root, both ways, forever
CONTACT: Final = 1.1e9  # [Pa], ASSUMPTION: allowed at the flank, forever
SERVICE: Final = 1.5  # ASSUMPTION: dynamic and face load together
PEAK: Final = 1.5  # ASSUMPTION: torque for seconds over that for good; makers state 1.3 to 1.5
MODULUS: Final = 2.1e11 / (2.0 * (1.0 - 0.3**2))  # [Pa], of two steel flanks
PRESSURE: Final = float(np.sin(np.radians(20.0)) * np.cos(np.radians(20.0)))
INPUT_SPEED: Final = 1600.0  # [rad/s], of gearheads of 10-22 mm for a while, by makers' sheets
CARRIER: Final = 0.10  # ASSUMPTION: thickness of a carrier and its clearance over the diameter
OUTPUT: Final = 0.45  # ASSUMPTION: length of output bearings and flange over the diameter
SOLID: Final = 0.70  # ASSUMPTION: part of the cylinder that is steel
BACKLASH: Final = 1.0  # [deg], of 12-22 mm gearheads, from sheets: 0.8 to 1.6


@dataclass(frozen=True, eq=False)
class Gear:
    """A gearhead; arrays of one shape.

    Attributes:
        diameter: Outside [m].
        stages: 0: none, the motor drives by itself.
        stage_ratio: Of each stage.
        face: Width of the teeth over the diameter.
        practice: What makers' gearheads reach of what is derived here.
    """

    diameter: Array
    stages: Array
    stage_ratio: Array
    face: Array
    practice: Practice = AS_DERIVED

    @cached_property
    def ratio(self) -> Array:
        """Turns of the motor for one of the output."""
        return np.asarray(self.stage_ratio**self.stages)

    @cached_property
    def efficiency(self) -> Array:
        """Driving the output under load."""
        return np.asarray((1.0 - STAGE_LOSS) ** self.stages)

    @cached_property
    def back_efficiency(self) -> Array:
        """Driven by the output; zero where it locks."""
        return np.asarray(np.maximum(backdriving_efficiency(self.efficiency), 0.0))

    @cached_property
    def speed_max(self) -> Array:
        """Of the motor [rad/s]; no gear, no limit."""
        return np.asarray(np.where(self.stages > 0.5, INPUT_SPEED, np.inf))

    @cached_property
    def module(self) -> Array:
        """Of the teeth [m]: ring pitch plus wall and dedendum fill the diameter."""
        ring_teeth = SUN_TEETH * (self.stage_ratio - 1.0)
        return np.asarray(self.diameter * (1.0 - 2.0 * WALL) / (ring_teeth + 2.5))

    @cached_property
    def sun(self) -> Array:
        """Pitch radius of a sun [m]."""
        return np.asarray(0.5 * SUN_TEETH * self.module)

    @cached_property
    def planet(self) -> Array:
        """Pitch radius of a planet [m]."""
        return np.asarray(self.sun * (self.stage_ratio - 2.0) / 2.0)

    @cached_property
    def tooth_force(self) -> Array:
        """That a metre of a sun's tooth bears for good [N/m], by root and by flank."""
        bending = BENDING * LEWIS * self.module
        curved = PRESSURE * self.sun * self.planet / (self.sun + self.planet)
        contact = CONTACT**2 * np.pi * curved / MODULUS
        return np.asarray(np.minimum(bending, contact) / SERVICE)

    @cached_property
    def torque_max(self) -> Array:
        """At the output, for good [N m]; no gear, no limit."""
        tangential = self.tooth_force * self.face * self.diameter
        bears = PLANETS / SHARE * tangential * self.sun * self.stage_ratio
        bears = self.practice.gear_torque * bears
        return np.asarray(np.where(self.stages > 0.5, bears, np.inf))

    @cached_property
    def torque_peak(self) -> Array:
        """At the output, for seconds [N m]."""
        return np.asarray(PEAK * self.torque_max)

    @cached_property
    def length(self) -> Array:
        """[m], of teeth, carriers and output."""
        each = self.stages * (self.face + CARRIER) * self.diameter
        output = np.where(self.stages > 0.5, OUTPUT * self.diameter, 0.0)
        return np.asarray(each + output)

    @cached_property
    def mass(self) -> Array:
        """[kg]."""
        area = 0.25 * np.pi * self.diameter**2
        return np.asarray(STEEL.density * SOLID * area * self.length)

    @cached_property
    def inertia(self) -> Array:
        """At the motor [kg m2]: the first sun; behind its ratio planets and carrier."""
        width, orbit = self.face * self.diameter, self.sun + self.planet
        sun = 0.5 * np.pi * self.sun**4 * width
        planets = PLANETS * np.pi * self.planet**2 * width * 1.5 * orbit**2
        carrier = 0.5 * np.pi * (orbit + 0.5 * self.planet) ** 4 * 0.5 * CARRIER * self.diameter
        first = (
            self.practice.gear_inertia
            * STEEL.density
            * (sun + (planets + carrier) / self.stage_ratio**2)
        )
        return np.asarray(np.where(self.stages > 0.5, first, 0.0))

    @cached_property
    def fits(self) -> NDArray[np.bool_]:
        """Whether its teeth can be made and its planets pass each other, as bool."""
        made = (self.module >= MODULE_MIN) & (self.stage_ratio >= RATIO[0])
        return np.asarray((self.stages < 0.5) | (made & (self.stage_ratio <= RATIO[1])))
