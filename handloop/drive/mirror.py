"""A simulated hand goes from posture to posture, for a real one to go with it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller import Hand
from .motion import JointPath, minimum_jerk, ranges

Array = NDArray[np.float64]

_PERIOD: Final = 0.001  # [s], of the simulated hand's controller
_TICKS: Final = 10  # from one posture that is noted to the next


def mirrored(hand: Hand, postures: Sequence[Array], period: float) -> JointPath:
    """What a simulated hand does, round after round.

    It is simulated before the real hand moves. The first round, in which it still settles, is left
    out.

    Args:
        hand: with motors.
        postures: to go through [rad], each shape (joints,).
        period: [s], of a round.

    Raises:
        HandError: the hand cannot be simulated.
    """
    times, wanted = _round(postures, period)
    bound = hand.bind(hand.model)
    plant = _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), _PERIOD)
    data = mujoco.MjData(hand.model)
    data.qpos[bound.qpos] = postures[0]
    plant.start(data)
    controller = _core.Controller(bound.hand_model, hand.controller_config(_PERIOD))
    controller.set_recording(times, wanted, again_from=0.0)
    loop = _core.Loop(plant, controller)
    loop.run(_TICKS * (len(times) - 1))
    done = np.array([loop.status.q for _ in times[1:] if loop.run(_TICKS)])
    low, high = ranges(hand).T
    done = np.clip(np.concatenate([done[-1:], done]), low, high)
    return JointPath(times, done, repeats=True)


def _round(postures: Sequence[Array], period: float) -> tuple[Array, Array]:
    """From posture to posture by minimum jerk, and back to the first."""
    ends = [*postures, postures[0]]
    steps = max(2, round(period / len(postures) / (_TICKS * _PERIOD)))
    s = minimum_jerk(np.arange(1, steps + 1) / steps)[:, None]
    way = [a + s * (b - a) for a, b in itertools.pairwise(ends)]
    rows = np.concatenate([[postures[0]], *way])
    return _TICKS * _PERIOD * np.arange(len(rows)), rows
