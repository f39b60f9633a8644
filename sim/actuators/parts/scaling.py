"""How a motor's constant grows with its size: Km = c D^a L^b for each type of motor.

In a motor that is enlarged alike in all directions Km goes with the power 2.5 of the size; a longer
one of the same section has Km in proportion to sqrt(L) where ends are short (Km^2 = torque^2 per
heat, and both grow with the length). Magnet and number of poles make the flux in the gap, so types
are kept apart. L is that of a cylinder of the motor's mass, because hardly a sheet of maxon's that
was at hand states lengths; its density cancels out as long as all motors of a type have the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DENSITY: Final = 5000.0
"""[kg/m3], of the cylinder that has a motor's mass. Any figure gives the same predictions."""


class Sized(Protocol):
    """A motor as scaling sees it."""

    @property
    def kind(self) -> str:
        """Brushed, brushless or flat."""

    @property
    def magnet(self) -> str:
        """Its material."""

    @property
    def pole_pairs(self) -> int:
        """Of its rotor or stator."""

    @property
    def motor_constant(self) -> float:
        """[N m/sqrt(W)]."""


@dataclass(frozen=True)
class Size:
    """Diameter and length [m]."""

    diameter: float
    length: float

    @classmethod
    def of_mass(cls, diameter: float, mass: float) -> Self:
        """A cylinder that weighs as much as a motor [kg]."""
        return cls(diameter, mass / (DENSITY * math.pi / 4.0 * diameter**2))


def motor_type(motor: Sized) -> str:
    """What scales alike: brushed by magnet, brushless by poles, flat."""
    if motor.kind == "brushed":
        return f"brushed, {motor.magnet}"
    if motor.kind == "flat":
        return "flat"
    return "brushless, 2 poles" if motor.pole_pairs == 1 else "brushless, 4 or more poles"


@dataclass(frozen=True)
class ConstantLaw:
    """Km = coefficient D^diameter L^length.

    Attributes:
        coefficient: In SI units.
        diameter: Exponent.
        length: Exponent.
    """

    coefficient: float
    diameter: float
    length: float

    @classmethod
    def fitted(cls, sizes: Iterable[Size], constants: Iterable[float]) -> Self:
        """Least squares of the logarithms."""
        rows = np.array([(1.0, math.log(s.diameter), math.log(s.length)) for s in sizes])
        logs = np.log(np.fromiter(constants, np.float64))
        found, *_ = np.linalg.lstsq(rows, logs, rcond=None)
        return cls(float(np.exp(found[0])), float(found[1]), float(found[2]))

    def __call__(self, size: Size) -> float:
        """Km [N m/sqrt(W)]."""
        return float(self.coefficient * size.diameter**self.diameter * size.length**self.length)


@dataclass(frozen=True)
class Sample:
    """A motor of one maker to fit or to predict.

    Attributes:
        name: Of the motor.
        type_: As `motor_type` has it.
        size: What Km is predicted from.
        constant: Km [N m/sqrt(W)] of its sheet.
    """

    name: str
    type_: str
    size: Size
    constant: float


def laws(samples: Iterable[Sample]) -> Mapping[str, ConstantLaw]:
    """A law for each type of which there are enough motors to fit three numbers."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.type_, []).append(sample)
    return {
        type_: ConstantLaw.fitted((s.size for s in group), (s.constant for s in group))
        for type_, group in groups.items()
        if len({s.size for s in group}) > 3
    }


def prediction_ratios(fitted: Iterable[Sample], predicted: Iterable[Sample]) -> dict[str, float]:
    """Km of the sheet over Km of the law, by name; of types that were fitted."""
    known = laws(fitted)
    return {s.name: s.constant / known[s.type_](s.size) for s in predicted if s.type_ in known}
