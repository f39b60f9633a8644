"""Where the actuators of a hand may sit: in the segment before their joint, or in the forearm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from ...hands.anatomy import FINGER_TABLE, METACARPALS, THUMB, Segment
from ..design.tendon import GUIDE_FRICTION, ROUTE_ANGLE
from ..forearm import FOREARM
from ..parts.candidate import Candidate

Where = Literal["hand", "forearm"]

INSIDE: Final = 0.85
"""ASSUMPTION: of a segment's diameter, what skin, bone and wires leave for a motor."""
IN_FOREARM: Final = "forearm"
NOT_KNOWN: Final = "not known"
"""Of the hand's segments: where the joint of a hand that is none of ours has its actuator."""


@dataclass(frozen=True)
class Place:
    """Room for one actuator.

    Attributes:
        name: Of the segment.
        diameter: [m]; infinite where the segment is not known.
        length: [m], its share where several sit in one segment; infinite likewise.
    """

    name: str
    diameter: float
    length: float

    def use(self, candidate: Candidate) -> float:
        """How much of it an actuator takes, of diameter or length: above one it does not fit."""
        if candidate.kind == "servo":  # a box, its longest side along the segment
            *across, along = sorted(candidate.size)
            wide = math.hypot(*across)
        else:  # round
            wide, _, along = candidate.size
        return max(wide / self.diameter, along / self.length)


@dataclass(frozen=True)
class Route:
    """How an actuator's torque gets to its joint.

    Attributes:
        friction: Of the tendon on its guides; 0 for direct drive.
        wrap: Sum of its bends [rad].
    """

    friction: float = 0.0
    wrap: float = 0.0

    @property
    def efficiency(self) -> float:
        """T_out / T_in = exp(-mu theta), Euler and Eytelwein's belt formula."""
        return math.exp(-self.friction * self.wrap)


DIRECT: Final = Route()
TENDON: Final = Route(GUIDE_FRICTION, ROUTE_ANGLE)


def place_of(joint: str, where: Where) -> Place:
    """Where the actuator of a joint of our hands sits; the segments of others are not known.

    Args:
        joint: Named `FINGER_KIND_MOTION`, `index_pip_flexion`.
        where: In the hand as far as it goes, or all in the forearm.
    """
    digit, _, rest = joint.partition("_")
    kind = rest.partition("_")[0]
    if where == "forearm" or digit in {"forearm", "wrist"}:
        return Place(IN_FOREARM, *FOREARM)
    if digit not in {"thumb", *FINGER_TABLE}:
        return Place(NOT_KNOWN, math.inf, math.inf)
    return _thumb_place(kind) if digit == "thumb" else _finger_place(digit, kind)


def _finger_place(digit: str, kind: str) -> Place:
    proximal, middle, _ = FINGER_TABLE[digit].segments
    match kind:
        case "dip":
            return _within(middle, sharing=1)
        case "pip":
            return _within(proximal, sharing=1)
        case _:  # flexion and abduction of the MCP side by side along the metacarpal
            base, head = METACARPALS[digit], proximal.pos
            diameter = 2.0 * INSIDE * min(base.radius)
            return Place(f"{digit}_metacarpal", diameter, math.dist(base.base, head) / 2.0)


def _thumb_place(kind: str) -> Place:
    metacarpal, proximal, _ = THUMB.segments
    match kind:
        case "ip":
            return _within(proximal, sharing=1)
        case "mcp":
            return _within(metacarpal, sharing=2)
        case _:  # the ball of the thumb, as wide as two metacarpals
            wide = 4.0 * INSIDE * min(METACARPALS["index"].radius)
            return Place("palm", wide, metacarpal.length)


def _within(segment: Segment, sharing: int) -> Place:
    diameter = 2.0 * INSIDE * min(segment.radius)
    return Place(segment.body, diameter, segment.length / sharing)
