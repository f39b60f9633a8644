"""What is drawn for a cup, what loads it, and how little force just holds it.

In an opposed grasp the friction of both sides carries the load, 2 mu F >= load. What load counts
follows from the drop criterion itself: the smallest constant friction force with which the cup
slips no further than 3 mm through the whole run (`least_friction_force`). The cup is crushed when
any finger presses more than `strength` times its share of that least force.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .cup_object import EMPTY, FILLING, LUMP

Array = NDArray[np.float64]

GRAVITY: Final = 9.81  # [m/s2]
POUR: Final = (1.5, 6.5)  # [s], where a trial does not say otherwise
DROP_IN: Final = 7.0  # [s]
FALL: Final = 0.02  # [m], that the lump falls before it lands
LANDING: Final = 0.04  # [s], half sine over which its impulse is passed on
SHAKE: Final = 2.0  # [m/s2], amplitude
DROPPED: Final = 0.003  # [m], slip from which the cup counts as dropped


@dataclass(frozen=True)
class CupTrial:
    """What is drawn for one seed, and known to no controller.

    Attributes:
        seed: It all follows from this.
        friction: Coefficient between pads and cup.
        strength: Force at which the cup is crushed over the least force that holds it.
        mass_scale: Errors of cup, filling and lump, shape (3,).
        pour_time: How long it takes to fill the cup [s].
    """

    seed: int
    friction: float
    strength: float
    mass_scale: tuple[float, float, float]
    pour_time: float = POUR[1] - POUR[0]

    @classmethod
    def draw(cls, seed: int) -> CupTrial:
        """Friction 0.4-0.9, strength 1.4-2.0, masses within 10 %."""
        rng = np.random.default_rng(seed)
        friction = float(rng.uniform(0.4, 0.9))
        strength = float(rng.uniform(1.4, 2.0))
        cup, filling, lump = (float(s) for s in rng.uniform(0.9, 1.1, 3))
        return cls(seed, friction, strength, (cup, filling, lump))

    @property
    def pour(self) -> tuple[float, float]:
        """Begin and end of the filling [s]."""
        return POUR[0], POUR[0] + self.pour_time

    def masses(self) -> tuple[float, float, float]:
        """Of cup, filling and lump [kg]."""
        cup, filling, lump = self.mass_scale
        return EMPTY * cup, FILLING * filling, LUMP * lump

    def least_force(self) -> float:
        """Normal force [N] of each side of the grasp that just keeps the cup from being dropped."""
        return least_friction_force(*self.masses()) / (2.0 * self.friction)

    def mass(self, time: Array) -> Array:
        """Mass in the hand at each time, shape (k,) [kg]."""
        cup, filling, lump = self.masses()
        poured = np.interp(time, self.pour, (0.0, filling))
        return np.asarray(cup + poured + lump * (time >= DROP_IN))


def landing_force(lump: float, time: Array) -> Array:
    """Force of the landing lump on the cup, shape (k,) [N]: its momentum as a half sine."""
    since = np.asarray(time) - DROP_IN
    impulse = lump * np.sqrt(2.0 * GRAVITY * FALL)
    shape = np.sin(np.pi * np.clip(since / LANDING, 0.0, 1.0))
    return np.asarray(impulse * np.pi / (2.0 * LANDING) * shape)


@lru_cache(maxsize=256)
def least_friction_force(cup: float, filling: float, lump: float) -> float:
    """Smallest constant friction force [N] with which the cup slips no more than 3 mm.

    A point mass under Coulomb friction, through the landing of the lump; at least the largest
    steady load, which is gravity and the sideways shake together.

    Args:
        cup: [kg].
        filling: [kg].
        lump: [kg].
    """
    mass = cup + filling + lump
    steady = mass * np.hypot(GRAVITY, SHAKE)
    step = 1e-4
    time = DROP_IN + np.arange(0.0, 0.4, step)
    load = mass * GRAVITY + landing_force(lump, time)
    friction = np.linspace(1.001 * mass * GRAVITY, load.max(), 2000)  # the most: never slips at all
    speed, slip = np.zeros_like(friction), np.zeros_like(friction)
    for force in load:
        speed = np.maximum(speed + step * (force - friction) / mass, 0.0)
        slip += step * speed
    return float(max(steady, friction[np.argmax(slip <= DROPPED)]))
