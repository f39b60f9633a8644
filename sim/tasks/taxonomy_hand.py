"""Parts of any hand by their names in anatomy: digits, phalanges, their palmar skin and sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand
from ..bench.task import CannotTakePartError
from ..scene import thumb_of, world_from_hand
from .hand_parts import HandParts
from .taxonomy_types import GraspType, Part, Patch

Array = NDArray[np.float64]

_FAR: Final = 0.3  # [m], beyond which distances are not computed
_BONE: Final[dict[Part, int]] = {
    "distal": -1, "middle": -2, "radial": -2, "ulnar": -2, "proximal": -3,
    "web": -3, "gap": -3,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Touch:
    """Where a part of the hand is nearest to the object.

    Attributes:
        distance: Between the surfaces [m].
        point: On the object [m].
        inward: Unit, from the part into the object.
        normal: Unit, which way the skin that shall touch looks.
    """

    distance: float
    point: Array
    inward: Array
    normal: Array


class TaxonomyHand:
    """A hand before an object, its palm's frame, and where its parts are.

    Attributes:
        bound: The hand in the scene.
        parts: Its geoms.
        data: At the posture of the last `move`.
        thumb: Index of it among the fingers.
        fingers: Indices of the others, from the thumb's side on.
        frame: Columns: forward along the fingers, palmar, towards the thumb; shape (3, 3).
        knuckles: Middle of the fingers' bases in the posture zero [m].
        length: Of the fingers that oppose, from there to their pads, mean [m].
        flexion: Joint and value of every finger bent as far as it goes [rad].
        object: Id of the geom.
    """

    def __init__(self, bound: BoundHand) -> None:
        """Measures it."""
        self.bound, self.parts = bound, HandParts(bound)
        model, hand = bound.model, bound.hand
        self.data = mujoco.MjData(model)
        self.object = int(model.geom("object").id)
        self.thumb = hand.finger_names.index(thumb_of(hand))
        mujoco.mj_forward(model, self.data)
        up, side, forward = world_from_hand(hand).T
        self.frame = np.column_stack([forward, -side, [0.0, 0.0, 1.0]])
        del up
        others = [f for f in range(len(hand.finger_names)) if f != self.thumb]
        tips = self.data.site_xpos[bound.tip_ids]
        self.fingers = sorted(others, key=lambda f: -float(tips[f] @ self.frame[:, 2]))
        self._radial: dict[int, float] = {}
        self.flexion: dict[int, float] = {}
        bases = [self._measure(f) for f in self.fingers]
        self.knuckles = np.mean(bases, axis=0)
        self.length = float(np.mean(np.linalg.norm(tips[self.fingers] - bases, axis=1)))
        address = int(model.jnt_qposadr[model.body("object").jntadr[0]])
        self._pose = slice(address, address + 7)
        self._line = np.zeros(6)

    def digit(self, number: int) -> int:
        """Index of a finger by its number, 1 the thumb.

        Raises:
            CannotTakePartError: The hand has none.
        """
        if number == 1:
            return self.thumb
        if number - 2 < len(self.fingers):
            return self.fingers[number - 2]
        raise CannotTakePartError(f"{self.bound.hand.name} has no digit {number}")

    def present(self, patches: tuple[Patch, ...]) -> list[Patch]:
        """Those of patches that the hand has."""
        return [p for p in patches if p.digit - 2 < len(self.fingers)]

    def check(self, kind: GraspType) -> None:
        """Refuses a type for which the hand lacks digits on one side.

        Raises:
            CannotTakePartError: It does.
        """
        first, second, _ = kind.patches
        if not self.present(first) or not self.present(second):
            name = self.bound.hand.name
            raise CannotTakePartError(f"{name} has too few fingers for {kind.name}")

    def geoms(self, patch: Patch) -> list[int]:
        """With which a patch touches; of the palm all."""
        if patch.part == "palm":
            return self.parts.palm
        finger = self.digit(patch.digit)
        if patch.part in ("pad", "edge"):
            return [self.parts.pad[finger]]
        bones = self.parts.bones[finger]
        return [bones[max(_BONE[patch.part], -len(bones))]]

    def place(self, position: Array, quat: Array) -> None:
        """Puts the object somewhere."""
        self.data.qpos[self._pose] = [*position, *quat]

    def move(self, q: Array) -> None:
        """Puts the joints somewhere and finds where everything is."""
        self.data.qpos[self.bound.qpos] = q
        mujoco.mj_kinematics(self.bound.model, self.data)

    def distance(self, geom: int, other: int | None = None) -> float:
        """Between a geom and another one, or the object [m]; `points` says where."""
        other = self.object if other is None else other
        model = self.bound.model
        return float(mujoco.mj_geomDistance(model, self.data, geom, other, _FAR, self._line))

    @property
    def points(self) -> Array:
        """On both geoms of the last `distance`, shape (2, 3) [m]."""
        return self._line.reshape(2, 3).copy()

    def touch(self, patch: Patch) -> Touch:
        """Where a patch is nearest to the object."""
        if patch.part == "palm":
            return self._palm()
        (geom,) = self.geoms(patch)
        distance, points = self.distance(geom), self.points
        way = points[1] - self._axis_point(geom, points[1])
        inward = way / max(float(np.linalg.norm(way)), 1e-9)
        return Touch(distance, points[1], inward, self._normal(patch, geom))

    def _palm(self) -> Touch:
        """The palm touches with the two of its parts that are nearest."""
        found = sorted((self.distance(g), *self.points[1]) for g in self.parts.palm)[:2]
        distance, *point = np.mean(found, axis=0)
        return Touch(float(distance), np.array(point), self.frame[:, 1], self.frame[:, 1])

    def _axis_point(self, geom: int, point: Array) -> Array:
        """On the axis of a capsule that is nearest to a point, the middle of all else."""
        model, data = self.bound.model, self.data
        middle = data.geom_xpos[geom]
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_CAPSULE:
            return np.asarray(middle)
        axis, half = data.geom_xmat[geom].reshape(3, 3)[:, 2], model.geom_size[geom, 1]
        return np.asarray(middle + np.clip((point - middle) @ axis, -half, half) * axis)

    def _normal(self, patch: Patch, geom: int) -> Array:
        data, finger = self.data, self.digit(patch.digit)
        if patch.part == "pad":
            return np.asarray(data.site_xmat[self.bound.tip_ids[finger]].reshape(3, 3)[:, 2])
        lateral = self._lateral(finger)
        if patch.part in ("radial", "ulnar", "edge", "web", "gap"):
            side = self._radial.get(finger, 1.0)
            return lateral * (-side if patch.part in ("ulnar", "gap") else side)
        along = data.geom_xmat[geom].reshape(3, 3)[:, 2]
        tip = data.site_xpos[self.bound.tip_ids[finger]] - data.geom_xpos[geom]
        return np.asarray(np.cross(lateral, along * np.sign(along @ tip)))

    def _lateral(self, finger: int) -> Array:
        """Axis about which the last joint of a finger bends."""
        last = self.bound.hand.description.fingers[finger].joints[-1]
        return np.asarray(self.data.joint(self.bound.prefix + last).xaxis)

    def _measure(self, finger: int) -> Array:
        """Notes how a finger bends; returns where it begins."""
        model, data, bound = self.bound.model, self.data, self.bound
        names = list(bound.hand.joint_names)
        first = None
        for name in bound.hand.description.fingers[finger].joints:
            joint = model.joint(bound.prefix + name).id
            axis, anchor = data.xaxis[joint], data.xanchor[joint]
            across = float(axis @ self.frame[:, 2])
            if abs(across) < 0.9:
                continue
            tip = data.site_xpos[bound.tip_ids[finger]] - anchor
            bends = np.cross(axis, tip) @ self.frame[:, 1] > 0.0
            i = names.index(name)
            self.flexion[i] = float(bound.position_range[i, 1 if bends else 0])
            self._radial[finger] = 1.0 if across > 0.0 else -1.0
            first = anchor.copy() if first is None else first
        return data.site_xpos[bound.tip_ids[finger]] if first is None else np.asarray(first)
