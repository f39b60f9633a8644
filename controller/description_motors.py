"""The motors of a hand, as its `hand.toml` tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from .. import _core
from .description_table import Key, Name, NotNegative, Positive, Table, Tuning, is_list
from .errors import unknown


class Rail(Table):
    """A supply that several motors share."""

    voltage: Positive
    """[V], without load."""
    resistance: NotNegative = 0.0
    """[ohm], of supply, cables and plugs."""
    voltage_min: NotNegative = 0.0
    """[V], below which its servos reset."""


class Friction(Tuning):
    """Identified friction of a motor and its gear; numbers of `_core.Friction`."""

    core = _core.Friction


class Thermal(Table):
    """How a motor gets warm."""

    winding_resistance: Positive
    """[K/W], winding to housing."""
    housing_resistance: Positive
    """[K/W], housing to room."""
    winding_capacity: Positive
    """[J/K]."""
    housing_capacity: Positive
    """[J/K]."""
    winding_max: Positive
    """[deg C], that the winding may not pass."""


class MotorKind(Table):
    """A motor behind its gear, seen at the output shaft."""

    torque_constant: Positive
    """[N m/A]."""
    resistance: NotNegative = 0.0
    """[ohm], at 25 deg C."""
    back_emf: NotNegative = 0.0
    """[V s/rad]."""
    current_max: Positive | None = None
    """[A]. None: no limit."""
    rail: Name | None = None
    """The supply it hangs on. None: it finds any voltage it needs."""
    friction: Friction = Friction()
    thermal: Thermal | None = None
    """None: it never gets warm."""


class Motors(Tuning):
    """The motors of a hand; numbers of `_core.MotorConfig`."""

    core = _core.MotorConfig
    kind: Annotated[
        Annotated[Name, Tag("<plain>")] | Annotated[tuple[Name, ...], Tag("<list>")],
        Discriminator(is_list),
    ]
    """Name of a motor of `kinds`, one for all or one per motor."""
    kinds: Annotated[dict[str, MotorKind], Field(min_length=1)]
    """Motors by name."""
    rails: Annotated[dict[str, Rail], Field(max_length=3, default_factory=dict)]
    """Supplies by name."""

    def misfits(self, count: int) -> Iterator[tuple[Key, str]]:
        """What does not fit together, for a hand with so many motors."""
        if isinstance(self.kind, tuple) and len(self.kind) != count:
            yield (
                ("kind",),
                f"has {len(self.kind)} entries for {count} motors; give one per motor, in their "
                "order, or one for all",
            )
        for kind in self.kind if isinstance(self.kind, tuple) else (self.kind,):
            if kind not in self.kinds:
                yield ("kind",), unknown("kind", kind, self.kinds, "motors.kinds")
        for name, motor in self.kinds.items():
            if motor.rail is not None and motor.rail not in self.rails:
                yield (
                    ("kinds", name, "rail"),
                    unknown("rail", motor.rail, self.rails, "motors.rails"),
                )
        for name, rail in self.rails.items():
            if rail.voltage_min > rail.voltage:
                yield (
                    ("rails", name, "voltage_min"),
                    f"{rail.voltage_min:g} V is above the {rail.voltage:g} V of the rail itself",
                )
