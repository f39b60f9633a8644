"""Finds the end stops of a joint by pushing gently against them.

The goal runs ahead of the servo at a slow, even speed, and the servo follows with a bounded
effort. Where it stands still against that effort is a stop, or something in the way, which the
distance between the two stops tells apart.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .bus_errors import BusError

SWEEPS = 4  # down and up, twice

Progress = Callable[[int, int], None]
"""Called with how many sweeps are done, and of how many."""


class JointProbe(Protocol):
    """A servo that follows a goal with bounded effort."""

    period: float
    """[s], from step to step."""

    def position(self) -> float:
        """[rad], of the servo, counted on over the end of its turn."""
        ...

    def step(self, goal: float) -> float:
        """Aims at `goal` [rad] and lets one period pass; returns the position [rad] then."""
        ...


@dataclass(frozen=True)
class Search:
    """How stops are looked for; all angles are the servo's."""

    speed: float
    """[rad/s]."""
    travel_max: float
    """[rad], after which there is no stop to be found."""
    lead: float = 0.3
    """[rad], how far the goal runs ahead of a servo that does not move."""
    still_time: float = 0.3
    """[s], it has to stand still against the effort."""
    still_angle: float = 0.01
    """[rad], within which it stands still."""


@dataclass(frozen=True)
class EndStops:
    """Where a servo was stopped, in each sweep [rad]."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """[rad], the lower and the upper stop."""
        return sum(self.low) / len(self.low), sum(self.high) / len(self.high)

    @property
    def spread(self) -> float:
        """[rad], by how much repeated sweeps differ."""
        return max(max(found) - min(found) for found in (self.low, self.high))


def find_stops(probe: JointProbe, search: Search, progress: Progress | None = None) -> EndStops:
    """Sweeps to both stops twice, and goes back to where it was.

    Raises:
        BusError: there is no stop, or the servo does not come to rest.
    """
    start = position = probe.position()
    found: dict[int, list[float]] = {-1: [], 1: []}
    for sweep in range(SWEEPS):
        direction = 1 if sweep % 2 else -1
        position = _find_stop(probe, position, direction, search)
        found[direction].append(position)
        if progress:
            progress(sweep + 1, SWEEPS)
    _go(probe, position, start, search)
    return EndStops(tuple(found[-1]), tuple(found[1]))


def _find_stop(probe: JointProbe, start: float, direction: int, search: Search) -> float:
    stride = direction * search.speed * probe.period
    still: deque[float] = deque(maxlen=max(2, round(search.still_time / probe.period)))
    position = goal = start
    patience = 2.0 * search.travel_max / search.speed + 10.0 * search.still_time
    for _ in range(math.ceil(patience / probe.period)):
        furthest = position + direction * search.lead
        goal = min(goal + stride, furthest) if direction > 0 else max(goal + stride, furthest)
        pushes = goal == furthest
        position = probe.step(goal)
        if abs(position - start) > search.travel_max:
            raise BusError(
                f"no stop within {search.travel_max:.1f} rad of the servo; is its gear or tendon "
                "as hand.toml says, and does it move the joint?"
            )
        if pushes:
            still.append(position)
        else:
            still.clear()
        if len(still) == still.maxlen and max(still) - min(still) <= search.still_angle:
            return sum(still) / len(still)
    raise BusError("it does not come to rest; is something loose, or is its position gain high?")


def _go(probe: JointProbe, position: float, to: float, search: Search) -> None:
    steps = math.ceil(abs(to - position) / (search.speed * probe.period))
    for i in range(steps):
        probe.step(position + (to - position) * (i + 1) / steps)
    for _ in range(math.ceil(search.still_time / probe.period)):  # it must not coast on when limp
        probe.step(to)
