"""What some grasps of a hand of some age were like: forces, places, currents, load cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller import Hand
from ..bench.trial import Outcome
from ..episode_log import Log
from ..wear import LoadSpectrum
from .endurance_age import Age, GraspDraw
from .endurance_scene import CLOSED, CYCLE, HELD, RUN, EnduranceScene
from .grasp import PERIOD

Array = NDArray[np.float64]

SLIPPED: Final = 0.01  # [m] in one grasp: the strict gate of `handloop grasps`
_SEEN: Final = 0.05  # [s], over which a place is measured
_PRESSED: Final = 0.2  # [s], over which a force is
_WHOLE: Final = round(RUN * CYCLE / PERIOD)  # ticks of a run that ends well


@dataclass(frozen=True, eq=False)
class Grasps:
    """Some grasps of a hand of one age.

    Attributes:
        force: Of the thumb at the end of each grasp, shape (k,) [N].
        place: Of the cylinder in the palm then, shape (k, 3) [m].
        slip: From the fixture's letting go to then, shape (k,) [m].
        lost: The cylinder fell.
        diverged: The simulation did.
        square: Mean square of each motor's current, shape (motors,) [A^2]; empty: ideal motors.
        lean: Mean torque of each joint while it grips, shape (joints,) [N m].
        joints: Load cycles of each joint.
        tendons: Load cycles of each motor that pulls a tendon, by its name.
        tension: Mean and largest of each of those [N].
        last: The last run.
    """

    force: Array
    place: Array
    slip: Array
    lost: bool
    diverged: bool
    square: Array
    lean: Array
    joints: tuple[LoadSpectrum, ...]
    tendons: dict[str, LoadSpectrum]
    tension: dict[str, tuple[float, float]]
    last: _core.Episode

    @property
    def kept(self) -> bool:
        """Every grasp held the cylinder."""
        return bool(not self.lost and not self.diverged and (self.slip <= SLIPPED).all())

    @property
    def outcome(self) -> Outcome:
        """What became of the cylinder."""
        return "held" if self.kept else "diverged" if self.diverged else "slipped"


def grasp_often(scene: EnduranceScene, draw: GraspDraw, age: Age, runs: int) -> Grasps:
    """Runs `runs` times `RUN` grasps; stops at a run that does not end well."""
    episodes = []
    for part in range(runs):
        episodes.append(scene.episode(draw, age, part))
        _core.run_episodes(episodes[-1:], 1)
        if len(episodes[-1].log) < _WHOLE:
            break
    return grasps_of(scene, episodes)


def grasps_of(scene: EnduranceScene, episodes: Sequence[_core.Episode]) -> Grasps:
    """Judges runs after `_core.run_episodes`."""
    logs, last = [Log(episode) for episode in episodes], episodes[-1]
    seen = [grasp for log in logs for grasp in _each(scene, log)]
    column = {name: _joined(logs, name) for name in ("torque", "effort", "dq")}
    grasps = max(len(column["dq"]) * PERIOD / CYCLE, 1e-9)
    load = column["torque"] if _pulls(scene.hand) else column["effort"]
    names = scene.hand.description.transmission.motors
    tendons = dict(enumerate(names)) if _pulls(scene.hand) else {}
    gripping = np.concatenate([np.arange(len(log)) * PERIOD % CYCLE for log in logs])
    held = (gripping > CLOSED) & (gripping < HELD[1])
    constants = [m.torque_constant for m in scene.config(Age.new(scene.hand)).motors.motors]
    return Grasps(
        force=np.array([force for force, _, _ in seen]),
        place=np.array([place for _, place, _ in seen]).reshape(-1, 3),
        slip=np.array([slip for _, _, slip in seen]),
        lost=len(logs[-1]) < _WHOLE and not last.diverged,
        diverged=last.diverged,
        square=np.mean((column["effort"] / constants) ** 2, axis=0) if constants else np.empty(0),
        lean=load[held].mean(axis=0) if held.any() else np.zeros(load.shape[1]),
        joints=tuple(
            LoadSpectrum.count(load[:, j], grasps, column["dq"][:, j], PERIOD)
            for j in range(load.shape[1])
        ),
        tendons={
            name: LoadSpectrum.count(column["effort"][:, i], grasps) for i, name in tendons.items()
        },
        tension={
            name: (float(column["effort"][:, i].mean()), float(column["effort"][:, i].max()))
            for i, name in tendons.items()
        },
        last=last,
    )


def motor_names(hand: Hand) -> tuple[str, ...]:
    """Of the motors of a hand: what they pull, or the joint that they turn."""
    return tuple(hand.description.transmission.motors) or hand.joint_names


def _pulls(hand: Hand) -> bool:
    return hand.description.transmission.kind == "tendons"


def _joined(logs: list[Log], name: str) -> Array:
    return np.concatenate([log[name] for log in logs])


def _each(scene: EnduranceScene, log: Log) -> list[tuple[float, Array, float]]:
    """Force, place and slip of every grasp that came to its end."""
    grasps = []
    thumb = log[scene.contact(scene.thumb)][:, 1]
    place = log["object_position"]
    window = round(_SEEN / PERIOD)
    for begin in CYCLE * np.arange(RUN):
        free, back = round((begin + HELD[0]) / PERIOD), round((begin + HELD[1]) / PERIOD)
        if back > len(log):
            break
        end = place[back - window : back].mean(axis=0)
        slip = float(np.linalg.norm(end - place[free - window : free].mean(axis=0)))
        pressed = float(thumb[back - round(_PRESSED / PERIOD) : back].mean())
        grasps.append((pressed, end, slip))
    return grasps
