"""Tendons: two against each other on every joint but one, pulled by motors in the forearm.

The motors sit in the half of the forearm that turns, so no tendon crosses its rotation, which has a
motor of its own: 53 motors. A tendon ends at a point on the bone that it moves. Its last guide, on
the bone before, stands where that point would be a little beyond the end of the range: the pull
turns the joint towards the guide, and its moment arm keeps its sign over the whole range. On the
way it passes the centres of the joints that it shall not move, as over idlers on their axes.

Where two axes meet, the first joint's tendons end on the second axis and the second joint's guides
stand on the first. So neither pair moves the other joint, whatever the posture, as in a cardan
joint. The distances beside the axes at which tendons pass are all that couples joints.

Moment arms in the middle of the range follow human hands: fingers after An et al. 1983 (flexors
about 10 mm at the MCP, 7 at the PIP, 4 at the DIP joint), thumb 8-10 mm (Smutz et al. 1998), wrist
15-20 mm (Brand & Hollister 1993). A motor can pull what the limit of its joint asks for at the
weakest moment arm, and a little more for what other tendons do to the joint.

The rotors of the motors count as inertia of the joints, those of `anatomy`: about what 0.6 kg at
the tendon reflects through two of the moment arms below, which would change but little on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import mujoco
import numpy as np

from .anatomy import (
    FINGER_TABLE,
    FOREARM_ROTATION,
    LITTLE_CMC,
    RING_CMC,
    THUMB,
    WRIST,
    Joint,
    Side,
    Vec3,
)
from .frames import Array, matrix, mirrored

PRETENSION: Final = 3.0
"""What keeps a tendon taut [N]."""

RESERVE: Final = 1.25
"""Of a motor's tension over what its own joint's limit asks for."""

ARMS: Final = {  # [m], in the middle of the range
    "wrist_flexion": 0.0200,
    "wrist_deviation": 0.0180,
    "thumb_cmc": 0.0100,
    "thumb_mcp": 0.0085,
    "thumb_ip": 0.0080,
    "ring_cmc": 0.0090,
    "little_cmc": 0.0090,
    "mcp_flexion": 0.0100,
    "mcp_abduction": 0.0055,
    "pip_flexion": 0.0070,
    "dip_flexion": 0.0045,
}
# The limits of the wrist in this hand [N m]: its range of 145 deg leaves little moment arm at the
# ends, and a person's wrist is weak there, too.
WRIST_TORQUE: Final = {"wrist_flexion": 4.0, "wrist_deviation": 4.0}

_AMPLE: Final = 60.0  # [deg] from the guide to the end, seen from the axis, in the middle
_LEAST: Final = 10.0  # [deg] at the end of the range
_WRIST_GUIDE: Final = 1.7  # how much further from the axis the guide of the wrist is than the end
_WIDTH: Final = 0.0007  # [m], radius as drawn
_COLOURS: Final = ((0.88, 0.30, 0.22, 1.0), (0.20, 0.45, 0.80, 1.0))  # agonist, antagonist

# Where the tendons of a digit pass the wrist, across the palm, and the distance between them [m].
_BUNDLES: Final = {"thumb": 3e-3, "index": 1.5e-3, "middle": 0.0, "ring": -1.5e-3, "little": -3e-3}
_SPACING: Final = 0.4e-3


@dataclass(frozen=True)
class Tendon:
    """One tendon of the right hand.

    Attributes:
        name: Name in the model.
        joint: The joint that it is there for.
        passes: Bodies whose joints it passes at their centre, from the wrist on.
        body: Which moves with the joint.
        guide: The last point before the joint, in the frame of `body` when all joints are zero [m].
        end: Where it is fastened, in the frame of `body` [m].
        agonist: Whether it pulls towards positive angles.
        tension: The most that its motor pulls with [N].
    """

    name: str
    joint: Joint
    passes: tuple[str, ...]
    body: str
    guide: Vec3
    end: Vec3
    agonist: bool
    tension: float


def torque_limit(joint: Joint) -> float:
    """What a joint of this hand may be asked for [N m]."""
    return WRIST_TORQUE.get(joint.name, joint.torque)


@cache
def tendons() -> tuple[Tendon, ...]:
    """Every tendon of the right hand, joint by joint, the agonist first."""
    return tuple(
        tendon for body, joints, passes in _chain() for tendon in _pair(body, joints, passes)
    )


def _chain() -> Iterator[tuple[str, tuple[Joint, ...], tuple[str, ...]]]:
    """Bodies with their joints and the bodies passed on the way to them, in the order of qpos."""
    yield "palm", WRIST, ()
    for digit in (THUMB, *FINGER_TABLE.values()):
        passes: tuple[str, ...] = ("palm",)
        arch = {"ring": RING_CMC, "little": LITTLE_CMC}.get(digit.name)
        bodies = [(f"{digit.name}_metacarpal", arch)] if arch else []
        bodies += [(segment.body, segment.joints) for segment in digit.segments]
        for body, joints in bodies:
            yield body, joints, passes
            passes = (*passes, body)


def _pair(body: str, joints: tuple[Joint, ...], passes: tuple[str, ...]) -> Iterator[Tendon]:
    for i, joint in enumerate(joints):
        other = joints[1 - i] if len(joints) == 2 else None
        for sign, role in ((1.0, "agonist"), (-1.0, "antagonist")):
            guide, end, weakest = _place(joint, other, sign, ends_on_other=i == 0)
            tension = PRETENSION + RESERVE * torque_limit(joint) / weakest
            yield Tendon(
                f"{joint.name}_{role}",
                joint,
                passes,
                body,
                _point(guide),
                _point(end),
                sign > 0.0,
                10.0 * math.ceil(tension / 10.0),
            )


def _place(
    joint: Joint, other: Joint | None, sign: float, *, ends_on_other: bool
) -> tuple[Array, Array, float]:
    """Guide and end [m] of a tendon, and its smallest moment arm in the range [m].

    Args:
        joint: That it moves.
        other: Whose axis meets that of the joint, and on which the end or the guide lies.
        sign: Towards which angles it pulls.
        ends_on_other: The end, not the guide.
    """
    axis = sign * np.array(joint.axis)
    low, high = sorted(sign * angle for angle in joint.range_deg)
    travel = high - low
    spare = max(_LEAST, _AMPLE - 0.5 * travel)
    reach = _WRIST_GUIDE if joint.name == "wrist_flexion" else 1.0
    radius = _arm_of(joint) / _arm(0.5 * travel + spare, reach)
    weakest = radius * min(_arm(spare, reach), _arm(travel + spare, reach))
    turn = high + spare
    if other is None:
        end = radius * _turned(axis, _outward(axis), -0.5 * turn)
        return _turned(axis, end, turn), end, weakest
    meeting = _side(axis, np.array(other.axis)) * np.array(other.axis)
    radius /= float(np.linalg.norm(np.cross(axis, meeting)))
    on_axis = radius * meeting
    if ends_on_other:
        return reach * _turned(axis, on_axis, turn), on_axis, weakest
    return on_axis, _turned(axis, on_axis, -turn), weakest


def _arm_of(joint: Joint) -> float:
    return next(arm for key, arm in ARMS.items() if key in joint.name)


def _arm(angle_deg: float, reach: float) -> float:
    """Distance of the line from end to guide from the axis, for an end at distance 1 from it."""
    angle = math.radians(angle_deg)
    span = math.sqrt(1.0 + reach * reach - 2.0 * reach * math.cos(angle))
    return reach * math.sin(angle) / span


def _outward(axis: Array) -> Array:
    """Across the axis and the bone, on the side on which a pull from behind turns forwards."""
    across = np.cross(axis, [0.0, 0.0, 1.0])
    return np.asarray(across / np.linalg.norm(across))


def _side(axis: Array, other: Array) -> float:
    """Which end of the other axis; the guide shall be nearer to the forearm than the end."""
    along = float(np.cross(axis, other)[2])
    return 1.0 if along < 0.3 else -1.0


def _turned(axis: Array, point: Array, degrees: float) -> Array:
    """A point turned about an axis through the origin (Rodrigues)."""
    angle = math.radians(degrees)
    return np.asarray(
        math.cos(angle) * point
        + math.sin(angle) * np.cross(axis, point)
        + (1.0 - math.cos(angle)) * (axis @ point) * axis
    )


def _point(value: Array) -> Vec3:
    x, y, z = (round(float(v), 6) for v in value)
    return (x, y, z)


# --- in the model ---------------------------------------------------------------------------------


def add_tendons(spec: mujoco.MjSpec, side: Side) -> None:
    """Sites, tendons, and their motors `<tendon>_motor`, whose control is the tension [N]."""
    _add_motor_of_forearm(spec)
    mark = spec.add_default("tendon", spec.default)
    mark.site.size = [0.0008] * 3
    mark.site.group = 4
    everything = tendons()
    for number, tendon in enumerate(everything):
        path = _Path(spec, side, tendon)
        path.site("wrist", _motor_place(number, len(everything)))
        for joint in tendon.passes:
            path.site(joint, _beside_axis(tendon, joint))
        path.guide(tendon)
        path.site(tendon.body, tendon.end)
        path.motor(tendon)


def _add_motor_of_forearm(spec: mujoco.MjSpec) -> None:
    name, torque = FOREARM_ROTATION.name, FOREARM_ROTATION.torque
    motor = spec.add_actuator(
        name=f"{name}_motor",
        target=name,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
        ctrlrange=[-torque, torque],
    )
    motor.set_to_motor()


class _Path:
    """A tendon while it grows from site to site."""

    def __init__(self, spec: mujoco.MjSpec, side: Side, tendon: Tendon) -> None:
        self.spec, self.side, self.sites = spec, side, 0
        self.mark = spec.find_default("tendon")
        colour = _COLOURS[0 if tendon.agonist else 1]
        self.tendon = spec.add_tendon(name=tendon.name, width=_WIDTH, rgba=colour)

    def site(self, body: str, point: Vec3) -> None:
        self._add(self.spec.body(body), np.array(mirrored(point, self.side)))

    def guide(self, tendon: Tendon) -> None:
        """On the bone before, where the guide is while all joints are zero."""
        body = self.spec.body(tendon.body)
        point = np.array(mirrored(tendon.guide, self.side))
        self._add(body.parent, body.pos + matrix(body.quat) @ point)

    def _add(self, body: mujoco.MjsBody, point: Array) -> None:
        name = f"{self.tendon.name}_{self.sites}"
        body.add_site(self.mark, name=name, pos=[round(float(v), 6) for v in point])
        self.tendon.wrap_site(name)
        self.sites += 1

    def motor(self, tendon: Tendon) -> None:
        motor = self.spec.add_actuator(
            name=f"{tendon.name}_motor",
            target=tendon.name,
            trntype=mujoco.mjtTrn.mjTRN_TENDON,
            gear=[-1.0, 0.0, 0.0, 0.0, 0.0, 0.0],  # a positive force of MuJoCo's would push
            ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
            ctrlrange=[0.0, tendon.tension],
        )
        motor.set_to_motor()


def _motor_place(number: int, count: int) -> Vec3:
    """Around the forearm, in three rows."""
    angle = math.tau * (number + 0.5) / count
    along = 0.02 + 0.02 * (number % 3)
    return (round(0.026 * math.cos(angle), 5), round(0.022 * math.sin(angle), 5), along)


def _beside_axis(tendon: Tendon, body: str) -> Vec3:
    """Where a tendon passes the joints of a body: on the axis across the palm, in its place."""
    digit = tendon.joint.name.split("_")[0]
    own = [t.name for t in tendons() if t.joint.name.startswith(digit)]
    place = _SPACING * (own.index(tendon.name) - 0.5 * (len(own) - 1))
    if body == "palm":
        return (round(_BUNDLES[digit] + 0.5 * place, 6), 0.0, 0.0)
    return (round(place, 6), 0.0, 0.0)
