"""How a hand wraps a handle that lies across its palm: postures, with phalanges as well as pads.

Inverse kinematics on the collision geometry, like `grasp_preshape`, but not for the fingertips: a
power grasp presses with every phalanx that comes to lie on the handle, and how well it holds hangs
on how deep in the palm the handle lies. So this finds one posture for a given depth, and leaves it
to `handle_force` to tell which depth is best.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ...controller import BoundHand
from ..scene import rest_posture, thumb_of
from .hand_parts import HandParts

Array = NDArray[np.float64]

HANDLE: Final = "handle"
"""Name of the handle's body, and of the geom that is gripped: a capsule along z."""
OPENED: Final = 0.008  # [m], clearance of the opened hand
PALM: Final = 0.014  # [m], of the palm's axis under its skin, to begin with

_FAR: Final = 0.3  # [m], beyond which distances are not computed
_APART: Final = 0.0005  # [m], of parts of the hand from each other
_DISTANCE: Final = 1e3  # what a metre off is worth to the solver
_POSTURE: Final = 0.6  # what a radian off is worth


@dataclass(frozen=True, eq=False)
class Wrap:
    """A hand around a handle.

    Attributes:
        opened: Clear of it, shape (n,) [rad].
        touching: On its surface, shape (n,) [rad].
        position: Of the handle's middle [m], shape (3,).
        depth: How deep the hand is in the handle [m].
    """

    opened: Array
    touching: Array
    position: Array
    depth: float


class HandAround:
    """A hand, its parts, and how far they are from the handle of the scene."""

    def __init__(self, bound: BoundHand) -> None:
        """Looks the parts up; the model has a body and a geom called `handle`."""
        self.bound, self.model, self.parts = bound, bound.model, HandParts(bound)
        self.data = mujoco.MjData(bound.model)
        hand = bound.hand
        names = list(hand.joint_names)
        self.free = np.sort([names.index(j) for f in hand.description.fingers for j in f.joints])
        self.rest = rest_posture(hand, self.free)
        self.thumb = hand.finger_names.index(thumb_of(hand))
        self.handle = int(bound.model.geom(HANDLE).id)
        self.fingers = [[*b, p] for b, p in zip(self.parts.bones, self.parts.pad, strict=True)]
        self._address = int(bound.model.jnt_qposadr[bound.model.body(HANDLE).jntadr[0]])
        self._pairs = self._neighbours()
        self._line = np.zeros(6)
        self.move(self.rest)
        self.radius = float(bound.model.geom(HANDLE).size[0])
        self.palmar = -self.data.xmat[bound.palm_id].reshape(3, 3)[:, 1]

    @property
    def knuckles(self) -> Array:
        """Middle of the fingers' knuckles, the thumb's left out, in the posture set [m]."""
        places = [
            self.data.xpos[self.model.geom_bodyid[bones[0]]]
            for finger, bones in enumerate(self.parts.bones)
            if finger != self.thumb
        ]
        return np.asarray(np.mean(places, axis=0))

    def move(self, posture: Array) -> None:
        """Sets the posture."""
        self.data.qpos[self.bound.qpos] = posture
        mujoco.mj_kinematics(self.model, self.data)

    def place(self, position: Array) -> None:
        """Sets where the handle is, upright."""
        self.data.qpos[self._address : self._address + 7] = [*position, 1.0, 0.0, 0.0, 0.0]

    def distance(self, geom: int, other: int | None = None) -> float:
        """Between a part and the handle, or another part [m]."""
        other = self.handle if other is None else other
        model = self.model
        return float(mujoco.mj_geomDistance(model, self.data, geom, other, _FAR, self._line))

    def nearest(self, geom: int) -> tuple[float, Array]:
        """Distance of a part from the handle, and the point of the handle next to it [m]."""
        return self.distance(geom), self._line[3:].copy()

    def crossing(self) -> Array:
        """By how much parts of the hand miss a gap between each other, <= 0 [m]."""
        return np.minimum([self.distance(a, b) - _APART for a, b in self._pairs], 0.0)

    def depth(self) -> float:
        """Of the deepest part in the handle [m], >= 0."""
        every = [*self.parts.palm, *(g for finger in self.fingers for g in finger)]
        return max(0.0, -min(self.distance(geom) for geom in every))

    def _neighbours(self) -> list[tuple[int, int]]:
        """Parts of fingers side by side, of the thumb and all fingers, of fingertips and palm."""
        fingers = [finger for i, finger in enumerate(self.fingers) if i != self.thumb]
        pairs = [(a, b) for one, two in pairwise(fingers) for a in one for b in two]
        pairs += [(a, b) for finger in fingers for a in self.fingers[self.thumb] for b in finger]
        return pairs + [(a, b) for finger in fingers for a in finger[-2:] for b in self.parts.palm]


