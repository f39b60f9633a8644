"""What doubling buys on a real hand: for every joint the lightest pair that does all it must do.

A pair does for a joint what `need_of` asks: its torque for good, its peak, a torque-speed line that
encloses all the joint did, and a rotor as light as is asked for. Dry friction is not asked for: no
sheet of a gearhead states it. Each joint is driven directly, on its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...statistics import Interval
from ..design.need import need_of
from ..design.space import Need
from ..require.requirement import Requirements
from .frontier import RESAMPLES, draws
from .levers import AS_IS, LEVERS, Lever
from .pairs import Array, Mask, Pairs

_NOTHING: Final = -1
_FEW: Final = 200
FACTORS: Final = (1.25, 1.5, 2.0, 3.0, 4.0)
"""By which motor, gear or both are made better, besides twice."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """The lightest pair for a joint under a lever.

    Attributes:
        joint: Its name.
        lever: What was doubled.
        pair: Name of the pair; empty: none does it.
        mass: [kg]; NaN: none does it.
        heat: Copper's in the worst task [W].
        price: [USD]; NaN: not known.
    """

    joint: str
    lever: Lever
    pair: str
    mass: float
    heat: float
    price: float


@dataclass(frozen=True, eq=False)
class HandGain:
    """What a lever buys for a whole hand.

    Attributes:
        lever: What was doubled.
        feasible: Joints that some pair does for.
        gained: Those of them for which none does as it is.
        mass: Of the joints that are feasible as it is [kg]; NaN: none is.
        heat: Of the same [W].
        price: Of the same [USD]; NaN: one is not known.
        part: Of the mass as it is; 1: nothing is saved; NaN: no joint was served.
        parts: The same in each draw of the catalogue; NaN where no joint was served.
        served: Joints that some pair does for in each draw.
        chosen: The lightest pair for each joint.
    """

    lever: Lever
    feasible: int
    gained: tuple[str, ...]
    mass: float
    heat: float
    price: float
    part: float
    parts: Array
    served: Array
    chosen: Sequence[Chosen]

    @property
    def interval(self) -> Interval:
        """Of the part over draws of the catalogue, 95 %; NaN where no joint was served."""
        known = self.parts[np.isfinite(self.parts)]
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, (0.025, 0.975))
        return float(low), float(high)

    @property
    def worth(self) -> float:
        """To rank levers by: joints that are served, then what is saved of the mass."""
        return self.feasible - float(np.nan_to_num(self.part, nan=1.0))

    def beats(self, other: HandGain) -> float:
        """Part of the draws in which the two differ, in which it is worth more than the other."""
        mine, others = (gain.served - np.nan_to_num(gain.parts, nan=1.0) for gain in (self, other))
        decided = max(int((mine != others).sum()), 1)
        return float((mine > others).sum()) / decided


def choose(
    pairs: Pairs,
    requirements: Requirements,
    levers: Sequence[Lever] = LEVERS,
    inertia: Sequence[float] = (),
) -> dict[Lever, list[Chosen]]:
    """The lightest pair for every joint, as it is and under each lever.

    Args:
        pairs: The catalogue.
        requirements: Of every joint.
        levers: What is doubled.
        inertia: The most that each joint may have reflected [kg m2]; empty: any.
    """
    needs = _needs(requirements, inertia)
    return {lever: [_chosen(pairs, *at, lever) for at in needs] for lever in (AS_IS, *levers)}


def hand_gains(
    pairs: Pairs,
    requirements: Requirements,
    levers: Sequence[Lever] = LEVERS,
    resamples: int = RESAMPLES,
    inertia: Sequence[float] = (),
) -> list[HandGain]:
    """What there is as it is, and what each lever buys for all joints together.

    Args:
        pairs: The catalogue.
        requirements: Of every joint.
        levers: What is doubled.
        resamples: Of the bootstrap over families of motors and gearheads.
        inertia: The most that each joint may have reflected [kg m2]; empty: any.
    """
    chosen = choose(pairs, requirements, levers, inertia)
    needs, drawn = _needs(requirements, inertia), draws(pairs, resamples)
    masses = {
        lever: np.array([_masses(pairs, need, lever, drawn) for _, need in needs])
        for lever in chosen
    }
    return [_gain(lever, chosen, masses) for lever in chosen]


def by_factor(
    pairs: Pairs, requirements: Requirements, resamples: int = RESAMPLES
) -> dict[str, list[HandGain]]:
    """What motors, gears and both buy when they are better by each of `FACTORS`.

    Args:
        pairs: The catalogue.
        requirements: Of every joint.
        resamples: Of the bootstrap.

    Returns:
        By what was made better; as it is first.
    """
    ways: dict[str, Callable[[float], Lever]] = {
        "motor torque density": lambda f: Lever("motor", "", motor_continuous=f, motor_peak=f),
        "gear torque limit": lambda f: Lever("gear", "", gear=f),
        "both": lambda f: Lever("both", "", motor_continuous=f, motor_peak=f, gear=f),
    }
    return {
        name: hand_gains(pairs, requirements, [made(factor) for factor in FACTORS], resamples)
        for name, made in ways.items()
    }


def _needs(requirements: Requirements, inertia: Sequence[float]) -> list[tuple[str, Need]]:
    asked = zip(requirements.joints, inertia or repeat(math.inf), strict=False)
    return [(joint.joint, replace(need_of(joint), inertia=most)) for joint, most in asked]


def does(pairs: Pairs, need: Need, lever: Lever) -> Mask:
    """Which pairs do all that is needed, shape (n,)."""
    return np.asarray(
        (pairs.torque(lever) >= need.torque)
        & (pairs.torque(lever, "peak") >= need.torque_peak)
        & (pairs.at_rest(lever) >= need.stall)
        & (pairs.no_load(lever) >= need.no_load_speed)
        & (np.nan_to_num(pairs.reflected(lever), nan=np.inf) <= need.inertia)
    )


def _by_mass(pairs: Pairs, need: Need, lever: Lever) -> tuple[NDArray[np.intp], Array]:
    """Those that do, as they are or with the lever pulled, the lightest first; what they weigh."""
    ways = dict.fromkeys((AS_IS, lever))
    able = [np.flatnonzero(does(pairs, need, way)) for way in ways]
    mass = np.concatenate([pairs.mass(way)[rows] for way, rows in zip(ways, able, strict=True)])
    order = np.argsort(mass, kind="stable")
    return np.concatenate(able)[order], mass[order]


def _chosen(pairs: Pairs, joint: str, need: Need, lever: Lever) -> Chosen:
    able, mass = _by_mass(pairs, need, lever)
    if not len(able):
        return Chosen(joint, lever, "", float("nan"), float("nan"), float("nan"))
    best = able[0]
    heat, price = pairs.heat(lever, need.torque)[best], pairs.price[best]
    return Chosen(joint, lever, pairs.names[best], float(mass[0]), float(heat), float(price))


def _masses(pairs: Pairs, need: Need, lever: Lever, drawn: Sequence[Mask]) -> Array:
    """Of the lightest pair in each draw [kg]; NaN where none does."""
    able, mass = _by_mass(pairs, need, lever)
    found = [_first(able, inside) for inside in drawn]
    return np.array([float("nan") if i == _NOTHING else mass[i] for i in found])


def _first(able: NDArray[np.intp], drawn: Mask) -> int:
    """Place of the first that was drawn, which mostly is among the very first."""
    for part in (able[:_FEW], able):
        inside = drawn[part]
        if inside.any():
            return int(inside.argmax())
    return _NOTHING


def _gain(lever: Lever, chosen: dict[Lever, list[Chosen]], masses: dict[Lever, Array]) -> HandGain:
    before, after = chosen[AS_IS], chosen[lever]
    both = [(b, a) for b, a in zip(before, after, strict=True) if b.pair and a.pair]
    then, now = (sum(pair[i].mass for pair in both) if both else math.nan for i in (0, 1))
    known = np.isfinite(masses[AS_IS]) & np.isfinite(masses[lever])
    sums = [np.where(known, masses[at], 0.0).sum(axis=0) for at in (lever, AS_IS)]
    parts = np.where(sums[1] > 0.0, sums[0] / np.maximum(sums[1], 1e-9), np.nan)
    return HandGain(
        lever,
        sum(bool(a.pair) for a in after),
        tuple(a.joint for b, a in zip(before, after, strict=True) if a.pair and not b.pair),
        now,
        sum(a.heat for _, a in both) if both else math.nan,
        sum(a.price for _, a in both) if both else math.nan,
        now / then,
        parts,
        np.isfinite(masses[lever]).sum(axis=0),
        after,
    )
