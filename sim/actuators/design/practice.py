"""What makers' motors and gearheads reach of what geometry alone would allow.

Nobody prints the inside of a motor. The derived one has the thickest winding that pays, no sleeve
around its magnet and no tolerance; a bought one is made for a price and a speed, too. Teeth alone
would bear more than a gearhead is rated for: pins, carriers and wear over thousands of hours limit
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Practice:
    """Catalogue over derived; 1: as derived.

    Attributes:
        motor_constant: Of Km.
        winding: Of the thermal resistance from winding to housing.
        housing: Of that from housing to room.
        gear_torque: Of the torque that a gearhead bears for good.
        gear_inertia: Of its inertia at the motor.
        teeth_motor_constant: Of Km of a motor with teeth.
        teeth_winding: Of its thermal resistance from winding to housing.
        teeth_housing: Of that from housing to room.
    """

    motor_constant: float = 1.0
    winding: float = 1.0
    housing: float = 1.0
    gear_torque: float = 1.0
    gear_inertia: float = 1.0
    teeth_motor_constant: float = 1.0
    teeth_winding: float = 1.0
    teeth_housing: float = 1.0


AS_DERIVED: Final = Practice()
MAKERS: Final = Practice(0.565, 1.62, 0.63, 0.455, 1.97, 0.528, 3.54, 0.76)
"""Medians over slotless motors of Faulhaber and planetary gearheads of maxon, each of the diameter
and length of its original, and over motors with teeth of maxon, each of the diameter and mass of
its original (validation.py); a test holds them to what is measured. Those with teeth have 30 and
40 mm and 2 to 7 pole pairs: that smaller ones, and those of one pair, do as well is an ASSUMPTION.
Theirs have half of the inertia and a third of the drag that are derived, which is left at that."""
