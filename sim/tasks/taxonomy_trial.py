"""What is done to an object of the taxonomy: a ladder of wrenches in 28 directions.

The ladder is that of a public wrench probe (14 force and 14 torque directions, rungs of 1.4 from
0.25 N, 0.6 s each), placed so that one rung is the gate: ten times the mass in newtons, the form of
DexGraspBench (Chen et al. 2024) and Dexonomy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .grasp_trial import ANGLE_ERROR, GRAVITY, LEVER, LOADED, POSITION_ERROR
from .held_object import pose_error
from .taxonomy_types import GraspType

Array = NDArray[np.float64]

MASSES: Final = (0.1, 0.5)  # [kg]
FRICTION: Final = (0.6, 0.02)  # sliding, and torsion [m]: those of DexGraspBench
GATE: Final = 10.0  # [N/kg]

LOWEST: Final = 0.25  # [N], about where a ladder begins
RATIO: Final = 1.4
ABOVE: Final = 2  # rungs over the gate
PUSHED: Final = 1.25  # [s], when the first rung begins
RUNG: Final = 0.6  # [s]
_RISE: Final = 0.1  # [s], of them

_WAYS: Final = tuple(
    np.array(way) / np.linalg.norm(way)
    for way in [*np.vstack([np.eye(3), -np.eye(3)]), *product((1.0, -1.0), repeat=3)]
)
FORCES: Final = len(_WAYS)  # of the directions; torques follow
DIRECTIONS: Final = tuple(
    np.concatenate([way, np.zeros(3)] if push else [np.zeros(3), LEVER * way])
    for push in (True, False)
    for way in _WAYS
)
"""Wrenches of one newton: forces, then torques `LEVER` times as large in N m, world axes."""


@dataclass(frozen=True)
class Ladder:
    """How an object is pulled at.

    Attributes:
        mass: [kg].
        below: Rungs below the gate.
        above: Rungs over it.
        directions: Indices of `DIRECTIONS`.
    """

    mass: float
    below: int
    above: int = ABOVE
    directions: tuple[int, ...] = tuple(range(len(DIRECTIONS)))

    @classmethod
    def full(cls, mass: float) -> Ladder:
        """From about `LOWEST` on, in all directions."""
        return cls(mass, round(float(np.log(GATE * mass / LOWEST) / np.log(RATIO))))

    @property
    def gate(self) -> float:
        """[N]."""
        return GATE * self.mass

    @property
    def rungs(self) -> Array:
        """[N], rising."""
        return np.asarray(self.gate * RATIO ** np.arange(-self.below, self.above + 1))

    @property
    def end(self) -> float:
        """[s]."""
        return PUSHED + RUNG * (self.below + self.above + 1)

    def wrench(self, direction: int) -> tuple[Array, Array]:
        """What acts on the object besides gravity and the hand.

        Returns:
            Times (k,) [s] and wrenches (k, 6): force [N], then torque [N m], world axes.
        """
        load = np.linspace(*LOADED, 21)
        begin = PUSHED + RUNG * np.arange(len(self.rungs))
        size = np.concatenate([np.zeros(22), np.repeat(self.rungs, 2)])
        size[22::2] = np.concatenate([[0.0], self.rungs[:-1]])
        time = np.concatenate([[0.0], load, np.ravel(np.column_stack([begin, begin + _RISE]))])
        wrench = size[:, None] * DIRECTIONS[direction]
        wrench[:, 2] += self.mass * GRAVITY * (1.0 - _smooth(time, *LOADED))
        return time, wrench


@dataclass(frozen=True)
class TaxonomyTrial:
    """What is done with one type of grasp, and known to no controller."""

    kind: GraspType
    ladder: Ladder
    seed: int

    def pose_error(self) -> tuple[Array, Array]:
        """By how much the object is off: a shift (3,) [m] and a unit quaternion (4,)."""
        return pose_error(self.seed, POSITION_ERROR, ANGLE_ERROR)


def _smooth(time: Array, begin: float, end: float) -> Array:
    """From 0 to 1 with no jump in rate."""
    s = np.clip((time - begin) / (end - begin), 0.0, 1.0)
    return np.asarray(s * s * (3.0 - 2.0 * s))
