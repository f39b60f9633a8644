"""A cup whose wall dents for good: staves that yield, joined by seams that yield (MuJoCo 4).

The wall is a ring of rounded staves. Each gives inwards against a spring, and against its
neighbours over the seams between them; springs and seams are ideally elasto-plastic
(`springyield`), and what gives beyond the yield point stays. By limit analysis (Prager & Hodge
1951) a stave that is pressed alone gives without end once its own spring and both its seams yield,
  F = k w_yield + 2 c s_yield,
and does not care at what height. Everything scales with that force, as with the wall's thickness.

MuJoCo's own shells (flex with `yield`) cannot be held by a hand that feels: tactile sensors do not
sense them, so there is no slip; a contact is split among the triangles it touches, of which a
contact sensor reports one; `noslip`, which keeps held things from creeping, is refused with them;
and a wall of 36 free vertices costs 1.3 ms per step of 1 ms.
"""

from __future__ import annotations

import math
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .cup_object import EMPTY, HEIGHT, MIDDLE, RADIUS, add_coaster, add_contents

Array = NDArray[np.float64]

STAVES: Final = 6  # each so wide that fingertips one over the other find room, clear of the seams
YIELD: Final = 0.002  # [m], that a stave gives before it yields
SEAM_YIELD: Final = 0.0015  # [m], between neighbours
DENT: Final = 0.001  # [m], that stays: half of what the wall gives unharmed; seen and felt
SPRING_PART: Final = 0.6  # of the force at the limit that the stave's own spring bears
MOVED: Final = 0.034  # [kg], moves with a stave: half of the drink before it, always

_STAVE: Final = 1e-4  # [kg]: what the cup weighs, the body weighs that carries the wall
_FLUTE: Final = 0.026  # [m], radius of a stave: rounder than the cup, so that no seam sticks out
_DEEPEST: Final = 0.012  # [m]
_FLOOR: Final = 0.003  # [m], half the thickness of what the cup stands on
_DAMPING_RATIO: Final = 0.3
_GLASS: Final = [0.90, 0.95, 1.0, 0.35]


def stave_names() -> list[str]:
    """Of bodies, joints, geoms and sensors; counted around the axis from the thumb."""
    return [f"stave{i}" for i in range(STAVES)]


def add_flex_cup(spec: mujoco.MjSpec, center: Array, time: float, azimuth: float) -> None:
    """The cup, what comes into it, and the coaster under it.

    Args:
        spec: Of the scene.
        center: Where the fingers meet [m].
        time: Of the contacts [s], see `cup_object.contact_time`.
        azimuth: Where around the axis the middle of the first stave is [rad].
    """
    cup = spec.worldbody.add_body(name="cup", pos=center)
    cup.add_freejoint()
    _add_floor(cup)
    for i, name in enumerate(stave_names()):
        _add_stave(cup, name, azimuth + 2.0 * math.pi * i / STAVES, time)
        spec.add_sensor(
            name=name,
            type=mujoco.mjtSensor.mjSENS_JOINTPOS,
            objtype=mujoco.mjtObj.mjOBJ_JOINT,
            objname=name,
        )
    for i, name in enumerate(stave_names()):
        seam = spec.add_tendon(name=f"seam{i}", stiffness=[1.0, 0.0, 0.0], springyield=SEAM_YIELD)
        seam.wrap_joint(name, 1.0)
        seam.wrap_joint(stave_names()[(i + 1) % STAVES], -1.0)
    add_contents(cup)
    add_coaster(spec, center)


def _add_floor(cup: mujoco.MjsBody) -> None:
    """What the cup stands on, and what it weighs, spread over its height."""
    kind = mujoco.mjtGeom.mjGEOM_CYLINDER
    cup.add_geom(
        name="cup",
        type=kind,
        pos=[0.0, 0.0, MIDDLE - HEIGHT / 2 + _FLOOR],
        size=[0.03, _FLOOR, 0.0],
        mass=0.0,
        rgba=_GLASS,
    )
    cup.add_geom(
        type=kind,
        pos=[0.0, 0.0, MIDDLE],
        size=[RADIUS, HEIGHT / 2, 0.0],
        mass=EMPTY,
        rgba=[0.0, 0.0, 0.0, 0.0],
        contype=0,
        conaffinity=0,
        group=3,
    )


def _add_stave(cup: mujoco.MjsBody, name: str, angle: float, time: float) -> None:
    outwards = np.array([math.cos(angle), math.sin(angle), 0.0])
    stave = cup.add_body(name=name, pos=(RADIUS - _FLUTE) * outwards)
    stave.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=-outwards,
        range=[-0.001, _DEEPEST],
        limited=True,
        armature=MOVED - _STAVE,
        stiffness=[1.0, 0.0, 0.0],  # a trial sets its own, see `set_strength`
        damping=[1.0, 0.0, 0.0],
        springyield=YIELD,
    )
    stave.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=[0.0, 0.0, MIDDLE + _FLOOR],
        size=[_FLUTE, HEIGHT / 2 - _FLOOR, 0.0],
        mass=_STAVE,
        rgba=_GLASS,
        contype=2,  # touches hands and tables, but no other stave
        conaffinity=1,
        condim=4,
        priority=1,  # the cup's friction counts, whatever touches it
        friction=[0.6, 0.02, 1e-4],
        solref=[time, 1.0],
        solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
    )


def set_strength(model: mujoco.MjModel, force: float) -> None:
    """Makes the wall yield under this force [N]."""
    spring, seam = stiffness(force)
    damping = 2.0 * _DAMPING_RATIO * math.sqrt((spring + 2.0 * seam) * MOVED)
    for i, name in enumerate(stave_names()):
        joint = model.joint(name)
        joint.stiffness[0], joint.damping[0] = spring, damping
        model.tendon_stiffness[model.tendon(f"seam{i}").id] = seam


def stiffness(force: float) -> tuple[float, float]:
    """Of a stave and of a seam [N/m], in a wall that yields under a force [N]."""
    return SPRING_PART * force / YIELD, (1.0 - SPRING_PART) * force / (2.0 * SEAM_YIELD)


def dents(inwards: Array) -> Array:
    """What a cup let go would keep of its dents, at each moment, shape (ticks, staves) [m].

    Args:
        inwards: How far each stave is pushed in, shape (ticks, staves) [m].
    """
    spring, seam = stiffness(1.0)
    apart = np.eye(STAVES) - np.roll(np.eye(STAVES), 1, axis=1)
    wall = spring * np.eye(STAVES) + seam * apart.T @ apart
    load = spring * yielded(inwards, YIELD) + seam * yielded(inwards @ apart.T, SEAM_YIELD) @ apart
    return np.asarray(np.linalg.solve(wall, load.T).T)


def yielded(way: Array, limit: float) -> Array:
    """Where ideally elasto-plastic springs are at rest, after each step of their way.

    Args:
        way: Shape (ticks, springs).
        limit: How far from rest a spring can be before it yields.
    """
    rest = np.empty_like(way)
    now = np.zeros(way.shape[1])
    for i, at in enumerate(way):
        now = np.clip(now, at - limit, at + limit)
        rest[i] = now
    return rest
