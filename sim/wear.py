"""Load cycles and what they wear: rainflow counting, gears, tendons.

Nobody publishes how the small gears and cords of robot hands wear. What stands here as ASSUMPTION
is an order of magnitude from general tables, to be replaced by tests of one's own; what it leads to
is proportional to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BEARING: Final = 3.0  # exponent of load in the life of a ball bearing (ISO 281)
TOOTH: Final = 6.0  # ASSUMPTION: exponent of a tooth in bending; steels have 6 to 9

BACKLASH: Final = float(np.radians(0.25))
"""[rad], of a new gear: XM430 and XM540 (ROBOTIS e-manual); of others an ASSUMPTION."""
WEAR_RATE: Final = 1e-14
"""[m2/N], volume worn off per force and way: ASSUMPTION, steel on brass, sparsely greased."""
SLIDING: Final = 0.3  # ASSUMPTION: part of the way along the pitch circle that flanks slide
PITCH: Final = 0.005  # [m], radius of the last gear: ASSUMPTION
FLANK: Final = 5e-6  # [m2], of a tooth that bears: ASSUMPTION
GEAR_FRICTION: Final = 0.02
"""ASSUMPTION: part of the mean torque that a worn gear takes more than a new one."""

CREEP: Final = 0.005
"""ASSUMPTION: strain of a polyethylene cord in a decade of time under its largest load."""
CREEP_FROM: Final = 60.0  # [s] under load, up to which a cord is stretched before it is used
GUIDE_FRICTION: Final = 1.2  # ASSUMPTION: capstan friction of worn guides over that of new ones


def turning_points(signal: Array, gate: float = 0.0) -> Array:
    """Peaks and valleys of a signal, first and last value included, shape (k,).

    Args:
        signal: Shape (n,).
        gate: Ranges up to this are ripple and left out.
    """
    values = np.asarray(signal, dtype=float)
    steps = np.diff(values)
    values = values[np.concatenate([[True], steps != 0.0])]
    way = np.sign(np.diff(values))
    turns = np.concatenate([[True], way[1:] != way[:-1], [True]]) if len(way) else [True]
    points: list[float] = []
    for value in values[turns].tolist():
        if len(points) >= 2 and (value - points[-1]) * (points[-1] - points[-2]) >= 0.0:
            points[-1] = value
        elif not points or abs(value - points[-1]) > gate:
            points.append(value)
    return np.array(points)


def rainflow(points: Array) -> Array:
    """Cycles of a history of turning points by ASTM E1049-85 (2017), 5.4.4.

    Returns:
        Range, mean and count, 0.5 or 1, of each, shape (k, 3).
    """
    cycles: list[tuple[float, float, float]] = []
    stack: list[float] = []
    for point in np.asarray(points, dtype=float).tolist():
        stack.append(point)
        while len(stack) >= 3:
            newest, before = abs(stack[-1] - stack[-2]), abs(stack[-2] - stack[-3])
            if newest < before:
                break
            whole = len(stack) > 3
            cycles.append((before, 0.5 * (stack[-2] + stack[-3]), 1.0 if whole else 0.5))
            # A half cycle begins with the history and takes its first point along.
            del stack[-3 : -1 if whole else -2]
    cycles += [(abs(b - a), 0.5 * (a + b), 0.5) for a, b in pairwise(stack)]
    return np.array(cycles).reshape(-1, 3)


@dataclass(frozen=True, eq=False)
class LoadSpectrum:
    """Load cycles of one part over a number of grasps.

    Attributes:
        cycles: Range, mean and count of each, shape (k, 3) [N m] or [N].
        grasps: In which they were counted.
        work: Done in them, both ways together [J].
    """

    cycles: Array
    grasps: float
    work: float = 0.0

    @classmethod
    def count(
        cls, load: Array, grasps: float, speed: Array | None = None, period: float = 0.0
    ) -> LoadSpectrum:
        """Counts the cycles of a load; a fiftieth of its largest range is ripple.

        Args:
            load: Shape (n,) [N m] or [N].
            grasps: That it took.
            speed: Of the part [rad/s] or [m/s], for the work.
            period: Between values [s].
        """
        work = 0.0 if speed is None else float(np.abs(load * speed).sum() * period)
        points = turning_points(load, 0.02 * float(np.ptp(load)))
        return cls(rainflow(points), grasps, work)

    @property
    def count_per_grasp(self) -> float:
        """Cycles in a grasp."""
        return float(self.cycles[:, 2].sum() / self.grasps)

    def equivalent_range(self, exponent: float) -> float:
        """The range that does the same damage, once in a grasp, by Miner's rule.

        Args:
            exponent: m of an S-N line, cycles times range to the m constant.
        """
        damage = np.sum(self.cycles[:, 2] * self.cycles[:, 0] ** exponent) / self.grasps
        return float(damage ** (1.0 / exponent))

    def table(self, bins: int = 16) -> dict[str, list[float]]:
        """Upper edges of bins of the range, and cycles per grasp in each, for JSON."""
        edges = np.linspace(0.0, max(float(self.cycles[:, 0].max(initial=0.0)), 1e-12), bins + 1)
        counts = np.histogram(self.cycles[:, 0], edges, weights=self.cycles[:, 2])[0]
        return {"range": edges[1:].tolist(), "cycles": (counts / self.grasps).tolist()}


def backlash_growth(work: float) -> float:
    """By how much the play of a gear grows while so much work [J] goes through it [rad].

    Archard 1953: depth = k F s / A, with F = torque / r over the way s = part r angle.
    """
    return WEAR_RATE * SLIDING * work / (FLANK * PITCH)


def tendon_strain(tension: float, tension_max: float, time: float) -> float:
    """Creep of a tendon: grows with the load and the logarithm of time.

    Args:
        tension: Mean [N].
        tension_max: Its largest [N].
        time: Under load [s].
    """
    return CREEP * tension / tension_max * float(np.log10(1.0 + time / CREEP_FROM))
