"""What the workbench's physics predicts, held against sheets and measurements, figure by figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from . import motor_physics as physics
from .pairing import fits, length
from .part_tables import MotorPart, Parts
from .scaling import Sample, Size, motor_type, prediction_ratios
from .servo_rows import TOLERANCE, Prediction, row_predictions
from .servo_sheet import Servo

Array = NDArray[np.float64]

XM430_LINE: Final = np.array([(0.60, 0.84), (1.20, 1.925), (1.50, 2.45)])
"""Current [A] and torque [N m] of an XM430-W350 at 12 V, three points of the performance graph of
emanual.robotis.com/docs/en/dxl/x/xm430-w350."""
KM_FACTOR: Final = 1.5
"""Within which a motor constant counts as predicted."""


@dataclass(frozen=True)
class Validation:
    """A prediction held against what others state or measured.

    Attributes:
        name: What is predicted.
        bound: On which side of `wanted` it should be.
        wanted: In `unit`.
        got: In `unit`.
        unit: Of both.
        n: How many cases.
        source: What it is held against.
        said: What stands out, in a sentence.
    """

    name: str
    bound: Literal["at most", "at least"]
    wanted: float
    got: float
    unit: str
    n: int
    source: str
    said: str = ""

    @property
    def met(self) -> bool:
        """Whether it is as good as wanted."""
        return self.got <= self.wanted if self.bound == "at most" else self.got >= self.wanted


def validations(parts: Parts, servos: Iterable[Servo]) -> tuple[Validation, ...]:
    """All of them that need no data but those that come with handloop.

    Args:
        parts: Motors and gearheads, `Parts.packaged()`.
        servos: The bus catalogue.
    """
    known = tuple(servos)
    return (
        stall_currents(parts.motors),
        no_load_speeds(parts),
        continuous_currents(parts.motors),
        constants_of_another_maker(parts.motors, "mass"),
        constants_of_another_maker(parts.motors, "length"),
        inertia_identity(parts),
        torque_line(),
        torque_slope(known),
        voltage_rows(known),
    )


def stall_currents(motors: Mapping[str, MotorPart]) -> Validation:
    """Stall current U / R against the sheets: says more of the figures than of the physics."""
    stated = [m.electrical for m in motors.values() if m.electrical.stall_current]
    errors = [e.voltage / e.resistance / (e.stall_current or 1.0) - 1.0 for e in stated]
    return _median("Stall current", 1.0, errors, "maxon sheets")


def no_load_speeds(parts: Parts) -> Validation:
    """No-load speed from voltage, resistance and friction against the sheets."""
    errors = []
    for motor in parts.motors.values():
        e = motor.electrical
        speed = physics.no_load_speed(e.torque_constant, e.voltage, e.resistance, e.no_load_current)
        errors.append(speed / (e.no_load_rpm * np.pi / 30.0) - 1.0)
    return _median("No-load speed", 1.0, errors, "maxon and Faulhaber sheets")


def continuous_currents(motors: Mapping[str, MotorPart]) -> Validation:
    """The current that a brushed motor bears for good, from two thermal resistances."""
    errors = []
    for motor in motors.values():
        e, heat = motor.electrical, motor.heat
        if motor.kind == "brushed" and heat and heat.winding_max and e.nominal_torque:
            predicted = physics.continuous_current(
                e.resistance,
                heat.winding_housing,
                heat.housing_ambient,
                heat.winding_max,
                e.voltage,
                e.no_load_current,
            )
            errors.append(predicted / e.nominal_current - 1.0)
    said = (
        "Makers calculate their ratings from the same figures, so this checks the formula, not a "
        f"motor. Mean of the sizes: {100.0 * np.mean(np.abs(errors)):.1f} %, because brushes "
        "limit windings for few volts."
    )
    return _median("Continuous current of brushed motors", 2.0, errors, "maxon sheets", said)


def constants_of_another_maker(
    motors: Mapping[str, MotorPart], size: Literal["mass", "length"]
) -> Validation:
    """Km of Faulhaber's motors by a law fitted to maxon's, from diameter and length.

    Args:
        motors: Of both makers.
        size: Length of the cylinder that weighs as much, or that of the sheet where it has one.
    """
    maxon = [_sample(n, m, size) for n, m in motors.items() if m.maker == "maxon"]
    others = [_sample(n, m, size) for n, m in motors.items() if m.maker == "Faulhaber"]
    curved = {name: m for name, m in motors.items() if m.kind != "flat"}
    ratios = prediction_ratios(
        (s for s in maxon if s.name in curved), (s for s in others if s.name in curved)
    )
    missed = {n: r for n, r in ratios.items() if not 1.0 / KM_FACTOR < r < KM_FACTOR}
    worst = ", ".join(f"{name} ({ratio:.2g})" for name, ratio in list(missed.items())[:6])
    which = "the length of its mass" if size == "mass" else "length"
    return Validation(
        name=f"Km across makers, from diameter and {which}",
        bound="at least",
        wanted=85.0,
        got=100.0 * (1.0 - len(missed) / len(ratios)),
        unit=f"% within a factor of {KM_FACTOR:g}",
        n=len(ratios),
        source="fitted to maxon sheets, held against Faulhaber sheets",
        said=f"Median of sheet over law {np.median(list(ratios.values())):.2f}. Missed: {worst}.",
    )


def inertia_identity(parts: Parts) -> Validation:
    """J_ref = tau_mech T^2 / P for every motor behind every gear that fits it."""
    errors = [0.0]
    for motor in parts.motors.values():
        e, rotor = motor.electrical, motor.body.rotor_inertia
        tau = physics.time_constant(e.resistance, rotor, e.torque_constant)
        for gear in (g for g in parts.gearheads.values() if fits(motor, g)):
            for ratio in gear.ratios:
                torque = gear.load.torque_continuous
                heat = e.resistance * (torque / (ratio * e.torque_constant)) ** 2
                whole = physics.inertia_at_heat(tau, torque, heat)
                errors.append(whole / physics.reflected_inertia(rotor, ratio, 0.0) - 1.0)
    return Validation(
        name="J_ref = tau_mech T^2 / P",
        bound="at most",
        wanted=1e-12,
        got=float(np.max(np.abs(errors))),
        unit="relative",
        n=len(errors) - 1,
        source="every pair of the catalogue, ideal gear",
    )


def torque_line() -> Validation:
    """The middle of three points of a servo's graph, from the line through the others."""
    (i0, t0), (i1, t1), (i2, t2) = XM430_LINE
    predicted = t0 + (t2 - t0) * (i1 - i0) / (i2 - i0)
    return Validation(
        name="XM430-W350 torque over current, the point between two",
        bound="at most",
        wanted=2.0,
        got=100.0 * abs(predicted / t1 - 1.0),
        unit="%",
        n=1,
        source="performance graph of the e-Manual",
    )


