"""How a hand hangs on its servos, as its `hand.toml` tells: which servo moves which joint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from .description_table import Key, Name, NotNegative, Number, Positive, Table
from .errors import unknown

WATCHDOG_UNIT: Final = 0.02  # [s], of a Dynamixel's bus watchdog
MAX_ID: Final = 252


class BusLine(Table):
    """A serial port and what hangs on it."""

    port: Name | None = None
    """Path, best one below `/dev/serial/by-id`. None: it is named when the hand is driven."""
    baud: Annotated[int, Field(gt=0)] = 1_000_000
    """[bit/s]."""
    protocol: Literal["dynamixel2", "feetech"] = "dynamixel2"
    """What its servos speak."""


class Tendon(Table):
    """A tendon from the servo's spool to the joint's pulley."""

    spool: Positive
    """[m], radius on which the servo winds it."""
    joint: Positive
    """[m], its moment arm at the joint."""


class JointServo(Table):
    """The servo that moves one joint."""

    id: Annotated[int, Field(ge=0, le=MAX_ID)]
    """On its line."""
    line: Name | None = None
    """One of `bus.lines`. None: the only one."""
    model: Name
    """As the catalogue of servos names it."""
    sign: Literal[-1, 1] = 1
    """-1: the joint's angle grows while the servo's falls."""
    offset: Number = 0.0
    """[rad], of the servo where the joint is at zero; 0 is the middle of the encoder's turn."""
    gear: Positive = 1.0
    """Turns of the servo per turn of the joint."""
    tendon: Tendon | None = None
    """Instead of `gear`: the joint turns by a tendon."""
    mode: Literal["current", "current_position", "position", "voltage"] = "current"
    """What it is told: a current, a position with a bound on the current, a position, or the
    voltage that makes the current, for servos that do not sense that."""
    current_limit: Positive | None = None
    """[A]. None: what the servo's own registers allow."""
    range: tuple[Number, Number] | None = None
    """[rad], lowest and highest of the joint, as calibration found it. None: the MJCF's."""

    @property
    def ratio(self) -> float:
        """Angle of the servo per angle of the joint, with its sign."""
        return self.sign * (self.tendon.joint / self.tendon.spool if self.tendon else self.gear)

    def misfits(self) -> Iterator[tuple[Key, str]]:
        """What does not fit together."""
        if self.tendon and "gear" in self.model_fields_set:
            yield ("gear",), "a joint on a tendon has no gear; leave one of the two out"
        if self.range and not self.range[0] < self.range[1]:
            yield ("range",), f"{list(self.range)} is empty; give the lowest position first"


class Bus(Table):
    """The servos of a hand."""

    lines: Annotated[dict[str, BusLine], Field(min_length=1, max_length=4)]
    """Serial ports by name."""
    servos: dict[str, JointServo]
    """By joint, one for each."""
    period: Positive | None = None
    """[s], from tick to tick. None: what all lines can keep up with."""
    ramp: NotNegative = 0.5
    """[s], in which torque grows from nothing."""
    watchdog: Annotated[Number, Field(ge=WATCHDOG_UNIT, le=2.0)] = 0.06
    """[s] of silence until a servo lets go by itself, in steps of 0.02."""
    at_end: Literal["limp", "hold"] = "limp"
    """What the hand does when driving ends, in whichever way."""

    def line_of(self, joint: str) -> str:
        """The name of the line on which a joint's servo hangs."""
        return self.servos[joint].line or next(iter(self.lines))

    def misfits(self, joints: Sequence[str]) -> Iterator[tuple[Key, str]]:
        """What does not fit together, for a hand with these joints."""
        for joint in self.servos:
            if joint not in joints:
                yield ("servos", joint), unknown("joint", joint, joints, "joints.names")
        if missing := [joint for joint in joints if joint not in self.servos]:
            yield ("servos",), f"has no servo for {', '.join(missing)}; give every joint one"
        for joint, servo in self.servos.items():
            for key, message in servo.misfits():
                yield ("servos", joint, *key), message
            if servo.line is None and len(self.lines) > 1:
                yield ("servos", joint, "line"), f"is missing; name one of {_names(self.lines)}"
            elif servo.line is not None and servo.line not in self.lines:
                yield (
                    ("servos", joint, "line"),
                    unknown("line", servo.line, self.lines, "bus.lines"),
                )
        yield from self._misfits_of_ids()

    def _misfits_of_ids(self) -> Iterator[tuple[Key, str]]:
        owner: dict[tuple[str, int], str] = {}
        for joint, servo in self.servos.items():
            place = self.line_of(joint), servo.id
            if (other := owner.setdefault(place, joint)) != joint:
                yield (
                    ("servos", joint, "id"),
                    f"{servo.id} is that of {other} on line '{place[0]}' already; "
                    "servos of one line need different ids",
                )
        if unused := [n for n in self.lines if all(line != n for line, _ in owner)]:
            yield ("lines", unused[0]), "has no servo; leave it out"


def _names(lines: Mapping[str, BusLine]) -> str:
    return ", ".join(map(repr, lines))
