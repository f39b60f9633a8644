"""Puts on a hand's MJCF what its `hand.toml` says under `equip`.

The figures are those of handloop's own hands: what they are made for is in `sim/hands/shape.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .description import HandDescription
from .description_equip import Equip, Pads
from .errors import unknown

Array = NDArray[np.float64]

TIMESTEP: Final = 0.001  # [s]
PAD_MASS: Final = 0.001  # [kg]
TAXEL_RISE: Final = 0.0015  # [m], of the taxels over the pad: skin gives way over a patch
PAD_TOUCH: Final = {"solmix": 1.0, "solref": [0.003, 1.0], "solimp": [0.97, 0.99, 0.001, 0.5, 2.0]}

_TOUCH: Final = {
    "condim": 4,
    "friction": [1.0, 0.02, 0.0001],
    "solmix": 20.0,
    "solref": [0.002, 1.0],
    "solimp": [0.98, 0.998, 0.0005, 0.5, 2.0],
    "margin": 0.0004,
}
_DATA = mujoco.mjtConDataField
_CONTACT: Final = sum(
    1 << int(field)
    for field in (
        _DATA.mjCONDATA_FOUND,
        _DATA.mjCONDATA_FORCE,
        _DATA.mjCONDATA_POS,
        _DATA.mjCONDATA_NORMAL,
        _DATA.mjCONDATA_TANGENT,
        _DATA.mjCONDATA_LINVEL,
    )
)
_SIZES: Final = (
    "njmax", "nconmax", "nuser_body", "nuser_jnt", "nuser_geom", "nuser_site", "nuser_cam",
    "nuser_tendon", "nuser_actuator", "nuser_sensor",
)  # fmt: skip
_STRONGEST: Final = 2  # of the contacts of a body: maxforce


class EquipError(ValueError):
    """The MJCF does not have what `equip` needs; `key` is the one in the hand.toml."""

    def __init__(self, key: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.key = key


def equip(
    spec: mujoco.MjSpec,
    plain: mujoco.MjModel,
    text: HandDescription,
    tips: Sequence[str],
) -> None:
    """Changes a specification as the description says.

    Args:
        spec: Of the MJCF, with a site for every fingertip.
        plain: The same, compiled.
        text: The description, which has an `equip`.
        tips: Names of the sites.

    Raises:
        EquipError: The MJCF lacks something.
    """
    wanted = text.equip or Equip()
    _set_physics(spec)
    if wanted.root is not None:
        _leave_only(spec, wanted.root, text.mjcf.name)
    if wanted.motors:
        _replace_motors(spec, plain, text)
    if wanted.pads:
        for i, tip in enumerate(tips):
            if spec.site(tip) is None:
                sites = [site.name for site in spec.sites]
                raise EquipError(("fingers", i, "tip"), unknown("site", tip, sites, text.mjcf.name))
            _add_pad(spec, plain, text.fingers[i].name, tip, wanted.pads)


def _set_physics(spec: mujoco.MjSpec) -> None:
    """Options as handloop's own hands have them, and the touch of what collides."""
    option, default = spec.option, mujoco.MjSpec().option
    option.timestep = TIMESTEP
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.jacobian = mujoco.mjtJacobian.mjJAC_DENSE
    option.impratio, option.noslip_iterations = 10.0, 2
    option.iterations, option.tolerance = default.iterations, default.tolerance
    for size in _SIZES:  # as many as there are, or a scene would complain
        setattr(spec, size, -1)
    for geom in spec.geoms:
        if geom.contype or geom.conaffinity:
            for name, value in _TOUCH.items():
                setattr(geom, name, value)


def _leave_only(spec: mujoco.MjSpec, root: str, where: str) -> None:
    bodies = [body.name for body in spec.worldbody.bodies]
    if root not in bodies:
        raise EquipError(
            ("equip", "root"), unknown("body", root, bodies, f"the worldbody of {where}")
        )
    world = spec.worldbody
    for kind in ("geoms", "sites", "lights", "cameras"):
        _delete(spec, getattr(world, kind))
    _delete(spec, [body for body in world.bodies if body.name != root])
    _delete(spec, spec.keys)  # they place the rest, too
    spec.body(root).pos = np.zeros(3)


def _replace_motors(spec: mujoco.MjSpec, plain: mujoco.MjModel, text: HandDescription) -> None:
    names, where = [joint.name for joint in spec.joints], text.mjcf.name
    for i, name in enumerate(text.joints.names):
        if name not in names:
            raise EquipError(("joints", "names", i), unknown("joint", name, names, where))
    torques = _torque_limits(plain, text)
    for kind in ("sensors", "actuators", "tendons"):
        _delete(spec, getattr(spec, kind))
    for name, torque in zip(text.joints.names, torques, strict=True):
        # Dry friction is the drive's, too. With `noslip` it makes contact forces jump in one step.
        spec.joint(name).frictionloss = 0.0
        motor = spec.add_actuator(
            name=f"{name}_motor",
            target=name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
            ctrlrange=[-torque, torque],
        )
        motor.set_to_motor()


