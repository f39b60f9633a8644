"""What a grasp was worth: how far the object moved in the hand, through which gates it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..episode_log import Log
from .grasp import PERIOD, GraspScene
from .grasp_trial import PUSHED, GraspTrial

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gate:
    """How far an object may move and turn in the hand, and still count as held."""

    shift: float  # [m]
    turn: float  # [rad]


LOOSE: Final = Gate(0.05, np.radians(15.0))
"""That of DexGraspBench (Chen et al. 2024)."""
STRICT: Final = Gate(0.01, np.radians(5.0))


@dataclass(frozen=True)
class GraspResult:
    """One run, judged on what really happened, without sensor noise or delay.

    Attributes:
        trial: What was done.
        shift: Largest way of the object in the hand during the push [m].
        turn: Largest angle by which it turned meanwhile [rad].
        lifted: It was still about where the fixture had held it when the push began.
        force: Largest normal force of any fingertip [N].
        grip: Mean over the push of all normal forces of the fingertips [N].
        depth: How deep the hand is in the object at the end [m].
        diverged: The simulation broke down, which counts as lost.
    """

    trial: GraspTrial
    shift: float
    turn: float
    lifted: bool
    force: float
    grip: float
    depth: float
    diverged: bool

    def passes(self, gate: Gate) -> bool:
        """Held, by this gate."""
        held = self.shift < gate.shift and self.turn < gate.turn
        return bool(held and self.lifted and not self.diverged)


def judge(scene: GraspScene, trial: GraspTrial, episode: _core.Episode) -> GraspResult:
    """Judges an episode of a scene after `_core.run_episodes`."""
    log = Log(episode)
    position, quat = log["object_position"], log["object_orientation"]
    push = slice(min(round(PUSHED[0] / PERIOD), len(log) - 1), None)
    shift, turn = motion(position[push], quat[push])
    early, tilt = motion(position[: push.start + 1], quat[: push.start + 1])
    force = log["normal_force"]
    return GraspResult(
        trial=trial,
        shift=float(shift.max()),
        turn=float(turn.max()),
        lifted=bool(early[-1] < LOOSE.shift and tilt[-1] < LOOSE.turn),
        force=float(force.max()),
        grip=float(force[push].sum(axis=1).mean()),
        depth=_depth(scene.model, episode.final_qpos),
        diverged=episode.diverged,
    )


def _depth(model: mujoco.MjModel, qpos: Array) -> float:
    """Of the deepest contact of the object [m], 0 without any."""
    data = mujoco.MjData(model)
    data.qpos[:] = qpos
    mujoco.mj_kinematics(model, data)
    mujoco.mj_collision(model, data)
    held = (data.contact.geom == model.geom("object").id).any(axis=1)
    return float(-min(data.contact.dist[held], default=0.0))


def motion(position: Array, quat: Array) -> tuple[Array, Array]:
    """Distance [m] and angle [rad] of each pose from the first one.

    Args:
        position: Shape (k, 3) [m].
        quat: Unit quaternions, shape (k, 4).
    """
    shift = np.linalg.norm(position - position[0], axis=1)
    cosine = np.abs(quat @ quat[0])
    return shift, np.asarray(2.0 * np.arccos(np.clip(cosine, 0.0, 1.0)))
