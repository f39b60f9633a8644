"""A hand's actuators: few kinds, one for every joint, and what they weigh, cost and heat together.

Where they sit: joints of the wrist and the forearm have theirs beside them. All others either sit
before their joint in the hand (`joint`), or in the forearm and pull two cords each (`forearm`), as
people's muscles do; then cords take their part of the torque (`tendon.py`), spool and pulley are
alike, and 24 actuators have to fit there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ....controller.errors import unknown
from ..require.requirement import Requirements
from .cost import VOLUMES
from .joint_actuator import JointActuator, Kind, one
from .kinds import Aim, choose, pool_for
from .need import DRAG, INERTIA, need_of
from .space import Need, Space, default_space
from .tendon import ARM, GUIDE_FRICTION, ROUTE_ANGLE, cord_for

Array = NDArray[np.float64]
Place = Literal["joint", "forearm"]

CORD_LENGTH: Final = 0.35  # [m], ASSUMPTION: of a cord from the forearm to its joint
KINDS: Final = 5  # of actuators in a hand, unless asked otherwise
CORDS: Final = 2  # of a joint, against each other


@dataclass(frozen=True, eq=False)
class HandDesign:
    """A whole hand.

    Attributes:
        hand: Its name.
        source: Of the requirements.
        joints: In the order of the hand.
        kinds: Small ones first.
        place: Where the actuators of fingers sit.
        aim: What was made small.
        hands: Made altogether, of which costs were minded.
        cord_mass: Of all cords [kg].
    """

    hand: str
    source: str
    joints: tuple[JointActuator, ...]
    kinds: tuple[Kind, ...]
    place: Place
    aim: Aim
    hands: int
    cord_mass: float

    @property
    def cords(self) -> int:
        """How many there are."""
        return CORDS * sum(joint.efficiency < 1.0 for joint in self.joints)

    @cached_property
    def mass(self) -> float:
        """Of actuators and cords [kg]."""
        return sum(k.count * one(k.drive.mass) for k in self.kinds) + self.cord_mass

    def price(self, hands: int) -> float:
        """Of all actuators of a hand [USD]."""
        return sum(k.count * one(k.cost(hands).total) for k in self.kinds)

    @property
    def prices(self) -> dict[int, float]:
        """At the volumes of the trade [USD]."""
        return {hands: self.price(hands) for hands in VOLUMES}

    @property
    def heat(self) -> float:
        """Copper's, each joint in its own worst task: an upper bound for any one [W]."""
        return sum(joint.copper_heat for joint in self.joints)

    @property
    def weakest(self) -> JointActuator:
        """The joint with the least margin."""
        return min(self.joints, key=lambda joint: joint.margin)

    @property
    def weakest_finger(self) -> JointActuator:
        """The weakest of those that pull cords; without any, the weakest of all."""
        fingers = [joint for joint in self.joints if joint.efficiency < 1.0]
        return min(fingers, key=lambda joint: joint.margin) if fingers else self.weakest

    @property
    def dragging(self) -> tuple[JointActuator, ...]:
        """The joints with more drag than was wanted, those most beyond it first."""
        beyond = [joint for joint in self.joints if joint.drag > joint.need.drag]
        return tuple(sorted(beyond, key=lambda joint: -joint.drag / joint.need.drag))

    def of(self, joint: str) -> JointActuator:
        """That of a joint.

        Raises:
            ValueError: There is none of that name.
        """
        for chosen in self.joints:
            if chosen.joint == joint:
                return chosen
        raise ValueError(unknown("joint", joint, [j.joint for j in self.joints], self.hand))

    @property
    def volume(self) -> float:
        """Of all actuators, as cylinders [m3]."""
        return sum(k.count * _bulk(k) for k in self.kinds)

    @property
    def forearm_volume(self) -> float:
        """Of those that pull cords from the forearm [m3]."""
        return sum(_bulk(joint.kind) for joint in self.joints if joint.efficiency < 1.0)