class _Fit:
    """Residuals of a wrap; the unknowns are the free joints, then how far the palm is off."""

    def __init__(self, around: HandAround, forward: float) -> None:
        self.around = around
        self.middle = around.knuckles + np.array([forward, 0.0, 0.0])

    def split(self, x: Array) -> tuple[Array, Array]:
        """Posture of the hand, position of the handle."""
        around = self.around
        posture = around.rest.copy()
        posture[around.free] = x[:-1]
        return posture, np.asarray(self.middle + x[-1] * around.palmar)

    def __call__(self, x: Array) -> Array:
        around = self.around
        posture, position = self.split(x)
        around.place(position)
        around.move(posture)
        distances = [[around.distance(g) for g in finger] for finger in around.fingers]
        palm = np.sort([around.distance(g) for g in around.parts.palm])
        inside = np.minimum([*palm, *(d for finger in distances for d in finger[:-1])], 0.0)
        return np.concatenate(
            [
                _DISTANCE * np.concatenate([self._wrapped(d, f) for f, d in enumerate(distances)]),
                _DISTANCE * palm[:2],
                2.0 * _DISTANCE * inside,
                _DISTANCE * around.crossing(),
                _POSTURE * (posture - around.rest)[around.free],
            ]
        )

    def _wrapped(self, distance: list[float], finger: int) -> Array:
        """A finger lies on the handle from its knuckle to its pad, a thumb with its end."""
        *bones, pad = distance
        if finger == self.around.thumb or len(bones) < 2:
            return np.array([pad, 0.3 * bones[-1]])
        return np.array([0.3 * bones[0], bones[1], pad])


def wrap(around: HandAround, forward: float, begun: float = 0.0) -> Wrap:
    """Finds how a hand wraps the handle.

    Args:
        around: The hand and the handle.
        forward: How far in front of the knuckles the handle lies, towards the fingertips [m].
        begun: Where the solver begins: 0 at the hand's rest, 1 in the middle of its ranges.
    """
    lower, upper = around.bound.position_range[around.free].T + np.array([[1e-3], [-1e-3]])
    around.move(around.rest)
    fit = _Fit(around, forward)
    start = (1.0 - begun) * around.rest[around.free] + begun * (lower + upper) / 2.0
    start = np.clip(start, lower + 1e-4, upper - 1e-4)
    bounds = (np.append(lower, -0.1), np.append(upper, 0.2))
    begin = np.append(start, PALM + around.radius)
    posture, position = fit.split(least_squares(fit, begin, bounds=bounds, max_nfev=60).x)
    around.place(position)
    around.move(posture)
    depth = around.depth()

    def clear(x: Array) -> Array:
        opened = posture.copy()
        opened[around.free] = x
        around.move(opened)
        gap = [around.distance(g) - OPENED for finger in around.fingers for g in finger]
        apart = np.concatenate([np.minimum(gap, 0.0), around.crossing()])
        return np.append(_DISTANCE * apart, 3.0 * _POSTURE * (x - posture[around.free]))

    opened = posture.copy()
    within = np.clip(posture[around.free], lower, upper)
    opened[around.free] = least_squares(clear, within, bounds=(lower, upper), max_nfev=40).x
    return Wrap(opened, posture, position, depth)
