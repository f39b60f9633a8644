"""Actuators: ideal joint torque, or one catalogue servo per joint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import mujoco

from .anatomy import Joint


def armature(joint: Joint, actuation: Literal["motor", "servo"]) -> float:
    """Inertia of the drive seen at the joint [kg m^2]."""
    return joint.armature


def add_actuators(
    spec: mujoco.MjSpec, joints: Sequence[Joint], actuation: Literal["motor", "servo"]
) -> None:
    """One actuator per joint, `<joint>_motor`, whose control is the joint torque [N m]."""
    for joint in joints:
        actuator = spec.add_actuator(
            name=f"{joint.name}_motor",
            target=joint.name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
            ctrlrange=[-joint.torque, joint.torque],
        )
        actuator.set_to_motor()
