"""A trial of the benchmark, taken in steps: what an action sets, what can be sensed, how it ended.

A policy sits above the controller and is asked some times a second. It scales the grip level and
offsets the posture that the controller holds; what it is told is what a hand on a table has. An
action of zeros leaves the controller alone, and the run is the benchmark's own to the bit.

A trial of most tasks is a single run. Of the others one run is taken, and judged by itself:
* `taxonomy`: one direction of the ladder;
* `kapandji`: one stage;
* `replay`: one push, from the squeeze on;
* `endurance`: the first five grasps, with the new hand;
* `nist`: the run that `NistTask.prepared` names for each measure.
Where there are several alike, the trial's seed chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ...controller.errors import unknown
from ..bench.contestant import Contestant
from ..bench.task import Options, Task
from ..bench.trial import Result, Trial

Array = NDArray[np.float64]
Observation = dict[str, Array]

SPEED_MAX: Final = 100.0  # [rad/s]
FORCE_MAX: Final = 1000.0  # [N]
SLIP_MAX: Final = 10.0  # [m/s]
TIME_MAX: Final = 1e6  # [s]
BEYOND_RANGE: Final = 0.5  # [rad], that a joint's reading may be beyond its range


@runtime_checkable
class Steppable(Protocol):
    """What a task needs to be taken in steps; every `EpisodeTask` has it.

    One whose trials are more than a single run may have it all the same, for one of those runs.
    Its `prepared` says which, and where an action means little in it.
    """

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[Any, _core.Episode]:
        """Scene and episode of a trial."""

    def judge(self, scene: Any, trial: Trial, episode: _core.Episode) -> Result:
        """What the finished episode was worth."""


class NoEnvironmentError(ValueError):
    """A task cannot be taken in steps; the message says why."""


@dataclass(frozen=True)
class Settings:
    """What an action means.

    Attributes:
        rate: Actions per second [Hz]; a whole number of control ticks lies between two.
        grip_span: Grip at the action 1 over the grip that the controller would choose; at -1 it is
            as much below.
        offset_span: Offset of a joint at the action 1 [rad].
    """

    rate: float = 50.0
    grip_span: float = 2.0
    offset_span: float = 0.2

    def __post_init__(self) -> None:
        """Checks.

        Raises:
            ValueError: A number makes no sense.
        """
        if not (self.rate > 0.0 and self.grip_span >= 1.0 and self.offset_span >= 0.0):
            raise ValueError(
                "rate must be > 0 Hz, grip_span >= 1 and offset_span >= 0 rad, not "
                f"{self.rate}, {self.grip_span}, {self.offset_span}"
            )

    def ticks(self, period: float) -> int:
        """Control ticks of `period` [s] between two actions.

        Raises:
            ValueError: That is no whole number.
        """
        ticks = round(1.0 / (self.rate * period))
        if ticks < 1 or abs(ticks * period * self.rate - 1.0) > 1e-6:
            raise ValueError(
                f"between actions at {self.rate:g} Hz lies no whole number of control periods of "
                f"{period:g} s; choose another rate"
            )
        return ticks


def closed_trials(task: Task, seed: int, case: str | None) -> list[Trial]:
    """A task's trials of a seed on sensors alone: of one case, or of its headline.

    Raises:
        ValueError: There is no such case.
        NoEnvironmentError: The task has no trial of that kind.
    """
    trials = [
        t for t in task.trials(Options(range(seed, seed + 1))) if t.condition.kind == "closed"
    ]
    if not trials:
        raise NoEnvironmentError(f"task '{task.name}' has no closed loop that a policy could guide")
    if case is None:
        return [t for t in trials if t.case.headline] or trials
    if chosen := [t for t in trials if t.case.name == case]:
        return chosen
    raise ValueError(unknown("case", case, [t.case.name for t in trials], f"task '{task.name}'"))


class Bout:
    """A trial under way.

    Attributes:
        trial: Which.
        scene: Where.
        episode: Its run.
        settings: What actions mean in it.
        action: The last one, zeros before the first, shape (1 + joints,).
    """

    def __init__(
        self, task: Task, contestant: Contestant, trial: Trial, settings: Settings
    ) -> None:
        """Prepares it; it begins with `_core.begin_episodes`.

        Raises:
            NoEnvironmentError: The task has no run that could be taken in steps.
            CannotTakePartError: The hand cannot do the task.
            ValueError: The rate does not fit the control period.
        """
        if not isinstance(task, Steppable):
            raise NoEnvironmentError(
                f"task '{task.name}' cannot be taken in steps: it does not say which run of a "
                "trial that would be; see handloop.sim.envs.Steppable"
            )
        self._task, self.trial, self.settings = task, trial, settings
        self.scene, self.episode = task.prepared(contestant, trial)
        self.ticks = settings.ticks(self.episode.period)
        self._fingers = len(contestant.hand.finger_names)
        self.action = np.zeros(1 + len(contestant.hand.joint_names))

    def aim(self, action: Sequence[float] | NDArray[np.floating]) -> None:
        """Tells the controller what the policy wants until the next action.

        Args:
            action: Grip, then an offset per joint, in [-1, 1], cut off beyond; shape (1 + joints,).

        Raises:
            ValueError: Another shape, or a number that is none.
        """
        wanted = np.asarray(action, dtype=np.float64)
        if wanted.shape != self.action.shape or np.isnan(wanted).any():
            raise ValueError(
                f"an action is {self.action.size} numbers, the grip and an offset per joint, "
                f"not {action!r}"
            )
        self.action = np.clip(wanted, -1.0, 1.0)
        self.episode.controller.guide(
            (self.settings.offset_span * self.action[1:]).tolist(),
            self.settings.grip_span ** float(self.action[0]),
            self.ticks * self.episode.period,
        )

    def observation(self) -> Observation:
        """What the hand senses now, with noise and delay. Readings end at the sensors' ranges."""
        sample = self.episode.sample
        contacts = [sample.contact(f) for f in range(self._fingers)]
        return {
            "q": np.array(sample.q),
            "dq": np.array(sample.dq),
            "force": np.array([contact.force for contact in contacts]),
            "slip": np.array([contact.slip_speed for contact in contacts]),
            "action": self.action.copy(),
            "time": np.array([sample.time]),
        }

    @property
    def over(self) -> bool:
        """It has ended."""
        return not self.episode.under_way

    @property
    def ran_out(self) -> bool:
        """It went on until its time was up."""
        return not self.episode.diverged and len(self.episode.log) == self.episode.ticks

    def result(self) -> Result:
        """What it was worth, once it is over."""
        assert isinstance(self._task, Steppable)
        return self._task.judge(self.scene, self.trial, self.episode)
