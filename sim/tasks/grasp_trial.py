"""What is done to one object in the hand, and the pool of all that is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .grasp_object import OBJECTS, GraspObject
from .grasp_preshape import Grip
from .held_object import pose_error

Array = NDArray[np.float64]

GRAVITY: Final = 9.81  # [m/s2]
LOADED: Final = (0.8, 1.05)  # [s], the fixture lets go and the weight comes in
PUSHED: Final = (1.25, 1.4)  # [s], the push grows

LEVER: Final = 0.02  # [m]: a push of F newtons about an axis is a torque of F times this
POSITION_ERROR: Final = 0.003  # [m], largest of the object's place along each axis
ANGLE_ERROR: Final = np.radians(5.0)  # [rad], largest of its orientation, about any axis

MASSES: Final = (0.1, 0.5)  # [kg]
FRICTIONS: Final = (0.3, 0.6)
PUSHES: Final = (1.0, 5.0, 10.0)  # [N]
GRIPS: Final[tuple[Grip, ...]] = ("precision", "power")

Kind = Literal["force", "torque"]
KINDS: Final[tuple[Kind, ...]] = ("force", "torque")


@dataclass(frozen=True)
class GraspTrial:
    """What is done to one object, and known to no controller.

    Attributes:
        thing: What is held.
        grip: How.
        mass: [kg].
        friction: Coefficient between hand and object.
        push: Of the force [N]; a torque is `LEVER` times as large in N m.
        kind: Force or torque.
        axis: 0 to 2, of the world: along the forearm, across, up.
        sign: +1 or -1.
        seed: From which the errors of pose and sensors follow.
    """

    thing: GraspObject
    grip: Grip
    mass: float
    friction: float
    push: float
    kind: Kind
    axis: int
    sign: int
    seed: int

    def pose_error(self) -> tuple[Array, Array]:
        """By how much the object is off: a shift (3,) [m] and a unit quaternion (4,)."""
        return pose_error(self.seed, POSITION_ERROR, ANGLE_ERROR)


def pool(
    objects: Sequence[GraspObject] = OBJECTS,
    grips: Sequence[Grip] = GRIPS,
    masses: Sequence[float] = MASSES,
    frictions: Sequence[float] = FRICTIONS,
    pushes: Sequence[float] = PUSHES,
    first_seed: int = 0,
) -> list[GraspTrial]:
    """Every combination, pushed along and twisted about each axis both ways; a seed for each."""
    every = product(grips, objects, masses, frictions, pushes, KINDS, range(3), (1, -1))
    return [
        GraspTrial(thing, grip, mass, friction, push, kind, axis, sign, first_seed + i)
        for i, (grip, thing, mass, friction, push, kind, axis, sign) in enumerate(every)
    ]


def external_wrench(trial: GraspTrial) -> tuple[Array, Array]:
    """What acts on the object besides gravity and the hand.

    Returns:
        Times (k,) [s] and wrenches (k, 6): force [N], then torque [N m], world axes.
    """
    load, push = np.linspace(*LOADED, 21), np.linspace(*PUSHED, 21)
    time = np.concatenate([load, push])
    wrench = np.zeros((len(time), 6))
    wrench[:, 2] = trial.mass * GRAVITY * (1.0 - _smooth(time, *LOADED))
    size = trial.push * (LEVER if trial.kind == "torque" else 1.0)
    component = trial.axis + (3 if trial.kind == "torque" else 0)
    wrench[:, component] += trial.sign * size * _smooth(time, *PUSHED)
    return time, wrench


def _smooth(time: Array, begin: float, end: float) -> Array:
    """From 0 to 1 with no jump in rate."""
    s = np.clip((time - begin) / (end - begin), 0.0, 1.0)
    return np.asarray(s * s * (3.0 - 2.0 * s))
