"""Gains that a slow bus can bear.

A joint of inertia J under damping D that comes T late crosses over at D / J, where the delay takes
D T / J of its phase. With D <= J / 2 T it keeps 60 degrees, of which stiffness K = D^2 / 4 z^2 J
takes 21 at a damping ratio of z = 0.8 (loop shaping, as in Franklin, Powell & Workman, "Digital
Control of Dynamic Systems"). What brakes inside the servo comes in time and is not limited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..controller import Hand
from .servo_drive import DriveFigures

Array = NDArray[np.float64]

_PHASE: Final = 0.5  # [rad], that the delay may take
_RATIO: Final = 0.8
_SERVO: Final = 0.002  # [s], from a goal to its current, and from a motion to its velocity
# [s], J R / K^2 of Dynamixel MX servos (sim/hands/actuation.py), for models without rotors.
_MECHANICAL_TIME: Final = 0.011


def bearable(
    hand: Hand, period: float, drives: Sequence[DriveFigures], stiffness: Array, damping: Array
) -> tuple[Array, Array]:
    """Leaves damping to motors that brake by themselves, and lowers what is too quick for the bus.

    Args:
        hand: whose joints they are.
        period: [s], from tick to tick.
        drives: of its servos.
        stiffness: [N m/rad], shape (joints,).
        damping: [N m s/rad] that is wanted in all, shape (joints,).

    Returns:
        Stiffness and damping of the controller.
    """
    brakes = np.array([drive.natural_damping for drive in drives])
    natural = np.where([drive.mode == "voltage" for drive in drives], brakes, 0.0)
    inertia = np.maximum(joint_inertia(hand), _MECHANICAL_TIME * brakes)
    wanted = np.maximum(damping - natural, 0.0)
    added = np.minimum(wanted, _PHASE * inertia / (1.5 * period + _SERVO))
    held = (added + natural) ** 2 / (4.0 * _RATIO**2 * inertia)
    return np.where(added < wanted, np.minimum(stiffness, held), stiffness), added


def joint_inertia(hand: Hand) -> Array:
    """Diagonal of the inertia in the middle of all ranges, rotors included, shape (joints,)."""
    bound, model = hand.bind(hand.model), hand.model
    data = mujoco.MjData(model)
    data.qpos[bound.qpos] = bound.position_range.mean(axis=1)
    mujoco.mj_forward(model, data)
    full = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, full)
    return np.asarray(np.diag(full)[bound.dof])
