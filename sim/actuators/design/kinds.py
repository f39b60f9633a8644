"""Few kinds of actuators for many joints.

Every design of a grid comes with some no-load speeds. Of those, the kinds are chosen that together
weigh or cost least when each joint takes the best one that does all it needs: a facility location
problem, solved greedily and then by exchange until no exchange helps (Teitz & Bart 1968, Oper. Res.
16(5)); not proven to be the best, but the same every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .fronts import front
from .space import Need, default_space

Array = NDArray[np.float64]
Aim = Literal["mass", "cost"]

LEVELS: Final = 4  # of each continuous variable of the grid ...
DIAMETERS: Final = 16  # ... and of the diameter: every 2 mm
SPEEDS: Final = 3  # no-load speeds that the kinds may have
NEAR: Final = 1.25  # over the least inertia or drag there is, where none is small enough
UNMET: Final = 1e6  # [kg or USD], what a need that is not met counts


@dataclass(frozen=True, eq=False)
class Pool:
    """Designs to choose from.

    Attributes:
        values: Variables, shape (n, 8).
        no_load_speed: [rad/s], shape (n,).
        torque: Continuous, peak and stall torque [N m], shape (3, n).
        drag: Torque that turning without load takes [N m], shape (n,).
        inertia: Reflected [kg m2], shape (n,).
        aim: What to make small, shape (n,).
    """

    values: Array
    no_load_speed: Array
    torque: Array
    drag: Array
    inertia: Array
    aim: Array


def pool_for(needs: Sequence[Need], aim: Aim, hands: int, kinds: int, **changes: object) -> Pool:
    """All designs that may serve, those left out that another one beats in everything."""
    speeds = speed_classes([need.no_load_speed for need in needs])
    parts = [_of_speed(speed, needs, aim, hands, kinds, changes) for speed in speeds]
    return Pool(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.no_load_speed for part in parts]),
        np.concatenate([part.torque for part in parts], axis=1),
        np.concatenate([part.drag for part in parts]),
        np.concatenate([part.inertia for part in parts]),
        np.concatenate([part.aim for part in parts]),
    )


def speed_classes(speeds: Sequence[float]) -> Array:
    """A few no-load speeds of which the least that suffices is near to each of those asked."""
    parts = np.linspace(0.0, 1.0, SPEEDS + 1)[1:]
    return np.unique(np.quantile(np.asarray(speeds), parts, method="inverted_cdf"))


def _of_speed(
    speed: float,
    needs: Sequence[Need],
    aim: Aim,
    hands: int,
    kinds: int,
    changes: dict[str, object],
) -> Pool:
    served = [need for need in needs if need.no_load_speed <= speed]
    space = default_space(
        Need(0.0, 0.0, 0.0, max(need.speed for need in served), float(speed)),
        hands=hands,
        per_hand=len(needs) / kinds,
        **changes,
    ).discrete(LEVELS, DIAMETERS)
    values = space.grid()
    drive = space.build(values)
    torque = np.stack([drive.torque_continuous(space.need.speed), drive.torque_peak, drive.stall_torque])
    price = drive.mass if aim == "mass" else drive.cost(hands, space.per_hand).total
    usable = np.flatnonzero(drive.fits)
    drag = np.maximum(drive.friction, min(need.drag for need in served))
    inertia = np.maximum(drive.inertia, min(need.inertia for need in served))
    small = np.stack([price, drag, inertia, *-np.minimum(torque, _most(served)[:, None])])
    best = usable[front(small[:, usable].T)]
    return Pool(values[best], np.full(len(best), speed), torque[:, best], drag[best], inertia[best], price[best])


def _most(needs: Sequence[Need]) -> Array:
    """The most of each torque that anybody needs; more is worth nothing."""
    return np.array([[n.torque, n.torque_peak, n.stall] for n in needs]).max(axis=0)


def choose(pool: Pool, needs: Sequence[Need], kinds: int) -> tuple[list[int], list[int]]:
    """Rows of a pool, and for each need which of them it takes.

    Raises:
        ValueError: Nothing in the pool meets one of the needs.
    """
    price = _price(pool, needs)
    if (price.min(axis=1) >= UNMET).any():
        worst = needs[int(price.min(axis=1).argmax())]
        raise ValueError(f"no design of up to 36 mm meets {worst}; ask for less, or use two")
    chosen: list[int] = []
    for _ in range(min(kinds, len(needs))):
        have = price[:, chosen].min(axis=1) if chosen else np.full(len(needs), np.inf)
        chosen.append(int(np.minimum(price, have[:, None]).sum(axis=0).argmin()))
    while _exchange(price, chosen):
        pass
    if (price[:, chosen].min(axis=1) >= UNMET).any():
        raise ValueError(f"{kinds} kinds of actuators do not serve all joints; allow more")
    return chosen, price[:, chosen].argmin(axis=1).tolist()


def _exchange(price: Array, chosen: list[int]) -> bool:
    """Replaces one of the chosen by whatever is best in its stead; whether that helped."""
    now = price[:, chosen].min(axis=1).sum()
    for i in range(len(chosen)):
        others = chosen[:i] + chosen[i + 1 :]
        have = price[:, others].min(axis=1) if others else np.full(len(price), np.inf)
        sums = np.minimum(price, have[:, None]).sum(axis=0)
        best = int(sums.argmin())
        if sums[best] < now - 1e-9:
            chosen[i] = best
            return True
    return False


def _price(pool: Pool, needs: Sequence[Need]) -> Array:
    """Of each design for each need, shape (needs, designs); out of reach where it does not do."""
    price = np.empty((len(needs), len(pool.aim)))
    for row, need in zip(price, needs, strict=True):
        wanted = np.array([need.torque, need.torque_peak, need.stall])
        good = (pool.torque >= wanted[:, None]).all(axis=0)
        good &= pool.no_load_speed >= need.no_load_speed * (1.0 - 1e-9)
        good = _as_near(good, pool.inertia, need.inertia)
        good = _as_near(good, pool.drag, need.drag)
        row[:] = np.where(good, pool.aim, UNMET + pool.aim)
    return price


def _as_near(good: NDArray[np.bool_], values: Array, limit: float) -> NDArray[np.bool_]:
    """Those within a limit; where none is, those that miss it by little more than the best."""
    if not good.any():
        return good
    return np.asarray(good & (values <= max(limit, NEAR * values[good].min())))