def torque_slope(servos: Iterable[Servo]) -> Validation:
    """The slope of that graph, from stall torque and stall current of the sheet."""
    motor = next(s.motor for s in servos if s.name == "XM430-W350")
    assert motor
    current, torque = XM430_LINE.T
    slope, _ = np.polyfit(current, torque, 1)
    row = motor.nominal
    return Validation(
        name="XM430-W350 torque over current, its slope from the stall",
        bound="at most",
        wanted=2.0,
        got=100.0 * abs(row.stall_torque / row.stall_current / float(slope) - 1.0),
        unit="%",
        n=1,
        source="performance graph and sheet of the e-Manual",
    )


def voltage_rows(servos: Iterable[Servo]) -> Validation:
    """Stall and no-load rows of Dynamixels, from R, k and k_e of the row at nominal voltage."""
    every = list(_dynamixel_rows(servos))
    flagged = sorted({p.row for p in every if p.flagged})
    plain = np.mean([abs(p.error) <= TOLERANCE for p in every])
    return Validation(
        name="Dynamixel stall and no-load rows, from the nominal one",
        bound="at least",
        wanted=95.0,
        got=100.0 * float(np.mean([not p.flagged for p in every])),
        unit=f"% within {TOLERANCE:.0%} beyond what rounded digits leave open",
        n=len(every),
        source="e-Manual",
        said=f"{plain:.0%} within {TOLERANCE:.0%} as printed. Contradict the nominal row: "
        f"{', '.join(flagged)}.",
    )


def _dynamixel_rows(servos: Iterable[Servo]) -> Iterator[Prediction]:
    for servo in servos:
        if servo.motor and servo.family.startswith("dynamixel"):
            yield from row_predictions(servo.name, servo.motor)


def _sample(name: str, motor: MotorPart, size: Literal["mass", "length"]) -> Sample:
    body = motor.body
    if size == "mass":
        bulk = Size.of_mass(body.diameter, body.mass)
    else:
        bulk = Size(body.diameter, length(motor))
    return Sample(name, motor_type(motor), bulk, motor.motor_constant)


def _median(
    name: str, wanted: float, errors: list[float], source: str, said: str = ""
) -> Validation:
    got = 100.0 * float(np.median(np.abs(errors)))
    return Validation(name, "at most", wanted, got, "%, median", len(errors), source, said)
