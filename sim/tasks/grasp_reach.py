"""How far every part of a hand is from an object and from its other parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand
from ..hand_frame import HandFrame
from .hand_parts import HandParts

Array = NDArray[np.float64]

_FAR: Final = 0.3  # [m], beyond which distances are not computed
_CROSSED: Final = 0.0005  # [m], from which parts are in each other


@dataclass(frozen=True, eq=False)
class Touch:
    """Where a pad is nearest to the object."""

    distance: float  # [m]
    point: Array  # [m], on the object
    inward: Array  # unit, from the pad's middle


class Reach:
    """Distances in the model, at postures and places of the object."""

    def __init__(self, bound: BoundHand, thumb: int) -> None:
        """Looks up what may touch.

        Raises:
            HandError: A fingertip has nothing to touch with.
        """
        self.bound, self.parts = bound, HandParts(bound)
        self.frame = HandFrame.of(bound.hand)
        self.data = mujoco.MjData(bound.model)
        self.object = int(bound.model.geom("object").id)
        self._address = int(bound.model.jnt_qposadr[bound.model.body("object").jntadr[0]])
        self._pairs = self._finger_pairs(thumb)
        self._line = np.zeros(6)

    def place(self, position: Array, yaw: float) -> None:
        """Puts the object somewhere."""
        quat = [np.cos(yaw / 2.0), 0.0, 0.0, np.sin(yaw / 2.0)]
        self.data.qpos[self._address : self._address + 7] = [*position, *quat]

    def move(self, q: Array) -> None:
        """Puts the hand into a posture."""
        self.data.qpos[self.bound.qpos] = q
        mujoco.mj_kinematics(self.bound.model, self.data)

    def distance(self, geom: int, other: int | None = None) -> float:
        """From one geom to another, or to the object [m]; negative where they overlap."""
        other = self.object if other is None else other
        model = self.bound.model
        return float(mujoco.mj_geomDistance(model, self.data, geom, other, _FAR, self._line))

    def touch(self, finger: int) -> Touch:
        """Where the pad of a finger is nearest to the object."""
        pad = self.parts.pad[finger]
        distance, point = self.distance(pad), self._line[3:].copy()
        way = point - self.data.geom_xpos[pad]
        return Touch(distance, point, way / max(float(np.linalg.norm(way)), 1e-9))

    def crossing(self, gap: float) -> Array:
        """By how much the hand's parts miss a gap between each other, shape (pairs,), <= 0 [m]."""
        return np.minimum(np.array([self.distance(a, b) for a, b in self._pairs]) - gap, 0.0)

    def find_crossings(self, postures: Iterable[Array]) -> bool:
        """Looks for parts of the hand that are in each other though nobody kept them apart.

        From now on they are. False: there are none.
        """
        model, data, found = self.bound.model, self.data, set()
        hand = {*self.parts.pad, *self.parts.palm, *(g for f in self.parts.bones for g in f)}
        for q in postures:
            self.move(q)
            mujoco.mj_comPos(model, data)
            mujoco.mj_collision(model, data)
            deep = data.contact.geom[data.contact.dist < -_CROSSED]
            found |= {(int(a), int(b)) for a, b in deep if {int(a), int(b)} <= hand}
        new = sorted(found - set(self._pairs))
        self._pairs += new
        return bool(new)

    def _finger_pairs(self, thumb: int) -> list[tuple[int, int]]:
        """Parts of neighbouring fingers, and of the thumb and every finger."""
        parts = self.parts
        fingers = [[pad, *bones] for pad, bones in zip(parts.pad, parts.bones, strict=True)]
        thumbs = fingers.pop(thumb)
        pairs = [(a, b) for one, two in pairwise(fingers) for a in one for b in two]
        return pairs + [(a, b) for finger in fingers for a in thumbs for b in finger]
