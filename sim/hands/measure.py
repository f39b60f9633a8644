"""What a hand can do, measured on its compiled model: force, reach, and not cutting into itself.

Written for this project's hands, whose names it relies on; nothing here runs in a control loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np
from mujoco import rollout

from .builder import HandSpec, build
from .frames import Array

_STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS

# --- driving a hand to targets --------------------------------------------------------------------

_FULL_TORQUE_AT = 0.2  # error at which the position loop asks for all of a joint's torque [rad]


def position_controlled(hand: HandSpec) -> mujoco.MjModel:
    """The hand with a torque-limited position loop on every joint and its weight carried.

    Its only sensor is the deepest contact of all (a distance [m], negative inside). The loop runs
    inside MuJoCo, so that many motions can be rolled out natively.

    Args:
        hand: A hand with ideal joint torque.

    Returns:
        A model whose controls are joint angles [rad].
    """
    spec = build(hand)
    for sensor in list(spec.sensors):
        spec.delete(sensor)
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
    for actuator in spec.actuators:
        joint = spec.joint(actuator.target)
        torque = float(actuator.ctrlrange[1])
        stiffness = torque / _FULL_TORQUE_AT
        inertia = 3.0 * float(joint.armature)  # drive and what hangs on it, roughly
        actuator.set_to_position(kp=stiffness, kv=2.0 * float(np.sqrt(stiffness * inertia)))
        actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
        actuator.forcerange = [-torque, torque]
        actuator.ctrlrange = joint.range
    distance = 1 << int(mujoco.mjtConDataField.mjCONDATA_DIST)
    closest = 1  # reduction criterion `mindist`
    spec.add_sensor(
        name="deepest", type=mujoco.mjtSensor.mjSENS_CONTACT, intprm=[distance, closest, 1]
    )
    return spec.compile()


def smooth_path(start: Array, targets: Array, steps: int, moving: float = 0.9) -> Array:
    """Minimum-jerk paths (Flash & Hogan 1985) that rest at their ends.

    Args:
        start: Joint angles at the start, shape (joints,) [rad].
        targets: Joint angles at the end, shape (paths, joints) [rad].
        steps: Number of steps.
        moving: Share of the time spent moving.

    Returns:
        Shape (paths, steps, joints) [rad].
    """
    phase = np.clip(np.arange(1, steps + 1) / (moving * steps), 0.0, 1.0)
    share = phase**3 * (10.0 - 15.0 * phase + 6.0 * phase**2)
    path: Array = start + (targets - start)[:, None] * share[None, :, None]
    return path


@dataclass(frozen=True)
class Drive:
    """What came of driving a hand along paths.

    Attributes:
        penetration: Deepest self-penetration of each path at any step, shape (paths,) [m].
        error: Largest distance of a joint from its target at the end, shape (paths,) [rad].
    """

    penetration: Array
    error: Array


def drive(model: mujoco.MjModel, start: Array, paths: Array, threads: int = 2) -> Drive:
    """Drives a hand of `position_controlled` along paths, from rest.

    Args:
        model: From `position_controlled`.
        start: Joint angles at the start, shape (joints,) [rad].
        paths: Wanted joint angles, shape (paths, steps, joints) [rad].
        threads: Threads to share the work; the result does not depend on it.
    """
    workers = [mujoco.MjData(model) for _ in range(threads)]
    workers[0].qpos[:] = start
    state = np.empty(mujoco.mj_stateSize(model, _STATE))
    mujoco.mj_getState(model, workers[0], state, _STATE)
    states, distances = rollout.rollout(model, workers, np.tile(state, (len(paths), 1)), paths)
    reached = states[:, -1, 1 : 1 + model.nq]
    return Drive(
        penetration=np.maximum(0.0, -distances[:, :, 0].min(axis=1)),
        error=np.abs(reached - paths[:, -1]).max(axis=1),
    )


# --- force ----------------------------------------------------------------------------------------


def press_torque(model: mujoco.MjModel, data: mujoco.MjData, digit: str) -> Array:
    """Joint torques that balance 1 N of the pad along its outward normal, shape (joints,) [m]."""
    jacobian = np.empty((3, model.nv))
    site = data.site(f"{digit}_tip")
    mujoco.mj_jacSite(model, data, jacobian, None, site.id)
    torque: Array = jacobian.T @ site.xmat.reshape(3, 3)[:, 2]
    return torque


def press_force(model: mujoco.MjModel, data: mujoco.MjData, digit: str) -> float:
    """Largest force the pad can keep up along its normal, J^T F within the limits, no weight [N].

    Args:
        model: A hand with `<joint>_motor` actuators in the order of its joints.
        data: Posture; kinematics must be up to date.
        digit: thumb, index, middle, ring or little.
    """
    torque = np.abs(press_torque(model, data, digit))
    return float((model.actuator_ctrlrange[:, 1] / np.maximum(torque, 1e-9)).min())


# --- reach ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """A posture in which the thumb touches a target of Kapandji's test.

    Attributes:
        qpos: Joint angles, shape (joints,) [rad].
        gap: Distance of the pad's surface from the target, inside or outside [m].
        penetration: Deepest contact anywhere in that posture [m].
    """

    qpos: Array
    gap: float
    penetration: float


def reach_kapandji(model: mujoco.MjModel, stage: int, tries: int = 6) -> Reach:
    """Moves the thumb's pad to a target, with the target's finger and the palm's arch helping.

    The pulp must touch, not the nail, and from outside the skin.

    Args:
        model: A hand with sites `kapandji_1` to `kapandji_10`.
        stage: 1 to 10.
        tries: Starting postures; the first is the middle of the ranges.
    """
    data = mujoco.MjData(model)
    site = model.site(f"kapandji_{stage}")
    pad = model.body("thumb_pad").id
    radius = float(model.geom("thumb_pad").size[0])
    finger = model.body(int(site.bodyid[0])).name.split("_")[0]
    moving = np.array(
        [
            index
            for index in range(model.njnt)
            if model.joint(index).name.split("_")[0] in {"thumb", finger}
            or ("_cmc_" in model.joint(index).name and finger in {"ring", "little", "arch"})
        ]
    )
    lower, upper = model.jnt_range[moving].T

    def residual(angles: Array) -> Array:
        data.qpos[:] = 0.0
        data.qpos[moving] = angles
        mujoco.mj_kinematics(model, data)
        target = data.site_xpos[site.id]
        outwards = data.site_xmat[site.id].reshape(3, 3)[:, 2]
        offset = data.xpos[pad] - target - radius * outwards
        towards = data.xmat[pad].reshape(3, 3).T @ (target - data.xpos[pad])
        nail = max(0.0, 0.2 + float(towards[1]) / max(float(np.linalg.norm(towards)), 1e-9))
        return np.concatenate([1e3 * offset, [3.0 * nail], 0.02 * angles / (upper - lower)])

    generator = np.random.default_rng(stage)
    best: Reach | None = None
    for attempt in range(tries):
        spread = 0.0 if attempt == 0 else 0.25
        start = 0.5 * (lower + upper) + spread * (upper - lower) * generator.normal(
            size=len(moving)
        )
        residual(_least_squares(residual, np.clip(start, lower, upper), lower, upper))
        mujoco.mj_forward(model, data)
        reach = Reach(
            qpos=data.qpos.copy(),
            gap=abs(float(np.linalg.norm(data.xpos[pad] - data.site_xpos[site.id])) - radius),
            penetration=max([0.0, *(-float(contact.dist) for contact in data.contact)]),
        )
        if best is None or reach.gap + reach.penetration < best.gap + best.penetration:
            best = reach
        if best.gap < 1e-4 and best.penetration < 5e-4:
            break
    assert best is not None
    return best


def _least_squares(
    residual: Callable[[Array], Array], start: Array, lower: Array, upper: Array, steps: int = 60
) -> Array:
    """Levenberg-Marquardt with the step clipped to the box."""
    x, damping = start, 1.0
    value = residual(x)
    for _ in range(steps):
        jacobian = np.column_stack(
            [(residual(x + 1e-6 * e) - value) / 1e-6 for e in np.eye(len(x))]
        )
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(normal + damping * np.eye(len(x)), -jacobian.T @ value)
        candidate = np.clip(x + step, lower, upper)
        trial = residual(candidate)
        if trial @ trial < value @ value:
            x, value, damping = candidate, trial, max(0.3 * damping, 1e-6)
        else:
            damping *= 4.0
        if damping > 1e8:
            break
    return x
