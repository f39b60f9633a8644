"""One joint of a hand, and the servo that moves it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..controller.description_bus import JointServo
from .bus import ServoBus
from .bus_servo import Servo
from .servo_drive import OPERATING_MODES, middle_of_turn

_TURN = 2.0 * math.pi


@dataclass
class HandServo:
    """A joint on its servo.

    Attributes:
        turns: whole turns of the servo to add to `offset`; `HandServos.locate` finds them.
    """

    joint: str
    line: str
    place: JointServo
    """As `hand.toml` tells."""
    model_range: tuple[float, float]
    """[rad], of the joint, as the MJCF has it."""
    bus: ServoBus
    servo: Servo
    turns: int = 0

    @property
    def name(self) -> str:
        """As messages call it."""
        return (
            f"{self.joint}: {self.servo.state.name} on line '{self.line}' "
            f"({self.bus.lines.port.path})"
        )

    @property
    def range(self) -> tuple[float, float]:
        """[rad], of the joint: what calibration found, else the MJCF's."""
        return self.place.range or self.model_range

    @property
    def zero(self) -> float:
        """[rad], of the servo from raw 0 on, where the joint is at zero."""
        return middle_of_turn(self.servo.model) + self.place.offset + _TURN * self.turns

    @property
    def turns_once(self) -> bool:
        """The joint's range is within one turn of the servo, so one look tells where it is."""
        return abs(self.place.ratio) * (self.range[1] - self.range[0]) <= _TURN

    @property
    def leaves_turn(self) -> bool:
        """Somewhere in the joint's range the servo passes the end of its turn."""
        ends = [self.servo_angle(q) for q in self.range]
        return min(ends) < 0.0 or max(ends) >= _TURN

    @property
    def operating_mode(self) -> str:
        """What the catalogue calls the mode in which it is driven."""
        extended = "extended_position"
        if self.place.mode == "position" and extended in self.servo.model.operating_modes:
            return extended if self.leaves_turn else "position"
        return OPERATING_MODES[self.place.mode]

    def joint_angle(self, angle: float) -> float:
        """[rad], of the joint, where the servo is at `angle` [rad] from raw 0 on."""
        return (angle - self.zero) / self.place.ratio

    def servo_angle(self, q: float) -> float:
        """[rad], of the servo from raw 0 on, where the joint is at `q` [rad]."""
        return self.zero + self.place.ratio * q

    def count_turns(self, angle: float) -> None:
        """Finds how many turns to add, so that the joint is nearest to its range.

        A servo that was switched off counts from within one turn again.

        Args:
            angle: [rad], of the servo from raw 0 on, as it says now.
        """
        self.turns = 0
        if self.turns_once:
            middle = self.servo_angle(0.5 * sum(self.range))
            self.turns = round((angle - middle) / _TURN)
