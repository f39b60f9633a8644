"""Motors and gearheads that fit each other, as actuators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Final

from ....controller.description_thermal import Thermal
from . import motor_physics as physics
from .candidate import Candidate
from .part_tables import Gearhead, MotorPart, PartPrice, Parts

FITTING_DIAMETERS: Final = (0.82, 1.26)
"""ASSUMPTION: diameters of gearhead over motor of one maker that go together where no list says. In
lists of both makers for motors below 27 mm they are 0.83 to 1.25; half of what lies within is in no
list."""
EUR_IN_USD: Final = 1.14  # mean of 2020, European Central Bank reference rates
ENCODER_COUNTS: Final = 1024
"""ASSUMPTION: of a turn of the motor, where one is fitted (maxon ENX EASY, Faulhaber IEH2)."""
INPUT_RPM: Final = 8000.0
"""ASSUMPTION: of a gearhead whose sheet was not at hand; maxon allows its GP 13 and 16 so much."""
BACKLASH_DEGREES: Final = 2.0
"""ASSUMPTION: of a gearhead whose sheet was not at hand; maxon's that are here have 0.8 to 2.8."""
WINDING_MAX: Final = 100.0
"""ASSUMPTION [deg C]: where the sheet was not at hand; sheets say 85 to 155."""
HEAT_CAPACITY: Final = 410.0
"""ASSUMPTION [J/(kg K)]: of a motor, as the sheets of Faulhaber 1331 SR and 1524 SR have it."""
WINDING_PART: Final = 0.09
"""ASSUMPTION: of a motor's heat capacity; 0.07 and 0.11 by the same two sheets."""
SHORT_TIME: Final = 1.0
"""[s], for which the peak torque is given."""
SHORT_RISE: Final = 0.5
"""ASSUMPTION: part of the winding's rise that is left for a peak when it comes."""
_DENSITY: Final = {"brushed": 4800.0, "brushless": 6900.0, "flat": 4300.0}
"""ASSUMPTION [kg/m3]: of a motor whose length is not stated; see `length`."""
_GEAR_DENSITY: Final = 5600.0
"""ASSUMPTION [kg/m3]: of a gearhead whose length is not stated, as those that are here have it."""


def candidates(parts: Parts) -> Iterator[Candidate]:
    """Every motor with every gearhead and ratio that fits it."""
    for motor, gear in itertools.product(parts.motors.items(), parts.gearheads.items()):
        if fits(motor[1], gear[1]):
            for ratio in gear[1].ratios:
                yield pair(*motor, *gear, ratio)


def fits(motor: MotorPart, gear: Gearhead) -> bool:
    """Whether their maker combines them; where that is not known, whether diameters are alike."""
    if motor.maker != gear.maker:
        return False
    if motor.gearheads:
        return gear.series in motor.gearheads
    low, high = FITTING_DIAMETERS
    return low <= gear.body.diameter / motor.body.diameter <= high


def pair(
    motor_name: str, motor: MotorPart, gear_name: str, gear: Gearhead, ratio: float
) -> Candidate:
    """A motor behind a gearhead."""
    electrical, load = motor.electrical, gear.load
    gain = ratio * load.efficiency
    return Candidate(
        name=f"{motor_name} + {gear_name.removeprefix(motor.maker + ' ')}, {ratio:g}:1",
        source=f"{motor.source}; {gear.source}",
        kind="motor+gear",
        mass=motor.body.mass + gear.body.mass,
        price=_price(motor.price, gear.price),
        size=_size(motor, gear),
        torque_continuous=min(continuous_torque(motor) * gain, load.torque_continuous),
        torque_peak=min(short_torque(motor) * gain, load.torque_intermittent),
        speed_no_load=_speed(electrical.no_load_rpm) / ratio,
        torque_constant=electrical.torque_constant * gain,
        back_emf=electrical.torque_constant * ratio,
        resistance=electrical.resistance,
        inertia=physics.reflected_inertia(
            motor.body.rotor_inertia, ratio, gear.body.inertia or 0.0
        ),
        voltage=electrical.voltage,
        speed_max=_speed_max(motor, load.rpm_intermittent or load.rpm_continuous) / ratio,
        speed_continuous=_speed_max(motor, load.rpm_continuous) / ratio,
        gear_ratio=ratio,
        gear_torque_max=load.torque_continuous,
        backlash=math.radians(_or(gear.body.backlash_degrees, BACKLASH_DEGREES)),
        resolution=2.0 * math.pi / (ENCODER_COUNTS * ratio),
        no_load_current=electrical.no_load_current,
        thermal=thermal(motor),
        assumed=tuple(_assumed(motor, gear)),
    )


