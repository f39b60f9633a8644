"""A hand that floats before an object, as in util/hand_util.py of DexGraspBench (main branch).

The root of the hand is free and welded to a mocap body; joints are driven by position servos, all
alike; there is no gravity. What a hand's own description says of contact is overruled, so that
hands are compared as bodies and not as rubber.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand, Hand
from ..scene import PREFIX
from .grasp_set import Grasp, GraspSetError, ReplayObject
from .scene_parts import (
    FRICTION,
    MASS,
    RIGID_SOLIMP,
    RIGID_SOLREF,
    TIMESTEP,
    Drive,
    add_object,
    add_sensors,
    empty_scene,
    hand_part,
    lock,
    weld,
    wrist_joints,
)

Array = NDArray[np.float64]


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
        spec = empty_scene(timestep)
        root = spec.worldbody.add_body(name="hand root")
        root.add_freejoint(name="hand root")
        spec.attach(hand_part(hand, drive, spec), frame=root.add_frame(), prefix=PREFIX)
        spec.worldbody.add_body(name="hand mocap", mocap=True)
        wrist = wrist_joints(hand)
        # A forearm's length from where it is held, an object would move with the weld's own give.
        held = hand.description.palm if wrist else ""
        weld(spec, PREFIX + held if wrist else "hand root")
        lock(spec, wrist)
        add_object(spec, thing, scale)
        add_sensors(spec)
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
        model.eq_solref[weld], model.eq_solimp[weld, :3] = RIGID_SOLREF, RIGID_SOLIMP
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
