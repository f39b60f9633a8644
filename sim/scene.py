"""Scenes: a hand on a carriage that can be shaken, and what it shall deal with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller import Hand
from .hand_frame import HandFrame

Array = NDArray[np.float64]

PREFIX: Final = "hand/"
"""What stands before every name of the hand in a scene."""

CARRIAGE_MASS: Final = 50.0  # [kg], so heavy that the hand's reaction hardly moves it
CARRIAGE_STIFFNESS: Final = 2e4  # [N/m]
CARRIAGE_DAMPING: Final = 1e3
"""[N s/m]. Kept low on purpose: `implicitfast` applies damping after the contacts are solved, so a
damping D h comparable to the mass makes contacts in which nothing slips creep by millimetres."""

_OPTIONS = ("timestep", "noslip_iterations", "impratio", "integrator", "cone", "jacobian")


def world_from_hand(hand: Hand) -> Array:
    """Rotation (3, 3) that holds the hand level, straight fingers along x, with the thumb up."""
    bound = hand.bind(hand.model)
    data = mujoco.MjData(hand.model)
    mujoco.mj_forward(hand.model, data)
    directions = np.array(HandFrame.of(hand).in_world(bound, data))
    # The palm of a right hand then looks along y, that of a left hand, its mirror image, along -y.
    palmar = np.sign(np.linalg.det(directions))
    return np.diag([1.0, palmar, 1.0]) @ directions


def thumb_of(hand: Hand) -> str:
    """Name of the finger that opposes the others: the grip's thumb, else the first finger."""
    return hand.finger_names[hand.thumb]


def check_touch(hand: Hand) -> None:
    """Refuses a hand that nobody can tell from what it touches: contact sensors do.

    Raises:
        HandError: The hand has none.
    """
    if any(finger.contact is None for finger in hand.description.fingers):
        raise hand.error(
            ("fingers",),
            f"'{hand.name}' has no contact sensors, by which it is judged what happens to an "
            "object; give every finger contact = the name of one",
        )


def hand_on_carriage(hand: Hand, height: float = 0.3) -> mujoco.MjSpec:
    """A scene with the hand, level, thumb up, on a carriage that slides sideways along y.

    Args:
        hand: The hand; its names come with the prefix `hand/`.
        height: Of the forearm's axis over the floor [m].

    Returns:
        A specification to add objects to. The position actuator `carriage` [m] moves the hand.
    """
    scene = mujoco.MjSpec()
    part = hand.spec()
    for key in list(part.keys):
        part.delete(key)
    part.nkey = 0
    for option in _OPTIONS:
        setattr(scene.option, option, getattr(part.option, option))

    carriage = scene.worldbody.add_body(
        name="carriage",
        pos=[0.0, 0.0, height],
        mass=CARRIAGE_MASS,
        inertia=[1.0, 1.0, 1.0],
        explicitinertial=True,
    )
    carriage.add_joint(name="carriage", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[0, 1, 0])
    motor = scene.add_actuator(
        name="carriage", target="carriage", trntype=mujoco.mjtTrn.mjTRN_JOINT
    )
    motor.set_to_position(kp=CARRIAGE_STIFFNESS, kv=CARRIAGE_DAMPING)
    quat = np.empty(4)
    mujoco.mju_mat2Quat(quat, world_from_hand(hand).ravel())
    scene.attach(part, frame=carriage.add_frame(quat=quat), prefix=PREFIX)
    _furnish(scene)
    return scene


def carriage_control(time: Array, position: Array, moved_mass: float) -> Array:
    """Control of the carriage actuator for a wanted motion: the exact inverse of its dynamics.

    Args:
        time: Equally spaced, shape (k,) [s].
        position: Wanted, shape (k,) [m].
        moved_mass: Carriage, hand and what it holds [kg].
    """
    velocity = np.gradient(position, time)
    acceleration = np.gradient(velocity, time)
    return (
        position
        + CARRIAGE_DAMPING / CARRIAGE_STIFFNESS * velocity
        + moved_mass / CARRIAGE_STIFFNESS * acceleration
    )


