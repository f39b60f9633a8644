"""A power grip as a control law: every joint squeezes, and none gives way.

  tau = g(q) + level * squeeze + K (r - q) + integral of Ki K (r - q) - D dq

Fingertips are all that feels force. What phalanges and palm carry shows in the joints alone: so
the posture in which the squeeze settled is held by an integral, as far as the motors go, and what
a joint needs for that is how the load is felt: the squeeze rises with it. It rises as well while a
pad slips, or is about to. Once raised it stays: a handle is not crushed. While it rises the posture
yields, or the integral would take back what the squeeze adds.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import ControlLaw, control_law
from ...controller.jit import njit

Array = NDArray[np.float64]

_JOINTS: Final = 32  # at most, as in the core
_GAINS: Final = 11
_LEVEL, _LOAD, _HELD = 0, 1, 2
"""In the law's memory: level, load, then posture and integral of every joint."""


@dataclass(frozen=True)
class PowerGains:
    """How a power grip squeezes.

    Attributes:
        begins: The hand has closed, and squeezes from now on [s].
        settled: The posture is held from now on [s].
        level: Of the squeeze to begin with, 1 for all that the joints have.
        level_max: And at most.
        rise: Of the level, at most [1/s].
        answer: Of the level to the largest part of its torque that a joint needs to stay.
        stiffen: How fast the integral makes up for what the springs give [1/s].
        slip: Speed of the skin from which it counts as slip [m/s].
        friction: Tangential over normal force of a pad from which it may slip soon.
        touch: Normal force below which a pad says nothing [N].
        yielding: Time constant of the posture while the squeeze rises or settles [s].
    """

    begins: float
    settled: float
    level: float = 0.8
    level_max: float = 1.0
    rise: float = 10.0
    answer: float = 4.0
    stiffen: float = 3.0
    slip: float = 0.004
    friction: float = 0.5
    touch: float = 1.0
    yielding: float = 0.03


@njit
def _slips(slip_speed: Any, normal_force: Any, contact_force: Any, gains: Any) -> bool:
    """A pad slips, or bears nearly what its friction can."""
    for f in range(len(normal_force)):
        normal, square = normal_force[f], 0.0
        for axis in range(3):
            square += contact_force[f, axis] ** 2
        loaded = square - normal * normal > (gains[8] * normal) ** 2
        if normal > gains[9] and (loaded or slip_speed[f] > gains[7]):
            return True
    return False


def _power_grip(
    time: Any, period: Any, q: Any, dq: Any, reference: Any, gravity: Any, stiffness: Any,
    damping: Any, torque_max: Any, normal_force: Any, slip_speed: Any, contact_force: Any,
    parameters: Any, memory: Any, torque: Any,
) -> None:  # fmt: skip
    n = len(q)
    squeezes, settled = time >= parameters[0], time >= parameters[1]
    low, most, step = parameters[2], parameters[3], parameters[4] * period
    before = memory[_LEVEL]
    if squeezes:
        memory[_LEVEL] = max(memory[_LEVEL], min(low, memory[_LEVEL] + step))
    if settled and low < most:
        slips = _slips(slip_speed, normal_force, contact_force, parameters)
        wanted_level = most if slips else min(most, low + parameters[5] * memory[_LOAD])
        memory[_LEVEL] = max(memory[_LEVEL], min(wanted_level, memory[_LEVEL] + step))
    yields = not settled or memory[_LEVEL] > before
    memory[_LOAD] = 0.0
    for i in range(n):
        finger, at = parameters[_GAINS + n + i] > 0.0, _HELD + 2 * i
        if not squeezes:
            memory[at] = reference[i]
        elif finger and yields:
            memory[at] += period / parameters[10] * (q[i] - memory[at])
        spring = stiffness[i] * (memory[at] - q[i])
        part = memory[_LEVEL] * parameters[_GAINS + i] * torque_max[i]
        stays = spring + memory[at + 1]
        wanted = gravity[i] + part + stays - damping[i] * dq[i]
        # No winding up: what is at its limit only ever comes back. Not the wrist: with a long tool
        # on it, it swings too slowly for an integral.
        if finger and settled and (abs(wanted) < torque_max[i] or wanted * spring < 0.0):
            memory[at + 1] += parameters[6] * spring * period
        memory[_LOAD] = max(memory[_LOAD], abs(stays) / torque_max[i])
        torque[i] = wanted


@cache
def _compiled() -> ControlLaw:
    """Compiled when first asked for: numba takes seconds that a list of trials does not need."""
    law = control_law(parameters=[0.0] * (_GAINS + 2 * _JOINTS), memory=2 + 2 * _JOINTS)
    return law(_power_grip)


def power_grip(gains: PowerGains, squeeze: Array, fingers: NDArray[np.intp]) -> _core.CustomLaw:
    """The law of one hand around one handle.

    Args:
        gains: How it squeezes.
        squeeze: Torques of the full squeeze as parts of their limits, shape (n,).
        fingers: Indices of the joints that squeeze; the others hold their posture.
    """
    takes_part = np.zeros(len(squeeze))
    takes_part[fingers] = 1.0
    return _compiled().with_parameters([*astuple(gains), *squeeze, *takes_part])
