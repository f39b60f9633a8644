"""Servos of the bus catalogue as actuators, with what their sheets leave open assumed by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from .candidate import Candidate
from .pairing import EUR_IN_USD
from .servo_sheet import Row, Servo, ServoDrive, ServoPrice

HELD: Final = {"XL330-M288": 0.35, "XC330-M288": 0.6}
"""ASSUMPTION [A]: to which LEAP hands limit them for good (github.com/leap-hand/LEAP_Hand_API)."""
HELD_TORQUE: Final = {"STS3215-C018": 1.5}
"""[N m], held for an hour at 48 deg C (Robonine, in github.com/TheRobotStudio/SO-ARM100, 134)."""
CONTINUOUS_PART: Final = 0.2
"""ASSUMPTION: of the stall torque, for all others. No sheet has a continuous torque; ROBOTIS's shop
estimates it so."""
IDENTIFIED_INERTIA: Final = {
    "XC330-T288": 4.8e-3,
    "XC430-W240": 4.4e-3,
    "XM430-W210": 2.2e-3,
    "XM430-W350": 2.5e-3,
}
"""[kg m2]: armatures that ToddlerBot identified (Shi et al. 2025, arXiv 2502.00893), XC430-W240 as
T240BB."""
ROTOR_TIME: Final = {"coreless": 0.008, "cored": 0.034}
"""ASSUMPTION [s]: R J / k^2 of a servo's motor, geometric mean of what identified armatures imply:
2 to 25 ms coreless (ToddlerBot), 20 to 52 ms cored (ToddlerBot's 2XL430, BAM's XL330, STS3215)."""
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
    continuous, how_long = _continuous(servo.name, row, constant)
    inertia, how_heavy = _inertia(servo.name, motor, back_emf)
    backlash, how_loose = _backlash(servo.name)
    return Candidate(
        name=servo.name,
        source=servo.source,
        kind="servo",
        mass=mass,
        price=_usd(servo.price),
        size=size,
        torque_continuous=continuous,
        torque_peak=constant * row.stall_current,
        speed_no_load=row.no_load_speed,
        torque_constant=constant,
        back_emf=back_emf,
        resistance=row.voltage / row.stall_current,
        inertia=inertia,
        voltage=row.voltage,
        gear_ratio=motor.gear_ratio,
        backlash=math.radians(backlash),
        resolution=math.radians(300.0 / 1024.0) if servo.name.startswith("SCS") else RESOLUTION,
        no_load_current=row.no_load_current or 0.0,
        assumed=(how_long, *how_heavy, *how_loose, *motor.doubts()),
    )


def _continuous(name: str, row: Row, constant: float) -> tuple[float, str]:
    """[N m], and where it is from."""
    if name in HELD_TORQUE:
        return HELD_TORQUE[name], f"{HELD_TORQUE[name]:g} N m for good, as was measured"
    if name in HELD:
        return constant * HELD[name], f"{HELD[name]:g} A for good, as in LEAP hands"
    return CONTINUOUS_PART * row.stall_torque, f"{CONTINUOUS_PART:.0%} of the stall for good"


def _inertia(name: str, motor: ServoDrive, back_emf: float) -> tuple[float, tuple[str, ...]]:
    """[kg m2], and what of it is assumed."""
    if name in IDENTIFIED_INERTIA:
        return IDENTIFIED_INERTIA[name], ()
    resistance = motor.nominal.voltage / motor.nominal.stall_current
    inertia = ROTOR_TIME[motor.winding] * back_emf**2 / resistance
    return inertia, (f"inertia of a {motor.winding} motor of its constants",)


def _backlash(name: str) -> tuple[float, tuple[str, ...]]:
    """[deg], and what of it is assumed."""
    for family, backlash in BACKLASH_DEGREES.items():
        if name.startswith(family):
            return backlash, ()
    return UNSTATED_BACKLASH, (f"backlash {UNSTATED_BACKLASH:g} deg",)


def _usd(price: ServoPrice | None) -> float | None:
    if price is None or price.currency not in {"USD", "EUR"}:
        return None
    return price.amount * (EUR_IN_USD if price.currency == "EUR" else 1.0)
