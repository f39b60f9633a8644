"""What doubling buys on a real hand: for every joint the lightest pair that does all it must do.

A pair does for a joint what `need_of` asks: its torque for good, its peak, and a torque-speed line
that encloses all the joint did. Each joint is driven directly, on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
        mass: Of the joints that are feasible as it is [kg].
        heat: Of the same [W].
        price: Of the same [USD]; NaN: one is not known.
        part: Of the mass as it is; 1: nothing is saved.
        interval: Of that part over draws of the catalogue, 95 %.
        chosen: The lightest pair for each joint.
    """

    lever: Lever
    feasible: int
    gained: tuple[str, ...]
    mass: float
    heat: float
    price: float
    part: float
    interval: Interval
    chosen: Sequence[Chosen]


def choose(
    pairs: Pairs, requirements: Requirements, levers: Sequence[Lever] = LEVERS
) -> dict[Lever, list[Chosen]]:
    """The lightest pair for every joint, as it is and under each lever."""
    every = (AS_IS, *levers)
    return {lever: [_chosen(pairs, *at, lever) for at in _needs(requirements)] for lever in every}


def hand_gains(
    pairs: Pairs,
    requirements: Requirements,
    levers: Sequence[Lever] = LEVERS,
    resamples: int = RESAMPLES,
) -> list[HandGain]:
    """What there is as it is, and what each lever buys for all joints together.

    Args:
        pairs: The catalogue.
        requirements: Of every joint.
        levers: What is doubled.
        resamples: Of the bootstrap over families of motors and gearheads.
    """
    chosen = choose(pairs, requirements, levers)
    drawn = draws(pairs, resamples)
    masses = {
        lever: np.array([_masses(pairs, need, lever, drawn) for _, need in _needs(requirements)])
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


def _needs(requirements: Requirements) -> list[tuple[str, Need]]:
    return [(joint.joint, need_of(joint)) for joint in requirements.joints]


def does(pairs: Pairs, need: Need, lever: Lever) -> Mask:
    """Which pairs do all that is needed, shape (n,)."""
    return np.asarray(
        (pairs.torque(lever) >= need.torque)
        & (pairs.torque(lever, "peak") >= need.torque_peak)
        & (pairs.at_rest(lever) >= need.stall)
        & (pairs.no_load(lever) >= need.no_load_speed)
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
    then, now = (sum(pair[i].mass for pair in both) for i in (0, 1))
    known = np.isfinite(masses[AS_IS]) & np.isfinite(masses[lever])
    parts = [np.where(known, masses[at], 0.0).sum(axis=0) for at in (lever, AS_IS)]
    low, high = np.quantile(parts[0] / np.maximum(parts[1], 1e-9), (0.025, 0.975))
    return HandGain(
        lever,
        sum(bool(a.pair) for a in after),
        tuple(a.joint for b, a in zip(before, after, strict=True) if a.pair and not b.pair),
        now,
        sum(a.heat for _, a in both),
        sum(a.price for _, a in both),
        now / then if then else float("nan"),
        (float(low), float(high)),
        after,
    )
