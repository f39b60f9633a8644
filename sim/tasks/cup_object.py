"""The thing to hold: a thin cup, what comes into it, and the coaster it stands on."""

from __future__ import annotations

import math
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RADIUS: Final = 0.035  # [m]: 70 mm across
HEIGHT: Final = 0.14  # [m]: 0.45 kg of water leave a finger's breadth to the brim
EMPTY: Final = 0.05  # [kg]
FILLING: Final = 0.45  # [kg]
LUMP: Final = 0.1  # [kg]

_WALL: Final = 0.0015  # [m]
INNER_RADIUS: Final = RADIUS - _WALL  # [m]
FULL: Final = FILLING / 1000.0 / (np.pi * INNER_RADIUS**2)  # [m], depth of that much water
MIDDLE: Final = 0.005
"""Height [m] of the cup's middle over its body, which is where the fingers meet: so chosen that the
full cup's centre of mass lies between them."""
FLOOR: Final = MIDDLE + _WALL - HEIGHT / 2  # [m], inside the cup, over its body
_PAD: Final = 57.0  # [kg/s2]: 0.02 s for the 0.023 kg of a finger with ideal motors
_COASTER: Final = 0.01  # [m], half its thickness
_GHOST: Final = {"contype": 0, "conaffinity": 0, "group": 2}


def contact_time(mass: float) -> float:
    """Time constant [s] of the contact of pad and cup: `solref`, to 5 ms.

    MuJoCo's contacts are as stiff as what moves behind them is heavy. A pad gives what it gives,
    about a millimetre per newton, whatever turns the finger.

    Args:
        mass: That a fingertip and the full cup move with along the normal [kg].
    """
    return float(max(round(math.sqrt(mass / _PAD) / 0.005), 1) * 0.005)


def add_cup(spec: mujoco.MjSpec, center: Array, time: float) -> None:
    """The cup with its centre of mass where the fingers meet, what comes into it, and a coaster.

    Args:
        spec: Of the scene.
        center: Where the fingers meet [m].
        time: Of the contacts [s], see `contact_time`.
    """
    geom = mujoco.mjtGeom
    cup = spec.worldbody.add_body(name="cup", pos=center)
    cup.add_freejoint()
    cup.add_geom(
        name="cup",
        type=geom.mjGEOM_CYLINDER,
        pos=[0.0, 0.0, MIDDLE],
        size=[RADIUS, HEIGHT / 2, 0.0],
        mass=EMPTY,
        rgba=[0.0, 0.0, 0.0, 0.0],
        group=3,
        condim=4,
        priority=1,  # the cup's friction counts, whatever touches it
        friction=[0.6, 0.02, 1e-4],
        solref=[time, 1.0],
        solimp=[0.95, 0.99, 0.001, 0.5, 2.0],
    )
    spec.add_mesh(name="cup", uservert=_cup_vertices().ravel(), userface=_cup_faces().ravel())
    cup.add_geom(
        type=geom.mjGEOM_MESH,
        meshname="cup",
        pos=[0.0, 0.0, MIDDLE],
        mass=0.0,
        rgba=[0.90, 0.95, 1.0, 0.18],
        **_GHOST,
    )
    add_contents(cup)
    add_coaster(spec, center)


def add_contents(cup: mujoco.MjsBody) -> None:
    """The filling and the lump: masses that are seen but not touched."""
    geom = mujoco.mjtGeom
    filling = cup.add_body(name="filling", pos=[0.0, 0.0, FLOOR + FULL / 2])
    filling.add_geom(
        name="filling",
        type=geom.mjGEOM_CYLINDER,
        size=[INNER_RADIUS, FULL / 2, 0.0],
        mass=FILLING,
        rgba=[0.88, 0.36, 0.05, 1.0],
        **_GHOST,
    )
    lump = cup.add_body(name="lump", pos=[0.0, 0.0, 0.0])
    lump.add_geom(
        name="lump",
        type=geom.mjGEOM_SPHERE,
        size=[0.018, 0, 0],
        mass=LUMP,
        rgba=[0.13, 0.50, 0.58, 1.0],
        **_GHOST,
    )


def add_coaster(spec: mujoco.MjSpec, center: Array) -> None:
    """What the cup stands on, with the fingers' height over it at `center` [m]."""
    coaster = spec.worldbody.add_body(
        name="coaster",
        mocap=True,
        pos=center + np.array([0.0, 0.0, MIDDLE - HEIGHT / 2 - _COASTER]),
    )
    coaster.add_geom(
        name="coaster",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[0.025, _COASTER, 0.0],
        rgba=[0.45, 0.33, 0.22, 1.0],
    )


_WALL_POINTS = 48


def _cup_vertices() -> Array:
    """A thin wall and a floor: rings outer bottom and top, inner top and bottom, then centres."""
    angle = np.linspace(0.0, 2.0 * np.pi, _WALL_POINTS, endpoint=False)
    rings = [
        (RADIUS, -HEIGHT / 2),
        (RADIUS, HEIGHT / 2),
        (INNER_RADIUS, HEIGHT / 2),
        (INNER_RADIUS, _WALL - HEIGHT / 2),
    ]
    points = [
        np.column_stack([r * np.cos(angle), r * np.sin(angle), np.full_like(angle, z)])
        for r, z in rings
    ]
    centres = [[0.0, 0.0, -HEIGHT / 2], [0.0, 0.0, _WALL - HEIGHT / 2]]
    return np.vstack([*points, centres])


def _cup_faces() -> NDArray[np.int64]:
    n = _WALL_POINTS
    faces = []
    for i in range(n):
        k = (i + 1) % n
        for ring in range(3):
            a, b = ring * n, (ring + 1) * n
            faces += [[a + i, a + k, b + k], [a + i, b + k, b + i]]
        faces += [[4 * n, k, i], [4 * n + 1, 3 * n + i, 3 * n + k]]
    return np.array(faces)
