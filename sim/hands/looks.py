"""What a hand looks like: tapered segments, a palm with thenar and hypothenar, pulps and nails.

All visual geoms are ellipsoids, or meshes that MuJoCo generates from a few numbers (truncated cones
and superellipsoids). They have no mass and touch nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import mujoco
import numpy as np

from .anatomy import FINGER_TABLE, METACARPALS, Digit, Segment, Side, Vec3
from .frames import Array, about, mirrored, mirrored_quat, quat_from_z

_GEOM = mujoco.mjtGeom
_FACETS = 48
_DEPTH = 0.94  # a finger is a little flatter than wide

# The forearm tapers to the wrist: half width and half depth [m] (Garrett 1971: wrist 60 x 42 mm).
WRIST_SIZE = (0.0290, 0.0205)
MID_FOREARM_SIZE = (0.0365, 0.0315)
ELBOW_SIZE = (0.0430, 0.0400)


@dataclass
class Painter:
    """Adds visual geoms to the bodies of one hand.

    Attributes:
        spec: The hand being built; has the default class `visual` and the materials.
        side: right or left.
        recipes: Per generated mesh: its kind and parameters, as MJCF writes them.
    """

    spec: mujoco.MjSpec
    side: Side
    recipes: dict[str, str] = field(default_factory=dict)

    # --- parts of the hand ----------------------------------------------------------------------

    def segment(self, body: mujoco.MjsBody, digit: Digit, segment: Segment) -> None:
        """A phalanx or the thumb's metacarpal with its near joint; the last has tip and nail."""
        near, far = segment.radius
        self._ellipsoid(body, (0, 0, 0), (near, near * _DEPTH, near))
        if segment is not digit.segments[-1]:
            self._cone(body, (0, 0, 0), (0, 0, segment.length), (near, far), _DEPTH)
            self._ellipsoid(body, (0, 0, segment.length), (far, far * _DEPTH, far))
            self._soft_belly(body, segment)
            return
        pad = digit.pad
        tip = pad.pos[2]
        width = 0.96 * pad.radius
        self._cone(body, (0, 0, 0), (0, 0, tip), (near, width), 0.86)
        self._ellipsoid(
            body, (0, 0.0002, tip), (width, 0.86 * width, segment.length - tip - 0.0004)
        )
        self._nail(body, digit, segment)

    def pad(self, body: mujoco.MjsBody, digit: Digit) -> None:
        """The pulp."""
        radius = digit.pad.radius
        self._ellipsoid(
            body, (0, -0.0004, -0.0012), (0.90 * radius, radius + 0.0004, 1.18 * radius), "pulp"
        )

    def palm(self, body: mujoco.MjsBody) -> None:
        """Carpus, the two fixed metacarpals, the hollow of the palm and the web to the thumb."""
        self._super(body, (0.0005, -0.0010, 0.0480), (0.0270, 0.0125, 0.0430))
        self._ellipsoid(body, (0.0, -0.0005, 0.0040), (*WRIST_SIZE, 0.0240))
        self._ellipsoid(body, (-0.0010, -0.0012, 0.0220), (0.0310, 0.0165, 0.0360))
        for finger in ("index", "middle"):
            self.ray(body, finger, (0.0, 0.0, 0.0))
        self._ellipsoid(body, (0.0200, -0.0040, 0.0520), (0.0150, 0.0105, 0.0300))
        self._ellipsoid(
            body, (0.0240, -0.0080, 0.0300), (0.0130, 0.0120, 0.0200), turn=about(1, 20.0)
        )
        for first, second in (("index", "middle"), ("middle", "ring")):
            self._web(body, first, second, (0.0, 0.0, 0.0))

    def ray(self, body: mujoco.MjsBody, finger: str, origin: Vec3) -> None:
        """A finger's metacarpal with the flesh around it and its knuckle.

        Args:
            body: Body to paint.
            finger: index, middle, ring or little.
            origin: Where the frame of `body` lies in the frame of the palm [m].
        """
        bone = METACARPALS[finger]
        knuckle = FINGER_TABLE[finger].segments[0].pos
        start, end = _minus(bone.base, origin), _minus(knuckle, origin)
        self._cone(body, start, end, bone.radius, 1.0)
        self._ellipsoid(body, end, (bone.radius[1],) * 3)
        inwards = {"index": -0.0025, "little": 0.0025}.get(finger, 0.0)
        pulp = (end[0] + inwards, end[1] - 0.0040, end[2] - 0.0020)
        self._ellipsoid(body, pulp, (0.0124, 0.0098, 0.0185))

    def hypothenar(self, body: mujoco.MjsBody, origin: Vec3) -> None:
        """The cushion on the little finger's side, and the web between ring and little finger.

        Args:
            body: The little finger's metacarpal, or the arch.
            origin: Where its frame lies in the frame of the palm [m].
        """
        self._web(body, "ring", "little", origin)
        centre = _minus((-0.0285, -0.0065, 0.0420), origin)
        self._ellipsoid(body, centre, (0.0125, 0.0135, 0.0300), turn=about(1, -17.0))

    def forearm(self, body: mujoco.MjsBody, length: float) -> None:
        """The half of the forearm that does not turn, `length` long."""
        self._cone(body, (0, 0, 0), (0, 0, length), ELBOW_SIZE, ELBOW_SIZE[1] / ELBOW_SIZE[0], 0.86)
        cuff = (0.0455, 0.0425, 0.0060)
        self._super(body, (0, 0, 0.006), cuff, "cuff")

    def wrist(self, body: mujoco.MjsBody, length: float) -> None:
        """The half of the forearm that turns with the radius, `length` long."""
        self._ellipsoid(body, (0, 0, 0), (*MID_FOREARM_SIZE, 0.030))
        aspect = WRIST_SIZE[1] / WRIST_SIZE[0]
        self._cone(
            body,
            (0, 0, 0),
            (0, 0, length),
            (MID_FOREARM_SIZE[0], WRIST_SIZE[0]),
            0.5 * (0.87 + aspect),
        )
        self._ellipsoid(body, (0, 0, length), (*WRIST_SIZE, 0.020))

    # --- details --------------------------------------------------------------------------------

    def _soft_belly(self, body: mujoco.MjsBody, segment: Segment) -> None:
        """The flesh on the palmar side of a phalanx."""
        near, far = segment.radius
        mean = 0.5 * (near + far)
        if segment.body == "thumb_metacarpal":  # thenar eminence
            centre, size = (0.0015, -0.0040, 0.4 * segment.length), (0.0165, 0.0155, 0.0265)
        else:
            centre = (0.0, -0.0012, 0.50 * segment.length)
            size = (1.01 * mean, 0.97 * mean, 0.46 * segment.length)
        self._ellipsoid(body, centre, size)

    def _nail(self, body: mujoco.MjsBody, digit: Digit, segment: Segment) -> None:
        width = digit.pad.radius
        z = segment.length - 0.98 * width
        self._ellipsoid(
            body,
            (0, 0.56 * width, z),
            (0.70 * width, 0.34 * width, 0.80 * width),
            "nail",
            turn=about(0, -6.0),
        )

    def _web(self, body: mujoco.MjsBody, first: str, second: str, origin: Vec3) -> None:
        a = np.array(FINGER_TABLE[first].segments[0].pos)
        b = np.array(FINGER_TABLE[second].segments[0].pos)
        centre = 0.5 * (a + b) + np.array([0.0, -0.0015, 0.0010]) - np.array(origin)
        self._ellipsoid(
            body, (float(centre[0]), float(centre[1]), float(centre[2])), (0.0085, 0.0072, 0.0130)
        )

    # --- primitives -----------------------------------------------------------------------------

    def _ellipsoid(
        self,
        body: mujoco.MjsBody,
        pos: Sequence[float],
        size: Sequence[float],
        material: str = "skin",
        turn: Sequence[float] = (1.0, 0.0, 0.0, 0.0),
    ) -> None:
        body.add_geom(
            self.spec.find_default("visual"),
            type=_GEOM.mjGEOM_ELLIPSOID,
            pos=_round(mirrored(pos, self.side)),
            size=_round(size),
            quat=_round(mirrored_quat(turn, self.side)),
            material=material,
        )

    def _cone(
        self,
        body: mujoco.MjsBody,
        start: Sequence[float],
        end: Sequence[float],
        radii: tuple[float, float],
        depth: float,
        shrink: float = 1.0,
    ) -> None:
        """A truncated cone of elliptic section: half width `radii`, half depth `depth` of it."""
        near, far = radii if shrink == 1.0 else (radii[0], radii[0] * shrink)
        step = np.subtract(end, start)
        wide, narrow = max(near, far), min(near, far)
        up = step if near >= far else -step
        name = f"{body.name}_cone{1 + sum(body.name + '_cone' in key for key in self.recipes)}"
        mesh = self.spec.add_mesh(
            name=name,
            scale=_round((wide, wide * depth, 0.5 * float(np.linalg.norm(step)))),
        )
        ratio = round(narrow / wide, 4)
        mesh.make_cone(_FACETS, ratio)
        self.recipes[name] = f'builtin="cone" params="{_FACETS} {ratio:g}"'
        self._mesh(
            body, name, _list(0.5 * np.add(start, end)), quat_from_z(mirrored(_list(up), self.side))
        )

    def _super(
        self,
        body: mujoco.MjsBody,
        pos: Sequence[float],
        size: Sequence[float],
        material: str = "skin",
    ) -> None:
        """A superellipsoid: a box with generously rounded edges."""
        name = f"{body.name}_slab"
        mesh = self.spec.add_mesh(name=name, scale=list(size), smoothnormal=True)
        mesh.make_supersphere(24, 0.7, 0.5)
        self.recipes[name] = 'builtin="supersphere" params="24 0.7 0.5"'
        self._mesh(body, name, pos, (1.0, 0.0, 0.0, 0.0), material)

    def _mesh(
        self,
        body: mujoco.MjsBody,
        name: str,
        pos: Sequence[float],
        quat: Sequence[float],
        material: str = "skin",
    ) -> None:
        body.add_geom(
            self.spec.find_default("visual"),
            type=_GEOM.mjGEOM_MESH,
            meshname=name,
            pos=_round(mirrored(pos, self.side)),
            quat=_round(quat),
            material=material,
        )


def _minus(a: Vec3, b: Vec3) -> Vec3:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _list(values: Array) -> list[float]:
    return [float(value) for value in values]


def _round(values: Sequence[float]) -> list[float]:
    """Six decimals: a micrometre, and a file that can be read."""
    return [round(float(value), 6) + 0.0 for value in values]
