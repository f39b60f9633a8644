"""Where a hand is pointing, told from its own geometry, whoever made its MJCF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..controller import BoundHand, Hand

Array = NDArray[np.float64]

ALIGNED: Final = np.cos(np.radians(25.0))
"""A palm that lies no further than this off its body's axes was meant to lie along them."""


@dataclass(frozen=True, eq=False)
class HandFrame:
    """Directions in the frame of the palm's body, unit vectors of shape (3,).

    Attributes:
        forward: From the knuckles to the tips of the straight fingers.
        palmar: Out of the palm, where the pads of the straight fingers look.
        thumbward: Across the palm to the side of the thumb.
    """

    forward: Array
    palmar: Array
    thumbward: Array

    @classmethod
    def of(cls, hand: Hand) -> HandFrame:
        """Reads it off the hand at the zero of its joints, where fingers are straight."""
        bound = hand.bind(hand.model)
        data = mujoco.MjData(hand.model)
        mujoco.mj_forward(hand.model, data)
        palm = data.xmat[bound.palm_id].reshape(3, 3)
        thumb = hand.thumb
        tips, pads = data.site_xpos[bound.tip_ids], data.site_xmat[bound.tip_ids][:, 2::3]
        knuckles = data.xanchor[_first_joints(bound)]
        fingers = np.arange(len(tips)) != thumb
        forward = _unit((tips - knuckles)[fingers].mean(axis=0))
        palmar = _unit(_across(pads[fingers].mean(axis=0), forward))
        side = np.cross(forward, palmar)
        thumbward = side * np.sign((tips[thumb] - knuckles[fingers].mean(axis=0)) @ side)
        return cls(*_aligned(np.array([forward, palmar, thumbward]) @ palm))

    def in_world(self, bound: BoundHand, data: mujoco.MjData) -> tuple[Array, Array, Array]:
        """The three directions where the palm is now."""
        palm = data.xmat[bound.palm_id].reshape(3, 3)
        return palm @ self.forward, palm @ self.palmar, palm @ self.thumbward


def _first_joints(bound: BoundHand) -> list[int]:
    names = list(bound.hand.joint_names)
    return [int(bound.joint_ids[names.index(f.joints[0])]) for f in bound.hand.description.fingers]


def _across(vector: Array, axis: Array) -> Array:
    return np.asarray(vector - (vector @ axis) * axis)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _aligned(directions: Array) -> Array:
    """Along the nearest axes, shape (3, 3), where all are near enough to one."""
    nearest = np.abs(directions).argmax(axis=1)
    axes = np.eye(3)[nearest] * np.sign(directions[np.arange(3), nearest])[:, None] + 0.0
    near = (axes * directions).sum(axis=1) > ALIGNED
    return axes if near.all() else directions
