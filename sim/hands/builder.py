"""Builds a hand as an `MjSpec` from the table in `anatomy`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import mujoco

from . import actuation, sensors, shape, tendons
from .actuation import Actuation
from .anatomy import (
    ARCH_CMC,
    FINGER_TABLE,
    FOREARM_LENGTH,
    FOREARM_ROTATION,
    FOREARM_TURN,
    INDEX,
    LITTLE,
    LITTLE_CMC,
    METACARPALS,
    MIDDLE,
    RING,
    RING_CMC,
    THUMB,
    WRIST,
    Digit,
    Joint,
    Segment,
    Side,
    Vec3,
)
from .frames import mirrored, mirrored_axis, mirrored_quat, quat_from_z, tilt_quat
from .poses import add_keyframes, kapandji_sites

Variant = Literal["hand27", "hand22"]

# Neighbours whose flesh is one piece in a human hand, and which therefore may overlap. Parents and
# children are left out: MuJoCo never collides those.
NEIGHBOURS_27 = (
    ("forearm", "wrist"),  # parent and child, but MuJoCo filters no pair whose parent is fixed
    ("palm", "ring_proximal"),
    ("palm", "little_metacarpal"),
    ("palm", "little_proximal"),
    ("ring_metacarpal", "little_metacarpal"),
    ("ring_metacarpal", "middle_proximal"),
    ("ring_metacarpal", "little_proximal"),
    ("little_metacarpal", "ring_proximal"),
    ("wrist", "thumb_metacarpal"),
    ("wrist", "ring_metacarpal"),
    ("wrist", "little_metacarpal"),
)
NEIGHBOURS_22 = (
    ("palm", "thumb_metacarpal"),  # as above: here the palm is fixed
    ("palm", "index_proximal"),
    ("palm", "middle_proximal"),
    ("palm", "arch_metacarpal"),
    ("palm", "ring_proximal"),
    ("palm", "little_proximal"),
    ("arch_metacarpal", "middle_proximal"),
)


@dataclass(frozen=True)
class HandSpec:
    """Which hand to build.

    Attributes:
        variant: `hand27` with wrist and forearm, or `hand22`, the hand alone.
        side: right or left.
        actuation: `motor`, ideal joint torque, `servo`, a catalogue servo per joint, `light`, the
            same with small ones in `hand22`, or `tendon`, motors in the forearm of `hand27` that
            pull tendons.
    """

    variant: Variant
    side: Side
    actuation: Actuation

    @property
    def name(self) -> str:
        """Stem of the MJCF file."""
        suffix = "" if self.actuation == "motor" else f"_{self.actuation}"
        return f"{self.variant}_{self.side}{suffix}"


ALL_HANDS = tuple(
    HandSpec(variant, side, actuation)
    for variant in ("hand27", "hand22")
    for side in ("right", "left")
    for actuation in ("motor", "servo", "light", "tendon")
    # hand22 has no forearm to put motors in, and small servos are too weak for the wrist of hand27.
    if actuation != ("light" if variant == "hand27" else "tendon")
)


def build(hand: HandSpec) -> mujoco.MjSpec:
    """The hand as an editable specification, ready to compile or to attach to a scene."""
    return build_with_recipes(hand)[0]


def build_with_recipes(hand: HandSpec) -> tuple[mujoco.MjSpec, dict[str, str]]:
    """The hand, and for each of its generated meshes the MJCF attributes that generate it."""
    builder = _Builder(hand)
    return builder.spec, builder.art.painter.recipes


def joints_of(variant: Variant) -> tuple[Joint, ...]:
    """The hinges of a hand, in the order of its `qpos`."""
    root: tuple[Joint, ...] = (FOREARM_ROTATION, *WRIST) if variant == "hand27" else ()
    own = (*_hinges_of(THUMB), *_hinges_of(INDEX), *_hinges_of(MIDDLE))
    ring, little = _hinges_of(RING), _hinges_of(LITTLE)
    if variant == "hand27":
        return (*root, *own, *RING_CMC, *ring, *LITTLE_CMC, *little)
    return (*root, *own, *ARCH_CMC, *ring, *little)


def _hinges_of(digit: Digit) -> tuple[Joint, ...]:
    return tuple(joint for segment in digit.segments for joint in segment.joints)


class _Builder:
    """Grows the tree from the root to the fingertips."""

    def __init__(self, hand: HandSpec) -> None:
        self.hand = hand
        self.side = hand.side
        self.spec = mujoco.MjSpec()
        self.spec.modelname = hand.name
        self.spec.compiler.degree = False
        self.bodies: list[str] = []
        _set_options(self.spec)
        shape.add_classes(self.spec, see_through=hand.actuation == "tendon")
        self.art = shape.Artist(self.spec, self.side)

        palm = self._palm_root()
        self.art.palm(palm)
        self._digit(palm, THUMB)
        self._digit(palm, FINGER_TABLE["index"])
        self._digit(palm, FINGER_TABLE["middle"])
        self._ulnar_side(palm)
        self._grasp_site(palm)
        kapandji_sites(self.spec, hand.variant, self.side)

        for first, second in NEIGHBOURS_27 if hand.variant == "hand27" else NEIGHBOURS_22:
            self.spec.add_exclude(bodyname1=first, bodyname2=second)
        joints = joints_of(hand.variant)
        names = [joint.name for joint in joints]
        if hand.actuation == "tendon":
            tendons.add_tendons(self.spec, self.side)
        else:
            actuation.add_actuators(self.spec, joints, hand.actuation)
        sensors.add_sensors(self.spec, names, self.bodies, of_joints=hand.actuation == "tendon")
        add_keyframes(self.spec, names)

    # --- root -----------------------------------------------------------------------------------

    def _palm_root(self) -> mujoco.MjsBody:
        if self.hand.variant == "hand22":
            return self._body(self.spec.worldbody, "palm", (0.0, 0.0, 0.0), sensed=True)
        forearm = self._body(self.spec.worldbody, "forearm", (0.0, 0.0, 0.0))
        self.art.forearm(forearm)
        wrist = self._body(forearm, "wrist", (0.0, 0.0, FOREARM_TURN))
        self._hinges(wrist, (FOREARM_ROTATION,))
        self.art.wrist(wrist)
        palm = self._body(wrist, "palm", (0.0, 0.0, FOREARM_LENGTH - FOREARM_TURN), sensed=True)
        self._hinges(palm, WRIST)
        return palm

    # --- ring and little side of the palm -------------------------------------------------------

    def _ulnar_side(self, palm: mujoco.MjsBody) -> None:
        if self.hand.variant == "hand27":
            for finger, joints in (("ring", RING_CMC), ("little", LITTLE_CMC)):
                body = self._body(
                    palm, f"{finger}_metacarpal", METACARPALS[finger].base, sensed=True
                )
                self._hinges(body, joints)
                self.art.metacarpal(body, finger, origin=METACARPALS[finger].base)
                self._digit(body, FINGER_TABLE[finger], origin=METACARPALS[finger].base)
            return
        pivot = METACARPALS["ring"].base
        arch = self._body(palm, "arch_metacarpal", pivot, sensed=True)
        self._hinges(arch, ARCH_CMC)
        for finger in ("ring", "little"):
            self.art.metacarpal(arch, finger, origin=pivot)
            self._digit(arch, FINGER_TABLE[finger], origin=pivot)

    def _grasp_site(self, palm: mujoco.MjsBody) -> None:
        palm.add_site(
            name="grasp",
            pos=mirrored((0.004, -0.045, 0.070), self.side),
            quat=mirrored_quat(quat_from_z((0.0, -1.0, 0.0)), self.side),
            size=[0.003] * 3,
            group=4,
        )

    # --- parts ----------------------------------------------------------------------------------

    def _digit(self, parent: mujoco.MjsBody, digit: Digit, origin: Vec3 = (0.0, 0.0, 0.0)) -> None:
        """A digit; `origin` is where the parent's frame lies in the frame of the palm."""
        body = parent
        for segment in digit.segments:
            pos: Vec3 = segment.pos
            if body is parent:
                pos = (pos[0] - origin[0], pos[1] - origin[1], pos[2] - origin[2])
            body = self._segment(body, segment, pos)
            self.art.segment(body, digit, segment)
        pad = self._body(body, f"{digit.name}_pad", digit.pad.pos, sensed=True)
        self.art.pad(pad, digit)

    def _segment(self, parent: mujoco.MjsBody, segment: Segment, pos: Vec3) -> mujoco.MjsBody:
        body = self._body(parent, segment.body, pos, tilt_quat(segment.tilt_deg), sensed=True)
        self._hinges(body, segment.joints)
        return body

    def _body(
        self,
        parent: mujoco.MjsBody,
        name: str,
        pos: Vec3,
        quat: Iterable[float] = (1.0, 0.0, 0.0, 0.0),
        *,
        sensed: bool = False,
    ) -> mujoco.MjsBody:
        if sensed:
            self.bodies.append(name)
        return parent.add_body(
            name=name,
            pos=mirrored(pos, self.side),
            quat=mirrored_quat(tuple(quat), self.side),
        )

    def _hinges(self, body: mujoco.MjsBody, joints: Iterable[Joint]) -> None:
        for joint in joints:
            body.add_joint(
                name=joint.name,
                type=mujoco.mjtJoint.mjJNT_HINGE,
                axis=mirrored_axis(joint.axis, self.side),
                range=[round(math.radians(deg), 5) for deg in joint.range_deg],
                limited=mujoco.mjtLimited.mjLIMITED_TRUE,
                armature=actuation.armature(joint, self.hand.actuation),
                damping=joint.damping,
            )


def _set_options(spec: mujoco.MjSpec) -> None:
    """Contacts that hold without creep.

    A rigid pinch (45 g, friction 0.7) creeps by 118-208 um/s with elliptic cones and impratio 10,
    and by 0.1-0.4 um/s once two noslip iterations follow (MuJoCo 4.0.0; see mujoco#3328).
    """
    option = spec.option
    option.timestep = 0.001
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.jacobian = mujoco.mjtJacobian.mjJAC_DENSE
    option.impratio = 10.0
    option.noslip_iterations = 2
