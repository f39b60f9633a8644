"""Ways to ask the same question of a catalogue, to see which answers depend on how one asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .frontier import RESAMPLES, Cell, Gain, cells, gains
from .levers import GEAR, MOTOR
from .pairs import Pairs, Rating

SURE: Final = 0.95
"""Part of all draws from which on one lever is said to buy more than another."""


@dataclass(frozen=True)
class Variation:
    """One way to ask.

    Attributes:
        name: In tables.
        rating: Which torque counts.
        best_of: The frontier is the mean of so many best pairs.
        where: Cells.
        keeps: Which pairs count.
    """

    name: str
    rating: Rating = "continuous"
    best_of: int = 1
    where: Sequence[Cell] = field(default_factory=cells)
    keeps: Callable[[Pairs], Pairs] = lambda pairs: pairs


@dataclass(frozen=True)
class Answer:
    """What one way of asking says of motor against gear.

    Attributes:
        variation: How it was asked.
        gains: Of these two levers, cell by cell.
    """

    variation: Variation
    gains: Sequence[Gain]

    @property
    def duels(self) -> Iterator[tuple[Gain, Gain]]:
        """Motor and gear, cell by cell."""
        motors, gears = ([g for g in self.gains if g.lever is lever] for lever in (MOTOR, GEAR))
        return zip(motors, gears, strict=True)

    @property
    def gear_wins(self) -> tuple[int, int]:
        """Cells in which the gear buys more, and those in which it does so for sure."""
        return self._wins([(gear, motor) for motor, gear in self.duels])

    @property
    def motor_wins(self) -> tuple[int, int]:
        """Cells in which the motor buys more, and those in which it does so for sure."""
        return self._wins(list(self.duels))

    @property
    def winner(self) -> str:
        """Of more cells."""
        gear, motor = self.gear_wins[0], self.motor_wins[0]
        return "neither" if gear == motor else "gear" if gear > motor else "motor"

    @staticmethod
    def _wins(duels: Sequence[tuple[Gain, Gain]]) -> tuple[int, int]:
        more = [(one, other) for one, other in duels if one.multiplier > other.multiplier]
        return len(more), sum(one.beats(other) >= SURE for one, other in more)

    def median(self, lever: object) -> float:
        """Multiplier of a lever, over cells."""
        return float(np.median([g.multiplier for g in self.gains if g.lever is lever]))


def variations(pairs: Pairs) -> list[Variation]:
    """As asked first, and otherwise."""
    masses, speeds = (0.007, 0.014, 0.028, 0.056, 0.112), (7.0, 14.0, 28.0)
    makers = sorted(set(pairs.makers.tolist()))
    return [
        Variation("continuous, the best pair"),
        Variation("continuous, mean of the best 10", best_of=10),
        Variation("continuous, mean of the best 100", best_of=100),
        Variation("peak, the best pair", "peak"),
        Variation("peak, mean of the best 10", "peak", 10),
        Variation("continuous, other cells", where=cells(masses, speeds)),
        *(
            Variation(f"continuous, {maker} only", keeps=_of_maker(maker))
            for maker in (makers if len(makers) > 1 else ())
        ),
    ]


def ask(pairs: Pairs, variation: Variation, resamples: int = RESAMPLES) -> Answer:
    """Asks a catalogue in one way, motor against gear."""
    kept = variation.keeps(pairs)
    duel = (MOTOR, GEAR)
    found = gains(kept, variation.where, variation.rating, variation.best_of, duel, resamples)
    return Answer(variation, found)


def _of_maker(maker: str) -> Callable[[Pairs], Pairs]:
    return lambda pairs: pairs.rows(pairs.makers == maker)
