"""Servos of the bus catalogue as actuators, with what their sheets leave open assumed by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from .candidate import Candidate
from .pairing import EUR_IN_USD
from .servo_sheet import Servo, ServoDrive, ServoPrice

CONTINUOUS_CURRENT: Final = {"XC330": 0.6, "XL330": 0.35}
"""ASSUMPTION [A]: to which LEAP hands limit them for good (github.com/leap-hand/LEAP_Hand_API).
Their sheets state no continuous torque."""
CONTINUOUS_PART: Final = {"coreless": 0.33, "cored": 0.24}
"""ASSUMPTION: of the stall current, for other servos: what the limits of XC330 and XL330 are."""
ROTOR_TIME: Final = {"coreless": 0.011, "cored": 0.045}
"""ASSUMPTION [s]: R J / k^2 of a servo's motor, as the sets that BAM identified imply for MX-64
and MX-106 (11 ms), XL330 (37 ms) and STS3215 (52 ms)."""
BACKLASH_DEGREES: Final = {"XM": 0.25, "XH": 0.25, "XW": 0.25, "STS": 0.87}
"""[deg]: stated by ROBOTIS for XM, XH and XW; of an STS3215 as Robonine measured it."""
UNSTATED_BACKLASH: Final = 0.5
"""ASSUMPTION [deg]: of servos with plastic or small gears."""
RESOLUTION: Final = 2.0 * math.pi / 4096.0
"""[rad], of all servos of the catalogue but the SCS, which have 1024 steps for 300 degrees."""


def servo_candidates(servos: Iterable[Servo]) -> Iterator[Candidate]:
    """All whose sheet has motor, mass and size, but those with two shafts in one case."""
    for servo in servos:
        if servo.motor and servo.mass and servo.size and not servo.name.startswith("2X"):
            yield _candidate(servo, servo.motor, servo.mass, servo.size)


def _candidate(
    servo: Servo, motor: ServoDrive, mass: float, size: tuple[float, float, float]
) -> Candidate:
    row = motor.nominal
    back_emf = row.voltage / row.no_load_speed
    constant = min(row.stall_torque / row.stall_current, back_emf)
    resistance = row.voltage / row.stall_current
    current, why = _continuous(servo.name, motor)
    backlash, seen = _backlash(servo.name)
    return Candidate(
        name=servo.name,
        source=servo.source,
        kind="servo",
        mass=mass,
        price=_usd(servo.price),
        size=size,
        torque_continuous=constant * current,
        torque_peak=constant * row.stall_current,
        speed_no_load=row.no_load_speed,
        torque_constant=constant,
        back_emf=back_emf,
        resistance=resistance,
        inertia=ROTOR_TIME[motor.winding] * back_emf**2 / resistance,
        voltage=row.voltage,
        gear_ratio=motor.gear_ratio,
        backlash=math.radians(backlash),
        resolution=math.radians(300.0 / 1024.0) if servo.name.startswith("SCS") else RESOLUTION,
        no_load_current=row.no_load_current or 0.0,
        assumed=(*why, "inertia from a time constant", *seen, *motor.doubts()),
    )


def _continuous(name: str, motor: ServoDrive) -> tuple[float, tuple[str, ...]]:
    """[A], and what of it is assumed."""
    for family, current in CONTINUOUS_CURRENT.items():
        if name.startswith(family) and "-T" not in name:  # T: wound for twice the voltage
            return current, (f"{current:g} A for good, as LEAP hands do",)
    part = CONTINUOUS_PART[motor.winding]
    return part * motor.nominal.stall_current, (f"{part:g} of the stall current for good",)


def _backlash(name: str) -> tuple[float, tuple[str, ...]]:
    """[deg], and what of it is assumed."""
    for family, backlash in BACKLASH_DEGREES.items():
        if name.startswith(family):
            return backlash, ()
    return UNSTATED_BACKLASH, (f"backlash {UNSTATED_BACKLASH:g} deg",)


def _usd(price: ServoPrice | None) -> float | None:
    match price:
        case None:
            return None
        case _ if price.currency in {"USD", "EUR"}:
            return price.amount * (EUR_IN_USD if price.currency == "EUR" else 1.0)
        case _:
            return None
