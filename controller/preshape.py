"""Postures from which a hand closes on an object: opposition of the thumb to the fingers.

Kinematics only, on the controller's own model, so it works for every hand with a `hand.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .. import _core

Array = NDArray[np.float64]

FINGER_SPACING: Final = 0.020
"""Least distance between neighbouring fingertips [m]: fingers are 16 to 20 mm thick."""

FINGER_RADIUS: Final = 0.015
"""Least distance [m] of a finger's bones from the surface: half its thickness and a little more."""

# What a millimetre, a degree or a radian off is worth to the solver.
_DISTANCE = 1e3
_ALIGNMENT = 8.0
_OPPOSITION = 40.0
_POSTURE = 0.6


@dataclass(frozen=True, eq=False)
class Cylinder:
    """An upright thing to hold, in the frame of the hand's model.

    Attributes:
        center: A point on the axis, shape (3,) [m].
        axis: Unit vector along the axis, shape (3,).
        radius: [m].
    """

    center: Array
    axis: Array
    radius: float


@dataclass(frozen=True, eq=False)
class Preshape:
    """Three postures on one way, each shape (n,) [rad], and the object they fit.

    Attributes:
        opened: Fingertips clear of the object.
        touching: Fingertips on its surface.
        closed: Fingertips inside it; never reached, it is where a closing hand heads for.
        cylinder: The object where the hand expects it.
    """

    opened: Array
    touching: Array
    closed: Array
    cylinder: Cylinder


class _Opposition:
    """Residuals of a grasp in which every pad faces the axis and the thumb faces the fingers."""

    def __init__(
        self,
        hand: _core.HandKinematics,
        cylinder: Cylinder,
        thumb: int,
        share: Array,
        rest: Array,
        free: NDArray[np.intp],
        chains: Sequence[NDArray[np.intp]],
    ) -> None:
        self.hand, self.cylinder, self.thumb, self.chains = hand, cylinder, thumb, chains
        self.rest, self.free = rest, free
        self.fingers = [f for f in range(hand.finger_count) if f != thumb]
        self.share = share[self.fingers] / share[self.fingers].sum()

    def place(self, x: Array) -> tuple[Array, Cylinder]:
        """Splits the unknowns: joint positions of the free joints, then the object's center."""
        q = self.rest.copy()
        q[self.free] = x[:-3]
        return q, Cylinder(x[-3:], self.cylinder.axis, self.cylinder.radius)

    def __call__(self, x: Array) -> Array:
        q, cylinder = self.place(x)
        self.hand.update_position(q)
        tips = np.array([self.hand.tip_position(f) for f in range(self.hand.finger_count)])
        normals = np.array([self.hand.tip_rotation(f)[:, 2] for f in range(len(tips))])
        height, outward, distance = _cylinder_coordinates(tips, cylinder)
        facing = outward[self.fingers].mean(axis=0)
        neighbours = np.linalg.norm(np.diff(tips[self.fingers], axis=0), axis=1)
        return np.concatenate(
            [
                2.0 * _DISTANCE * (distance - cylinder.radius),
                _ALIGNMENT * (normals + outward).ravel(),
                2.0 * _ALIGNMENT * (normals + outward)[self.thumb],
                _OPPOSITION * (outward[self.thumb] + facing),
                _ALIGNMENT * (outward[self.fingers] - facing).ravel(),
                # The thumb pushes where the fingers push back, else the object tips over.
                [0.5 * _DISTANCE * (height[self.thumb] - self.share @ height[self.fingers])],
                [0.3 * _DISTANCE * height[self.thumb]],
                _DISTANCE * np.maximum(FINGER_SPACING - neighbours, 0.0),
                2.0 * _DISTANCE * np.maximum(FINGER_RADIUS - self._clearances(cylinder), 0.0),
                _POSTURE * (q - self.rest)[self.free],
            ]
        )

    def _clearances(self, cylinder: Cylinder) -> Array:
        """Distance [m] from the surface to the joints and the middles of the bones between them."""
        joints = self.hand.joint_positions()
        bones = []
        for chain in self.chains:
            bones += [joints[chain], (joints[chain][1:] + joints[chain][:-1]) / 2.0]
        distance = _cylinder_coordinates(np.concatenate(bones), cylinder)[2]
        return np.asarray(distance - cylinder.radius)


def _cylinder_coordinates(points: Array, cylinder: Cylinder) -> tuple[Array, Array, Array]:
    """Height over the center (k,), unit vector from the axis (k, 3), distance from it (k,)."""
    offset = points - cylinder.center
    height = offset @ cylinder.axis
    radial = offset - np.outer(height, cylinder.axis)
    distance = np.linalg.norm(radial, axis=1)
    return height, radial / np.maximum(distance, 1e-9)[:, None], distance


def oppose_thumb(
    hand: _core.HandKinematics,
    cylinder: Cylinder,
    *,
    thumb: int,
    share: Array,
    rest: Array,
    limits: Array,
    free: NDArray[np.intp],
    chains: Sequence[NDArray[np.intp]],
    clearance: float = 0.012,
    squeeze: float = 0.003,
) -> Preshape:
    """Finds how the hand opposes its thumb to its fingers around a cylinder.

    Args:
        hand: Kinematics of the hand; its state is changed.
        cylinder: The object; its center is a first guess and is moved to where it fits.
        thumb: Index of the thumb among the fingers.
        share: How the fingers share the load, shape (k,); the thumb's entry is not used.
        rest: Natural posture to stay near, shape (n,) [rad].
        limits: Joint ranges, shape (n, 2) [rad].
        free: Indices of the joints that may move.
        chains: Indices of the joints of each finger, base first.
        clearance: Distance of the opened fingertips from the surface [m].
        squeeze: Depth of the closed fingertips under the surface [m].

    Returns:
        The postures and the cylinder where they fit.

    Raises:
        ValueError: A fingertip stays further than 2 mm from where it should touch.
    """
    lower, upper = limits[free].T + np.array([[1e-3], [-1e-3]])
    task = _Opposition(hand, cylinder, thumb, share, rest, free, chains)
    start = np.concatenate([np.clip(rest[free], lower + 1e-4, upper - 1e-4), cylinder.center])
    bounds = (np.append(lower, [-np.inf] * 3), np.append(upper, [np.inf] * 3))
    touching, fitted = task.place(least_squares(task, start, bounds=bounds, max_nfev=200).x)

    hand.update_position(touching)
    tips = np.array([hand.tip_position(f) for f in range(hand.finger_count)])
    _, outward, distance = _cylinder_coordinates(tips, fitted)
    miss = float(np.abs(distance - fitted.radius).max())
    if miss > 0.002:
        raise ValueError(
            f"this hand cannot oppose its thumb around a cylinder of radius {cylinder.radius} m: "
            f"a fingertip stays {1e3 * miss:.1f} mm off; choose another size or rest posture"
        )

    def reach(offset: float) -> Array:
        goal = tips + offset * outward

        def error(x: Array) -> Array:
            q = touching.copy()
            q[free] = x
            hand.update_position(q)
            reached = np.array([hand.tip_position(f) for f in range(len(goal))])
            return np.append(_DISTANCE * (reached - goal).ravel(), _POSTURE * (q - touching)[free])

        q = touching.copy()
        q[free] = least_squares(error, touching[free], bounds=(lower, upper)).x
        return q

    return Preshape(reach(clearance), touching, reach(-squeeze), fitted)
