"""Which actuators each joint of a hand can have, which is best, and what limits the others.

Of everything that an actuator has, the use is what is asked over what it gives; above one it falls
short. Joint torques are divided by what the route to the joint leaves of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ...controller.description_motors import Thermal
from .parts import motor_physics as physics
from .parts.candidate import Candidate
from .places import DIRECT, FOREARM, PACKING, TENDON, Place, Route, Where, place_of
from .require.requirement import JointRequirement, Requirements

Array = NDArray[np.float64]
By = Literal["mass", "cost", "heat", "size"]

UNITS: Final[Mapping[By, str]] = {"mass": "kg", "cost": "USD", "heat": "W", "size": "m3"}
_STILL: Final = 1e-9  # [rad/s], slower is at rest


@dataclass(frozen=True)
class Verdict:
    """How an actuator suits a joint.

    Attributes:
        candidate: The actuator.
        uses: What is asked over what it gives, by what is asked; what is not known is left out. Of
            temperature it is torque over torque: of the worst task, over what may be held.
        heat: [W], copper's at the RMS torque.
        temperature: [deg C], where its winding settles in the worst task. None: not known.
    """

    candidate: Candidate
    uses: Mapping[str, float]
    heat: float
    temperature: float | None

    @property
    def limit(self) -> str:
        """What it has least of."""
        return max(self.uses, key=self.uses.__getitem__)

    @property
    def use(self) -> float:
        """Of that."""
        return self.uses[self.limit]

    @property
    def suffices(self) -> bool:
        """Whether it has enough of everything that is known."""
        return self.use <= 1.0

    def rank(self, by: By) -> float:
        """In the unit of `UNITS`; infinite where it is not known."""
        match by:
            case "mass":
                return self.candidate.mass
            case "cost":
                return math.inf if self.candidate.price is None else self.candidate.price
            case "heat":
                return self.heat
            case "size":
                return self.candidate.volume


@dataclass(frozen=True)
class JointChoice:
    """What there is for a joint.

    Attributes:
        requirement: What it asks.
        place: Where its actuator sits.
        ranked: All that suffice, the best first.
        short: All that do not, the nearest first.
    """

    requirement: JointRequirement
    place: Place
    ranked: Sequence[Verdict]
    short: Sequence[Verdict]

    @property
    def best(self) -> Verdict:
        """The first that suffices, or the nearest."""
        return self.ranked[0] if self.ranked else self.short[0]

    @property
    def limits(self) -> Counter[str]:
        """What those that do not suffice have least of, and how many."""
        return Counter(verdict.limit for verdict in self.short)


@dataclass(frozen=True)
class HandChoice:
    """Actuators for a hand.

    Attributes:
        hand: Its name.
        by: What they were ranked by.
        where: Where they sit.
        joints: In the order of the hand.
    """

    hand: str
    by: By
    where: Where
    joints: Sequence[JointChoice] = field(default_factory=tuple)

    @property
    def mass(self) -> float:
        """[kg], of the best for every joint."""
        return sum(joint.best.candidate.mass for joint in self.joints)

    @property
    def price(self) -> float:
        """[USD], of those whose price is known."""
        return sum(joint.best.candidate.price or 0.0 for joint in self.joints)

    @property
    def unpriced(self) -> int:
        """How many have no known price."""
        return sum(joint.best.candidate.price is None for joint in self.joints)

    @property
    def heat(self) -> float:
        """[W], at the RMS torques of all joints at once."""
        return sum(joint.best.heat for joint in self.joints)

    @property
    def limiting(self) -> JointChoice:
        """The joint whose actuator has least to spare."""
        return max(self.joints, key=lambda joint: joint.best.use)

    @property
    def forearm_fill(self) -> float:
        """Part of the room for motors in the forearm that is taken; above one they do not fit."""
        diameter, length = FOREARM
        room = PACKING * math.pi / 4.0 * diameter**2 * length
        inside = (j for j in self.joints if j.place.name == "forearm")
        return sum(_bulk(j.best.candidate) for j in inside) / room


def choose(
    requirements: Requirements,
    candidates: Iterable[Candidate],
    by: By = "mass",
    where: Where = "hand",
    *,
    joints: Sequence[str] = (),
    backlash_max: float = math.inf,
    progress: Callable[[str, int, int], None] = lambda stage, done, of: None,
) -> HandChoice:
    """Ranks actuators for each joint.

    Args:
        requirements: What the joints ask.
        candidates: All that there are.
        by: What to rank them by.
        where: In the hand with direct drive, or in the forearm with tendons.
        joints: Names; none: all.
        backlash_max: [rad], that is borne; grasps preload their gears, so by default any is.
        progress: Called with the stage, how many joints are done, of how many.

    Raises:
        ValueError: There is no such joint, or no actuator.
    """
    every = tuple(candidates)
    if not every:
        raise ValueError("there are no actuators to choose from; give a catalogue")
    asked = _asked(requirements, joints)
    found = []
    for done, joint in enumerate(asked):
        progress("joints", done, len(asked))
        found.append(_for_joint(joint, every, by, where, backlash_max))
    progress("joints", len(asked), len(asked))
    return HandChoice(requirements.hand, by, where, tuple(found))


def judge(
    candidate: Candidate,
    joint: JointRequirement,
    place: Place,
    route: Route = DIRECT,
    backlash_max: float = math.inf,
) -> Verdict:
    """How an actuator suits a joint."""
    share = 1.0 / route.efficiency
    rms = joint.rms_torque * share
    warm = _temperature(candidate, joint.mean_square * share**2)
    uses = {
        "peak torque": _cloud_use(candidate, joint.cloud, share),
        "speed": joint.peak_speed / min(candidate.speed_no_load, candidate.speed_max),
        "continuous torque": rms / candidate.torque_continuous,
        "reflected inertia": candidate.inertia / joint.inertia_max,
        "resolution": candidate.resolution / joint.resolution,
        "backlash": candidate.backlash / backlash_max,
        "size": place.use(candidate),
    }
    if candidate.thermal:
        worst = math.sqrt(joint.mean_square) * share
        uses["temperature"] = worst / _held(candidate, candidate.thermal)
    return Verdict(candidate, uses, float(candidate.copper_loss(rms)), warm)


def _asked(requirements: Requirements, names: Sequence[str]) -> tuple[JointRequirement, ...]:
    known = {joint.joint: joint for joint in requirements.joints}
    for name in names:
        if name not in known:
            raise ValueError(f"no joint {name!r} is asked for; it is one of {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def _for_joint(
    joint: JointRequirement,
    candidates: Sequence[Candidate],
    by: By,
    where: Where,
    backlash_max: float,
) -> JointChoice:
    place = place_of(joint.joint, where)
    route = TENDON if where == "forearm" else DIRECT
    verdicts = [judge(c, joint, place, route, backlash_max) for c in candidates]
    enough = [v for v in verdicts if v.suffices]
    short = [v for v in verdicts if not v.suffices]
    return JointChoice(
        requirement=joint,
        place=place,
        ranked=sorted(enough, key=lambda v: (v.rank(by), v.candidate.mass)),
        short=sorted(short, key=lambda v: v.use),
    )


def _cloud_use(candidate: Candidate, cloud: Array, share: float) -> float:
    """Largest part of the peak envelope that a torque of the cloud takes at its speed.

    Where a point is too fast for any torque the speed says so; it is left out here.
    """
    torque, speed = cloud.T
    along = np.where(np.abs(speed) > _STILL, speed * np.sign(torque), 0.0)
    there = candidate.envelope(along)
    reached = there > 0.0
    needed = np.abs(torque[reached]) * share
    return float(np.max(needed / there[reached], initial=0.0))


def _temperature(candidate: Candidate, mean_square: float) -> float | None:
    if candidate.thermal is None:
        return None
    way = candidate.thermal.winding_resistance + candidate.thermal.housing_resistance
    square = np.asarray(mean_square / candidate.torque_constant**2)
    return float(physics.winding_temperature(square, candidate.resistance, way))


def _held(candidate: Candidate, thermal: Thermal) -> float:
    """[N m], that brings the winding of a motor at rest to its limit."""
    current = physics.continuous_current(
        candidate.resistance,
        thermal.winding_resistance,
        thermal.housing_resistance,
        thermal.winding_max,
        voltage=0.0,
        no_load_current=0.0,
    )
    return candidate.torque_constant * current


def _bulk(candidate: Candidate) -> float:
    """[m3], round or a box."""
    return candidate.volume * (1.0 if candidate.kind == "servo" else math.pi / 4.0)
