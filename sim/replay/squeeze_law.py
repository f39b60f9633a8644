"""A given squeeze as a control law: every link presses, as hard as the motors can in step.

  tau = g(q) + level * squeeze + K (r - q) + integral of Ki K (r - q) - D dq

Until the hand has settled r is the grasp, as it is for the position servos of a benchmark; but what
presses is torque, so that the springs need be no stiffer than touch and its delay bear. The squeeze
rises until a joint is near its limit: one that gave up before the others would tip the forces over.
From then on the posture that came of it is held, and an integral takes what a push adds.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import ControlLaw, control_law

Array = NDArray[np.float64]

_JOINTS: Final = 32  # at most, as in the core
_GAINS: Final = 5
_LEVEL, _USED, _SETTLED, _HELD = 0, 1, 2, 3
"""In the law's memory: level, largest part of a limit in use, whether settled, then posture and
integral of every joint."""


@dataclass(frozen=True)
class SqueezeGains:
    """How a squeeze rises and is kept.

    Attributes:
        settled: The posture is held from now on [s].
        level_max: Times the squeeze that is given.
        rise: Of the level [1/s].
        used_max: Part of its limit that a joint may need before the level rises no more.
        stiffen: How fast the integral makes up for what the springs give [1/s].
    """

    settled: float
    level_max: float = 12.0
    rise: float = 50.0
    used_max: float = 0.95
    stiffen: float = 10.0


def _squeeze(
    time: Any, period: Any, q: Any, dq: Any, gravity: Any, stiffness: Any, damping: Any,
    torque_max: Any, parameters: Any, memory: Any, torque: Any,
) -> None:  # fmt: skip
    n = len(q)
    settled, settles = time >= parameters[0], time >= parameters[0] and memory[_SETTLED] == 0.0
    if not settled and memory[_USED] < parameters[3]:
        level = max(memory[_LEVEL], 1.0) + parameters[2] * period
        memory[_LEVEL] = min(level, parameters[1])
    memory[_USED] = 0.0
    for i in range(n):
        at, grasp = _HELD + 2 * i, parameters[_GAINS + n + i]
        finger = parameters[_GAINS + 2 * n + i] > 0.0
        if not settled or not finger:
            memory[at] = grasp
        elif settles:
            memory[at], memory[at + 1] = q[i], stiffness[i] * (grasp - q[i])
        spring = stiffness[i] * (memory[at] - q[i])
        press = memory[_LEVEL] * parameters[_GAINS + i]
        wanted = gravity[i] + press + spring + memory[at + 1] - damping[i] * dq[i]
        # No winding up: what is at its limit only ever comes back.
        if finger and settled and (abs(wanted) < torque_max[i] or wanted * spring < 0.0):
            memory[at + 1] += parameters[4] * spring * period
        if finger:
            memory[_USED] = max(memory[_USED], abs(wanted) / torque_max[i])
        torque[i] = wanted
    if settled:
        memory[_SETTLED] = 1.0


@cache
def _compiled() -> ControlLaw:
    """Compiled when first asked for: numba takes seconds that a list of trials does not need."""
    law = control_law(parameters=[0.0] * (_GAINS + 3 * _JOINTS), memory=_HELD + 2 * _JOINTS)
    return law(_squeeze)


def squeeze_law(
    gains: SqueezeGains, squeeze: Array, grasp: Array, fingers: NDArray[np.intp]
) -> _core.CustomLaw:
    """The law of one hand at one grasp.

    Args:
        gains: How the squeeze rises and is kept.
        squeeze: Torques of the joints that press as it says [N m], shape (n,).
        grasp: Posture at the object [rad], shape (n,).
        fingers: Indices of the joints that squeeze; the others hold their posture.
    """
    takes_part = np.zeros(len(squeeze))
    takes_part[fingers] = 1.0
    parts = (*astuple(gains), *(squeeze * takes_part), *grasp, *takes_part)
    return _compiled().with_parameters([float(x) for x in parts])
