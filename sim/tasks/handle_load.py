"""What is done to a held handle, rung by rung, and how far up the ladder it stayed where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..bench.trial import Outcome, Result
from ..episode_log import Log
from .grasp_result import motion
from .handle import LOADED, PERIOD, SETTLED, HandleScene

Array = NDArray[np.float64]

SLIP: Final = 0.005  # [m], from which a handle has slipped in the hand
TURN: Final = np.radians(5.0)  # [rad], or has turned in it
YIELD: Final = np.radians(10.0)  # [rad], by which a wrist gives way before it counts as overloaded
DROPPED: Final = 0.015  # [m], way of a handle that was never held, before the load comes

_RISE: Final = 0.1  # [s], in which a load climbs a rung
_REST: Final = 0.15  # [s], for which it stays there


@dataclass(frozen=True, eq=False)
class Ladder:
    """A load that grows: in steps, or all the time.

    Attributes:
        time: Keys, from `LOADED` on, shape (k,) [s].
        value: Of the load at the keys, shape (k,).
        rung: Times at which a rung has been borne, shape (r,) [s].
        worth: Of the rungs, shape (r,).
    """

    time: Array
    value: Array
    rung: Array
    worth: Array

    @classmethod
    def steps(cls, first: float, factor: float, count: int) -> Ladder:
        """Rungs that grow by a factor; the load rises to each and rests there."""
        worth = np.array([first * factor**rung for rung in range(count)])
        ends = np.asarray(LOADED + (_RISE + _REST) * np.arange(1, count + 1))
        time = np.column_stack([ends - _REST, ends]).ravel()
        value = np.repeat(worth, 2)
        return cls(np.append(LOADED, time), np.append(0.0, value), ends, worth)

    @classmethod
    def ramp(cls, rate: float, top: float) -> Ladder:
        """A load that grows steadily; every tick is a rung."""
        rung = np.arange(LOADED, LOADED + top / rate, PERIOD)
        ends = np.array([LOADED, rung[-1]])
        return cls(ends, rate * (ends - LOADED), rung, rate * (rung - LOADED))

    @property
    def end(self) -> float:
        """When the last rung has been borne [s]."""
        return float(self.rung[-1])

    def borne(self, until: float) -> float:
        """Worth of the highest rung that was over before a time, 0 if none was."""
        return float(np.max(self.worth[self.rung < until + 0.5 * PERIOD], initial=0.0))


def load_body(
    episode: _core.Episode, body: int, component: int, ladder: Ladder, scale: float = 1.0
) -> None:
    """Loads a body with a ladder's force or torque along one axis of the world."""
    target = _core.TrackTarget.BODY_FORCE
    episode.add_track(target, body, component, ladder.time, scale * ladder.value)


@dataclass(frozen=True)
class Hold:
    """How long a handle stayed where it was, judged on what really happened.

    Attributes:
        until: It had neither slipped nor turned, and the wrist had not given way [s].
        ended: By what: `held` to the end, `slipped`, `limit`, `missed` or `diverged`.
        slip: Way in the hand just before [m].
        turn: Angle in the hand just before [rad].
        effort: Mean torque of the fingers' joints just before, as a part of their limits.
        finger_force: Of each finger on the handle just before, shape (fingers,) [N].
        squeeze: The same before the load came.
        note: Which joint gave way.
    """

    until: float
    ended: Outcome
    slip: float
    turn: float
    effort: float
    finger_force: Array
    squeeze: Array
    note: str = ""

    @classmethod
    def read(cls, scene: HandleScene, run: _core.Episode) -> Hold:
        """From an episode of a scene that is over."""
        log = Log(run)
        begin = min(round(LOADED / PERIOD), len(log) - 1)
        free = min(round(SETTLED / PERIOD), begin)
        early, _ = motion(log["handle_position"][free:], log["handle_orientation"][free:])
        slip, turn = motion(log["handle_position"][begin:], log["handle_orientation"][begin:])
        bent = np.abs(log["q"][begin:] - log["q"][begin])[:, scene.wrist]
        lost = _first((slip > SLIP) | (turn > TURN))
        gave = _first((bent > YIELD).any(axis=1))
        last = max(min(lost, gave, len(slip)) - 1, 0)
        ended, note = _verdict(scene, run, lost, gave, bent)
        if early[begin - free] > DROPPED or len(log) < round(LOADED / PERIOD):
            ended, note, last = "missed", "it was not held before the load came", 0
        tick = begin + last
        limit = scene.bound.torque_max()[scene.free]
        forces = [log[f"{finger}_on_handle"][[begin, tick]] for finger in scene.hand.finger_names]
        squeeze, finger_force = np.linalg.norm(forces, axis=2).T
        return cls(
            until=float(log["time"][tick]),
            ended=ended,
            slip=float(slip[last]),
            turn=float(turn[last]),
            effort=float(np.mean(np.abs(log["torque"][tick, scene.free]) / limit)),
            finger_force=finger_force,
            squeeze=squeeze,
            note=note,
        )

    def result(self, worth: float, gate: float, metrics: dict[str, float]) -> Result:
        """Held is what was borne up to a gate, whatever came then.

        Args:
            worth: Of the highest rung borne.
            gate: To be reached.
            metrics: Besides those of every handle.
        """
        outcome: Outcome = "held" if worth >= gate and self.ended != "missed" else self.ended
        if outcome == "held" and worth < gate:
            outcome = "timed_out"
        every = {
            "slip_mm": 1e3 * self.slip,
            "turn_deg": float(np.degrees(self.turn)),
            "effort": self.effort,
            "finger_force_n": float(self.finger_force.sum()),
        }
        return Result(outcome, metrics | every, self.note)


def _verdict(
    scene: HandleScene, run: _core.Episode, lost: int, gave: int, bent: Array
) -> tuple[Outcome, str]:
    if lost == len(bent) == gave:
        return ("diverged", "") if run.diverged else ("held", "")
    if lost <= gave:
        return "slipped", ""
    joint = scene.wrist[int(np.argmax(bent[gave]))]
    return "limit", f"{scene.hand.joint_names[joint]} gave way"


def _first(happens: NDArray[np.bool_]) -> int:
    """Tick at which something first happens, the number of ticks if it never does."""
    return int(np.argmax(happens)) if happens.any() else len(happens)
