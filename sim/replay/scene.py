"""A hand that floats before an object, as DexGraspBench has it: util/hand_util.py of its main branch.

The root of the hand is free and welded to a mocap body; joints are driven by position servos, all
alike; there is no gravity. What a hand's own description says of contact is overruled, so that
hands are compared as bodies and not as rubber.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand, Hand
from ..scene import PREFIX
from .grasp_set import Grasp, GraspSetError, ReplayObject

Array = NDArray[np.float64]

TIMESTEP: Final = 0.004  # [s]
MASS: Final = 0.1  # [kg], config/task/eval.yaml
ACCELERATION: Final = 10.0  # [m/s2], of the object that a push stands for
FRICTION: Final = (0.6, 0.02)  # sliding, torsional
SERVO_GAIN: Final = 5.0  # [N m/rad], assets/hand/shadow/right_hand.xml, allegro and leap alike
SERVO_MAX: Final = 3.0  # [N m]
JOINT_DAMPING: Final = 0.05  # [N m s/rad], of its Shadow hand's joints
_SOLIMP: Final = (0.5, 0.99, 0.0001)  # of all parts of the hand
_SOLREF: Final = (0.005, 1.0)
_RIGID_SOLREF: Final = (2.0 * TIMESTEP, 1.0)
_RIGID_SOLIMP: Final = (0.99, 0.999, 0.001)

Drive = Literal["servos", "own"]
"""The protocol's position servos, or the hand's own motors."""


@dataclass(frozen=True, eq=False)
class ReplayScene:
    """A hand and an object, compiled for all grasps of it.

    Attributes:
        hand: Whose grasps they are.
        model: The scene.
        drive: By what the joints are moved.
        frame: Pose of the body that the set names, in the hand's own frame, shape (7,).
        held: Pose of the body that is welded to the mocap body, likewise.
    """

    hand: Hand
    model: mujoco.MjModel
    drive: Drive
    frame: Array
    held: Array

    @classmethod
    def build(
        cls,
        hand: Hand,
        thing: ReplayObject,
        scale: float = 1.0,
        *,
        drive: Drive = "servos",
        frame: str = "",
        timestep: float = TIMESTEP,
    ) -> ReplayScene:
        """Puts hand and object into a scene.

        Args:
            hand: Whose grasps they are.
            thing: What is held.
            scale: Of its meshes.
            drive: By what the joints are moved.
            frame: Body of the hand whose pose a grasp gives; empty: the MJCF as a whole.
            timestep: [s].

        Raises:
            GraspSetError: The hand has no such body, or a mesh is none.
        """
        spec = _options(timestep)
        root = spec.worldbody.add_body(name="hand root")
        root.add_freejoint(name="hand root")
        spec.attach(_hand_part(hand, drive, spec), frame=root.add_frame(), prefix=PREFIX)
        spec.worldbody.add_body(name="hand mocap", mocap=True)
        wrist = _wrist(hand)
        # A forearm's length from where it is held, an object would move with the weld's own give.
        held = hand.description.palm if wrist else ""
        _weld(spec, PREFIX + held if wrist else "hand root")
        _lock(spec, wrist)
        _add_object(spec, thing, scale)
        _add_sensors(spec)
        for geom in spec.geoms:
            geom.friction[:2] = FRICTION
            geom.condim = 4
        try:
            model = spec.compile()
        except (ValueError, mujoco.FatalError) as error:
            raise GraspSetError(f"'{thing.name}' with {hand.name}: {error}") from None
        return cls(hand, model, drive, _frame_pose(hand, frame), _frame_pose(hand, held))

    @cached_property
    def bound(self) -> BoundHand:
        """The hand in the scene; its own motors only."""
        return self.hand.bind(self.model, PREFIX)

    @cached_property
    def object_qpos(self) -> slice:
        """Pose of the object: last, as everything in it comes last."""
        return slice(self.model.nq - 7, self.model.nq)

    @cached_property
    def object_body(self) -> int:
        """Id."""
        return int(self.model.body("object").id)

    def at(self, mass: float) -> ReplayScene:
        """The same with an object of another mass [kg], on a mount that does not give."""
        if mass == MASS:
            return self
        model = copy.copy(self.model)
        body = model.body("object")
        body.mass[:] *= mass / MASS
        body.inertia[:] *= mass / MASS
        weld = int(model.equality("mount").id)
        model.eq_solref[weld], model.eq_solimp[weld, :3] = _RIGID_SOLREF, _RIGID_SOLIMP
        mujoco.mj_setConst(model, mujoco.MjData(model))
        return replace(self, model=model)

    def qpos(self, pose: Array, joints: tuple[str, ...], grasp: Grasp) -> Array:
        """Positions of the whole model.

        Args:
            pose: One of the grasp's, shape (7 + n,).
            joints: Names of its joints; empty: in the order of the MJCF.
            grasp: For the place of the object.

        Raises:
            GraspSetError: The hand has no such joint.
        """
        qpos = self.model.qpos0.copy()
        qpos[:7] = _composed(pose[:7], _inverse(self.frame))
        qpos[self.joint_addresses(joints, len(pose) - 7)] = pose[7:]
        qpos[self.object_qpos] = grasp.object_pose
        return np.asarray(qpos)

    def mocap(self, root: Array) -> Array:
        """Pose of the mocap body that holds the hand's root at a pose, shape (7,)."""
        return _composed(root, self.held)

    def joint_addresses(self, joints: tuple[str, ...], count: int) -> NDArray[np.intp]:
        """Where joints of a grasp are in `qpos`, shape (count,)."""
        model = self.model
        if not joints:
            free = np.arange(7, model.nq - 7)
            if len(free) == count:
                return free
            raise GraspSetError(
                f"grasps of {count} joints for {self.hand.name}, which has {len(free)}; name the "
                "joints"
            )
        for name in joints:
            if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, PREFIX + name) < 0:
                raise GraspSetError(f"{self.hand.name} has no joint '{name}'")
        ids = [model.joint(PREFIX + name).id for name in joints]
        return np.asarray(model.jnt_qposadr[ids], dtype=np.intp)


