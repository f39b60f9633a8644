"""How a hand goes about the cup, and with what mass its fingertips meet it."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import BoundHand, Hand
from ...controller.preshape import Cylinder, Preshape, oppose_thumb
from ..hand_frame import HandFrame
from ..scene import rest_posture, thumb_of
from .cup_object import RADIUS

Array = NDArray[np.float64]


def cup_preshape(hand: Hand, bound: BoundHand, share: Array, radius: float = RADIUS) -> Preshape:
    """Thumb and fingers opposed around the cup.

    Args:
        hand: Who holds.
        bound: The hand in a scene without the cup.
        share: Part of the grip level per finger, thumb 1, shape (fingers,).
        radius: Of the cup [m].

    Raises:
        ValueError: The hand cannot reach around the cup.
    """
    data = mujoco.MjData(bound.model)
    mujoco.mj_forward(bound.model, data)
    names = list(hand.joint_names)
    chains = [np.array([names.index(j) for j in f.joints]) for f in hand.description.fingers]
    free = np.sort(np.concatenate(chains))
    forward, palmar, _ = HandFrame.of(hand).in_world(bound, data)
    guess = data.xpos[bound.palm_id] + 0.11 * forward + 0.05 * palmar
    return oppose_thumb(
        _core.HandKinematics(bound.hand_model),
        Cylinder(guess, np.array([0.0, 0.0, 1.0]), radius),
        thumb=hand.finger_names.index(thumb_of(hand)),
        share=share,
        rest=rest_posture(hand, free),
        limits=bound.position_range,
        free=free,
        chains=chains,
    )


def tip_mobility(bound: BoundHand, preshape: Preshape) -> Array:
    """How easily each closed fingertip is pushed along its pad's normal, shape (fingers,) [1/kg].

    n J M^-1 J^T n, the inverse of the effective mass (Khatib 1987).
    """
    m, hand = bound.model, bound.dof
    data = _closed(bound, preshape)
    inertia, jacobian = np.zeros((m.nv, m.nv)), np.zeros((3, m.nv))
    mujoco.mj_fullM(m, data, inertia)
    mobility = np.linalg.inv(inertia[np.ix_(hand, hand)])
    found = []
    for tip in bound.tip_ids:
        mujoco.mj_jacSite(m, data, jacobian, None, tip)
        along = (data.site_xmat[tip].reshape(3, 3)[:, 2] @ jacobian)[hand]
        found.append(along @ mobility @ along)
    return np.array(found)


def effective_mass(mobility: Array, mass: float) -> float:
    """What pads and a thing of this mass move with against each other, mean of the pads [kg]."""
    return float(np.mean(1.0 / (mobility + 1.0 / mass)))


def thumb_azimuth(bound: BoundHand, preshape: Preshape) -> float:
    """Of the closed thumb around the cup's axis [rad]."""
    thumb = bound.hand.finger_names.index(thumb_of(bound.hand))
    data = _closed(bound, preshape)
    x, y, _ = data.site_xpos[bound.tip_ids[thumb]] - preshape.cylinder.center
    return float(np.arctan2(y, x))


def _closed(bound: BoundHand, preshape: Preshape) -> mujoco.MjData:
    data = mujoco.MjData(bound.model)
    data.qpos[bound.qpos] = preshape.closed
    mujoco.mj_forward(bound.model, data)
    return data
