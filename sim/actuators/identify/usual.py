"""Where a search begins: what is usual for a servo that can do what its logs show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....controller.servo_log import ServoLog
from .data_sheet import DataSheet
from .parameters import PARAMETERS, Space

Array = NDArray[np.float64]

_GRAVITY: Final = 9.81  # [m/s2]
_SPARE: Final = 2.0  # ASSUMPTION: a rig loads a servo with half of its stall torque
_SMALL_SERVO: Final = 5.0  # [ohm]: ASSUMPTION
_AROUND: Final = 2.0  # to either side of a figure of the motor
_PARTS: Final = {
    "coulomb": (0.003, 0.1),
    "viscous": (0.003, 0.1),
    "inertia": (0.05, 1.0),
    "stribeck_coulomb": (0.003, 0.1),
    "stribeck_speed": (0.01, 0.3),
    "stribeck_exponent": (0.5, 3.0),
    "quadratic_motor": (0.03, 6.0),
    "quadratic_external": (0.3, 6.0),
    "zero": (-0.02, 0.02),
    "delay": (0.0005, 0.01),
    "backlash": (0.002, 0.02),
    "braking": (0.3, 0.98),
    "off_braking": (0.01, 0.5),
    "supply_resistance": (0.05, 0.5),
}
"""Of the stall torque, of that over the speed without load, of the load's inertia, of the speed;
then as they are. All of it only says where to begin."""
_LOAD: Final = (0.02, 0.4)


def usual_places(
    space: Space, logs: Sequence[ServoLog], sheet: DataSheet | None
) -> tuple[Array, Array]:
    """The lowest and highest point between which random starts lie."""
    supply = float(np.median([log.supply for log in logs]))
    resistance = _SMALL_SERVO
    if sheet and sheet.stall_current:
        resistance = sheet.voltage / sheet.stall_current
    lifted = max(log.load.mass * log.load.length for log in logs) * _GRAVITY
    stall = sheet.stall_torque * supply / sheet.voltage if sheet else _SPARE * lifted
    constant = max(stall * resistance / supply, 1e-6)
    speed = supply / constant
    turned = max(log.load.mass * log.load.length**2 + log.load.inertia for log in logs)
    unit = {
        "coulomb": stall,
        "stribeck_coulomb": stall,
        "viscous": stall / speed,
        "inertia": turned,
        "stribeck_speed": speed,
        "quadratic_motor": 1.0 / stall,
        "quadratic_external": 1.0 / stall,
    }
    around = {"torque_constant": constant, "back_emf": constant, "resistance": resistance}

    def ends(name: str) -> tuple[float, float]:
        if name in around:
            return around[name] / _AROUND, around[name] * _AROUND
        if name == "gain":
            return 5e-4, 0.5
        low, high = _PARTS.get(name, _LOAD)
        return low * unit.get(name, 1.0), high * unit.get(name, 1.0)

    places = [[PARAMETERS[name].place(value) for value in ends(name)] for name in space.names]
    low, high = np.array(places).T
    return low, high