def _torque_limits(plain: mujoco.MjModel, text: HandDescription) -> list[float]:
    if text.limits.torque is not None:
        return text.per_joint(text.limits.torque)
    possible = _possible_torques(plain)
    limits = [float(possible[plain.joint(name).dofadr[0]]) for name in text.joints.names]
    for name, limit in zip(text.joints.names, limits, strict=True):
        if not limit > 0.0:
            raise EquipError(
                ("limits", "torque"),
                f"missing, and no actuator in {text.mjcf.name} says how strong '{name}' is; give "
                "one for all joints or one per joint",
            )
    return limits


def _possible_torques(plain: mujoco.MjModel) -> Array:
    """What the strongest actuator of the MJCF can do at each joint, shape (nv,) [N m]."""
    data = mujoco.MjData(plain)
    mujoco.mj_forward(plain, data)
    moment = np.zeros((plain.nu, plain.nv))
    mujoco.mju_sparse2dense(
        moment, data.actuator_moment, data.moment_rownnz, data.moment_rowadr, data.moment_colind
    )
    force = [_possible_force(plain, a) for a in range(plain.nactuator)]
    rows = plain.actuator_outadr
    torques = [np.abs(moment[row]) * f for row, f in zip(rows, force, strict=True) if f < np.inf]
    return np.asarray(np.max([np.zeros(plain.nv), *torques], axis=0))


def _possible_force(plain: mujoco.MjModel, actuator: int) -> float:
    """Of an actuator both ways: its limit, else what its gain makes of its control.

    A position servo pulls by gain times error: from the middle of its range, half the range.
    """
    if plain.actuator_forcelimited[actuator]:
        return float(np.abs(plain.actuator_forcerange[actuator]).min())
    control = plain.actuator_ctrladr[actuator]
    if not plain.actuator_ctrllimited[control]:
        return np.inf
    low, high = plain.actuator_ctrlrange[control]
    is_servo = plain.actuator_biasprm[actuator, 1] != 0.0
    reach = (high - low) / 2.0 if is_servo else min(abs(low), abs(high))
    return float(plain.actuator_gainprm[actuator, 0] * reach)


def _add_pad(spec: mujoco.MjSpec, plain: mujoco.MjModel, finger: str, tip: str, pads: Pads) -> None:
    """A sphere that stands out of the fingertip, with taxels and sensors, and the tip on top."""
    site = spec.site(tip)
    place = plain.site(tip)
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, place.quat)
    outward = rotation.reshape(3, 3)[:, 2]
    pad = spec.body(plain.body(int(place.bodyid[0])).name).add_body(
        name=f"{finger}_pad",
        pos=place.pos + (pads.thickness - pads.radius) * outward,
        quat=place.quat,
    )
    spec.delete(site)
    pad.add_site(name=tip, pos=[0.0, 0.0, pads.radius], group=4)
    geom = mujoco.mjtGeom
    pad.add_geom(
        name=f"{finger}_pad",
        type=geom.mjGEOM_SPHERE,
        size=[pads.radius, 0.0, 0.0],
        mass=PAD_MASS,
        rgba=[0.87, 0.45, 0.24, 1.0],
        contype=1,
        conaffinity=1,
        group=2,
        **(_TOUCH | PAD_TOUCH),
    )
    mesh = spec.add_mesh(name=f"{finger}_taxels", scale=[pads.radius + TAXEL_RISE] * 3)
    mesh.make_wedge(resolution=[5, 5], fov=[55.0, 55.0], gamma=0)
    pad.add_geom(
        name=f"{finger}_tactile",
        type=geom.mjGEOM_MESH,
        meshname=mesh.name,
        quat=[0.0, 1.0, 0.0, 0.0],  # a wedge faces -z
        contype=0,
        conaffinity=0,
        density=0.0,
        group=4,
    )
    _add_sensors(spec, finger)


def _add_sensors(spec: mujoco.MjSpec, finger: str) -> None:
    sensor, obj = mujoco.mjtSensor, mujoco.mjtObj
    spec.add_sensor(
        name=f"{finger}_contact",
        type=sensor.mjSENS_CONTACT,
        objtype=obj.mjOBJ_BODY,
        objname=f"{finger}_pad",
        intprm=[_CONTACT, _STRONGEST, 1],
    )
    spec.add_sensor(
        name=f"{finger}_tactile",
        type=sensor.mjSENS_TACTILE,
        objtype=obj.mjOBJ_MESH,
        objname=f"{finger}_taxels",
        reftype=obj.mjOBJ_GEOM,
        refname=f"{finger}_tactile",
    )


def _delete(spec: mujoco.MjSpec, parts: Sequence[object]) -> None:
    for part in list(parts):
        spec.delete(part)
