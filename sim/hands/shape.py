"""What a hand touches with, and what it weighs.

Every body gets collision primitives (capsules, a box, one sphere per fingertip; group 3) that carry
its mass. What it looks like is in `looks`.
"""

from __future__ import annotations

import math

import mujoco

from .anatomy import (
    FINGER_TABLE,
    FOREARM_LENGTH,
    FOREARM_MASS,
    FOREARM_TURN,
    HAND_MASS,
    METACARPALS,
    PALMAR_FLESH,
    THUMB,
    TISSUE_DENSITY,
    Digit,
    Segment,
    Side,
    Vec3,
)
from .frames import about, mirrored, mirrored_quat, quat_from_z
from .looks import Painter

_GEOM = mujoco.mjtGeom

# The pads yield a little (10 N press an equally stiff object 0.2 mm into the skin defined below);
# everything else is as stiff as a step of 1 ms allows, so that the hand does not sink into
# itself. `solmix` lets the stiffer one of a pair decide where a pad meets the hand itself, while
# pad and object share theirs evenly. Touch begins SKIN_MARGIN outside every geom, as if it were
# covered with a soft skin that thin; that keeps what lies below the skin apart even when a finger
# slips off another and snaps on.
SKIN_MARGIN = 0.0004
PAD_SOLREF = (0.003, 1.0)
PAD_SOLIMP = (0.97, 0.99, 0.001, 0.5, 2.0)
SOLREF = (0.002, 1.0)
SOLIMP = (0.98, 0.998, 0.0005, 0.5, 2.0)
SOLMIX = 20.0
SKIN = (0.86, 0.66, 0.55, 1.0)
GLASS = (0.86, 0.72, 0.64, 0.22)  # shows the tendons
PULP = (0.90, 0.56, 0.50, 1.0)
CUFF = (0.25, 0.28, 0.33, 1.0)
NAIL = (0.95, 0.78, 0.73, 1.0)

# Taxels lie on a sphere a little larger than the rigid pad, so that a touch lights up a patch as
# compliant skin would. The patch spans half angles of 55 deg, taxels 22 deg apart (about 3.6 mm),
# and leans towards the fingertip. MuJoCo's `wedge` is centred on -z; here it faces palmar.
TAXEL_RISE = 0.0015
TAXEL_GRID = (5, 5)
TAXEL_FOV = (55.0, 55.0)
TAXEL_TILT = 12.0
_WEDGE = 'builtin="wedge" params="{} {} {:g} {:g} 0"'.format(*TAXEL_GRID, *TAXEL_FOV)


def add_classes(spec: mujoco.MjSpec, *, see_through: bool = False) -> None:
    """Default classes `visual`, `collision`, and `pad`; materials, with skin to look through."""
    main = spec.default
    visual = spec.add_default("visual", main)
    visual.geom.contype = 0
    visual.geom.conaffinity = 0
    visual.geom.group = 2
    visual.geom.density = 0.0
    visual.geom.material = "skin"
    collision = spec.add_default("collision", main)
    collision.geom.group = 3
    collision.geom.condim = 4
    collision.geom.friction = [1.0, 0.02, 0.0001]
    collision.geom.solref = SOLREF
    collision.geom.solimp = SOLIMP
    collision.geom.solmix = SOLMIX
    collision.geom.margin = SKIN_MARGIN
    collision.geom.rgba = [0.4, 0.6, 0.9, 0.5]
    pad = spec.add_default("pad", collision)
    pad.geom.solref = PAD_SOLREF
    pad.geom.solimp = PAD_SOLIMP
    pad.geom.solmix = 1.0
    pad.geom.rgba = [0.9, 0.4, 0.3, 0.5]
    materials = (
        ("skin", GLASS if see_through else SKIN, 0.25),
        ("pulp", PULP, 0.15),
        ("nail", NAIL, 0.3),
        ("cuff", CUFF, 0.4),
    )
    for name, rgba, specular in materials:
        spec.add_material(name=name, rgba=rgba, specular=specular, shininess=0.4)


def frustum_volume(length: float, near: float, far: float) -> float:
    """Volume of a truncated cone [m^3]."""
    return math.pi * length * (near * near + near * far + far * far) / 3.0


