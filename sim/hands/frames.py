"""Frames, rotations and the mirror that turns a right hand into a left one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .anatomy import Side, Vec3

Array = npt.NDArray[np.float64]


def mirrored(point: Sequence[float], side: Side) -> list[float]:
    """A point or a direction of the right hand, on the given side."""
    x, y, z = point
    return [x if side == "right" else -x, y, z]


def mirrored_axis(axis: Sequence[float], side: Side) -> list[float]:
    """An axis of rotation of the right hand, on the given side.

    Axes are pseudo-vectors: mirroring x keeps their x and turns y and z round, so that the same
    angle is the same anatomical motion on both hands.
    """
    x, y, z = axis
    return [x, y, z] if side == "right" else [x, -y, -z]


def mirrored_quat(quat: Sequence[float], side: Side) -> list[float]:
    """An orientation (w, x, y, z) of the right hand, on the given side."""
    w, *axis = quat
    return [w, *mirrored_axis(axis, side)]


def product(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """Quaternion product a b, (w, x, y, z)."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return [
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    ]


def about(axis: int, degrees: float) -> list[float]:
    """Quaternion of a turn about a coordinate axis (0, 1, 2 for x, y, z)."""
    half = math.radians(degrees) / 2.0
    quat = [math.cos(half), 0.0, 0.0, 0.0]
    quat[1 + axis] = math.sin(half)
    return quat


def tilt_quat(tilt_deg: Vec3) -> list[float]:
    """Quaternion of `Segment.tilt_deg`: about y, then the new x, then the new z."""
    y, x, z = tilt_deg
    return product(product(about(1, y), about(0, x)), about(2, z))


def matrix(quat: Sequence[float]) -> Array:
    """Rotation matrix, shape (3, 3), of a unit quaternion (w, x, y, z)."""
    w, x, y, z = quat
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quat_from_z(direction: Sequence[float]) -> list[float]:
    """Shortest turn (w, x, y, z) that takes +z to `direction` (any length > 0)."""
    x, y, z = np.asarray(direction, dtype=float) / np.linalg.norm(direction)
    if z < -1.0 + 1e-9:
        return [0.0, 1.0, 0.0, 0.0]
    quat = np.array([1.0 + z, -y, x, 0.0])
    return [float(v) for v in quat / np.linalg.norm(quat)]
