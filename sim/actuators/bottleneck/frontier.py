"""The best actuator that a catalogue yields, by mass and speed, and what a lever makes of it.

The multiplier of a cell is the torque per mass of its best pairs with a lever pulled over that
without; where pulling it makes nothing better, it is left alone. Its interval is a bootstrap over
families of motors and of gearheads, each drawn by itself (Owen 2007, Ann. Appl. Stat. 1(2), the
pigeonhole bootstrap): a pair counts where both were drawn. Windings of one motor tell little more
than one of them, so families are drawn and not windings. A bootstrap of a maximum is coarse; that
of the mean of the best ten is less so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...statistics import Interval
from .levers import AS_IS, LEVERS, Lever
from .pairs import Array, Mask, Pairs, Rating

MASSES: Final = (0.005, 0.020, 0.040, 0.080)
"""Ends of mass bands [kg]."""
SPEEDS: Final = (5.0, 10.0, 20.0, 40.0)
"""Least speeds without load [rad/s]."""
RESAMPLES: Final = 400
_SEED: Final = 0


@dataclass(frozen=True)
class Cell:
    """Actuators that compete with each other.

    Attributes:
        speed: Least speed without load [rad/s].
        mass: Least and greatest mass [kg].
    """

    speed: float
    mass: tuple[float, float]

    @property
    def row(self) -> str:
        """By its speed."""
        return f"{self.speed:g} rad/s"

    @property
    def column(self) -> str:
        """By its mass."""
        return f"{1e3 * self.mass[0]:g}–{1e3 * self.mass[1]:g} g"


def cells(masses: Sequence[float] = MASSES, speeds: Sequence[float] = SPEEDS) -> list[Cell]:
    """A grid of them, by speed, then by mass."""
    bands = list(pairwise(masses))
    return [Cell(speed, band) for speed in speeds for band in bands]


@dataclass(frozen=True, eq=False)
class Gain:
    """What a lever buys in a cell.

    Attributes:
        cell: Where.
        lever: What was doubled.
        density: Torque per mass of the best before [N m/kg].
        after: The same with the lever pulled.
        resampled: Multipliers of the bootstrap; NaN where a draw left too few pairs.
        best: Name of the best pair before.
        count: Pairs in the cell.
    """

    cell: Cell
    lever: Lever
    density: float
    after: float
    resampled: Array
    best: str
    count: int

    @property
    def multiplier(self) -> float:
        """1: it buys nothing."""
        return self.after / self.density

    @property
    def interval(self) -> Interval:
        """Of the multiplier, 95 %; NaN without a bootstrap."""
        known = self.resampled[np.isfinite(self.resampled)]
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, (0.025, 0.975))
        return float(low), float(high)

    def beats(self, other: Gain) -> float:
        """Part of the draws in which it buys more than another lever in the same cell."""
        known = np.isfinite(self.resampled) & np.isfinite(other.resampled)
        more, less = (self.resampled > other.resampled), (self.resampled < other.resampled)
        decided = max(int((known & (more | less)).sum()), 1)
        return float((known & more).sum()) / decided


def gains(
    pairs: Pairs,
    where: Sequence[Cell],
    rating: Rating = "continuous",
    best_of: int = 1,
    levers: Sequence[Lever] = LEVERS,
    resamples: int = RESAMPLES,
) -> list[Gain]:
    """What each lever buys in each cell that has at least `best_of` pairs.

    Args:
        pairs: The catalogue.
        where: Cells.
        rating: Which torque counts.
        best_of: The frontier is the mean of so many best pairs.
        levers: What is doubled.
        resamples: Of the bootstrap; 0: there are no intervals.
    """
    if not len(pairs):
        return []
    drawn = draws(pairs, resamples)
    found = []
    for cell in where:
        before = _Ranking.of(pairs, cell, AS_IS, rating)
        if len(before.order) < best_of:
            continue
        name, density = pairs.names[before.order[0]], before.best(best_of)
        below = np.array([before.best(best_of, draw) for draw in drawn])
        for lever in levers:
            after = _Ranking.of(pairs, cell, lever, rating)
            above = np.array([after.best(best_of, draw) for draw in drawn])
            resampled = np.asarray(np.fmax(above, below) / below)
            then = float(np.fmax(after.best(best_of), density))
            found.append(Gain(cell, lever, density, then, resampled, name, len(before.order)))
    return found


@dataclass(frozen=True, eq=False)
class _Ranking:
    """Pairs of a cell, the best first."""

    order: NDArray[np.intp]
    density: Array

    @classmethod
    def of(cls, pairs: Pairs, cell: Cell, lever: Lever, rating: Rating) -> _Ranking:
        mass = pairs.mass(lever)
        inside = (cell.mass[0] <= mass) & (mass < cell.mass[1])
        inside &= pairs.no_load(lever) >= cell.speed
        density = pairs.torque(lever, rating) / mass
        here = np.flatnonzero(inside & np.isfinite(density))
        order = here[np.argsort(-density[here], kind="stable")]
        return cls(order, density[order])

    def best(self, count: int, drawn: Mask | None = None) -> float:
        """Mean density of the best; NaN where too few were drawn."""
        density = self.density if drawn is None else self.density[drawn[self.order]]
        return float(density[:count].mean()) if len(density) >= count else float("nan")


def draws(pairs: Pairs, resamples: int = RESAMPLES) -> list[Mask]:
    """Which pairs each resample has."""
    rng = np.random.default_rng(_SEED)
    motors, gears = (int(family.max()) + 1 for family in (pairs.motor_family, pairs.gear_family))
    every = []
    for _ in range(resamples):
        motor, gear = _drawn(rng, motors), _drawn(rng, gears)
        every.append(motor[pairs.motor_family] & gear[pairs.gear_family])
    return every


def _drawn(rng: np.random.Generator, count: int) -> Mask:
    inside = np.zeros(count, dtype=bool)
    inside[rng.integers(count, size=count)] = True
    return inside
