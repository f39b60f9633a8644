"""Motor, gear and bridge together, as a joint sees them.

The winding is free: turns are chosen so that the drive reaches its no-load speed at the rail's
voltage. With k = V / (N w0) and R = (k / Km)^2 that leaves a stall torque of eta N^2 Km^2 w0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .cost import Cost, cost
from .electronics import Bridge
from .motor import CATALOGUE, WINDING_MAX, Motor
from .reduction import Reduction

Array = NDArray[np.float64]

RAIL: Final = 24.0  # [V], ASSUMPTION: of a hand with small brushless motors
PEAK_TIME: Final = 2.0  # [s], ASSUMPTION: for which peaks last
CASE: Final = 0.10  # ASSUMPTION: mass of brackets, cable and plug over that of the rest


@dataclass(frozen=True, eq=False)
class Drive:
    """A designed actuator; arrays of one shape.

    Attributes:
        motor: As it turns the gear.
        gear: Of the same diameter; or a screw.
        no_load_speed: Of the output [rad/s].
        voltage: [V].
        winding_max: [deg C].
        room: [deg C].
    """

    motor: Motor
    gear: Reduction
    no_load_speed: float
    voltage: float = RAIL
    winding_max: float = WINDING_MAX
    room: float = CATALOGUE

    @cached_property
    def motor_speed(self) -> Array:
        """Without load [rad/s]."""
        return np.asarray(self.gear.ratio * self.no_load_speed)

    @cached_property
    def motor_constant(self) -> Array:
        """Km at the output, the gear's loss taken off [N m/sqrt(W)]."""
        g = self.gear
        return np.asarray(g.efficiency * g.ratio * self.motor.motor_constant)

    @cached_property
    def back_emf(self) -> Array:
        """At the output [V s/rad]."""
        return np.full_like(self.gear.ratio, self.voltage / self.no_load_speed)

    @cached_property
    def resistance(self) -> Array:
        """Of winding and bridge [ohm]."""
        k = self.back_emf / self.gear.ratio
        return np.asarray((k / self.motor.motor_constant) ** 2 + self.bridge.resistance)

    @cached_property
    def torque_constant(self) -> Array:
        """[N m/A], the gear's loss taken off."""
        return np.asarray(self.gear.efficiency * self.back_emf)

    @cached_property
    def stall_torque(self) -> Array:
        """What the voltage drives at rest [N m]."""
        return np.asarray(self.motor_constant**2 / self.gear.efficiency * self.no_load_speed)

    def torque_continuous(self, speed: Array | float = 0.0) -> Array:
        """For good at an output speed [N m]: by heat, or by the gear."""
        g = self.gear
        hot = self.motor.continuous_torque(np.asarray(g.ratio * speed), self.winding_max, self.room)
        return np.asarray(np.minimum(g.efficiency * g.ratio * hot, g.torque_max))

    @cached_property
    def torque_peak(self) -> Array:
        """For `PEAK_TIME` [N m]: by the winding's heat, by the gear, by the voltage."""
        g = self.gear
        hot = g.efficiency * g.ratio * self.motor.peak_torque(PEAK_TIME, self.winding_max)
        return np.asarray(np.minimum(np.minimum(hot, g.torque_peak), self.stall_torque))

    @cached_property
    def bridge(self) -> Bridge:
        """As strong as the peak needs."""
        return Bridge(
            np.full_like(self.gear.ratio, self.voltage),
            np.maximum(self.torque_peak / self.torque_constant, 0.2),
        )

    @cached_property
    def inertia(self) -> Array:
        """Of rotor and gear at the output [kg m2]."""
        return np.asarray(self.gear.ratio**2 * (self.motor.inertia + self.gear.inertia))

    @cached_property
    def sluggishness(self) -> Array:
        """Reflected inertia over continuous torque squared [kg m2/(N m)^2].

        That is the mechanical time constant over the heat that leaves for good: gear ratios cancel
        but for their losses (see `J_ref = tau T^2 / P`).
        """
        return np.asarray(self.inertia / np.maximum(self.torque_continuous(), 1e-6) ** 2)

    @cached_property
    def friction(self) -> Array:
        """Torque of the motor that turning without load takes, at the output [N m]."""
        return np.asarray(self.gear.ratio * self.motor.coulomb)

    @cached_property
    def backdriving_torque(self) -> Array:
        """That starts turning it from outside [N m]; infinite where it locks."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.friction / self.gear.back_efficiency)

    @cached_property
    def mass(self) -> Array:
        """[kg], with board, brackets and cable."""
        return np.asarray((1.0 + CASE) * (self.motor.mass + self.gear.mass + self.bridge.mass))

    @cached_property
    def length(self) -> Array:
        """[m]."""
        return np.asarray(self.motor.shape.length + self.gear.length)

    @cached_property
    def fits(self) -> NDArray[np.bool_]:
        """Whether it can be made and turns no faster than its parts may, as bool."""
        slow = self.motor_speed <= np.minimum(self.motor.speed_max, self.gear.speed_max)
        return np.asarray(self.motor.shape.fits & self.gear.fits & slow)

    def cost(self, hands: int, per_hand: float = 1.0) -> Cost:
        """Of one [USD]."""
        return cost(self.motor, self.gear, self.bridge, hands, per_hand)
