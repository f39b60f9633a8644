"""A baseball bat, and what a swing does to it and to the hand that holds it.

The bat: 0.9 kg and 0.84 m. Moment of inertia 0.18 kg m2 (9,840 oz in2) about the pivot 152 mm from
the knob's end by which ASTM F2398 measures it, within the 8,000 to 10,000 oz in2 of baseball bats
(Washington State University, Sports Science Laboratory, glossary). Its balance point, 545 mm from
the knob's end, is an assumption, as are a handle of 26 mm and a knob of 50 mm.

The swing takes place in the frame of the hand, which rests: every body of hand and bat feels the
centrifugal and the Euler force of its mass (the Coriolis force of what moves in a hand that grips
is a hundredth of them). To turn the hand instead would be wrong in MuJoCo: constraints leave out
J' qd, which is nought for a contact of two bodies on one hinge but not where one of them is free,
so that a bat in a turning hand creeps out of it by w^2 r / b, b the damping of `solref`: 9 mm in
2 s at 6 rad/s, through friction and knob.

The axis goes through the bat's line, 60 mm below the knob, square to the palm, so that at constant
speed the bat pulls straight along its handle. Gravity acts along the axis, and the bat's own weight
is taken off: held level by one end it is more than half of the moment that a grip bears (see
`wrench`), in a swing it is a sixtieth of the pull.
"""

from __future__ import annotations

from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..scene import PREFIX
from .handle import HandleScene
from .handle_force import HandleGrip
from .handle_object import RIGID, Handle, grip_options
from .handle_wrap import HANDLE, HandAround

Array = NDArray[np.float64]

MASS: Final = 0.9  # [kg]
LENGTH: Final = 0.84  # [m]
BALANCE: Final = 0.545  # [m] of the balance point from the knob's end
SWING_WEIGHT: Final = 0.18  # [kg m2], about the pivot of ASTM F2398
PIVOT: Final = 0.152  # [m] of it from the knob's end
SPIN: Final = 4e-4  # [kg m2], about the bat's axis

GRIPPED: Final = Handle(diameter=0.026, length=0.24, mass=MASS)
AXIS: Final = 0.06  # [m] of the swing's axis from the knob's end
TIP: Final = AXIS + LENGTH  # [m] of the tip from the swing's axis
CENTER: Final = AXIS + BALANCE  # [m] of the centre of mass from it
SWEET_SPOT: Final = 0.69  # [m] from the knob's end, about 150 mm from the tip

KNOB: Final = 0.025  # [m], its radius
_KNOB_HALF: Final = 0.01  # [m], half its thickness
_GAP: Final = 0.0005  # [m], between knob and hand
_FAR: Final = 0.15  # [m], below the middle of the grip, from where the knob comes nearer
_APPROACH: Final = 60  # steps in which it does
_BARREL: Final = 0.033  # [m], its radius


def central_inertia() -> float:
    """About an axis across the bat, through its centre of mass [kg m2]."""
    return SWING_WEIGHT - MASS * (BALANCE - PIVOT) ** 2


def knob_end(spec: mujoco.MjSpec, around: HandAround, grip: HandleGrip) -> float:
    """Height of the knob's end over the middle of the grip [m]: just below the hand."""
    draft, guess = spec.copy(), -_FAR
    _add_bat(draft, guess)
    model = draft.compile()
    data = mujoco.MjData(model)
    data.qpos[around.bound.hand.bind(model, PREFIX).qpos] = grip.wrap.touching
    knob = model.geom("knob").id
    every = [*around.parts.palm, *(g for finger in around.fingers for g in finger)]
    names = [around.model.geom(geom).name for geom in every]
    for _ in range(_APPROACH):
        mujoco.mj_kinematics(model, data)
        gap = min(_distance(model, data, knob, model.geom(name).id) for name in names)
        if gap < _GAP:
            break
        guess += 0.7 * (gap - 0.5 * _GAP)  # the nearest part need not lie in the way
        model.geom("knob").pos[2] = guess + _KNOB_HALF
    return guess


def _distance(model: mujoco.MjModel, data: mujoco.MjData, one: int, other: int) -> float:
    return float(mujoco.mj_geomDistance(model, data, one, other, 2.0 * _FAR, np.empty(6)))


