"""The motors of a hand, as its `hand.toml` tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from .. import _core
from .actuator import Actuator
from .actuator_core import believed
from .description_friction import Friction
from .description_table import Key, Name, NotNegative, Positive, Table, Tuning, is_list, misfit
from .description_thermal import Thermal
from .errors import HandError, unknown


class Rail(Table):
    """A supply that several motors share."""

    voltage: Positive
    """[V], without load."""
    resistance: NotNegative = 0.0
    """[ohm], of supply, cables and plugs."""
    voltage_min: NotNegative = 0.0
    """[V], below which its servos reset."""


class MotorKind(Table):
    """A motor behind its gear, seen at the output shaft: by its figures, or by its actuator."""

    actuator: Actuator | None = None
    """In the file: the name of one that is packaged, or the path of another's TOML. Its figures
    take the place of those here; a lower `current_max` stays, and heat that it says nothing of."""
    gear: Positive = 1.0
    """Turns of that actuator for one of the joint."""
    torque_constant: Positive
    """[N m/A]."""
    resistance: NotNegative = 0.0
    """[ohm], at 25 deg C."""
    back_emf: NotNegative = 0.0
    """[V s/rad]."""
    current_max: Positive | None = None
    """[A]. None: no limit."""
    stiffness: Positive | None = None
    """[N m/rad], of gear, horn and frame, as the joint sees them, where motors are real. None: they
    do not give, and what lands in its play passes its momentum at once."""
    drive: Literal["current", "voltage"] = "current"
    """What its bridge controls where motors are real: the current in the winding, or the voltage
    that would make it at standstill, so that the motor brakes itself by its back-EMF."""
    rail: Name | None = None
    """The supply it hangs on. None: it finds any voltage it needs."""
    friction: Friction = Friction()
    thermal: Thermal | None = None
    """None: it never gets warm."""

    @model_validator(mode="before")
    @classmethod
    def _as_its_actuator_is(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or not isinstance(content.get("actuator"), str):
            return content
        try:
            actuator = Actuator.read(content["actuator"])
        except HandError as error:
            raise misfit(("actuator",), str(error)) from None
        gear = content.get("gear", 1.0)
        if isinstance(gear, int | float) and gear > 0.0:
            actuator = actuator.geared(gear)
        known = {key: value for key, value in believed(actuator).items() if value is not None}
        limits = [table["current_max"] for table in (content, known) if "current_max" in table]
        lowest = {"current_max": min(limits)} if limits else {}
        return dict(content) | known | lowest | {"actuator": actuator}


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
    real: bool = False
    """Whether the simulated hand has these motors, too, instead of what its MJCF says: friction,
    backlash, heat, sag and all. Each kind then takes an actuator and a rail."""

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
            for key in ("actuator", "rail") if self.real else ():
                if getattr(motor, key) is None:
                    yield ("kinds", name), f"needs {key} = ... where motors are real"
        for name, rail in self.rails.items():
            if rail.voltage_min > rail.voltage:
                yield (
                    ("rails", name, "voltage_min"),
                    f"{rail.voltage_min:g} V is above the {rail.voltage:g} V of the rail itself",
                )
