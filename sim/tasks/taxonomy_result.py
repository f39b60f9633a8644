"""What a grasp withstood: the highest rung in each direction, through a strict and a loose gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..episode_log import Log
from .grasp_result import LOOSE, STRICT, Gate, motion
from .taxonomy_scene import PERIOD
from .taxonomy_trial import PUSHED, RUNG, Ladder

Array = NDArray[np.float64]

GATES: Final = (STRICT, LOOSE)


@dataclass(frozen=True)
class Direction:
    """One direction.

    Attributes:
        index: Of `DIRECTIONS`.
        lifted: The object was about where the fixture had held it when the ladder began.
        rungs: Withstood through the strict gate and through the loose one.
        shift: Largest way up to the end of the gate's rung [m].
        turn: Largest angle up to there [rad].
        force: Largest normal force of any fingertip [N].
        diverged: The simulation broke down.
    """

    index: int
    lifted: bool
    rungs: tuple[int, int]
    shift: float
    turn: float
    force: float
    diverged: bool

    def withstood(self, ladder: Ladder, gate: int = 0) -> float:
        """Highest rung [N], 0 without any."""
        return float(ladder.rungs[self.rungs[gate] - 1]) if self.rungs[gate] else 0.0


def judge(ladder: Ladder, index: int, episode: _core.Episode) -> Direction:
    """Judges an episode after `_core.run_episodes`."""
    log = Log(episode)
    position, quat = log["object_position"], log["object_orientation"]
    start = min(round(PUSHED / PERIOD), len(log) - 1)
    early, tilt = motion(position[: start + 1], quat[: start + 1])
    whole = len(log) > start + 1
    lifted = bool(whole and early[-1] < LOOSE.shift and tilt[-1] < LOOSE.turn)
    shift, turn = motion(position[start:], quat[start:])
    gate = round((ladder.below + 1) * RUNG / PERIOD)
    rungs = tuple(_rungs(ladder, shift, turn, g) if lifted else 0 for g in GATES)
    return Direction(
        index,
        lifted,
        (rungs[0], rungs[1]),
        float(shift[:gate].max()),
        float(turn[:gate].max()),
        float(log["normal_force"].max()),
        episode.diverged,
    )


def _rungs(ladder: Ladder, shift: Array, turn: Array, gate: Gate) -> int:
    """How many were over before the object left the gate or the run ended."""
    out = (shift >= gate.shift) | (turn >= gate.turn)
    steps = int(np.argmax(out)) if out.any() else len(shift)
    return min(int((steps + 1) * PERIOD / RUNG), len(ladder.rungs))
