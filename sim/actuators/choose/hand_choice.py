"""Which actuators each joint of a hand can have, which is best, and what limits the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..parts.candidate import Candidate
from ..require.requirement import JointRequirement, Requirements
from .places import IN_FOREARM, NOT_KNOWN, Place, place_of
from .verdict import Check, Rules, Verdict, judge


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
        rules: By which they were chosen.
        joints: In the order of the hand.
    """

    hand: str
    rules: Rules
    joints: Sequence[JointChoice]

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
    def supplies(self) -> Sequence[float]:
        """[V], that they are made for, the lowest first."""
        return sorted({joint.best.candidate.voltage for joint in self.joints})

    @property
    def forearm_volume(self) -> float:
        """Of those in the forearm [m3]."""
        inside = (j for j in self.joints if j.place.name == IN_FOREARM)
        return sum(_bulk(j.best.candidate) for j in inside)

    @property
    def unplaced(self) -> Sequence[str]:
        """Joints whose segment is not known."""
        return [j.requirement.joint for j in self.joints if j.place.name == NOT_KNOWN]

    @property
    def sufficed(self) -> int:
        """Joints for which something suffices."""
        return sum(bool(joint.ranked) for joint in self.joints)

    def waiving(self, check: Check) -> HandChoice:
        """What it would be if one thing less were asked for."""
        rules = replace(self.rules, waived=self.rules.waived | {check})
        joints = tuple(
            _ranked(
                joint.requirement,
                joint.place,
                [verdict.waiving(check) for verdict in (*joint.ranked, *joint.short)],
                rules,
            )
            for joint in self.joints
        )
        return replace(self, rules=rules, joints=joints)


def choose(
    requirements: Requirements,
    candidates: Iterable[Candidate],
    rules: Rules | None = None,
    *,
    joints: Sequence[str] = (),
    progress: Callable[[str, int, int], None] = lambda stage, done, of: None,
) -> HandChoice:
    """Ranks actuators for each joint.

    Args:
        requirements: What the joints ask.
        candidates: All that there are.
        rules: What counts. None: the lightest in the hand.
        joints: Names; none: all.
        progress: Called with the stage, how many joints are done, of how many.

    Raises:
        ValueError: There is no such joint, or no actuator.
    """
    every, kept = tuple(candidates), rules or Rules()
    if not every:
        raise ValueError("there are no actuators to choose from; give a catalogue")
    asked = _asked(requirements, joints)
    found = []
    for done, joint in enumerate(asked):
        progress("joints", done, len(asked))
        found.append(_for_joint(joint, every, kept))
    progress("joints", len(asked), len(asked))
    return HandChoice(requirements.hand, kept, tuple(found))


def _asked(requirements: Requirements, names: Sequence[str]) -> tuple[JointRequirement, ...]:
    known = {joint.joint: joint for joint in requirements.joints}
    for name in names:
        if name not in known:
            raise ValueError(f"no joint {name!r} is asked for; it is one of {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def _for_joint(
    joint: JointRequirement, candidates: Sequence[Candidate], rules: Rules
) -> JointChoice:
    place = place_of(joint.joint, rules.where)
    verdicts = [judge(candidate, joint, place, rules) for candidate in candidates]
    return _ranked(joint, place, verdicts, rules)


def _ranked(
    joint: JointRequirement, place: Place, verdicts: Sequence[Verdict], rules: Rules
) -> JointChoice:
    enough = [v for v in verdicts if v.suffices]
    short = [v for v in verdicts if not v.suffices]
    return JointChoice(
        requirement=joint,
        place=place,
        ranked=sorted(enough, key=lambda v: (v.rank(rules.by), v.candidate.mass)),
        short=sorted(short, key=lambda v: v.use),
    )


def _bulk(candidate: Candidate) -> float:
    """[m3], round or a box."""
    return candidate.volume * (1.0 if candidate.kind == "servo" else math.pi / 4.0)
