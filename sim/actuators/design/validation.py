"""How far derived motors and gearheads are from bought ones of the same outside.

Only what a sheet prints from outside goes in: diameter, length or mass, poles, stages, ratio.
Catalogue over derived is given as median and scatter; nothing is tuned to a single motor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..parts.part_tables import Gearhead, MotorPart, Parts
from .gear import Gear
from .motor import WINDING_MAX, Motor, proportioned
from .practice import AS_DERIVED, Practice

Array = NDArray[np.float64]

BLOCKS: Final = 3.0 / np.pi
"""Km with currents in blocks of 120 deg, as sheets state it, over that with sinusoidal ones: of the
line's sine the mean over the 60 deg around its peak."""
SLOTTED: Final = Path(__file__).parent / "slotted_motors.toml"
_ASPECTS: Final = np.linspace(0.8, 4.0, 65)
_FACES: Final = np.linspace(0.05, 1.0, 191)
_MOTOR: Final = ("Km", "mass", "inertia", "R winding", "R housing", "torque", "drag")
_GEAR: Final = ("torque", "mass", "efficiency", "inertia")


@dataclass(frozen=True)
class Ratio:
    """Catalogue over derived.

    Attributes:
        figure: Of what.
        values: One for each part that states it.
    """

    figure: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of all parts."""
        return float(np.median(self.values))

    @property
    def scatter(self) -> float:
        """Factor within which two thirds of a log-normal spread lie."""
        return float(np.exp(np.std(np.log(self.values))))


def motor_ratios(maker: str | None = None, practice: Practice = AS_DERIVED) -> tuple[Ratio, ...]:
    """Of all slotless motors whose diameter and length are known; of one maker or of all."""
    parts = [part for part in Parts.packaged().motors.values() if maker in {None, part.maker}]
    known = [p for p in parts if p.kind == "brushless" and p.body.length is not None]
    return _ratios(_MOTOR, [_of_motor(p, p.body.length or 0.0, 0.0, practice) for p in known])


def slotted_ratios(practice: Practice = AS_DERIVED) -> tuple[Ratio, ...]:
    """Of motors with teeth and an inner rotor, each as long as makes the derived one weigh as much.

    Their sheets state no lengths; and what a hand is designed for is the mass.
    """
    parts = [*Parts({}, {}).with_file(SLOTTED).motors.values()]
    parts += [part for name, part in Parts.packaged().motors.items() if "EC-i" in name]
    return _ratios(_MOTOR, [_of_motor(p, _as_heavy(p), 1.0, practice) for p in parts])


def _as_heavy(part: MotorPart) -> float:
    """Length at which a derived motor with teeth has the mass of a part [m]."""
    lengths = part.body.diameter * _ASPECTS
    sizes = (np.array(part.body.diameter), lengths, np.array(float(part.pole_pairs)), np.array(1.0))
    mass = Motor(proportioned(*sizes)).mass
    return float(np.interp(part.body.mass, mass, lengths))


def gear_ratios() -> tuple[Ratio, ...]:
    """Of all planetary gearheads whose diameter and length are known."""
    rows = [row for part in Parts.packaged().gearheads.values() if (row := _of_gear(part))]
    return _ratios(_GEAR, rows)


def _ratios(names: tuple[str, ...], rows: Iterable[tuple[float, ...]]) -> tuple[Ratio, ...]:
    columns = zip(*rows, strict=True)
    return tuple(
        Ratio(name, tuple(v for v in column if np.isfinite(v)))
        for name, column in zip(names, columns, strict=True)
    )


def _of_motor(
    part: MotorPart, length: float, slotted: float, practice: Practice
) -> tuple[float, ...]:
    body, electrical, heat = part.body, part.electrical, part.heat
    outside = (np.array(body.diameter), np.array(length))
    shape = proportioned(*outside, np.array(float(part.pole_pairs)), np.array(slotted))
    motor = Motor(shape, practice=practice)
    speed = np.array(electrical.no_load_rpm * np.pi / 30.0)
    drag = electrical.torque_constant * electrical.no_load_current
    hottest = heat.winding_max if heat and heat.winding_max else WINDING_MAX
    rated = electrical.nominal_torque or electrical.torque_constant * electrical.nominal_current
    torque = float(motor.continuous_torque(0.5 * speed, winding_max=hottest))
    unknown = float("nan")
    return (
        part.motor_constant / BLOCKS / float(motor.motor_constant),
        body.mass / float(motor.mass),
        body.rotor_inertia / float(motor.inertia),
        heat.winding_housing / float(motor.heat.winding) if heat else unknown,
        heat.housing_ambient / float(motor.heat.housing) if heat else unknown,
        rated / torque if torque > 0.0 else unknown,  # drag alone may be derived as too hot
        drag / float(motor.coulomb + motor.viscous * speed),
    )


def _of_gear(part: Gearhead) -> tuple[float, ...] | None:
    body, load = part.body, part.load
    if body.length is None:
        return None
    stages, all_faces = float(part.stages), np.ones_like(_FACES)
    ratio = part.ratios[0] ** (1.0 / stages)
    gear = Gear(body.diameter * all_faces, stages * all_faces, ratio * all_faces, _FACES)
    i = int(np.abs(gear.length - body.length).argmin())
    return (
        load.torque_continuous / float(gear.torque_max[i]),
        body.mass / float(gear.mass[i]),
        load.efficiency / float(gear.efficiency[i]),
        body.inertia / float(gear.inertia[i]) if body.inertia else float("nan"),
    )
