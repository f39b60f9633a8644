"""The things to hold: spheres, boxes, cylinders and capsules of three sizes each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from .held_object import add_fixture

Array = NDArray[np.float64]

Shape = Literal["sphere", "box", "cylinder", "capsule"]

CENTER: Final = np.array([0.35, -0.05, 0.3])
"""Where an object stands before the solver finds its place in the hand [m]."""

_GEOM: Final = {
    "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
}
_REFERENCE_MASS: Final = 0.1  # [kg]; a trial sets its own


@dataclass(frozen=True)
class GraspObject:
    """A primitive that stands upright.

    Attributes:
        shape: Which one.
        width: Across: the diameter, or the sides of a box [m].
        height: From bottom to top [m]; of a sphere the diameter.
    """

    shape: Shape
    width: float
    height: float

    @property
    def name(self) -> str:
        """Shape and size in millimetres."""
        size = f"{1e3 * self.width:.0f}"
        return f"{self.shape} {size}" + (
            "" if self.shape == "sphere" else f"x{1e3 * self.height:.0f}"
        )

    @property
    def size(self) -> list[float]:
        """As MuJoCo wants it."""
        half, tall = self.width / 2.0, self.height / 2.0
        match self.shape:
            case "sphere":
                return [half, 0.0, 0.0]
            case "box":
                return [half, half, tall]
            case "cylinder":
                return [half, tall, 0.0]
            case "capsule":
                return [half, tall - half, 0.0]


OBJECTS: Final = (
    GraspObject("sphere", 0.04, 0.04),
    GraspObject("sphere", 0.06, 0.06),
    GraspObject("sphere", 0.08, 0.08),
    GraspObject("box", 0.03, 0.09),
    GraspObject("box", 0.045, 0.11),
    GraspObject("box", 0.06, 0.13),
    GraspObject("cylinder", 0.03, 0.10),
    GraspObject("cylinder", 0.05, 0.12),
    GraspObject("cylinder", 0.07, 0.14),
    GraspObject("capsule", 0.03, 0.10),
    GraspObject("capsule", 0.045, 0.12),
    GraspObject("capsule", 0.06, 0.14),
)
"""From a ping-pong ball to a can: what a hand takes between its fingertips and in its palm."""


def add_object(spec: mujoco.MjSpec, thing: GraspObject) -> None:
    """The object, free, and the fixture that holds it until the hand does."""
    body = spec.worldbody.add_body(name="object", pos=CENTER)
    body.add_freejoint()
    body.add_geom(
        name="object",
        type=_GEOM[thing.shape],
        size=thing.size,
        mass=_REFERENCE_MASS,
        rgba=[0.13, 0.50, 0.58, 1.0],
        condim=4,
        priority=1,  # the object's friction counts, whatever touches it
        friction=[0.6, 0.02, 1e-4],
        solref=[0.01, 1.0],
        solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
    )
    add_fixture(spec, "object", CENTER)
