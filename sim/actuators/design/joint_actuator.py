"""A kind of actuator, and how it does at a joint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cost import Cost
from .drive import Drive
from .materials import COPPER_RISE
from .space import Need

Array = NDArray[np.float64]


def one(array: Array) -> float:
    """The figure of the one design that an array is of."""
    return float(np.asarray(array).ravel()[0])


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of actuator.

    Attributes:
        name: Such as `D16`.
        values: Its design's variables, shape (8,).
        drive: Its figures, arrays of one.
        count: In a hand.
    """

    name: str
    values: Array
    drive: Drive
    count: int

    def cost(self, hands: int) -> Cost:
        """Of one, when so many hands are made."""
        return self.drive.cost(hands, self.count)


@dataclass(frozen=True, eq=False)
class JointActuator:
    """Which actuator a joint has, and how it does there.

    Attributes:
        joint: Its name.
        kind: Of its actuator.
        need: Of the joint itself.
        inertia_felt: Reflected inertia up to which no impact presses harder than the grip [kg m2].
        efficiency: Of cords between actuator and joint; 1 without.
    """

    joint: str
    kind: Kind
    need: Need
    inertia_felt: float
    efficiency: float

    @property
    def torque_continuous(self) -> float:
        """At the joint, at the joint's own speed [N m]."""
        return self.efficiency * one(self.kind.drive.torque_continuous(self.need.speed))

    @property
    def torque_peak(self) -> float:
        """At the joint [N m]."""
        return self.efficiency * one(self.kind.drive.torque_peak)

    @property
    def margin(self) -> float:
        """Least of what is there over what is needed: for good, for a moment, at speed."""
        stall = self.efficiency * one(self.kind.drive.stall_torque)
        need = self.need
        return min(
            self.torque_continuous / need.torque,
            self.torque_peak / need.torque_peak,
            stall / need.stall,
        )

    @property
    def limited_by(self) -> str:
        """What sets its margin."""
        drive, need = self.kind.drive, self.need
        parts = {
            "heat": self.torque_continuous / need.torque,
            "peak": self.torque_peak / need.torque_peak,
            "voltage": self.efficiency * one(drive.stall_torque) / need.stall,
        }
        worst = min(parts, key=lambda name: parts[name])
        geared = self.torque_continuous >= 0.999 * self.efficiency * one(drive.gear.torque_max)
        strained = self.torque_peak >= 0.999 * self.efficiency * one(drive.gear.torque_peak)
        return "gear" if (worst == "heat" and geared) or (worst == "peak" and strained) else worst

    @property
    def copper_heat(self) -> float:
        """In its worst task, winding at 25 deg C [W]."""
        return (self.need.torque / self.efficiency / one(self.kind.drive.motor_constant)) ** 2

    @property
    def board_heat(self) -> float:
        """Of its bridge at the current of that task [W]."""
        drive = self.kind.drive
        current = self.need.torque / self.efficiency / drive.torque_constant
        return one(drive.bridge.loss(current))

    @property
    def winding_temperature(self) -> float:
        """In its worst task, for good [deg C]; infinite where no temperature is in balance."""
        drive = self.kind.drive
        path = drive.motor.heat
        both = one(path.winding + path.housing)
        rotor = drive.gear.ratio * self.need.speed
        turning = one(path.housing * drive.motor.no_load_loss(rotor))
        left = 1.0 - COPPER_RISE * self.copper_heat * both
        if left <= 0.0:
            return float("inf")
        return drive.room + (self.copper_heat * both + turning) / left

    @property
    def drag(self) -> float:
        """Torque at the joint that turning without load takes [N m]."""
        return self.efficiency * one(self.kind.drive.friction)

    @property
    def inertia(self) -> float:
        """Reflected [kg m2]."""
        return one(self.kind.drive.inertia)
