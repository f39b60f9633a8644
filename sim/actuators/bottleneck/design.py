"""What doubling buys a hand whose actuators are designed for it, all chosen anew each time.

Geometry is free and so is the ratio: what a lever saves, the design gives back as mass. The mass of
more copper is left out where fill is doubled, so that figure is the most it can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..design.practice import MAKERS, Practice
from ..design.whole_hand import HandDesign, Place, design_hand
from ..require.requirement import JointRequirement, Requirements
from .levers import AS_IS, COPPER, GEAR, HEAT, LEVERS, MOTOR, TENDON, Lever

PLACES: Final[tuple[Place, ...]] = ("joint", "forearm")
HANDS: Final = 1000
"""Made altogether, by which prices go."""
_ROOT: Final = math.sqrt(2.0)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class DesignGain:
    """A designed hand under one lever.

    Attributes:
        lever: What was doubled.
        place: Where its actuators sit.
        design: The lightest hand found.
        mass_part: Its mass over that of the hand as it is.
    """

    lever: Lever
    place: Place
    design: HandDesign
    mass_part: float

    @property
    def limits(self) -> str:
        """What limits how many joints."""
        by = [joint.limited_by for joint in self.design.joints]
        return ", ".join(f"{name} {by.count(name)}" for name in sorted(set(by)))


def design_gains(
    requirements: Requirements,
    carried: Sequence[str],
    levers: Sequence[Lever] = LEVERS,
    places: Sequence[Place] = PLACES,
    progress: Progress = lambda stage, done, of: None,
) -> list[DesignGain]:
    """Designs a hand as it is and under each lever that can matter there.

    Args:
        requirements: Of every joint.
        carried: Joints whose actuators sit beside them in either place.
        levers: What is doubled.
        places: Where the other actuators sit.
        progress: Told how many hands are designed.
    """
    wanted = [(place, lever) for place in places for lever in _at(place, levers)]
    found: list[DesignGain] = []
    whole: dict[Place, float] = {}
    progress("design", 0, len(wanted))
    for i, (place, lever) in enumerate(wanted, 1):
        needs = _through_spool(requirements, carried) if lever is TENDON else requirements
        design = design_hand(needs, carried, hands=HANDS, place=place, practice=practice_of(lever))
        found.append(
            DesignGain(lever, place, design, design.mass / whole.setdefault(place, design.mass))
        )
        progress("design", i, len(wanted))
    return found


def _at(place: Place, levers: Sequence[Lever]) -> Iterator[Lever]:
    """As it is first; without cords their strength is nothing."""
    yield AS_IS
    yield from (lever for lever in levers if lever is not TENDON or place == "forearm")


def practice_of(lever: Lever, base: Practice = MAKERS) -> Practice:
    """What makers would reach."""
    factors = {
        MOTOR: {"motor_constant": 2.0},
        COPPER: {"motor_constant": _ROOT},
        HEAT: {"winding": 0.5, "housing": 0.5},
        GEAR: {"gear_torque": 2.0},
    }.get(lever, {})
    return replace(base, **{name: factor * getattr(base, name) for name, factor in factors.items()})


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
