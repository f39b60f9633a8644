"""What differs between two endurance trials: what is drawn, and what use has made of the hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...controller import Hand
from ..motor_heat import Heat

Array = NDArray[np.float64]

SQUEEZE: Final = 10.0  # [N], of the thumb, in every grasp of the headline


@dataclass(frozen=True)
class GraspDraw:
    """What differs from trial to trial, and is known to no controller.

    Attributes:
        seed: Of the sensors.
        mass: [kg].
        friction: Between hand and cylinder.
        shift: Of the cylinder across its axis [m].
        squeeze: Of the thumb in every grasp [N].
    """

    seed: int
    mass: float
    friction: float
    shift: tuple[float, float]
    squeeze: float = SQUEEZE

    @classmethod
    def of(cls, seed: int, squeeze: float = SQUEEZE) -> GraspDraw:
        """Draws it."""
        rng = np.random.default_rng(seed)
        mass, friction = rng.uniform(0.2, 0.4), rng.uniform(0.4, 0.8)
        shift = rng.uniform(-0.002, 0.002, 2)
        return cls(seed, float(mass), float(friction), (float(shift[0]), float(shift[1])), squeeze)


@dataclass(frozen=True, eq=False)
class Age:
    """What use has made of a hand.

    Attributes:
        offset: By which a joint's position reads wrong since its gear has more play, shape
            (joints,) [rad].
        friction: Dry friction that has come to each joint, shape (joints,) [N m].
        heat: Of each motor; empty: none gets warm.
        worn_guides: Those of tendons are.
    """

    offset: Array
    friction: Array
    heat: tuple[Heat, ...] = ()
    worn_guides: bool = False

    @classmethod
    def new(cls, hand: Hand) -> Age:
        """Cold and unworn."""
        none = np.zeros(len(hand.joint_names))
        return cls(none, none)
