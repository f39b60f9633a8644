"""The 33 grasp types of people: one row each.

Types, oppositions, virtual fingers and places of the thumb are those of Feix et al. 2016, "The
GRASP taxonomy of human grasp types", IEEE Trans. Human-Machine Systems 46(1) 66-77. Two virtual
fingers press against each other: a palm, a thumb, or several fingers that act as one. The paper
shows each type on an object and gives no sizes; those here are of such things in everyday life.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Opposition = Literal["palm", "pad", "side"]
Thumb = Literal["abducted", "adducted"]
Shape = Literal["cylinder", "sphere", "box"]
Part = Literal["pad", "distal", "middle", "proximal", "radial", "ulnar", "edge", "web", "palm"]
Vec3 = tuple[float, float, float]

_PARTS: Final[dict[str, Part]] = {
    "": "pad", "d": "distal", "m": "middle", "x": "proximal", "r": "radial", "u": "ulnar",
    "e": "edge", "w": "web",
}  # fmt: skip


@dataclass(frozen=True)
class Primitive:
    """What is held.

    Attributes:
        shape: Which one.
        size: Diameter and height of a cylinder, diameter of a sphere, thickness, width and length
            of a box [m].
    """

    shape: Shape
    size: tuple[float, ...]

    @property
    def half(self) -> list[float]:
        """As MuJoCo wants it."""
        half = [0.5 * x for x in self.size]
        return [*half, 0.0, 0.0, 0.0][:3]


@dataclass(frozen=True)
class Patch:
    """A part of the hand that touches.

    Attributes:
        digit: 1 the thumb to 5 the little finger, 0 the palm.
        part: Of the digit; `radial` and `ulnar` are the sides of its middle phalanx, `web` and
            `edge` the radial sides of its proximal one and of its pad.
    """

    digit: int
    part: Part


@dataclass(frozen=True)
class GraspType:
    """One row of the taxonomy.

    Attributes:
        number: 1 to 33.
        name: As in the paper.
        opposition: Of palm, pads or sides of fingers.
        thumb: Abducted it stands against the fingers, adducted beside them.
        thing: What is held.
        first, second: The virtual fingers; see `patches`.
        depth: Under the surface for which parts head that feel nothing [m]: their springs press.
        third: What touches besides, and does not press.
        axis: Of the object's length: forward along the fingers, palmar, towards the thumb.
        across: Of the object's thickness, likewise.
        at: Of the object's centre from the knuckles, likewise, in lengths of a finger.
        curl: How far the fingers that hold are bent to begin with, 0 to 1.
        idle: The same of those that do not.
        wraps: Phalanges lie on the object, as many as can.
    """

    number: int
    name: str
    opposition: Opposition
    thumb: Thumb
    thing: Primitive
    first: str
    second: str
    axis: Vec3
    across: Vec3
    at: Vec3
    curl: float
    idle: float = 0.15
    wraps: bool = False
    depth: float = 0.003
    third: str = ""

    @property
    def rolls(self) -> bool:
        """A ball between fingertips."""
        return self.thing.shape == "sphere" and self.opposition == "pad"

    @property
    def patches(self) -> tuple[tuple[Patch, ...], tuple[Patch, ...], tuple[Patch, ...]]:
        """Of both virtual fingers and the rest: `P` the palm, `2` a pad, `2r` a finger's side."""
        sides = (self.first, self.second, self.third)
        first, second, third = (tuple(map(_patch, v.split())) for v in sides)
        return first, second, third


def _patch(word: str) -> Patch:
    if word == "P":
        return Patch(0, "palm")
    if found := re.fullmatch(r"([1-5])([dmxruew]?)", word):
        return Patch(int(found[1]), _PARTS[found[2]])
    raise ValueError(f"'{word}' is no part of a hand")


def _cylinder(diameter: float, height: float) -> Primitive:
    return Primitive("cylinder", (1e-3 * diameter, 1e-3 * height))


def _sphere(diameter: float) -> Primitive:
    return Primitive("sphere", (1e-3 * diameter,))


def _box(thickness: float, width: float, length: float) -> Primitive:
    return Primitive("box", (1e-3 * thickness, 1e-3 * width, 1e-3 * length))


_F: Final[Vec3] = (1.0, 0.0, 0.0)
_P: Final[Vec3] = (0.0, 1.0, 0.0)
_U: Final[Vec3] = (0.0, 0.0, 1.0)
_T = GraspType

