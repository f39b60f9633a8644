"""One run over time, kept for plots and pictures: what its log says, in the units of the task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .episode_log import Log
from .tasks.cup import PERIOD, CupScene
from .tasks.cup_result import (
    LET_GO,
    Contacts,
    CupResult,
    first_tick,
    judge,
    slip_distance,
    slip_force,
)
from .tasks.cup_trial import DROPPED, CupTrial

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """One run, every array with one row per tick.

    Attributes:
        trial: What was drawn.
        squeeze: Constant grip level [N]; None for the closed loop.
        result: How it ended.
        time: [s], shape (k,).
        thumb: Normal force of the thumb [N], shape (k,).
        fingers: Sum of the normal forces of the fingers [N], shape (k,).
        slip_force: Of each side, below which the cup slips [N], shape (k,).
        slip: How far the cup has slid in the hand [m], shape (k,).
        friction: What the controller believes, shape (k,).
        joints: Positions of the hand [rad], shape (k, joints).
        cup: Position [m] and orientation (quaternion) of the cup, shape (k, 7).
        crushed: Since when the cup is, as a tick; k if never.
        lost: Since when it counts as dropped, as a tick; k if never.
    """

    trial: CupTrial
    squeeze: float | None
    result: CupResult
    time: Array
    thumb: Array
    fingers: Array
    slip_force: Array
    slip: Array
    friction: Array
    joints: Array
    cup: Array
    crushed: int
    lost: int

    @property
    def crush_force(self) -> float:
        """Normal force of each side [N] that crushes the cup."""
        return self.trial.strength * self.trial.least_force()

    @property
    def end(self) -> int:
        """Tick at which the outcome was decided; the number of ticks if the cup was held."""
        return min(self.crushed, self.lost)

    def tick(self, time: float) -> int:
        """Index of the row at `time` [s]."""
        return min(round(time / PERIOD), len(self.time) - 1)


def run_traces(
    scene: CupScene, trial: CupTrial, squeezes: list[float | None], creep: float
) -> list[Trace]:
    """Runs one cup once per way of holding it and keeps everything."""
    episodes = [scene.episode(trial, squeeze) for squeeze in squeezes]
    _core.run_episodes(episodes)
    pairs = zip(squeezes, episodes, strict=True)
    return [_trace(scene, trial, squeeze, episode, creep) for squeeze, episode in pairs]


def _trace(
    scene: CupScene,
    trial: CupTrial,
    squeeze: float | None,
    episode: _core.Episode,
    creep: float,
) -> Trace:
    log = Log(episode)
    contacts = Contacts.read(scene, log)
    thumb = contacts.normal[:, int(np.argmax(scene.share))]
    time = np.array(log["time"])
    low = log["cup_position"][:, 2] < scene.model.body("cup").pos[2] - LET_GO
    slip = np.maximum(slip_distance(contacts, scene.share, time) - creep, 0.0)
    joints = [f"{scene.bound.prefix}{joint}_pos" for joint in scene.hand.joint_names]
    return Trace(
        trial=trial,
        squeeze=squeeze,
        result=judge(scene, trial, episode, creep),
        time=time,
        thumb=np.array(thumb),
        fingers=contacts.normal.sum(axis=1) - thumb,
        slip_force=slip_force(trial, log),
        slip=slip,
        friction=np.array(log["friction"]),
        joints=np.column_stack([log[name] for name in joints]),
        cup=np.column_stack([log["cup_position"], log["cup_orientation"]]),
        crushed=first_tick(np.any(contacts.normal > scene.crush_force(trial), axis=1)),
        lost=first_tick(low | (slip > DROPPED)),
    )
