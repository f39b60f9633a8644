"""Every design of a discrete space, and its front: what a search is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .fronts import front
from .space import Found, Space

_CHUNK = 20_000


def brute_force(space: Space) -> Found:
    """The front of all combinations of a space's levels that meet its need."""
    grid = space.grid()
    parts = [space.judge(grid[i : i + _CHUNK]) for i in range(0, len(grid), _CHUNK)]
    return front_of(joined([part.rows(part.feasible) for part in parts]))


def front_of(found: Found) -> Found:
    """The feasible designs of it that no other dominates."""
    good = found.rows(found.feasible)
    return good.rows(front(good.objectives))


def joined(parts: Sequence[Found]) -> Found:
    """All of them together."""
    return Found(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.objectives for part in parts]),
        np.concatenate([part.lack for part in parts]),
    )
