"""Motors with the gearheads that fit them, as arrays: a hundred thousand are judged in one go."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .levers import Lever

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rating = Literal["continuous", "peak"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """One motor with one gearhead each; torques and speeds are those of the output, in shape (n,).

    Attributes:
        source: Where they are from.
        motor_mass: [kg].
        gear_mass: [kg].
        speed: Without load [rad/s].
        motor_continuous: What the motor alone would allow for good, gear loss taken off [N m].
        motor_peak: The same for a moment [N m].
        stall: What the voltage drives at rest, gear loss taken off [N m].
        motor_constant: Km at the output, gear loss taken off [N m/sqrt(W)].
        gear_continuous: What the gear bears for good [N m].
        gear_peak: What it bears for a moment [N m].
        inertia: Of rotor and gear [kg m2]; NaN: not known.
        motor_family: Number of the motor whose windings these are.
        gear_family: Number of the gearhead whose ratios these are.
        price: [USD]; NaN: not known.
        names: n names.
        makers: n of them.
    """

    source: str
    motor_mass: Array
    gear_mass: Array
    speed: Array
    motor_continuous: Array
    motor_peak: Array
    stall: Array
    motor_constant: Array
    gear_continuous: Array
    gear_peak: Array
    inertia: Array
    motor_family: NDArray[np.int64]
    gear_family: NDArray[np.int64]
    price: Array
    names: Sequence[str]
    makers: NDArray[np.str_]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.speed)

    def rows(self, which: Mask) -> Pairs:
        """Some of them."""
        arrays = {
            field.name: getattr(self, field.name)[which]
            for field in fields(self)
            if field.name not in {"source", "names"}
        }
        names = [name for name, here in zip(self.names, which, strict=True) if here]
        return replace(self, names=names, **arrays)

    def mass(self, lever: Lever) -> Array:
        """[kg], of motor and gear."""
        return self.motor_mass * lever.motor_mass + self.gear_mass

    def torque(self, lever: Lever, rating: Rating = "continuous") -> Array:
        """[N m], what both motor and gear allow."""
        if rating == "peak":
            motor, gear = self.motor_peak * lever.motor_peak, self.gear_peak
        else:
            motor, gear = self.motor_continuous * lever.motor_continuous, self.gear_continuous
        return lever.output * np.minimum(motor, gear * lever.gear)

    def at_rest(self, lever: Lever) -> Array:
        """Torque of the torque-speed line at rest [N m]: it grows with the square of Km."""
        return lever.output * lever.motor_peak**2 * self.stall

    def heat(self, lever: Lever, torque: float) -> Array:
        """Loss in copper [W] for a torque at the output [N m], winding at 25 deg C."""
        return (torque / (lever.output * lever.motor_peak * self.motor_constant)) ** 2

    def no_load(self, lever: Lever) -> Array:
        """Speed without load [rad/s]."""
        return self.speed / lever.output

    def reflected(self, lever: Lever) -> Array:
        """Inertia of rotor and gear [kg m2]: it grows as the square of what slows the output."""
        return lever.output**2 * self.inertia

    @property
    def gear_limited(self) -> Mask:
        """Where the gear bears less for good than the motor gives."""
        return self.gear_continuous < self.motor_continuous


def families(keys: Iterable[Hashable]) -> NDArray[np.int64]:
    """Equal keys get equal numbers, from 0 on."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