TYPES: Final = (
    _T(1, "large diameter", "palm", "abducted", _cylinder(70, 140), "P", "1 2 3 4 5",
       _U, _P, (-0.2, 0.63, 0.15), 0.25, wraps=True),
    _T(2, "small diameter", "palm", "abducted", _cylinder(30, 120), "P", "1 2 3 4 5",
       _U, _P, (-0.1, 0.4, 0.0), 0.6, wraps=True),
    _T(3, "medium wrap", "palm", "abducted", _cylinder(50, 130), "P", "1 2 3 4 5",
       _U, _P, (-0.2, 0.5, 0.0), 0.5, wraps=True),
    _T(4, "adducted thumb", "palm", "adducted", _cylinder(28, 160), "P", "1 2 3 4 5",
       (0.5, 0.0, 0.87), _P, (0.0, 0.35, 0.2), 0.6, wraps=True),
    _T(5, "light tool", "palm", "adducted", _cylinder(16, 160), "P", "1 2 3 4 5",
       (0.4, 0.0, 0.9), _P, (0.0, 0.3, 0.1), 0.7, wraps=True),
    _T(6, "prismatic 4 finger", "pad", "abducted", _cylinder(22, 140), "1", "2 3 4 5",
       _U, _P, (0.6, 0.7, 0.0), 0.4),
    _T(7, "prismatic 3 finger", "pad", "abducted", _cylinder(24, 120), "1", "2 3 4",
       _U, _P, (0.6, 0.7, 0.1), 0.4),
    _T(8, "prismatic 2 finger", "pad", "abducted", _cylinder(28, 100), "1", "2 3",
       _U, _P, (0.6, 0.7, 0.2), 0.4),
    _T(9, "palmar pinch", "pad", "abducted", _box(15, 35, 52), "1", "2",
       _F, _P, (0.7, 0.7, 0.3), 0.4),
    _T(10, "power disk", "palm", "abducted", _cylinder(90, 24), "1 P", "2 3 4 5",
       _P, _F, (0.1, 0.5, 0.0), 0.4),
    _T(11, "power sphere", "palm", "abducted", _sphere(75), "P", "1 2 3 4 5",
       _U, _P, (0.0, 0.7, 0.0), 0.35, wraps=True),
    _T(12, "precision disk", "pad", "abducted", _cylinder(75, 18), "1", "2 3 4 5",
       (0.7, 0.7, 0.0), _U, (0.5, 0.9, 0.0), 0.4),
    _T(13, "precision sphere", "pad", "abducted", _sphere(60), "1", "2 3 4 5",
       _U, _P, (0.6, 0.7, 0.0), 0.35),
    _T(14, "tripod", "pad", "abducted", _sphere(35), "1", "2 3",
       _U, _P, (0.6, 0.7, 0.2), 0.4),
    _T(15, "fixed hook", "palm", "adducted", _cylinder(25, 120), "2x 3x 4x 5x", "2 3 4 5",
       _U, _P, (0.3, 0.35, 0.0), 0.75, wraps=True, depth=0.008),
    _T(16, "lateral", "side", "adducted", _box(4, 25, 60), "1", "2r 2w",
       _F, _U, (0.45, 0.35, 0.4), 0.6, idle=0.6, depth=0.008),
    _T(17, "index finger extension", "palm", "adducted", _cylinder(22, 180), "P", "1 2 3 4 5",
       (0.75, 0.1, 0.65), _P, (0.2, 0.35, 0.2), 0.6, wraps=True),
    _T(18, "extension type", "pad", "abducted", _box(20, 100, 120), "1", "2 3 4 5",
       _F, _P, (0.8, 0.5, 0.0), 0.2),
    _T(19, "distal type", "pad", "abducted", _box(16, 80, 100), "1", "2 3 4 5",
       _F, _P, (0.7, 0.6, 0.0), 0.35),
    _T(20, "writing tripod", "side", "abducted", _cylinder(10, 140), "1 2", "3e",
       (0.5, 0.3, -0.8), _P, (0.5, 0.5, 0.3), 0.45, idle=0.5, third="2x"),
    _T(21, "tripod variation", "side", "abducted", _cylinder(8, 150), "1", "2 3",
       (0.5, 0.3, -0.8), _P, (0.5, 0.5, 0.2), 0.45, idle=0.5, third="2x 4r"),
    _T(22, "parallel extension", "pad", "adducted", _box(24, 80, 100), "1", "2 3 4 5",
       _U, _P, (0.6, 0.6, 0.0), 0.2),
    _T(23, "adduction grip", "side", "abducted", _cylinder(10, 80), "2u", "3r",
       _P, _U, (0.55, 0.1, 0.15), 0.1, idle=0.7, depth=0.008),
    _T(24, "tip pinch", "pad", "abducted", _sphere(18), "1", "2",
       _U, _P, (0.6, 0.8, 0.3), 0.5),
    _T(25, "lateral tripod", "side", "adducted", _box(6, 12, 130), "1 2", "3r",
       (0.7, 0.5, -0.3), _U, (0.6, 0.6, 0.3), 0.45, idle=0.6),
    _T(26, "sphere 4 finger", "pad", "abducted", _sphere(65), "1", "2 3 4",
       _U, _P, (0.4, 0.7, 0.1), 0.35),
    _T(27, "quadpod", "pad", "abducted", _sphere(45), "1", "2 3 4",
       _U, _P, (0.6, 0.7, 0.1), 0.4),
    _T(28, "sphere 3 finger", "pad", "abducted", _sphere(55), "1", "2 3",
       _U, _P, (0.4, 0.7, 0.2), 0.35),
    _T(29, "stick", "side", "adducted", _cylinder(14, 120), "1", "2r 2x",
       (0.5, 0.85, 0.0), _U, (0.4, 0.4, 0.5), 0.6, idle=0.6),
    _T(30, "palmar", "palm", "adducted", _box(24, 60, 100), "P", "2 3 4 5",
       _U, _P, (0.0, 0.4, 0.0), 0.6),
    _T(31, "ring", "pad", "abducted", _cylinder(45, 120), "1", "2",
       _U, _P, (0.3, 0.6, 0.3), 0.4),
    _T(32, "ventral", "side", "adducted", _cylinder(28, 160), "1", "2r",
       (0.5, 0.5, 0.3), _U, (0.3, 0.4, 0.4), 0.65, idle=0.6, depth=0.008, third="3 4 5"),
    _T(33, "inferior pincer", "pad", "abducted", _sphere(22), "1", "2",
       _U, _P, (0.6, 0.7, 0.3), 0.3),
)  # fmt: skip
"""In the paper's order."""