def continuous_torque(motor: MotorPart) -> float:
    """[N m], for good: as the sheet has it, or what is left of its current."""
    electrical = motor.electrical
    net = electrical.nominal_current - electrical.no_load_current
    return electrical.nominal_torque or electrical.torque_constant * net


def short_torque(motor: MotorPart) -> float:
    """[N m], for a second: all that the voltage drives, if the winding bears it."""
    electrical = motor.electrical
    current = electrical.voltage / electrical.resistance
    if heat := thermal(motor):
        rise = SHORT_RISE * (heat.winding_max - physics.CATALOGUE)
        hot = physics.hot_resistance(electrical.resistance, heat.winding_max)
        short = physics.short_current(hot, heat.winding_capacity, rise, SHORT_TIME)
        current = min(current, max(short, electrical.nominal_current))
    return electrical.torque_constant * (current - electrical.no_load_current)


def thermal(motor: MotorPart) -> Thermal | None:
    """How it gets warm; capacities from its time constants, or else from its mass."""
    heat = motor.heat
    if heat is None:
        return None
    whole = HEAT_CAPACITY * motor.body.mass
    winding = WINDING_PART * whole
    if heat.winding_time is not None:
        winding = heat.winding_time / heat.winding_housing
    if heat.housing_time is not None:
        whole = heat.housing_time / heat.housing_ambient
    return Thermal(
        winding_resistance=heat.winding_housing,
        housing_resistance=heat.housing_ambient,
        winding_capacity=winding,
        housing_capacity=whole,
        winding_max=_or(heat.winding_max, WINDING_MAX),
    )


def length(motor: MotorPart) -> float:
    """[m], as the sheet has it, or of a cylinder of its mass."""
    body = motor.body
    return body.length or _cylinder(body.mass, body.diameter, _DENSITY[motor.kind])


def gear_length(gear: Gearhead) -> float:
    """[m], as the sheet has it, or of a cylinder of its mass."""
    return gear.body.length or _cylinder(gear.body.mass, gear.body.diameter, _GEAR_DENSITY)


def usd(price: PartPrice) -> float:
    """[USD]."""
    return price.amount * (EUR_IN_USD if price.currency == "EUR" else 1.0)


def _cylinder(mass: float, diameter: float, density: float) -> float:
    return mass / (density * math.pi / 4.0 * diameter**2)


def _size(motor: MotorPart, gear: Gearhead) -> tuple[float, float, float]:
    wide = max(motor.body.diameter, gear.body.diameter)
    return (wide, wide, length(motor) + gear_length(gear))


def _price(motor: PartPrice | None, gear: PartPrice | None) -> float | None:
    return usd(motor) + usd(gear) if motor and gear else None


def _speed(rpm: float) -> float:
    return rpm * 2.0 * math.pi / 60.0


def _speed_max(motor: MotorPart, allowed: float | None) -> float:
    """[rad/s] of the motor, that it and the gear's input bear."""
    rpm = _or(allowed, INPUT_RPM)
    return _speed(min(rpm, motor.body.rpm_max or rpm))


def _or(stated: float | None, assumed: float) -> float:
    return assumed if stated is None else stated


def _assumed(motor: MotorPart, gear: Gearhead) -> Iterator[str]:
    if not motor.gearheads:
        yield "that they fit, from their diameters"
    if motor.body.length is None:
        yield "motor length from its mass"
    if gear.body.length is None:
        yield "gear length from its mass"
    if gear.body.backlash_degrees is None:
        yield f"backlash {BACKLASH_DEGREES:g} deg"
    if gear.load.rpm_continuous is None:
        yield f"gear input at most {INPUT_RPM:g} rpm"
    if motor.heat and motor.heat.winding_max is None:
        yield f"winding at most {WINDING_MAX:g} deg C"
    if motor.heat and motor.heat.winding_time is None:
        yield "heat capacities from its mass"
    yield f"encoder of {ENCODER_COUNTS} counts a motor turn"