def _options(timestep: float) -> mujoco.MjSpec:
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


def _hand_part(hand: Hand, drive: Drive, scene: mujoco.MjSpec) -> mujoco.MjSpec:
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


def _weld(spec: mujoco.MjSpec, body: str) -> None:
    weld = spec.add_equality(
        name="mount",
        type=mujoco.mjtEq.mjEQ_WELD,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        name1="hand mocap",
        name2=body,
        solimp=[0.9, 0.95, 0.001, 0.5, 2.0],
    )
    weld.data[:11] = [*[0.0] * 6, 1.0, 0.0, 0.0, 0.0, 1.0]


def _wrist(hand: Hand) -> list[str]:
    """Joints that move no finger alone."""
    of_fingers = {joint for finger in hand.description.fingers for joint in finger.joints}
    return [joint for joint in hand.joint_names if joint not in of_fingers]


def _lock(spec: mujoco.MjSpec, joints: list[str]) -> None:
    """Keeps joints at zero: the published hands end at the palm."""
    for joint in joints:
        lock = spec.add_equality(
            type=mujoco.mjtEq.mjEQ_JOINT,
            objtype=mujoco.mjtObj.mjOBJ_JOINT,
            name1=PREFIX + joint,
            solref=[2.0 * TIMESTEP, 1.0],
        )
        lock.data[:5] = 0.0


def _add_object(spec: mujoco.MjSpec, thing: ReplayObject, scale: float) -> None:
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


def _add_sensors(spec: mujoco.MjSpec) -> None:
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


def _frame_pose(hand: Hand, frame: str) -> Array:
    if not frame:
        return np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    model = hand.model
    body = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, frame)
    if body < 0:
        raise GraspSetError(f"{hand.name} has no body '{frame}', whose poses the grasps give")
    data = mujoco.MjData(model)
    data.qpos[:] = 0.0
    mujoco.mj_kinematics(model, data)
    return np.concatenate([data.xpos[body], data.xquat[body]])


def _inverse(pose: Array) -> Array:
    position, quat = np.zeros(3), np.zeros(4)
    mujoco.mju_negPose(position, quat, pose[:3], pose[3:])
    return np.concatenate([position, quat])


def _composed(first: Array, second: Array) -> Array:
    position, quat = np.zeros(3), np.zeros(4)
    mujoco.mju_mulPose(position, quat, first[:3], first[3:], second[:3], second[3:])
    return np.concatenate([position, quat])
