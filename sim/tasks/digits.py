"""Parts of any hand by their names in anatomy: digits, phalanges, their palmar skin and sides."""

from __future__ import annotations

from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ...controller import BoundHand
from ..bench.task import CannotTakePartError
from ..scene import thumb_of, world_from_hand
from .hand_parts import HandParts
from .taxonomy_types import Part, Patch

Array = NDArray[np.float64]

_BONE: Final[dict[Part, int]] = {
    "distal": -1, "middle": -2, "radial": -2, "ulnar": -2, "proximal": -3, "web": -3,
}  # fmt: skip
_SIDE: Final[dict[Part, float]] = {"radial": 1.0, "edge": 1.0, "web": 1.0, "ulnar": -1.0}


class Digits:
    """A hand in a scene, its palm's frame, and where its parts are.

    Attributes:
        bound: The hand in the scene.
        parts: Its geoms.
        data: At the posture of the last `move`; at first of the model.
        thumb: Index of it among the fingers.
        fingers: Indices of the others, from the thumb's side on.
        frame: Columns: forward along the fingers, palmar, towards the thumb; shape (3, 3).
        bases: Where each finger but the thumb begins to bend, in the posture zero [m].
        knuckles: Their middle [m].
        length: From there to the pads, mean of the fingers [m].
        flexion: Position of each joint by which a finger is bent as far as it goes [rad].
    """

    def __init__(self, bound: BoundHand) -> None:
        """Measures the hand."""
        self.bound, self.parts = bound, HandParts(bound)
        names = bound.hand.finger_names
        self.data = mujoco.MjData(bound.model)
        mujoco.mj_forward(bound.model, self.data)
        _, dorsal, forward = world_from_hand(bound.hand).T
        self.frame = np.column_stack([forward, -dorsal, [0.0, 0.0, 1.0]])
        self.thumb = names.index(thumb_of(bound.hand))
        tips = self.data.site_xpos[bound.tip_ids]
        others = [f for f in range(len(names)) if f != self.thumb]
        self.fingers = sorted(others, key=lambda f: -float(tips[f] @ self.frame[:, 2]))
        self._radial: dict[int, float] = {}
        self.flexion: dict[int, float] = {}
        self.bases = {f: self._measure(f) for f in self.fingers}
        self.knuckles = np.mean(list(self.bases.values()), axis=0)
        reach = [np.linalg.norm(tips[f] - self.bases[f]) for f in self.fingers]
        self.length = float(np.mean(reach))

    def has(self, number: int) -> bool:
        """Whether there is a digit of that number, 1 the thumb; 0, the palm, is always."""
        return number - 2 < len(self.fingers)

    def digit(self, number: int) -> int:
        """Index of a finger by its number, 1 the thumb.

        Raises:
            CannotTakePartError: The hand has none.
        """
        if not self.has(number):
            raise CannotTakePartError(f"{self.bound.hand.name} has no digit {number}")
        return self.thumb if number == 1 else self.fingers[number - 2]

    def geoms(self, patch: Patch) -> list[int]:
        """With which a patch touches; of the palm all."""
        if patch.part == "palm":
            return self.parts.palm
        finger = self.digit(patch.digit)
        if patch.part in ("pad", "edge"):
            return [self.parts.pad[finger]]
        bones = self.parts.bones[finger]
        return [bones[max(_BONE[patch.part], -len(bones))]]

    def move(self, q: Array) -> None:
        """Puts the joints somewhere and finds where everything is."""
        self.data.qpos[self.bound.qpos] = q
        mujoco.mj_kinematics(self.bound.model, self.data)

    def along(self, finger: int) -> Array:
        """Unit, which way the last phalanx of a finger points."""
        bone = self.parts.bones[finger][-1]
        way = self.data.geom_xpos[self.parts.pad[finger]] - self.data.geom_xpos[bone]
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))

    def normal(self, patch: Patch) -> Array:
        """Unit, which way the skin of a patch looks."""
        if patch.part == "palm":
            return np.asarray(self.frame[:, 1])
        data, finger = self.data, self.digit(patch.digit)
        if patch.part == "pad":
            return np.asarray(data.site_xmat[self.bound.tip_ids[finger]].reshape(3, 3)[:, 2])
        lateral = self._lateral(finger)
        if patch.part in _SIDE:
            return np.asarray(_SIDE[patch.part] * self._radial.get(finger, 1.0) * lateral)
        geom = self.geoms(patch)[0]
        bone = data.geom_xmat[geom].reshape(3, 3)[:, 2]
        tip = data.site_xpos[self.bound.tip_ids[finger]] - data.geom_xpos[geom]
        return np.asarray(np.cross(lateral, bone * np.sign(bone @ tip)))

    def _lateral(self, finger: int) -> Array:
        """Axis about which the last joint of a finger bends."""
        last = self.bound.hand.description.fingers[finger].joints[-1]
        return np.asarray(self.data.joint(self.bound.prefix + last).xaxis)

    def _measure(self, finger: int) -> Array:
        """Notes how a finger bends; returns where it begins."""
        model, data, bound = self.bound.model, self.data, self.bound
        names, tip = list(bound.hand.joint_names), data.site_xpos[bound.tip_ids[finger]]
        base = None
        for name in bound.hand.description.fingers[finger].joints:
            joint = model.joint(bound.prefix + name).id
            axis, anchor = data.xaxis[joint], data.xanchor[joint]
            across = float(axis @ self.frame[:, 2])
            if abs(across) < 0.9:  # it spreads, or arches the palm
                continue
            bends = np.cross(axis, tip - anchor) @ self.frame[:, 1] > 0.0
            i = names.index(name)
            self.flexion[i] = float(bound.position_range[i, 1 if bends else 0])
            # The last of them is that of the last phalanx, to which `normal` refers.
            self._radial[finger] = 1.0 if across > 0.0 else -1.0
            base = anchor.copy() if base is None else base
        return tip.copy() if base is None else np.asarray(base)
