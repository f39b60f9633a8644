"""Sensors, with fixed names.

* `<joint>_pos`, `<joint>_vel`, `<joint>_torque`: angle [rad], velocity [rad/s], motor torque [N m].
* `<body>_force`: number of contacts, then the net contact force [N] on whatever the body touches,
  in the world frame.
* `<finger>_contact`: the strongest contact of the pad: found, force in the contact frame (normal,
  tangent, cross(normal, tangent)) [N], position [m], normal (out of the pad, into the object),
  tangent, relative velocity of the object in the contact frame [m/s].
* `<finger>_tip_force`, `<finger>_tip_torque`: of the phalanx on its pad, in the frame of the site
  `<finger>_tip`, whose z axis points out of the pad: pressing is positive.
* `<finger>_tactile`: per taxel depth [m], then two tangential speeds [m/s].
"""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from .anatomy import DIGITS

_DATA = mujoco.mjtConDataField
_NETFORCE = 3  # reduction criteria of the contact sensor: none, mindist, maxforce, netforce
_MAXFORCE = 2


def add_sensors(
    spec: mujoco.MjSpec, joints: Sequence[str], bodies: Sequence[str], *, of_joints: bool = False
) -> None:
    """Adds every sensor of a hand with these joints and these phalanges.

    Args:
        spec: The hand, with its actuators.
        joints: Names.
        bodies: Names.
        of_joints: Torques are what all tendons do to a joint; else each joint has its motor.
    """
    sensor = mujoco.mjtSensor
    obj = mujoco.mjtObj
    for suffix, kind in (("pos", sensor.mjSENS_JOINTPOS), ("vel", sensor.mjSENS_JOINTVEL)):
        for joint in joints:
            spec.add_sensor(
                name=f"{joint}_{suffix}", type=kind, objtype=obj.mjOBJ_JOINT, objname=joint
            )
    for joint in joints:
        spec.add_sensor(
            name=f"{joint}_torque",
            type=sensor.mjSENS_JOINTACTFRC if of_joints else sensor.mjSENS_ACTUATORFRC,
            objtype=obj.mjOBJ_JOINT if of_joints else obj.mjOBJ_ACTUATOR,
            objname=joint if of_joints else f"{joint}_motor",
        )
    for body in bodies:
        _contact(
            spec, f"{body}_force", body, _NETFORCE, (_DATA.mjCONDATA_FOUND, _DATA.mjCONDATA_FORCE)
        )
    for digit in DIGITS:
        _contact(
            spec,
            f"{digit}_contact",
            f"{digit}_pad",
            _MAXFORCE,
            (
                _DATA.mjCONDATA_FOUND,
                _DATA.mjCONDATA_FORCE,
                _DATA.mjCONDATA_POS,
                _DATA.mjCONDATA_NORMAL,
                _DATA.mjCONDATA_TANGENT,
                _DATA.mjCONDATA_LINVEL,
            ),
        )
        for suffix, kind in (("force", sensor.mjSENS_FORCE), ("torque", sensor.mjSENS_TORQUE)):
            spec.add_sensor(
                name=f"{digit}_tip_{suffix}",
                type=kind,
                objtype=obj.mjOBJ_SITE,
                objname=f"{digit}_tip",
            )
        spec.add_sensor(
            name=f"{digit}_tactile",
            type=sensor.mjSENS_TACTILE,
            objtype=obj.mjOBJ_MESH,
            objname=f"{digit}_taxels",
            reftype=obj.mjOBJ_GEOM,
            refname=f"{digit}_tactile",
        )


def _contact(
    spec: mujoco.MjSpec,
    name: str,
    body: str,
    reduction: int,
    data: Sequence[mujoco.mjtConDataField],
) -> None:
    mask = sum(1 << int(field) for field in data)
    spec.add_sensor(
        name=name,
        type=mujoco.mjtSensor.mjSENS_CONTACT,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        objname=body,
        intprm=[mask, reduction, 1],
    )
