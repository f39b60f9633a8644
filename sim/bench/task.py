"""What a task is to the benchmark: trials to run, and a verdict on each."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from .trial import Condition, Result, Trial

if TYPE_CHECKING:
    from .contestant import Contestant

Array = NDArray[np.float64]

SEEDS: Final = 100
"""Trials behind a headline, at least."""


@dataclass(frozen=True)
class Metric:
    """One number of a result.

    Attributes:
        text: What it says, for a table.
        unit: SI or a multiple of it, as in the metric's name: `slip_mm` has `mm`.
        better: Which way.
    """

    text: str
    unit: str
    better: Literal["higher", "lower", "neither"] = "higher"


@dataclass(frozen=True)
class Reference:
    """What people or published hands do.

    Attributes:
        who: "people", "DexGraspBench's Shadow hand".
        text: What they do, in one line.
        source: Where that is from.
        metrics: The same as numbers, by the task's names of metrics, where they compare.
        success: Their rate of success, where it compares.
    """

    who: str
    text: str
    source: str
    metrics: dict[str, float]
    success: float | None = None


@dataclass(frozen=True)
class Options:
    """What is asked of a task.

    Attributes:
        seeds: Each draws a trial anew.
        quick: Few trials: the whole benchmark in minutes.
        oracle: Also what a controller would do that knows what no hand could.
        grasps: A set of grasps to replay, instead of those that `replay` makes up.
    """

    seeds: range
    quick: bool = False
    oracle: bool = False
    grasps: Path | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A moment to look at."""

    model: mujoco.MjModel
    qpos: Array


class CannotTakePartError(ValueError):
    """A hand cannot do a task at all: it reaches nothing there, or has nothing to do it with."""


class Task(ABC):
    """One task of the benchmark. Stateless but for scenes that it keeps.

    Attributes:
        name: On the command line.
        question: What it asks, in one sentence that says what counts as held.
        sensors: What the closed loop goes by.
        metrics: By name; the first is the task's own measure.
        references: Of people and of published hands.
    """

    name: ClassVar[str]
    question: ClassVar[str]
    sensors: ClassVar[tuple[str, ...]] = ("joint positions", "fingertip forces", "fingertip slip")
    metrics: ClassVar[dict[str, Metric]]
    references: ClassVar[tuple[Reference, ...]] = ()

    def sensors_of(self, condition: Condition) -> tuple[str, ...]:
        """What the controller goes by under a condition."""
        match condition.kind:
            case "open":
                return ("joint positions",)
            case "oracle":
                return (*self.sensors, "simulator truth")
            case "rigid":
                return ()
            case _:
                return self.sensors

    @abstractmethod
    def trials(self, options: Options) -> Iterable[Trial]:
        """All that is to be run, in the order of the log; those that share a scene together."""

    @abstractmethod
    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials in this thread and judges them.

        Results depend on the contestant and each trial alone, to the bit.

        Raises:
            CannotTakePartError: The hand cannot do this; all its trials count as missed.
            HandError: The same, for want of something in its description.
        """

    @abstractmethod
    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """How a trial ended, to be rendered; None where there is nothing to see."""

    def asked(self, trial: Trial) -> float:
        """Until when a trial is what its verdict hangs on [s].

        What comes then only shows how much more a hand can do. 0: nothing else is shown.
        """
        return math.inf

    @abstractmethod
    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Options of the simulation, to be stated with every result: see `sim.scene.physics`."""


class EpisodeTask(Task):
    """A task whose trials are native episodes, one each."""

    def plays(self, trial: Trial) -> bool:
        """Whether a trial is an episode; who has others extends `run` by them."""
        return True

    @abstractmethod
    def scene(self, contestant: Contestant, trial: Trial) -> Any:
        """The scene of a trial, compiled once for all that share it."""

    @abstractmethod
    def episode(self, scene: Any, trial: Trial) -> _core.Episode:
        """One run, ready for `_core.run_episodes`, with a model of its own."""

    @abstractmethod
    def judge(self, scene: Any, trial: Trial, episode: _core.Episode) -> Result:
        """What the finished episode was worth."""

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[Any, _core.Episode]:
        """Scene and episode of a trial, with the contestant's law in it."""
        scene = self.scene(contestant, trial)
        episode = self.episode(scene, trial)
        contestant.equip(episode.controller)
        return scene, episode

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials one after the other."""
        results = []
        for trial in trials:
            scene, episode = self.prepared(contestant, trial)
            _core.run_episodes([episode], 1)
            results.append(self.judge(scene, trial, episode))
        return results

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the episode ended."""
        scene, episode = self.prepared(contestant, trial)
        _core.run_episodes([episode], 1)
        return Snapshot(scene.model, np.array(episode.final_qpos))


class Kept:
    """Keeps the newest few of what is dear to make."""

    def __init__(self, limit: int = 8) -> None:
        """Keeps nothing yet.

        Args:
            limit: How many at most.
        """
        self._limit = limit
        self._kept: dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made for this key, made now if it is not there."""
        if key not in self._kept:
            while len(self._kept) >= self._limit:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = make()
        return self._kept[key]
