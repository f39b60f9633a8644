"""What is between a motor and its output, planetary stages or a screw, as a drive sees it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .gear import Gear
from .screw import Screw

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reduction:
    """Arrays of one shape.

    Attributes:
        diameter: Outside [m].
        stages: Of planetary gears; 0: a screw.
        ratio: Turns of the motor for one of the output.
        efficiency: Driving the output under load.
        back_efficiency: Driven by the output; 0: it locks.
        torque_max: At the output, for good [N m].
        torque_peak: At the output, for seconds [N m].
        speed_max: Of the motor [rad/s].
        length: [m].
        mass: [kg].
        inertia: At the motor [kg m2].
        fits: Whether it can be made, as bool.
    """

    diameter: Array
    stages: Array
    ratio: Array
    efficiency: Array
    back_efficiency: Array
    torque_max: Array
    torque_peak: Array
    speed_max: Array
    length: Array
    mass: Array
    inertia: Array
    fits: NDArray[np.bool_]


def reduction(diameter: Array, stages: Array, gear: Gear, screw: Screw) -> Reduction:
    """The gear where there are stages, the screw where there are none."""
    geared = stages > 0.5
    names = [f.name for f in fields(Reduction) if f.name not in {"diameter", "stages"}]
    chosen = {n: np.where(geared, getattr(gear, n), getattr(screw, n)) for n in names}
    return Reduction(diameter, stages, **chosen)
