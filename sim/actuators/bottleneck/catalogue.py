"""The packaged motors with the packaged gearheads that fit them."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from ..parts import pairing
from ..parts.motor_physics import reflected_inertia, stall_torque
from ..parts.part_tables import Gearhead, MotorPart, PartPrice, Parts
from .pairs import Pairs, families

_Row = tuple[str, MotorPart, str, Gearhead, float]
_RPM: Final = 2.0 * np.pi / 60.0  # [rad/s]


def catalogue_pairs(parts: Parts) -> Pairs:
    """Every motor with every gearhead and ratio that fits it.

    Raises:
        ValueError: None fits.
    """
    rows = [
        (motor, parts.motors[motor], gear, parts.gearheads[gear], ratio)
        for motor, gear in itertools.product(parts.motors, parts.gearheads)
        if pairing.fits(parts.motors[motor], parts.gearheads[gear])
        for ratio in parts.gearheads[gear].ratios
    ]
    if not rows:
        raise ValueError("none of the gearheads fits one of the motors")
    columns = dict(zip(_COLUMNS, np.array([_figures(row) for row in rows]).T, strict=True))
    return Pairs(
        source="catalogue of handloop",
        motor_family=families(row[0] for row in rows),
        gear_family=families(row[2] for row in rows),
        names=[f"{motor} + {gear}, {ratio:g}:1" for motor, _, gear, _, ratio in rows],
        makers=np.array([motor.maker for _, motor, _, _, _ in rows]),
        **columns,
    )


_COLUMNS: Final = (
    "motor_mass", "gear_mass", "speed", "motor_continuous", "motor_peak", "stall",
    "motor_constant", "gear_continuous", "gear_peak", "inertia", "price",
)  # fmt: skip


def _figures(row: _Row) -> tuple[float, ...]:
    _, motor, _, gear, ratio = row
    electrical, load = motor.electrical, gear.load
    gain = ratio * load.efficiency
    k, stall = electrical.torque_constant, (electrical.voltage, electrical.resistance)
    return (
        motor.body.mass,
        gear.body.mass,
        electrical.no_load_rpm * _RPM / ratio,
        pairing.continuous_torque(motor) * gain,
        pairing.short_torque(motor) * gain,
        stall_torque(k, *stall) * gain,
        motor.motor_constant * gain,
        load.torque_continuous,
        load.torque_intermittent,
        reflected_inertia(motor.body.rotor_inertia, ratio, gear.body.inertia or 0.0),
        _usd(motor.price) + _usd(gear.price),
    )


def _usd(price: PartPrice | None) -> float:
    return pairing.usd(price) if price else float("nan")
