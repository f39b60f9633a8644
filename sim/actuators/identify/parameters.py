"""What is fitted: names, bounds, which belong to which friction model, and the servo they make.

The models are those of Duclusaud, Passault, Padois and Ly 2024 (arXiv 2410.08650), one in the
other: what a poorer model lacks is zero in a richer one, or tied to another parameter. So each
optimum is a point of the richer model's space, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...._core import Friction, RigServo

Array = NDArray[np.float64]
Values = Mapping[str, float]

_LARGEST: Final = 700.0  # of an exponent: e to it is just a number
MODELS: Final = ("m1", "m2", "m3", "m4", "m5", "m6")


@dataclass(frozen=True)
class Parameter:
    """One number of a servo, searched on a logarithmic scale if it has no sign."""

    name: str
    low: float
    high: float
    unit: str
    vanishes: bool = False
    """At its lower bound it is zero: a smaller one changes nothing that is seen."""

    def value(self, place: float) -> float:
        """At a place from 0, its lower bound, to 1."""
        if self.vanishes and place <= 0.0:
            return 0.0
        if self.linear:
            return self.low + (self.high - self.low) * place
        return float(self.low * (self.high / self.low) ** place)

    def place(self, value: float) -> float:
        """Of a value, bounded."""
        if value <= self.low:
            return 0.0
        if self.linear:
            return min((value - self.low) / (self.high - self.low), 1.0)
        return min(math.log(value / self.low) / math.log(self.high / self.low), 1.0)

    def around(self, value: float, places: float) -> tuple[float, float]:
        """So many places below and above a value, bounds or not."""
        if self.linear:
            wide = places * (self.high - self.low)
            return value - wide, value + wide
        factor = math.exp(min(places * math.log(self.high / self.low), _LARGEST))
        return value / factor, value * factor

    def lacks(self, value: float) -> str:
        """What a value would have to be and is not, in words; empty: it can be."""
        if not math.isfinite(value):
            return "a finite number"
        if self.linear or value > 0.0 or (self.vanishes and value == 0.0):
            return ""
        return "0 or more" if self.vanishes else "more than 0"

    @property
    def linear(self) -> bool:
        """Not on a logarithmic scale, because it has a sign."""
        return self.low < 0.0


_ALL: Final = (
    Parameter("torque_constant", 0.02, 10.0, "N m/A"),
    Parameter("back_emf", 0.02, 10.0, "V s/rad"),
    Parameter("resistance", 0.1, 50.0, "ohm"),
    Parameter("inertia", 1e-5, 0.1, "kg m2"),
    Parameter("coulomb", 1e-4, 1.0, "N m", vanishes=True),
    Parameter("viscous", 1e-5, 1.0, "N m s/rad", vanishes=True),
    Parameter("stribeck_coulomb", 1e-4, 1.0, "N m", vanishes=True),
    Parameter("stribeck_speed", 0.01, 10.0, "rad/s"),
    Parameter("stribeck_exponent", 0.3, 5.0, ""),
    Parameter("load", 1e-3, 0.9, "", vanishes=True),
    Parameter("load_motor", 1e-3, 0.9, "", vanishes=True),
    Parameter("load_external", 1e-3, 0.9, "", vanishes=True),
    Parameter("stribeck_load", 1e-3, 0.9, "", vanishes=True),
    Parameter("stribeck_load_motor", 1e-3, 0.9, "", vanishes=True),
    Parameter("stribeck_load_external", 1e-3, 0.9, "", vanishes=True),
    Parameter("quadratic_motor", 1e-3, 50.0, "1/(N m)", vanishes=True),
    Parameter("quadratic_external", 1e-3, 50.0, "1/(N m)", vanishes=True),
    Parameter("gain", 1e-5, 1.0, "1/rad"),
    Parameter("zero", -0.1, 0.1, "rad"),
    Parameter("delay", 1e-4, 0.05, "s", vanishes=True),
    Parameter("backlash", 1e-4, 0.1, "rad", vanishes=True),
    Parameter("braking", 1e-3, 1.0, "", vanishes=True),
    Parameter("off_braking", 1e-3, 1.0, "", vanishes=True),
    Parameter("supply_resistance", 1e-3, 5.0, "ohm", vanishes=True),
)
PARAMETERS: Final = {p.name: p for p in _ALL}

_STRIBECK = ("stribeck_coulomb", "stribeck_speed", "stribeck_exponent")
_LOADS = ("load_motor", "load_external", "stribeck_load_motor", "stribeck_load_external")
_FRICTION: Final[Mapping[str, tuple[str, ...]]] = {
    "m1": (),
    "m2": _STRIBECK,
    "m3": ("load",),
    "m4": (*_STRIBECK, "load", "stribeck_load"),
    "m5": (*_STRIBECK, *_LOADS),
    "m6": (*_STRIBECK, *_LOADS, "quadratic_motor", "quadratic_external"),
}
POORER: Final[Mapping[str, tuple[str, ...]]] = {
    "m1": (),
    "m2": ("m1",),
    "m3": ("m1",),
    "m4": ("m2", "m3"),
    "m5": ("m4",),
    "m6": ("m5",),
}
"""The models that each contains."""

FRICTION: Final = frozenset(name for names in _FRICTION.values() for name in names)
"""What only some of the models have."""

_WITHOUT: Final = {"braking": 1.0}
"""What a parameter is that nobody speaks of, where that is not zero."""
TIED: Final = {
    "back_emf": "torque_constant",
    "load_motor": "load",
    "load_external": "load",
    "stribeck_load_motor": "stribeck_load",
    "stribeck_load_external": "stribeck_load",
}
"""What a parameter is where it is not free by itself."""


def names_of(model: str, free: Sequence[str] = ()) -> tuple[str, ...]:
    """The parameters of a friction model.

    Args:
        model: `m1` to `m6`.
        free: More, besides those of the motor and its friction.
    """
    base = ("torque_constant", "resistance", "inertia", "coulomb", "viscous")
    return (*base, *_FRICTION[model], *(name for name in free if name not in base))


@dataclass(frozen=True)
class Space:
    """The parameters that are searched, and those that are not.

    Attributes:
        names: Searched, in the order of a point; a point has a place in [0, 1] for each.
        fixed: Values of others.
    """

    names: tuple[str, ...]
    fixed: Values

    def values(self, point: Array) -> dict[str, float]:
        """Those at a point, with the fixed ones."""
        places = zip(self.names, point, strict=True)
        return {**self.fixed, **{name: PARAMETERS[name].value(u) for name, u in places}}

    def point(self, values: Values) -> Array:
        """Where values are; what they lack is as what it is tied to, nothing, or in the middle."""
        return np.array([self._place(name, values) for name in self.names])

    def _place(self, name: str, values: Values) -> float:
        parameter = PARAMETERS[name]
        value = values.get(name, values.get(TIED.get(name, ""), _WITHOUT.get(name, 0.0)))
        return 0.5 if value == 0.0 and not parameter.vanishes else parameter.place(value)


def servo_of(values: Values) -> RigServo:
    """The servo for the rig."""
    servo = RigServo()
    servo.torque_constant = values["torque_constant"]
    servo.back_emf = values.get("back_emf", servo.torque_constant)
    servo.resistance, servo.inertia = values["resistance"], values["inertia"]
    servo.gain = values.get("gain", servo.gain)
    servo.braking = values.get("braking", _WITHOUT["braking"])
    for name in ("zero", "delay", "backlash", "off_braking", "supply_resistance"):
        setattr(servo, name, values.get(name, 0.0))
    servo.friction = friction_of(values)
    return servo


def friction_of(values: Values) -> Friction:
    """Its friction, tied parameters taken apart."""
    friction = Friction()
    for name in (
        *_STRIBECK,
        *_LOADS,
        "coulomb",
        "viscous",
        "quadratic_motor",
        "quadratic_external",
    ):
        if (value := values.get(name, values.get(TIED.get(name, "")))) is not None:
            setattr(friction, name, value)
    return friction
