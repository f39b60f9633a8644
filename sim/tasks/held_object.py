"""What scenes do with an object that a fixture holds until the hand does."""

from __future__ import annotations

from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import Hand
from ..scene import PREFIX

Array = NDArray[np.float64]

SOFT: Final = (0.9, 0.95, 0.001, 0.5, 2.0)
"""`solimp` of MuJoCo's own choice."""


def pose_error(seed: int, position: float, angle: float) -> tuple[Array, Array]:
    """By how much an object is off: a shift (3,) [m] and a unit quaternion (4,).

    Args:
        seed: From which it follows.
        position: Largest shift along each axis [m].
        angle: Largest turn about any axis [rad].
    """
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-position, position, 3)
    axis = rng.normal(size=3)
    half = 0.5 * rng.uniform(0.0, angle)
    return shift, np.append(np.cos(half), np.sin(half) * axis / np.linalg.norm(axis))


def pose_of_object(model: mujoco.MjModel) -> slice:
    """Where the pose of the object is in `qpos`."""
    address = int(model.jnt_qposadr[model.body("object").jntadr[0]])
    return slice(address, address + 7)


def add_fixture(
    spec: mujoco.MjSpec,
    held: str,
    position: Array,
    solimp: tuple[float, ...] = SOFT,
    lever: float = 1.0,
) -> None:
    """What holds a free body, soft enough to let a closing hand centre it.

    Args:
        spec: The scene.
        held: The body.
        position: Where it stands, shape (3,) [m].
        solimp: How hard it is held, as MuJoCo has it.
        lever: Radius at which a turn counts as much as a shift [m].
    """
    spec.worldbody.add_body(name="fixture", mocap=True, pos=position)
    add_weld(spec, "fixture", ("fixture", held), (0.01, 1.0), solimp, lever)


def add_weld(
    spec: mujoco.MjSpec,
    name: str,
    bodies: tuple[str, str],
    solref: tuple[float, float],
    solimp: tuple[float, ...],
    lever: float = 1.0,
) -> None:
    """A weld of two bodies at the middle of the second one."""
    weld = spec.add_equality(
        name=name,
        type=mujoco.mjtEq.mjEQ_WELD,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        name1=bodies[0],
        name2=bodies[1],
        solref=solref,
        solimp=solimp,
    )
    weld.data[:3] = 0.0  # anchored in the middle: the default, made for joints, is a metre off
    weld.data[10] = lever


def displace(model: mujoco.MjModel, qpos: Array, error: tuple[Array, Array]) -> Array:
    """Puts fixture and object off their place by an error; returns the positions of all."""
    where, (shift, turn) = pose_of_object(model), error
    pose = qpos[where].copy()
    pose[:3] += shift
    mujoco.mju_mulQuat(pose[3:], turn, pose[3:].copy())
    fixture = model.body("fixture")
    fixture.pos[:], fixture.quat[:] = pose[:3], pose[3:]
    qpos[where] = pose
    return qpos


def set_mass(model: mujoco.MjModel, mass: float) -> None:
    """Makes the object as heavy as a trial wants it [kg]."""
    body = model.body("object")
    scale = mass / float(body.mass[0])
    body.mass[:] *= scale
    body.inertia[:] *= scale
    # The solver's idea of how light things are must follow, or contacts blow up.
    mujoco.mj_setConst(model, mujoco.MjData(model))


def add_pose_sensors(spec: mujoco.MjSpec, hand: Hand) -> None:
    """Pose of the object in the palm."""
    kind, body = mujoco.mjtSensor, mujoco.mjtObj.mjOBJ_XBODY
    palm = {"reftype": body, "refname": PREFIX + hand.description.palm}
    for name, quantity in (
        ("position", kind.mjSENS_FRAMEPOS),
        ("orientation", kind.mjSENS_FRAMEQUAT),
    ):
        spec.add_sensor(
            name=f"object_{name}", type=quantity, objtype=body, objname="object", **palm
        )
