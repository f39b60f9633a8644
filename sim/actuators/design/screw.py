"""A ball screw whose nut pulls both cords of a joint.

Efficiency of a thread (Shigley's Mechanical Engineering Design, ch. 8): tan(l) / tan(l + phi) when
it drives the load, tan(l - phi) / tan(l) when the load drives it. What it bears, loses and weighs
is set by the two of maxon's that have no gear before their screw: GP 16 S, 5 x 2 mm, and GP 22 S,
6 x 2 mm (product pages of 2020). Balls are as large as the lead lets them be, a turn holds as many
as go around the thread, so thrust grows with thread times lead. A guide against turning and the
pulley that leads one cord back are not counted. Arrays broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .materials import STEEL
from .tendon import ARM

Array = NDArray[np.float64]

FRICTION: Final = 0.0065  # of balls: 93 and 96 % by the two sheets
LOAD: Final = 12.4e6
"""[Pa], thrust for good over thread times lead: 54 and 77 N at 150 mm/s, by the cube root of life
brought to 16 mm/s, an arm of 8 mm at 2 rad/s."""
LOAD_PEAK: Final = 40e6  # [Pa], likewise for seconds: at most 403 and 495 N in these series
FEED: Final = 0.15  # [m/s], of the nut at most
CORE: Final = 0.85  # ASSUMPTION: solid core over the thread's mean diameter
TURN: Final = 2.0  # [rad], ASSUMPTION: of a joint that pulls cords, at most
NUT: Final = 2.0  # ASSUMPTION: length of a nut over the thread's diameter
BODY: Final = 1.45  # length of bearings and coupling over the diameter: 1.2 and 1.7
SOLID: Final = 0.70  # ASSUMPTION: part of that cylinder that is steel
LEAD_MIN: Final = 1e-3  # [m], ASSUMPTION: of ball screws in series, with balls of 0.6 mm
THREAD_PART: Final = 0.45  # ASSUMPTION: of the diameter, that leaves room for nut and bearing
MODULUS: Final = 2.1e11  # [Pa], of steel
SAFETY: Final = 3.0  # ASSUMPTION: against buckling


@dataclass(frozen=True, eq=False)
class Screw:
    """A screw and its nut; arrays of one shape.

    Attributes:
        diameter: Outside, that of the motor [m].
        thread: Mean diameter of the thread [m].
        lead: Way of a turn [m].
    """

    diameter: Array
    thread: Array
    lead: Array

    @cached_property
    def angle(self) -> Array:
        """Lead angle [rad]."""
        return np.arctan2(self.lead, np.pi * self.thread)

    @cached_property
    def ratio(self) -> Array:
        """Turns of the motor for one of the joint, whose cords have the arm `ARM`."""
        return np.asarray(2.0 * np.pi * ARM / self.lead)

    @cached_property
    def efficiency(self) -> Array:
        """Of torque to thrust."""
        return np.asarray(np.tan(self.angle) / np.tan(self.angle + np.arctan(FRICTION)))

    @cached_property
    def back_efficiency(self) -> Array:
        """Of thrust to torque; zero where it locks."""
        back = np.tan(self.angle - np.arctan(FRICTION)) / np.tan(self.angle)
        return np.asarray(np.maximum(back, 0.0))

    @cached_property
    def travel(self) -> Array:
        """Of the nut, and its own length [m]."""
        return np.asarray(TURN * ARM + NUT * self.thread)

    @cached_property
    def buckling(self) -> Array:
        """Thrust that the core bears, fixed at one end and free at the other [N] (Euler)."""
        second = np.pi / 64.0 * (CORE * self.thread) ** 4
        return np.asarray(np.pi**2 * MODULUS * second / (4.0 * self.travel**2) / SAFETY)

    @cached_property
    def torque_max(self) -> Array:
        """At the joint, for good [N m]."""
        return np.asarray(ARM * np.minimum(LOAD * self.thread * self.lead, self.buckling))

    @cached_property
    def torque_peak(self) -> Array:
        """At the joint, for seconds [N m]."""
        return np.asarray(ARM * np.minimum(LOAD_PEAK * self.thread * self.lead, self.buckling))

    @cached_property
    def speed_max(self) -> Array:
        """Of the motor [rad/s]."""
        return np.asarray(2.0 * np.pi * FEED / self.lead)

    @cached_property
    def length(self) -> Array:
        """[m], of bearings, nut and its way."""
        return np.asarray(BODY * self.diameter + self.travel)

    @cached_property
    def mass(self) -> Array:
        """[kg]."""
        body = SOLID * BODY * self.diameter**3
        return np.asarray(STEEL.density * 0.25 * np.pi * (body + self.thread**2 * self.travel))

    @cached_property
    def inertia(self) -> Array:
        """At the motor [kg m2]: the screw, and a nut of three times its section."""
        section = 0.25 * np.pi * self.thread**2
        length = BODY * self.diameter + self.travel
        turning = STEEL.density * section * length * self.thread**2 / 8.0
        nut = STEEL.density * 3.0 * section * NUT * self.thread
        return np.asarray(turning + nut * (self.lead / (2.0 * np.pi)) ** 2)

    @cached_property
    def fits(self) -> NDArray[np.bool_]:
        """Whether it can be made and its nut has room, as bool."""
        return np.asarray((self.lead >= LEAD_MIN) & (self.thread <= THREAD_PART * self.diameter))