def good_sensors(seed: int, period: float) -> _core.SensorModel:
    """Errors of good but real sensors, 2 ms late, read every `period` [s]."""
    sensors = _core.SensorModel()
    sensors.seed = seed
    sensors.delay = round(0.002 / period)
    sensors.position_noise = 2e-4  # [rad], a 15-bit encoder
    sensors.velocity_noise = 0.01  # [rad/s]
    sensors.force_noise = 0.02  # [N] per axis
    sensors.force_gain_error = 0.03
    sensors.slip_noise = 5e-4  # [m/s]
    return sensors


def rest_posture(hand: Hand, free: Sequence[int] | NDArray[np.intp]) -> Array:
    """The keyframe `rest`, or the middle of the ranges, wrist straight, shape (n,) [rad]."""
    bound = hand.bind(hand.model)
    rest = bound.position_range.mean(axis=1)
    if mujoco.mj_name2id(hand.model, mujoco.mjtObj.mjOBJ_KEY, "rest") >= 0:
        rest = hand.model.key("rest").qpos[bound.qpos].copy()
    wrist = np.setdiff1d(np.arange(len(rest)), free)
    rest[wrist] = np.clip(0.0, *bound.position_range[wrist].T)
    return np.asarray(rest)


def physics(model: mujoco.MjModel, control_period: float) -> dict[str, float | int | str]:
    """Options of a simulation, to be stated with every result; times in s."""
    option = model.opt
    return {
        "timestep_s": float(option.timestep),
        "control_period_s": control_period,
        "integrator": mujoco.mjtIntegrator(option.integrator).name.removeprefix("mjINT_"),
        "cone": mujoco.mjtCone(option.cone).name.removeprefix("mjCONE_"),
        "jacobian": mujoco.mjtJacobian(option.jacobian).name.removeprefix("mjJAC_"),
        "solver": mujoco.mjtSolver(option.solver).name.removeprefix("mjSOL_"),
        "iterations": int(option.iterations),
        "impratio": float(option.impratio),
        "noslip_iterations": int(option.noslip_iterations),
        "mujoco": str(mujoco.__version__),
    }


def _furnish(scene: mujoco.MjSpec) -> None:
    """Table, lights and sky; nothing that touches the hand."""
    key = scene.worldbody.add_light(pos=[0.7, 0.6, 1.3], dir=[-0.35, -0.45, -1.0])
    key.type = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
    key.diffuse, key.specular = [0.55, 0.54, 0.52], [0.25, 0.25, 0.25]
    fill = scene.worldbody.add_light(pos=[0.9, -0.7, 0.9], dir=[-0.5, 0.7, -0.5], castshadow=False)
    fill.diffuse, fill.specular = [0.26, 0.28, 0.32], [0.1, 0.1, 0.1]
    scene.visual.headlight.ambient = [0.34, 0.34, 0.35]
    scene.visual.headlight.diffuse = [0.18, 0.18, 0.18]
    scene.visual.headlight.specular = [0.0, 0.0, 0.0]
    texture, built = mujoco.mjtTexture, mujoco.mjtBuiltin
    scene.add_texture(
        name="sky",
        type=texture.mjTEXTURE_SKYBOX,
        builtin=built.mjBUILTIN_GRADIENT,
        rgb1=[0.93, 0.95, 0.97],
        rgb2=[0.62, 0.70, 0.78],
        width=64,
        height=64,
    )
    table = scene.add_texture(
        name="table",
        type=texture.mjTEXTURE_2D,
        builtin=built.mjBUILTIN_CHECKER,
        rgb1=[0.77, 0.80, 0.82],
        rgb2=[0.74, 0.77, 0.80],
        width=256,
        height=256,
    )
    surface = scene.add_material(name="table", texrepeat=[20, 20], specular=0.1, shininess=0.1)
    surface.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = table.name
    scene.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[1.5, 1.5, 0.1],
        material="table",
    )
