"""Makes room in an MJCF for actuators that are simulated as they are (`[motors] real = true`)."""

from __future__ import annotations

import mujoco

from .. import _core
from .description import HandDescription
from .motors import motor_kinds


def make_room(spec: mujoco.MjSpec, text: HandDescription) -> None:
    """Turns a hand's actuators into plain torque ports, and gives its joints their rotors.

    The joint's own damping stays. Its dry friction goes, because the actuator's takes its place.
    """
    names = text.joints.actuators or ()
    for joint, name, kind in zip(text.joints.names, names, motor_kinds(text), strict=False):
        port, moved = spec.actuator(name), spec.joint(joint)
        if port is None or moved is None or kind.actuator is None:
            continue  # whoever binds the hand names what is missing
        limits, limited = port.ctrlrange.copy(), port.ctrllimited
        port.set_to_motor()
        port.ctrlrange, port.ctrllimited = limits, limited
        port.ctrlspec = 0
        port.forcelimited = mujoco.mjtLimited.mjLIMITED_FALSE
        port.armature = 0.0
        moved.armature, moved.frictionloss = kind.actuator.gear.inertia, 0.0
        if kind.stiffness is not None:  # the rotor then turns by itself
            moved.armature *= _core.INERTIA_BEHIND_PLAY
