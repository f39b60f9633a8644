"""Few kinds of actuators for many joints.

Every design of a grid comes with some no-load speeds. Joints are put in the order of what they
need; for each run of neighbours the design is found that serves all of them best. Of those, the
kinds are chosen that do best together when each joint takes the best one that serves it: a facility
location problem, solved greedily and then by exchange until no exchange helps (Teitz & Bart 1968,
Oper. Res. 16(5)); not proven to be the best, but the same every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from .need import in_words
from .space import VARIABLES, Need, default_space

Array = NDArray[np.float64]
Aim = Literal["mass", "cost"]

LEVELS: Final = 4  # of each continuous variable of the grid ...
DIAMETERS: Final = 16  # ... and of the diameter: every 2 mm
SPEEDS: Final = 5  # no-load speeds that the kinds may have
STARTS: Final = 12  # of the search for kinds that go together
UNMET: Final = 1e6  # [kg or USD], what a need that is not met counts


@dataclass(frozen=True, eq=False)
class Pool:
    """Designs to choose from.

    Attributes:
        values: Variables, shape (n, 8).
        no_load_speed: [rad/s], shape (n,).
        torque: Continuous, peak and stall torque [N m], shape (n, 3).
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

    def price(self, need: Need) -> Array:
        """What each design counts for a joint, shape (n,); `UNMET` and more where it does not do.

        Torque and speed have to be there. A design of twice the inertia or the drag that is asked
        counts twice: such bounds are soft, and some cannot be met at all.
        """
        wanted = np.array([need.torque, need.torque_peak, need.stall])
        good = (self.torque >= wanted).all(axis=1)
        good &= self.no_load_speed >= need.no_load_speed * (1.0 - 1e-9)
        good &= need.cords | (self.values[:, VARIABLES.index("stages")] > 0.5)
        over = np.maximum(self.inertia / need.inertia, 1.0) * np.maximum(self.drag / need.drag, 1.0)
        return np.asarray(np.where(good, self.aim * over, UNMET + self.aim))


def pool_for(needs: Sequence[Need], aim: Aim, hands: int, kinds: int, **changes: Any) -> Pool:
    """All designs of the grid that can be made, with each of the no-load speeds."""
    speeds = speed_classes([need.no_load_speed for need in needs])
    parts = [_of_speed(speed, needs, aim, hands, kinds, changes) for speed in speeds.tolist()]
    return Pool(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def speed_classes(speeds: Sequence[float]) -> Array:
    """A few no-load speeds of which the least that suffices is near to each of those asked."""
    parts = np.linspace(0.0, 1.0, SPEEDS + 1)[1:]
    return np.unique(np.quantile(np.asarray(speeds), parts, method="inverted_cdf"))


def _of_speed(
    speed: float, needs: Sequence[Need], aim: Aim, hands: int, kinds: int, changes: dict[str, Any]
) -> tuple[Array, ...]:
    """The columns of a pool."""
    turning = max(need.speed for need in needs if need.no_load_speed <= speed)
    cords = any(need.cords for need in needs)
    need = Need(0.0, 0.0, 0.0, turning, speed, cords=cords)
    per_hand = len(needs) / kinds
    space = default_space(need, hands=hands, per_hand=per_hand, **changes)
    values = space.discrete(LEVELS, DIAMETERS).grid()
    drive = space.build(values)
    torques = (drive.torque_continuous(turning), drive.torque_peak, drive.stall_torque)
    price = drive.mass if aim == "mass" else drive.cost(hands, per_hand).total
    columns = (
        np.full(len(values), speed),
        np.stack(torques, axis=1),
        drive.friction,
        drive.inertia,
    )
    least = np.array([[n.torque, n.torque_peak, n.stall] for n in needs]).min(axis=0)
    useful = drive.fits & (columns[1] >= least).all(axis=1)
    return tuple(column[useful] for column in (values, *columns, price))


def choose(
    pool: Pool, needs: Sequence[Need], joints: Sequence[str], kinds: int
) -> tuple[list[int], list[int]]:
    """Rows of a pool, and for each need which of them it takes.

    Args:
        pool: To choose from.
        needs: Of each joint, at its motor.
        joints: Their names.
        kinds: At most.

    Raises:
        ValueError: Nothing in the pool meets one of the needs, or so few kinds do not meet all.
    """
    everything = np.stack([pool.price(need) for need in needs])
    met = everything.min(axis=1, initial=np.inf) < UNMET
    if not met.all():
        first = int(met.argmin())
        raise ValueError(
            f"{joints[first]}: no actuator of up to 36 mm has what its motor needs, "
            f"{in_words(needs[first])}; ask for less of this joint in a requirements.json"
        )
    rows = _thought_of(everything, needs)
    price = everything[:, rows]
    chosen = _located(price, kinds)
    if (price[:, chosen].min(axis=1) >= UNMET).any():
        raise ValueError(f"{kinds} kinds of actuators do not serve all joints; allow more")
    return [int(rows[i]) for i in chosen], price[:, chosen].argmin(axis=1).tolist()


def _thought_of(price: Array, needs: Sequence[Need]) -> NDArray[np.intp]:
    """The best design for every run of neighbours, by peak and by continuous torque."""
    found: set[int] = set()
    for sizes in ([n.torque_peak for n in needs], [n.torque for n in needs]):
        order = np.argsort(sizes, kind="stable")
        for first in range(len(order)):
            sums = np.zeros(price.shape[1])
            for joint in order[first:]:
                sums += price[joint]
                found.add(int(sums.argmin()))
    return np.array(sorted(found), dtype=np.intp)


def _located(price: Array, kinds: int) -> list[int]:
    """Columns that together are cheapest when each row takes its best; the best of some starts."""
    starts = np.argsort(price.sum(axis=0), kind="stable")[:STARTS]
    found = [_grown(price, [int(first)], kinds) for first in starts]
    return min(found, key=lambda chosen: float(price[:, chosen].min(axis=1).sum()))


def _grown(price: Array, chosen: list[int], kinds: int) -> list[int]:
    """Columns added one by one, then exchanged."""
    while len(chosen) < min(kinds, len(price)):
        have = price[:, chosen].min(axis=1)
        chosen.append(int(np.minimum(price, have[:, None]).sum(axis=0).argmin()))
    while _exchange(price, chosen):
        pass
    return chosen


def _exchange(price: Array, chosen: list[int]) -> bool:
    """Replaces one of the chosen by whatever is best in its stead; whether that helped."""
    now = price[:, chosen].min(axis=1).sum()
    for i in range(len(chosen)):
        have = price[:, chosen[:i] + chosen[i + 1 :]].min(axis=1, initial=np.inf)
        sums = np.minimum(price, have[:, None]).sum(axis=0)
        best = int(sums.argmin())
        if sums[best] < now - 1e-9:
            chosen[i] = best
            return True
    return False