def furnish(spec: mujoco.MjSpec, around: HandAround, grip: HandleGrip) -> None:
    """Makes a bat of the handle, and braces the wrist."""
    _add_bat(spec, knob_end(spec, around, grip))
    for i in np.setdiff1d(np.arange(len(around.rest)), around.free):
        _brace(spec, PREFIX + around.bound.hand.joint_names[i], float(around.rest[i]))
    spec.option.gravity = [0.0, -9.81, 0.0]  # along the swing's axis, as the hand stays level
    spec.body("carriage").gravcomp = 1.0  # it slides that way


def _add_bat(spec: mujoco.MjSpec, end: float) -> None:
    kind, bat = mujoco.mjtGeom, spec.body(HANDLE)
    bat.explicitinertial = True
    bat.mass = MASS
    bat.ipos = [0.0, 0.0, end + BALANCE]
    bat.inertia = [central_inertia(), central_inertia(), SPIN]
    bat.gravcomp = 1.0
    spec.geom(HANDLE).pos = [0.0, 0.0, end + GRIPPED.length / 2.0 + _KNOB_HALF]
    bat.add_geom(
        name="knob",
        type=kind.mjGEOM_CYLINDER,
        size=[KNOB, _KNOB_HALF, 0.0],
        pos=[0.0, 0.0, end + _KNOB_HALF],
        rgba=[0.80, 0.62, 0.40, 1.0],
        **grip_options(),
    )
    ghost = {"contype": 0, "conaffinity": 0, "group": 2, "rgba": [0.80, 0.62, 0.40, 1.0]}
    for low, high, radius in ((0.2, 0.55, 0.018), (0.5, LENGTH - _BARREL, _BARREL)):
        bat.add_geom(
            type=kind.mjGEOM_CAPSULE,
            size=[radius, 0.0, 0.0],
            fromto=[0.0, 0.0, end + low, 0.0, 0.0, end + high],
            **ghost,
        )
    bat.add_body(
        name="sweet spot",
        pos=[0.0, 0.0, end + SWEET_SPOT],
        mass=1e-6,
        inertia=[1e-9, 1e-9, 1e-9],
        explicitinertial=True,
    )


def _brace(spec: mujoco.MjSpec, joint: str, angle: float) -> None:
    brace = spec.add_equality(
        name=f"brace {joint}",
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
        name1=joint,
        solref=RIGID[0],
        solimp=RIGID[1],
    )
    brace.data[:5] = [angle, 0.0, 0.0, 0.0, 0.0]


def inertial_forces(scene: HandleScene, rate: Array, faster: Array) -> dict[int, Array]:
    """What a swing does to every body of hand and bat, in the frame of the hand.

    m w^2 r outwards and -m dw/dt x r, and on the bat -I dw/dt, for which bones are too light.

    Args:
        scene: Hand and bat.
        rate: Of the swing, shape (k,) [rad/s].
        faster: Its rate of change, shape (k,) [rad/s2].

    Returns:
        Wrenches by body, force [N] then torque [N m], world axes, shape (k, 6).
    """
    model = scene.model
    data = mujoco.MjData(model)
    data.qpos[:] = model.qpos0
    data.qpos[scene.bound.qpos] = scene.grip.wrap.touching
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    bat, knob = int(model.body(HANDLE).id), model.geom("knob").id
    axis = data.geom_xpos[knob] - [0.0, 0.0, _KNOB_HALF + AXIS]
    hand = int(model.body_rootid[scene.bound.palm_id])
    wrenches = {}
    for body in range(1, model.nbody):
        moves = model.body_rootid[body] in {hand, bat} and body != hand
        if not moves or not model.body_mass[body] > 0.0:
            continue
        x, _, z = data.xipos[body] - axis
        wrench = np.zeros((len(rate), 6))
        wrench[:, 0] = model.body_mass[body] * (rate**2 * x - faster * z)
        wrench[:, 2] = model.body_mass[body] * (rate**2 * z + faster * x)
        if body == bat:
            wrench[:, 4] = -central_inertia() * faster
        wrenches[body] = wrench
    return wrenches
