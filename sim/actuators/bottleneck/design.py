"""What doubling buys a hand whose actuators are designed for it, all chosen anew each time.

Geometry is free and so is the ratio: what a lever saves, the design gives back as mass. The mass of
more copper is left out where fill is doubled, so that figure is the most it can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np

from ...statistics import Interval
from ..design.practice import MAKERS, Practice
from ..design.whole_hand import HandDesign, Place, design_hand
from ..require.requirement import JointRequirement, Requirements
from .levers import AS_IS, COPPER, GEAR, HEAT, LEVERS, MOTOR, TENDON, Lever

PLACES: Final[tuple[Place, ...]] = ("joint", "forearm")
HANDS: Final = 1000
"""Made altogether, by which prices go."""
KINDS: Final = 8
"""Of actuators in a hand, at most."""
DRAWS: Final = 4
"""Hands whose assumptions are drawn anew, each with and without every lever."""
DOUBT: Final = 1.2
"""ASSUMPTION: what makers reach is known to within this factor, each figure by itself."""
_SEED: Final = 0
_ROOT: Final = math.sqrt(2.0)
_FACTORS: Final[dict[Lever, dict[str, float]]] = {
    MOTOR: {"motor_constant": 2.0},
    COPPER: {"motor_constant": _ROOT},
    HEAT: {"winding": 0.5, "housing": 0.5},
    GEAR: {"gear_torque": 2.0},
}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class DesignGain:
    """A designed hand under one lever.

    Attributes:
        lever: What was doubled.
        place: Where its actuators sit.
        design: The lightest hand found. None: nothing thought of does for all joints.
        parts: Its mass over that of the hand as it is: by the assumptions as they stand, then by
            each draw of them; NaN where a hand is missing.
        lacks: Why there is none; empty if there is one.
    """

    lever: Lever
    place: Place
    design: HandDesign | None
    parts: tuple[float, ...]
    lacks: str = ""

    @property
    def part(self) -> float:
        """Of the mass as it is, by the assumptions as they stand."""
        return self.parts[0]

    @property
    def range(self) -> Interval:
        """Least and greatest part over all assumptions drawn; NaN if there are none."""
        known = [part for part in self.parts if math.isfinite(part)] or [math.nan]
        return min(known), max(known)

    @property
    def limits(self) -> str:
        """What limits how many joints, or why there is no hand."""
        if self.design is None:
            return self.lacks
        by = [joint.limited_by for joint in self.design.joints]
        return ", ".join(f"{name} {by.count(name)}" for name in sorted(set(by)))


def design_gains(
    requirements: Requirements,
    carried: Sequence[str],
    levers: Sequence[Lever] = LEVERS,
    places: Sequence[Place] = PLACES,
    draws: int = DRAWS,
    progress: Progress = lambda stage, done, of: None,
) -> list[DesignGain]:
    """Designs a hand as it is and under each lever that can matter there.

    Args:
        requirements: Of every joint.
        carried: Joints whose actuators sit beside them in either place.
        levers: What is doubled.
        places: Where the other actuators sit.
        draws: Of assumptions.
        progress: Told how many levers are done.
    """
    wanted = [(place, lever) for place in places for lever in _at(place, levers)]
    bases = [MAKERS, *_drawn(draws)]
    before: dict[Place, list[float]] = {}
    found = []
    progress("design", 0, len(wanted))
    for i, (place, lever) in enumerate(wanted, 1):
        needs = _through_spool(requirements, carried) if lever is TENDON else requirements
        tried = [_design(needs, carried, place, practice_of(lever, base)) for base in bases]
        masses = [made.mass if isinstance(made, HandDesign) else math.nan for made in tried]
        whole = before.setdefault(place, masses)
        parts = tuple(now / then for now, then in zip(masses, whole, strict=True))
        made = tried[0]
        design, lacks = (made, "") if isinstance(made, HandDesign) else (None, made)
        found.append(DesignGain(lever, place, design, parts, lacks))
        progress("design", i, len(wanted))
    return found


def practice_of(lever: Lever, base: Practice = MAKERS) -> Practice:
    """What makers would reach."""
    factors = _FACTORS.get(lever, {})
    return replace(base, **{name: factor * getattr(base, name) for name, factor in factors.items()})


def _at(place: Place, levers: Sequence[Lever]) -> Iterator[Lever]:
    """As it is first; without cords their strength is nothing."""
    yield AS_IS
    yield from (lever for lever in levers if lever is not TENDON or place == "forearm")


def _drawn(draws: int) -> Iterator[Practice]:
    """Makers who reach a little more or less."""
    rng = np.random.default_rng(_SEED)
    for _ in range(draws):
        factors = DOUBT ** rng.uniform(-1.0, 1.0, len(astuple(MAKERS)))
        yield Practice(*(np.array(astuple(MAKERS)) * factors).tolist())


def _design(
    needs: Requirements, carried: Sequence[str], place: Place, practice: Practice
) -> HandDesign | str:
    """The lightest hand, or why there is none."""
    try:
        return design_hand(needs, carried, KINDS, hands=HANDS, place=place, practice=practice)
    except ValueError as error:
        return str(error)


def _through_spool(requirements: Requirements, carried: Sequence[str]) -> Requirements:
    """As actuators see it that pull thinner cords over smaller spools."""
    joints = (j if j.joint in carried else _slower(j) for j in requirements.joints)
    return replace(requirements, joints=tuple(joints))


def _slower(joint: JointRequirement) -> JointRequirement:
    """Less torque at more speed, the joint's power as it was."""
    return replace(
        joint,
        rms_torque=joint.rms_torque / _ROOT,
        peak_torque=joint.peak_torque / _ROOT,
        peak_speed=joint.peak_speed * _ROOT,
        cloud=joint.cloud * [1.0 / _ROOT, _ROOT],
        mean_square=joint.mean_square / 2.0,
        inertia_max=joint.inertia_max / 2.0,
    )
