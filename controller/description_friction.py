"""Friction of a motor and its gear, as its `hand.toml` or its own file tells of it."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from .description_table import NotNegative, Positive, Table

_LOAD = AliasChoices("load_external", "load")
_STICTION = AliasChoices("stribeck_coulomb", "stiction")


class Friction(Table):
    """The most that friction can take: M6 of Duclusaud et al. 2024, which contains M1 to M5.

    coulomb + viscous |w| + |load_motor tm - load_external te|
    + s (stribeck_coulomb + |stribeck_load_motor tm - stribeck_load_external te| + quadratic)

    with s = exp(-|w / stribeck_speed|^stribeck_exponent). See friction.hpp.
    """

    model: Literal["m1", "m2", "m3", "m4", "m5", "m6"] = "m6"
    """The smallest of the nested models that it is."""
    coulomb: NotNegative = 0.0
    """[N m]."""
    viscous: NotNegative = 0.0
    """[N m s/rad]."""
    load_motor: NotNegative = 0.0
    """Part of the motor's torque."""
    load_external: Annotated[NotNegative, Field(validation_alias=_LOAD)] = 0.0
    """Part of the torque from outside. May be called `load`."""
    stribeck_coulomb: Annotated[NotNegative, Field(validation_alias=_STICTION)] = 0.0
    """[N m], that breaking loose takes on top. May be called `stiction`."""
    stribeck_load_motor: NotNegative = 0.0
    """Part of the motor's torque, at rest."""
    stribeck_load_external: NotNegative = 0.0
    """Part of the torque from outside, at rest."""
    stribeck_speed: Positive = 0.1
    """[rad/s]. With an exponent of 2, half of what sticks is gone at 0.83 of it."""
    stribeck_exponent: Positive = 2.0
    quadratic_motor: NotNegative = 0.0
    """[1/(N m)], at rest, of the square of the motor's torque where that is the smaller one."""
    quadratic_external: NotNegative = 0.0
    """[1/(N m)], at rest, the same of the torque from outside."""

    def sticking(self, speed: float) -> float:
        """How much of what sticks at rest is left at a speed [rad/s]: s."""
        return math.exp(-(abs(speed / self.stribeck_speed) ** self.stribeck_exponent))