class Artist:
    """Adds collision geoms, and through its painter visual ones, to the bodies of one hand."""

    def __init__(self, spec: mujoco.MjSpec, side: Side) -> None:
        self.spec = spec
        self.side = side
        self.visual = spec.find_default("visual")
        self.collision = spec.find_default("collision")
        self.pad_class = spec.find_default("pad")
        self.painter = Painter(spec, side)

    # --- fingers --------------------------------------------------------------------------------

    def segment(self, body: mujoco.MjsBody, digit: Digit, segment: Segment) -> None:
        """A phalanx, or the thumb's metacarpal."""
        near, far = segment.radius
        is_last = segment is digit.segments[-1]
        mass = segment_mass(digit, segment)
        start = 0.25 * near
        end = digit.pad.pos[2] if is_last else segment.length
        radius = 0.95 * far if is_last else 0.5 * (near + far)
        self._capsule(body, (0, 0, start), (0, 0, end), radius, mass)
        self.painter.segment(body, digit, segment)

    def pad(self, body: mujoco.MjsBody, digit: Digit) -> None:
        """The fingertip: collision sphere, taxels and the site on its palmar pole."""
        radius = digit.pad.radius
        name = digit.name
        self.painter.pad(body, digit)
        body.add_geom(
            self.pad_class,
            name=f"{name}_pad",
            type=_GEOM.mjGEOM_SPHERE,
            size=[radius, 0, 0],
            mass=pad_mass(digit),
        )
        body.add_site(
            name=f"{name}_tip",
            pos=[0.0, -radius, 0.0],
            quat=mirrored_quat(quat_from_z((0.0, -1.0, 0.0)), self.side),
            size=[0.002] * 3,
            group=4,
        )
        mesh = self.spec.add_mesh(name=f"{name}_taxels", scale=[radius + TAXEL_RISE] * 3)
        mesh.make_wedge(resolution=list(TAXEL_GRID), fov=list(TAXEL_FOV), gamma=0)
        self.painter.recipes[mesh.name] = _WEDGE
        body.add_geom(
            self.visual,
            name=f"{name}_tactile",
            type=_GEOM.mjGEOM_MESH,
            meshname=f"{name}_taxels",
            quat=about(0, -90.0 - TAXEL_TILT),
            group=4,
            material="pulp",
        )

    # --- palm and arm ---------------------------------------------------------------------------

    def palm(self, body: mujoco.MjsBody) -> None:
        """The fixed part of the palm: carpus, index and middle metacarpal."""
        mass = palm_mass()
        self.painter.palm(body)
        body.add_geom(
            self.collision,
            name="palm_collision_carpus",
            type=_GEOM.mjGEOM_BOX,
            pos=mirrored((0.0, -0.001, 0.018), self.side),
            size=[0.024, 0.013, 0.012],
            mass=0.4 * mass,
        )
        for finger in ("index", "middle"):
            knuckle = FINGER_TABLE[finger].segments[0].pos
            bone = METACARPALS[finger]
            start, end = _palmar(bone.base), _palmar(knuckle)
            self._capsule(body, start, end, bone.radius[1], 0.3 * mass, f"_{finger}")

    def metacarpal(self, body: mujoco.MjsBody, finger: str, origin: Vec3) -> None:
        """Ring or little metacarpal, in a body whose frame starts at `origin` in the palm."""
        knuckle = FINGER_TABLE[finger].segments[0].pos
        bone = METACARPALS[finger]
        start = _palmar(_minus(bone.base, origin))
        end = _palmar(_minus(knuckle, origin))
        self._capsule(body, start, end, bone.radius[1], metacarpal_mass(finger), f"_{finger}")
        self.painter.ray(body, finger, origin)
        if finger == "little":
            self.painter.hypothenar(body, origin)

    def forearm(self, body: mujoco.MjsBody) -> None:
        """The half of the forearm that does not turn."""
        self._capsule(body, (0, 0, 0.034), (0, 0, FOREARM_TURN), 0.034, 0.45 * FOREARM_MASS)
        self.painter.forearm(body, FOREARM_TURN)

    def wrist(self, body: mujoco.MjsBody) -> None:
        """The half of the forearm that turns with the radius."""
        end = FOREARM_LENGTH - FOREARM_TURN - 0.030
        self._capsule(body, (0, 0, 0.0), (0, 0, end), 0.026, 0.55 * FOREARM_MASS)
        self.painter.wrist(body, FOREARM_LENGTH - FOREARM_TURN)

    # --- primitives -----------------------------------------------------------------------------

    def _capsule(
        self,
        body: mujoco.MjsBody,
        start: Vec3,
        end: Vec3,
        radius: float,
        mass: float,
        suffix: str = "",
    ) -> None:
        body.add_geom(
            self.collision,
            name=f"{body.name}_collision{suffix}",
            type=_GEOM.mjGEOM_CAPSULE,
            fromto=[*mirrored(start, self.side), *mirrored(end, self.side)],
            size=[radius, 0, 0],
            mass=mass,
        )


def _minus(a: Vec3, b: Vec3) -> Vec3:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _palmar(point: Vec3) -> Vec3:
    """From the bone to the middle of the flesh around it."""
    return (point[0], point[1] - PALMAR_FLESH, point[2])


# --- masses -------------------------------------------------------------------------------------


def pad_mass(digit: Digit) -> float:
    """Half the sphere of a pad; the other half lies inside the phalanx [kg]."""
    return round(0.5 * TISSUE_DENSITY * 4.0 / 3.0 * math.pi * digit.pad.radius**3, 6)


def segment_mass(digit: Digit, segment: Segment) -> float:
    """Mass of a phalanx without its pad [kg]."""
    mass = TISSUE_DENSITY * frustum_volume(segment.length, *segment.radius)
    if segment is digit.segments[-1]:
        mass -= pad_mass(digit)
    return round(mass, 6)


def metacarpal_mass(finger: str) -> float:
    """Mass of the flesh around a finger's metacarpal [kg]."""
    bone = METACARPALS[finger]
    length = math.dist(bone.base, FINGER_TABLE[finger].segments[0].pos)
    return round(TISSUE_DENSITY * frustum_volume(length, *bone.radius), 6)


def palm_mass() -> float:
    """What is left of the hand for carpus, index and middle metacarpal [kg]."""
    rest = HAND_MASS - metacarpal_mass("ring") - metacarpal_mass("little")
    for digit in (THUMB, *FINGER_TABLE.values()):
        rest -= pad_mass(digit) + sum(segment_mass(digit, s) for s in digit.segments)
    return round(rest, 6)
