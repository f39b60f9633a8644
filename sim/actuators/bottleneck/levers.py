"""What is doubled, and what that does to a motor with its gear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

COPPER_PART: Final = 0.15
"""ASSUMPTION: copper's part of the mass of a small motor; the derived motors of 8 to 22 mm that
`handloop actuators design` makes have 0.1 to 0.2. Copper takes the place of air and enamel, so
twice as much of it adds so much mass."""
_ROOT: Final = math.sqrt(2.0)


@dataclass(frozen=True)
class Lever:
    """Something that is made twice as good, by what it multiplies.

    Attributes:
        name: In tables.
        assumes: How the factors come about.
        motor_continuous: Torque that the motor's heat allows for good.
        motor_peak: Torque that it gives for a moment, and Km.
        gear: Torque that the gear bears, for good and for a moment.
        output: All torques, by a smaller spool or pulley; speed is divided by it, and what is
            reflected of a rotor multiplied by its square.
        motor_mass: Of the motor.
    """

    name: str
    assumes: str
    motor_continuous: float = 1.0
    motor_peak: float = 1.0
    gear: float = 1.0
    output: float = 1.0
    motor_mass: float = 1.0


AS_IS: Final = Lever("as it is", "nothing changed")
MOTOR: Final = Lever(
    "motor torque density",
    "twice the torque for good and for a moment, at the same mass, heat and no-load speed",
    motor_continuous=2.0,
    motor_peak=2.0,
)
GEAR: Final = Lever(
    "gear torque limit",
    "twice the rated torque for good and for a moment, at the same mass, ratio and efficiency",
    gear=2.0,
)
COPPER: Final = Lever(
    "copper fill",
    "Km grows with the root of the copper, so at equal heat torque by 1.41; the copper that is "
    f"added weighs {COPPER_PART:g} of the motor. Twice a fill of 0.46 is at the limit of round "
    "wire, 0.91",
    motor_continuous=_ROOT,
    motor_peak=_ROOT,
    motor_mass=1.0 + COPPER_PART,
)
HEAT: Final = Lever(
    "thermal conductance",
    "twice the heat leaves at the same temperature, so torque for good grows by 1.41; peaks of "
    "seconds are stored in the copper and stay",
    motor_continuous=_ROOT,
)
TENDON: Final = Lever(
    "tendon strength",
    "a cord of twice the strength is thinner by 1.41 for the same tension, and bends over a spool "
    "smaller by as much (spool over cord stays): 1.41 times the joint torque at speed over 1.41. "
    "Only where a tendon drives the joint and the spool is as small as its cord allows",
    output=_ROOT,
)
LEVERS: Final = (MOTOR, GEAR, COPPER, HEAT, TENDON)
