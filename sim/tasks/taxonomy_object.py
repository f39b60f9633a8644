"""The object of a grasp type, what holds it to begin with, and what is told of it."""

from __future__ import annotations

from typing import Final

import mujoco

from .grasp_object import CENTER
from .held_object import add_fixture
from .taxonomy_trial import FRICTION
from .taxonomy_types import Primitive

_GEOM: Final = {
    "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
}


def add_object(spec: mujoco.MjSpec, thing: Primitive) -> None:
    """The object, free, and the fixture that holds it until the hand does."""
    body = spec.worldbody.add_body(name="object", pos=CENTER)
    body.add_freejoint()
    body.add_geom(
        name="object",
        type=_GEOM[thing.shape],
        size=thing.half,
        mass=0.1,
        rgba=[0.13, 0.50, 0.58, 1.0],
        condim=4,
        priority=1,  # the object's friction counts, whatever touches it
        friction=[*FRICTION, 1e-4],
        solref=[0.01, 1.0],
        solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
    )
    # A soft constraint yields the more the lighter a thing turns: digits that arrive one after the
    # other rolled a pen by 15 degrees at the default impedance of 0.9 to 0.95.
    add_fixture(spec, "object", CENTER, solimp=(0.995, 0.995, 0.001, 0.5, 2.0))