def design_hand(
    requirements: Requirements,
    carried: Sequence[str] = (),
    kinds: int = KINDS,
    aim: Aim = "mass",
    hands: int = 1000,
    place: Place = "forearm",
    friction: float = GUIDE_FRICTION,
    drag: float = DRAG,
    inertia: float = INERTIA,
    **changes: Any,
) -> HandDesign:
    """Few kinds of actuators for all joints.

    Args:
        requirements: Of each joint.
        carried: Joints of the forearm and the wrist, whose actuators sit beside them.
        kinds: At most.
        aim: What to make small.
        hands: Made altogether.
        place: Where all others sit.
        friction: Of cords in their guides.
        drag: Dry friction of a drive over its joint's peak torque, wanted but weighed against mass.
        inertia: Reflected inertia over its joint's peak torque, likewise [kg m2/(N m)].
        changes: Of `Space`: practice, voltage, winding_max, room.

    Raises:
        ValueError: A joint needs more than anything thought of can do, or drag or inertia are not
            above 0.
    """
    own = [need_of(joint, drag, inertia) for joint in requirements.joints]
    through = [_efficiency(j.joint, carried, place, friction) for j in requirements.joints]
    needs = [at_motor(need, part) for need, part in zip(own, through, strict=True)]
    pool = pool_for(needs, aim, hands, kinds, **changes)
    rows, taken = choose(pool, needs, [joint.joint for joint in requirements.joints], kinds)
    made = _kinds(pool.values[rows], pool.no_load_speed[rows], taken, hands, changes)
    joints = tuple(
        JointActuator(joint.joint, made[i], need, joint.inertia_max, part)
        for joint, need, i, part in zip(requirements.joints, own, taken, through, strict=True)
    )
    return HandDesign(
        requirements.hand,
        requirements.source,
        joints,
        tuple(sorted(made.values(), key=lambda kind: one(kind.drive.mass))),
        place,
        aim,
        hands,
        _cords(joints),
    )


def _bulk(kind: Kind) -> float:
    """Of one of a kind, as a cylinder [m3]."""
    return 0.25 * float(np.pi) * one(kind.drive.gear.diameter) ** 2 * one(kind.drive.length)


def _efficiency(joint: str, carried: Sequence[str], place: Place, friction: float) -> float:
    if place == "joint" or joint in carried:
        return 1.0
    return float(np.exp(-friction * ROUTE_ANGLE))


def at_motor(need: Need, efficiency: float) -> Need:
    """What a joint needs, before its cords have taken their part; with cords, a screw may pull."""
    return replace(
        need,
        torque=need.torque / efficiency,
        torque_peak=need.torque_peak / efficiency,
        stall=need.stall / efficiency,
        drag=need.drag / efficiency,
        cords=efficiency < 1.0,
    )


def _kinds(
    values: Array, speeds: Array, taken: list[int], hands: int, changes: dict[str, Any]
) -> dict[int, Kind]:
    """Those that were taken, by their number; letters tell those of one diameter apart."""
    made: dict[int, Kind] = {}
    for i in sorted(set(taken), key=lambda i: tuple(values[i])):
        need = Need(0.0, 0.0, 0.0, 0.0, float(speeds[i]))
        space: Space = default_space(need, hands=hands, **changes)
        name = f"D{1e3 * values[i][0]:.0f}"
        same = sum(kind.name.rstrip("bcdefgh") == name for kind in made.values())
        letter = " bcdefgh"[same].strip()
        made[i] = Kind(name + letter, values[i], space.build(values[i][None]), taken.count(i))
    return made


def _cords(joints: Sequence[JointActuator]) -> float:
    tension = np.array([j.torque_peak / j.efficiency / ARM for j in joints if j.efficiency < 1.0])
    return float(CORDS * cord_for(tension, CORD_LENGTH).mass.sum())
