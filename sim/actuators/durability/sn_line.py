"""How many load cycles a part bears: S-N lines, and Miner's rule over a spectrum.

N = cycles (strength / range)^exponent (Basquin 1910); beyond a knee the line is flatter. A spectrum
uses a part up by the sum of n_i / N_i (Palmgren 1924, Miner 1945).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SNLine:
    """Cycles that a part bears by the range of its load.

    Attributes:
        strength: Range that is borne `cycles` times; its unit is that of the loads.
        cycles: At the knee.
        exponent: Above the strength.
        beyond: Below it; None: the same.
        failing: Part of the parts that have failed by then. None: all alike, none before.
        source: Where the figures are from.
    """

    strength: float
    cycles: float
    exponent: float
    beyond: float | None = None
    failing: float | None = 0.5
    source: str = ""

    def life(self, load_range: ArrayLike) -> Array:
        """Cycles borne at ranges of any shape; infinite at none."""
        over = np.abs(np.asarray(load_range, dtype=float)) / self.strength
        flat = self.exponent if self.beyond is None else self.beyond
        with np.errstate(divide="ignore"):
            return np.asarray(self.cycles * over ** -np.where(over >= 1.0, self.exponent, flat))

    def damage(self, load_range: ArrayLike, count: ArrayLike) -> float:
        """Part of a life that cycles of each range use up."""
        return float(np.sum(np.asarray(count, dtype=float) / self.life(load_range)))

    def scaled(self, factor: float) -> Self:
        """Of a part that is stronger by a factor."""
        return replace(self, strength=factor * self.strength)
