"""What a scene of DexGraspBench is made of, and its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import mujoco

from ...controller import Hand
from ..scene import PREFIX
from .grasp_set import ReplayObject

TIMESTEP: Final = 0.004  # [s]
MASS: Final = 0.1  # [kg], config/task/eval.yaml
ACCELERATION: Final = 10.0  # [m/s2], of the object that a push stands for
FRICTION: Final = (0.6, 0.02)  # sliding, torsional
SERVO_GAIN: Final = 5.0  # [N m/rad], assets/hand/shadow/right_hand.xml, allegro and leap alike
SERVO_MAX: Final = 3.0  # [N m]
JOINT_DAMPING: Final = 0.05  # [N m s/rad], of its Shadow hand's joints
_SOLIMP: Final = (0.5, 0.99, 0.0001)  # of all parts of the hand
_SOLREF: Final = (0.005, 1.0)
RIGID_SOLREF: Final = (2.0 * TIMESTEP, 1.0)
RIGID_SOLIMP: Final = (0.99, 0.999, 0.001)

Drive = Literal["servos", "own"]
"""The protocol's position servos, or the hand's own motors."""


def empty_scene(timestep: float) -> mujoco.MjSpec:
    """Its options of the simulation, but for the step [s]."""
    spec = mujoco.MjSpec()
    option = spec.option
    option.timestep = timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.noslip_iterations = 2
    option.impratio = 10
    # It runs on MuJoCo 3.3.2, in which several contacts of a convex pair were not the default.
    flags = mujoco.mjtDisableBit
    option.disableflags = int(flags.mjDSBL_GRAVITY) | int(flags.mjDSBL_MULTICCD)
    return spec


def hand_part(hand: Hand, drive: Drive, scene: mujoco.MjSpec) -> mujoco.MjSpec:
    """A hand to attach to `scene`, its contacts and its drive as the protocol has them."""
    part = hand.spec()
    for key in list(part.keys):
        part.delete(key)
    part.nkey = 0
    for option in ("timestep", "integrator", "cone", "jacobian", "noslip_iterations", "impratio"):
        setattr(part.option, option, getattr(scene.option, option))
    for geom in part.geoms:
        geom.solimp[:3] = _SOLIMP
        geom.solref[:2] = _SOLREF
    if drive == "servos":
        _drive_by_servos(part, hand)
    return part


def _drive_by_servos(part: mujoco.MjSpec, hand: Hand) -> None:
    for sensor in list(part.sensors):
        part.delete(sensor)
    if _has_servos(part) and not hand.can_be_driven:
        for servo in part.actuators:
            servo.gainprm[0], servo.biasprm[1] = SERVO_GAIN, -SERVO_GAIN
            servo.forcerange = (-SERVO_MAX, SERVO_MAX)
            servo.forcelimited, servo.ctrllimited = True, False
        return
    for actuator in list(part.actuators):
        part.delete(actuator)
    for joint in part.joints:
        servo = part.add_actuator(name=f"{joint.name} servo", target=joint.name)
        servo.trntype = mujoco.mjtTrn.mjTRN_JOINT
        servo.set_to_position(kp=SERVO_GAIN)
        servo.forcerange = (-SERVO_MAX, SERVO_MAX)
        servo.forcelimited = True
        # Joints made for torque motors damp next to nothing, and would ring behind a bare servo.
        joint.damping[0] = max(joint.damping[0], JOINT_DAMPING)


def _has_servos(part: mujoco.MjSpec) -> bool:
    affine = mujoco.mjtBias.mjBIAS_AFFINE
    return bool(part.actuators) and all(
        servo.biastype == affine and servo.biasprm[1] < 0.0 for servo in part.actuators
    )


def weld(spec: mujoco.MjSpec, body: str) -> None:
    """Holds a body at the mocap body, as softly as it does."""
    mount = spec.add_equality(
        name="mount",
        type=mujoco.mjtEq.mjEQ_WELD,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        name1="hand mocap",
        name2=body,
        solimp=[0.9, 0.95, 0.001, 0.5, 2.0],
    )
    mount.data[:11] = [*[0.0] * 6, 1.0, 0.0, 0.0, 0.0, 1.0]


def wrist_joints(hand: Hand) -> list[str]:
    """Joints that move no finger alone."""
    of_fingers = {joint for finger in hand.description.fingers for joint in finger.joints}
    return [joint for joint in hand.joint_names if joint not in of_fingers]


def lock(spec: mujoco.MjSpec, joints: list[str]) -> None:
    """Keeps joints at zero: the published hands end at the palm."""
    for joint in joints:
        held = spec.add_equality(
            type=mujoco.mjtEq.mjEQ_JOINT,
            objtype=mujoco.mjtObj.mjOBJ_JOINT,
            name1=PREFIX + joint,
            solref=[2.0 * TIMESTEP, 1.0],
        )
        held.data[:5] = 0.0


def add_object(spec: mujoco.MjSpec, thing: ReplayObject, scale: float) -> None:
    """The object, free; its mass by the volume that the set states, as in eval_func/base.py."""
    body = spec.worldbody.add_body(name="object")
    body.add_freejoint(name="object")
    for i, piece in enumerate(thing.pieces):
        mesh = spec.add_mesh(name=f"object {i}", scale=[scale] * 3)
        if isinstance(piece, Path):
            mesh.file = str(piece.resolve())
        else:
            mesh.uservert = piece.ravel()
        body.add_geom(
            name=f"object {i}",
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=mesh.name,
            density=MASS / ((thing.volume or 1.0) * scale**3),
            rgba=[0.13, 0.50, 0.58, 1.0],
        )
    if thing.volume is None:
        _weigh(spec, body)


def add_sensors(spec: mujoco.MjSpec) -> None:
    """Pose of the object, to be judged by."""
    kind, body = mujoco.mjtSensor, mujoco.mjtObj.mjOBJ_XBODY
    for name, quantity in (
        ("position", kind.mjSENS_FRAMEPOS),
        ("orientation", kind.mjSENS_FRAMEQUAT),
    ):
        spec.add_sensor(name=f"object {name}", type=quantity, objtype=body, objname="object")


def _weigh(spec: mujoco.MjSpec, body: mujoco.MjsBody) -> None:
    """Spreads the mass evenly over the pieces' own volumes."""
    probe = mujoco.MjSpec()
    for mesh in spec.meshes:
        if mesh.name.startswith("object "):
            other = probe.add_mesh(name=mesh.name, scale=list(mesh.scale))
            other.file, other.uservert = mesh.file, mesh.uservert
            probe.worldbody.add_body().add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh.name, density=1.0
            )
    volume = float(probe.compile().body_mass.sum())
    for geom in body.geoms:
        geom.density = MASS / volume
