"""The handle: the thing itself, what is drawn for it, and what holds and measures it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import Hand
from ..scene import PREFIX, hand_on_carriage
from .handle_wrap import HANDLE
from .held_object import add_fixture, add_weld

Array = NDArray[np.float64]

FRICTIONS: Final = (0.5, 0.9)  # of taped or rubber handles, to draw from
SHIFT: Final = 0.002  # [m], largest error of the handle's place along each axis
TILT: Final = np.radians(2.0)  # [rad], largest error of its direction

RIGID: Final = ((0.002, 1.0), (0.9999, 0.9999, 0.001, 0.5, 2.0))
"""`solref` and `solimp` of what shall not give."""


@dataclass(frozen=True)
class Handle:
    """A round handle, upright in the hand.

    Attributes:
        diameter: [m].
        length: Of its straight part [m].
        mass: Of the tool [kg].
    """

    diameter: float
    length: float
    mass: float


@dataclass(frozen=True)
class HandleTrial:
    """What is drawn for one seed, and known to no controller.

    Attributes:
        seed: It all follows from this.
        friction: Of the handle.
        shift: By how much the handle is off its place, shape (3,) [m].
        tilt: Unit quaternion by which it is turned, shape (4,).
    """

    seed: int
    friction: float
    shift: tuple[float, float, float]
    tilt: tuple[float, float, float, float]

    @classmethod
    def draw(cls, seed: int) -> HandleTrial:
        """Friction and errors of place."""
        rng = np.random.default_rng(seed)
        friction = float(rng.uniform(*FRICTIONS))
        x, y, z = (float(v) for v in rng.uniform(-SHIFT, SHIFT, 3))
        axis = rng.normal(size=3)
        half = 0.5 * float(rng.uniform(0.0, TILT))
        a, b, c = (float(v) for v in np.sin(half) * axis / np.linalg.norm(axis))
        return cls(seed, friction, (x, y, z), (float(np.cos(half)), a, b, c))


def grip_options() -> dict[str, Any]:
    """Of every geom that a hand grips: its own friction counts, whatever touches it."""
    return {
        "condim": 4,
        "priority": 1,
        "friction": [0.7, 0.02, 1e-4],
        "solref": [0.005, 1.0],
        "solimp": [0.95, 0.99, 0.001, 0.5, 2.0],
    }


def scene_of(hand: Hand, handle: Handle, position: Array) -> mujoco.MjSpec:
    """The hand, the handle, and what measures both."""
    spec = hand_on_carriage(hand)
    add_handle(spec, handle, position)
    add_weld(spec, "clamp", (PREFIX + hand.description.palm, HANDLE), *RIGID)
    _add_sensors(spec, hand)
    return spec


def add_handle(spec: mujoco.MjSpec, handle: Handle, position: Array) -> None:
    """The handle, free, and the fixture that holds it until the hand does."""
    body = spec.worldbody.add_body(name=HANDLE, pos=position)
    body.add_freejoint()
    body.add_geom(
        name=HANDLE,
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        size=[handle.diameter / 2.0, handle.length / 2.0, 0.0],
        mass=handle.mass,
        rgba=[0.13, 0.50, 0.58, 1.0],
        **grip_options(),
    )
    add_fixture(spec, HANDLE, position)


def _add_sensors(spec: mujoco.MjSpec, hand: Hand) -> None:
    """Pose of the handle in the palm, and what each finger does to it."""
    kind, body, free = mujoco.mjtSensor, mujoco.mjtObj.mjOBJ_XBODY, mujoco.mjtObj.mjOBJ_BODY
    palm = {"reftype": body, "refname": PREFIX + hand.description.palm}
    for name, quantity in (
        ("position", kind.mjSENS_FRAMEPOS),
        ("orientation", kind.mjSENS_FRAMEQUAT),
    ):
        spec.add_sensor(name=f"handle_{name}", type=quantity, objtype=body, objname=HANDLE, **palm)
    force = 1 << int(mujoco.mjtConDataField.mjCONDATA_FORCE)
    for finger in hand.description.fingers:
        joint = spec.joint(PREFIX + finger.joints[-3 if len(finger.joints) > 2 else 0])
        spec.add_sensor(
            name=f"{finger.name}_on_handle",
            type=kind.mjSENS_CONTACT,
            objtype=body,  # with all that hangs on it
            objname=joint.parent.name,
            reftype=free,
            refname=HANDLE,
            intprm=[force, 3, 1],  # the net force
        )
