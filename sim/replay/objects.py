"""Things of everyday size to hold, as meshes of convex pieces.

Of simple shape, so that they can be made here, and about as large as those of the YCB set that a
hand takes in its fingers.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .grasp_set import ReplayObject

Array = NDArray[np.float64]

_SIDES: Final = 24


def _ring(radius: float, height: float, sides: int = _SIDES) -> Array:
    angle = 2.0 * np.pi * np.arange(sides) / sides
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.full(sides, height)])


def _cylinder(radius: float, low: float, high: float) -> Array:
    return np.concatenate([_ring(radius, low), _ring(radius, high)])


def _box(size: Array, center: Array) -> Array:
    corners = np.array(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5])).reshape(3, 8).T
    return np.asarray(corners * size + center)


def _sphere(radius: float) -> Array:
    latitude = np.linspace(-np.pi / 2.0, np.pi / 2.0, 13)
    rings = [_ring(radius * np.cos(a), radius * np.sin(a)) for a in latitude[1:-1]]
    return np.concatenate([*rings, [[0.0, 0.0, -radius], [0.0, 0.0, radius]]])


def _mug() -> tuple[Array, ...]:
    """Full, with a handle of three bars."""
    bar, out = 0.012, 0.028
    side = 0.0375 + out / 2.0
    arms = [_box(np.array([out, bar, bar]), np.array([side, 0.0, z])) for z in (-0.024, 0.024)]
    grip = _box(np.array([bar, bar, 0.06]), np.array([0.0375 + out, 0.0, 0.0]))
    return (_cylinder(0.040, -0.041, 0.041), *arms, grip)


def _banana() -> tuple[Array, ...]:
    """A bent rod of five pieces that taper off."""
    angle = np.radians(np.linspace(-45.0, 45.0, 6))
    radius = 0.018 * np.array([0.55, 0.9, 1.0, 1.0, 0.9, 0.55])
    rings = []
    for a, r in zip(angle, radius, strict=True):
        flat = _ring(r, 0.0, 12)
        turned = np.column_stack([flat[:, 0] * np.cos(a), flat[:, 1], flat[:, 0] * np.sin(a)])
        rings.append(turned + 0.12 * np.array([np.cos(a) - 0.9, 0.0, np.sin(a)]))
    return tuple(np.concatenate(pair) for pair in pairwise(rings))


def _bottle() -> tuple[Array, ...]:
    body = _cylinder(0.0475, -0.095, 0.055) * np.array([1.0, 0.62, 1.0])
    return body, np.concatenate([0.7 * _ring(0.0295, 0.055 / 0.7), _ring(0.014, 0.095)])


EVERYDAY: Final = (
    ReplayObject("can", (_cylinder(0.033, -0.0505, 0.0505),)),
    ReplayObject("box", (_box(np.array([0.038, 0.089, 0.11]), np.zeros(3)),)),
    ReplayObject("ball", (_sphere(0.0325),)),
    ReplayObject("mug", _mug()),
    ReplayObject("banana", _banana()),
    ReplayObject("bottle", _bottle()),
)
"""A soup can, a pudding box, a tennis ball, a mug, a banana and a squeeze bottle."""
