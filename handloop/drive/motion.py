"""Where a hand is told to be while it is driven: a path, begun from wherever it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..controller import Hand
from ..controller.errors import unknown
from ..controller.recording import Recording
from ..firmware_bridge.hand_ports import bus_of

Array = NDArray[np.float64]

_STEP = 0.005  # [s], between postures on the way to the first


@dataclass(frozen=True, eq=False)
class JointPath:
    """Postures over time, from where the hand shall begin.

    Attributes:
        times: [s], from 0 on, shape (rows,).
        postures: [rad], shape (rows, joints); NaN: the joint stays where it is found.
    """

    times: Array
    postures: Array

    @classmethod
    def to(cls, posture: Array) -> Self:
        """There, and no further."""
        return cls(np.zeros(1), np.array([posture]))

    @classmethod
    def recorded(cls, hand: Hand, recording: Recording) -> Self:
        """As a recording has it."""
        postures = np.full((len(recording.times), len(hand.joint_names)), np.nan)
        columns = [hand.joint_names.index(name) for name in recording.joints]
        postures[:, columns] = recording.postures
        return cls(recording.times, postures)


@dataclass(frozen=True, eq=False)
class Motion:
    """A path, and the way to its beginning.

    Attributes:
        times: [s], from 0 on, shape (rows,).
        postures: [rad], shape (rows, joints).
    """

    times: Array
    postures: Array

    @classmethod
    def build(cls, found: Array, path: JointPath, approach: float) -> Self:
        """Begins where the hand was found.

        Args:
            found: the posture [rad], shape (joints,).
            path: to follow then.
            approach: [s], to its first posture, by minimum jerk.
        """
        postures = np.where(np.isnan(path.postures), found, path.postures)
        s = np.linspace(0.0, 1.0, max(2, round(approach / _STEP) + 1))
        way = found + minimum_jerk(s)[:, None] * (postures[0] - found)
        return cls(
            np.concatenate([approach * s, approach + path.times[1:]]),
            np.concatenate([way, postures[1:]]),
        )

    def target(self, time: float) -> Array:
        """Where the hand shall be [rad], shape (joints,)."""
        return np.array([np.interp(time, self.times, column) for column in self.postures.T])


def minimum_jerk(s: Array) -> Array:
    """Part of the way at part `s` of the time (Flash and Hogan 1985)."""
    return np.asarray(s**3 * (10.0 + s * (6.0 * s - 15.0)))


def keyframe(hand: Hand, name: str) -> Array:
    """A posture that the hand's MJCF names [rad], shape (joints,).

    Raises:
        ValueError: it has none of that name, or one out of the joints' ranges.
    """
    model = hand.model
    if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_KEY, name) < 0:
        names = [model.key(i).name for i in range(model.nkey)]
        raise ValueError(unknown("posture", name, names, f"the MJCF of {hand.name}"))
    posture = np.array(model.key(name).qpos[hand.bind(model).qpos])
    for joint, q, (low, high) in zip(hand.joint_names, posture, ranges(hand), strict=True):
        if not low - 1e-3 <= q <= high + 1e-3:
            raise ValueError(
                f"posture '{name}': {joint} = {q:.3g} rad is out of its range of {low:.3g} to "
                f"{high:.3g} rad; give it another, or calibrate the joint"
            )
    return posture


def ranges(hand: Hand) -> Array:
    """Lowest and highest of each joint [rad], as calibrated, else the MJCF's, shape (joints, 2)."""
    servos, model = bus_of(hand).servos, hand.bind(hand.model).position_range
    return np.array(
        [servos[joint].range or model[i] for i, joint in enumerate(hand.joint_names)], dtype=float
    )
