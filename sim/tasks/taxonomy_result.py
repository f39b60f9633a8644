"""What a grasp withstood: the highest rung in each direction, through a strict and a loose gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.trial import Outcome, Result
from ..episode_log import Log
from .grasp_result import LOOSE, STRICT, Gate, motion
from .grasp_trial import LEVER
from .taxonomy_scene import PERIOD
from .taxonomy_trial import FORCES, PUSHED, RUNG, Ladder

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
        stopped: The safety stage held the hand still, or let it go limp.
        diverged: The simulation broke down.
    """

    index: int
    lifted: bool
    rungs: tuple[int, int]
    shift: float
    turn: float
    force: float
    stopped: bool
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
        bool(log["safety"].max() > int(_core.SafetyState.DEGRADED)),
        episode.diverged,
    )


def _rungs(ladder: Ladder, shift: Array, turn: Array, gate: Gate) -> int:
    """How many were over before the object left the gate or the run ended."""
    out = (shift >= gate.shift) | (turn >= gate.turn)
    steps = int(np.argmax(out)) if out.any() else len(shift)
    return min(int((steps + 1) * PERIOD / RUNG), len(ladder.rungs))


def outcome_of(ladder: Ladder, found: list[Direction]) -> Result:
    """All directions of a trial together, or some: forces, torques or both."""
    gate = ladder.below + 1
    strictly, loosely = ([d.rungs[i] >= gate for d in found] for i in range(len(GATES)))
    metrics = {
        "directions": float(sum(strictly)),
        "loose_directions": float(sum(loosely)),
        "peak_force_n": max(d.force for d in found),
    }
    for name, lever, part in (
        ("force_n", 1.0, [d for d in found if d.index < FORCES]),
        ("torque_nm", LEVER, [d for d in found if d.index >= FORCES]),
    ):
        size = [lever * d.withstood(ladder) for d in part]
        if size:
            metrics |= {f"worst_{name}": min(size), f"median_{name}": float(np.median(size))}
    lost = [d for d, held in zip(found, strictly, strict=True) if not held]
    return Result(_outcome(lost), metrics)


def _outcome(lost: list[Direction]) -> Outcome:
    if not lost:
        return "held"
    if any(d.diverged for d in lost):
        return "diverged"
    if any(d.stopped for d in lost):
        return "limit"
    return "slipped" if all(d.lifted for d in lost) else "missed"
