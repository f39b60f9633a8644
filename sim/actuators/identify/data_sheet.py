"""Whether a set of parameters can be the servo that its maker sells.

Logs of one rig separate torque constant, resistance and friction only weakly, so sets that fit may
be far from any real motor. Some things cannot be whatever the sheet says: a passive motor and gear
give no more torque per ampere than back-EMF per speed (Hughes and Drury 2013, Electric Motors and
Drives, ch. 3). What a sheet calls stall is not defined: the torque that a servo lifts, what its
motor makes, and what it holds once there differ by twice the friction of its gear. By default it is
the motor's, between the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ....controller.actuator import (
    Actuator,
    ActuatorDelay,
    ActuatorEncoder,
    ActuatorFirmware,
    ActuatorGear,
    ActuatorMotor,
    ActuatorSupply,
)
from ....controller.description_friction import Friction
from .parameters import TIED, Values, friction_of

TOLERANCE: Final = 0.10
"""Of stall torque and no-load speed."""
CURRENT_TOLERANCE: Final = 0.5
"""Of the no-load current, which hangs on grease and temperature: ASSUMPTION."""
RESISTANCE_TOLERANCE: Final = 0.25
"""Of supply over stall current: ASSUMPTION, bridge and cable of the rig included."""
_ROUNDING: Final = 0.03  # a sheet's digits
_FRICTION = (
    "coulomb",
    "viscous",
    "load_motor",
    "load_external",
    "stribeck_coulomb",
    "stribeck_load_motor",
    "stribeck_load_external",
    "stribeck_speed",
    "stribeck_exponent",
    "quadratic_motor",
    "quadratic_external",
)


@dataclass(frozen=True)
class DataSheet:
    """A row of a maker's sheet."""

    name: str
    voltage: float
    """[V]."""
    stall_torque: float
    """[N m]."""
    no_load_speed: float
    """[rad/s]."""
    stall_current: float | None = None
    """[A]."""
    no_load_current: float | None = None
    """[A]."""
    stall: Literal["motor", "lifted"] = "motor"
    """What its stall torque is taken to be."""


@dataclass(frozen=True)
class Compared:
    """A figure of a fit beside that of the sheet."""

    name: str
    unit: str
    fitted: float
    stated: float
    tolerance: float

    @property
    def deviation(self) -> float:
        """Of the fit from the sheet, as a part of it."""
        return self.fitted / self.stated - 1.0

    @property
    def excess(self) -> float:
        """By how much it is beyond what is tolerated; 0: it is not."""
        return max(abs(self.deviation) - self.tolerance, 0.0)


def compare(values: Values, sheet: DataSheet) -> list[Compared]:
    """The figures of a set at the sheet's voltage, beside the sheet's."""
    servo = actuator_of(values, sheet.name, sheet.voltage)
    current = sheet.voltage / (servo.motor.resistance + servo.supply.resistance)
    stall = servo.stall_torque if sheet.stall == "lifted" else servo.stall_motor_torque
    pairs = [
        ("stall torque", "N m", stall, sheet.stall_torque, TOLERANCE),
        ("no-load speed", "rad/s", servo.no_load_speed, sheet.no_load_speed, TOLERANCE),
        ("stall current", "A", current, sheet.stall_current, RESISTANCE_TOLERANCE),
        ("no-load current", "A", servo.no_load_current, sheet.no_load_current, CURRENT_TOLERANCE),
    ]
    return [Compared(n, u, fit, said, tol) for n, u, fit, said, tol in pairs if said is not None]


def excess(values: Values, sheet: DataSheet | None) -> float:
    """How far a set is from what can be, summed over what is checked; 0: it can be."""
    torque, emf = values["torque_constant"], values.get("back_emf", values["torque_constant"])
    impossible = max(torque / emf - 1.0 - _ROUNDING, 0.0)
    held = friction_of(values)
    impossible += max(held.load_motor + held.stribeck_load_motor - 1.0, 0.0)
    return impossible + (sum(c.excess for c in compare(values, sheet)) if sheet else 0.0)


def objections(values: Values, sheet: DataSheet | None) -> Iterator[str]:
    """Why a set cannot be the servo, in words; none: it can."""
    torque, emf = values["torque_constant"], values.get("back_emf", values["torque_constant"])
    if torque > (1.0 + _ROUNDING) * emf:
        yield (
            f"torque constant {torque:.3g} N m/A is more than its back-EMF of {emf:.3g} V s/rad "
            "allows"
        )
    friction = friction_of(values)
    if (lost := friction.load_motor + friction.stribeck_load_motor) > 1.0:
        yield f"friction takes {lost:.0%} of the motor's torque, so it could never start"
    for c in compare(values, sheet) if sheet else ():
        if c.excess > 0.0:
            yield (
                f"{c.name} {c.fitted:.3g} {c.unit}, by the data sheet {c.stated:.3g} "
                f"({c.deviation:+.0%}, tolerated {c.tolerance:.0%})"
            )


def actuator_of(
    values: Values,
    name: str,
    voltage: float,
    model: str = "m6",
    source: str = "fitted",
    resolution: float = 0.0,
) -> Actuator:
    """The actuator that a set describes, but for `braking` and `off_braking`, which none can have.

    Args:
        values: Of the parameters.
        name: Its name.
        voltage: [V], nominal.
        model: Of its friction, `m1` to `m6`.
        source: Where the figures are from.
        resolution: [rad], of its encoder.
    """
    torque, gain = values["torque_constant"], values.get("gain")
    return Actuator(
        name=name,
        source=source,
        motor=ActuatorMotor(
            torque_constant=torque,
            back_emf=values.get("back_emf", torque),
            resistance=values["resistance"],
            voltage=voltage,
        ),
        gear=ActuatorGear(inertia=values["inertia"], backlash=values.get("backlash", 0.0)),
        friction=Friction.model_validate({"model": model, **_friction(values)}),
        encoder=ActuatorEncoder(resolution=resolution),
        delay=ActuatorDelay(command=values.get("delay", 0.0)),
        supply=ActuatorSupply(resistance=values.get("supply_resistance", 0.0)),
        firmware=ActuatorFirmware(gain=gain) if gain else None,
    )


def _friction(values: Values) -> Mapping[str, float]:
    found = {name: values.get(name, values.get(TIED.get(name, ""))) for name in _FRICTION}
    return {name: value for name, value in found.items() if value is not None}
