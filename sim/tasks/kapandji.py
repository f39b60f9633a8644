"""Kapandji's test of the thumb as a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import numpy as np

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import CannotTakePartError, Kept, Metric, Options, Reference, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, POOL, Outcome, Result, Trial, cross
from ..scene import physics
from .kapandji_scene import PERIOD, KapandjiScene, Stage
from .kapandji_targets import STAGES

_SAMPLE: Final = 50  # seeds that are run at half the time step, too
_QUICK: Final = 3  # seeds of a quick run


class KapandjiTask(Task):
    """Touch ten places of one's own hand with the thumb, each harder to get to."""

    name: ClassVar = "kapandji"
    question: ClassVar = (
        "Does the pulp of the thumb touch all ten places of Kapandji's test, within 4 mm and "
        "without cutting into anything?"
    )
    sensors: ClassVar = ("joint positions", "fingertip forces")
    metrics: ClassVar = {
        "kapandji": Metric("score, stages before the first that is missed", "1"),
        "stages": Metric("stages reached in any order", "1"),
        "gap_mm": Metric("largest distance from a place reached", "mm", "lower"),
        "touch_n": Metric("least force felt at a place reached", "N", "neither"),
    }
    references: ClassVar = (
        Reference(
            "people",
            "10",
            "Kapandji 1986, PMID 3963909",
            {"kapandji": 10.0},
            success=1.0,
        ),
    )

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()

    def trials(self, options: Options) -> Iterable[Trial]:
        """Starts and sensors drawn anew. Nothing is held: no squeeze, and no rigid gripper."""
        if options.quick:
            return cross([CLOSED], [POOL], options.seeds[:_QUICK])
        halved = cross([HALF_STEP], [POOL], options.seeds[:_SAMPLE])
        return [*cross([CLOSED], [POOL], options.seeds), *halved]

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials, each from stage to stage."""
        return [self._result(contestant, trial) for trial in trials]

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """At the first place missed, else at the last."""
        scene = self._scene(contestant)
        qpos = scene.model.qpos0
        for number in range(1, STAGES + 1):
            if not scene.can_try(number):
                break
            stage, qpos = self._touch(contestant, trial, number)
            if not stage.reached:
                break
        return Snapshot(scene.model, qpos)

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[KapandjiScene, _core.Episode]:
        """Scene and episode of one stage, which the seed chooses among those within reach.

        Nothing is held, so the grip of an action is no more than how hard the thumb presses.

        Raises:
            CannotTakePartError: None is.
        """
        scene = self._scene(contestant)
        return scene, self._episode(contestant, trial, _stage(scene, trial))

    def judge(self, scene: KapandjiScene, trial: Trial, episode: _core.Episode) -> Result:
        """That of the one stage: held is who touched it."""
        stage = scene.judge(_stage(scene, trial), episode)
        return Result(_outcome(stage), _touched([stage]))

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene."""
        return physics(self._scene(contestant).model, PERIOD)

    def _scene(self, contestant: Contestant) -> KapandjiScene:
        scene: KapandjiScene = self._scenes.get(
            contestant.entry, lambda: KapandjiScene.build(contestant.hand)
        )
        return scene

    def _episode(self, contestant: Contestant, trial: Trial, number: int) -> _core.Episode:
        scene = self._scene(contestant)
        halved = trial.condition.kind == "half_step"
        timestep = 0.5 * scene.model.opt.timestep if halved else None
        episode = scene.episode(number, trial.seed, timestep)
        contestant.equip(episode.controller)
        return episode

    def _touch(self, contestant: Contestant, trial: Trial, number: int) -> tuple[Stage, np.ndarray]:
        episode = self._episode(contestant, trial, number)
        _core.run_episodes([episode], 1)
        return self._scene(contestant).judge(number, episode), np.array(episode.final_qpos)

    def _result(self, contestant: Contestant, trial: Trial) -> Result:
        scene = self._scene(contestant)
        found = [
            self._touch(contestant, trial, number)[0] if scene.can_try(number) else None
            for number in range(1, STAGES + 1)
        ]
        return score(found)


def _stage(scene: KapandjiScene, trial: Trial) -> int:
    """The one that stands for a trial."""
    stages = [number for number in range(1, STAGES + 1) if scene.can_try(number)]
    if not stages:
        raise CannotTakePartError(f"the thumb of {scene.hand.name} reaches none of the places")
    return stages[trial.seed % len(stages)]


def score(found: Sequence[Stage | None]) -> Result:
    """All stages of a trial together; None for those that the hand could not try."""
    reached = [stage is not None and stage.reached for stage in found]
    first = reached.index(False) if False in reached else len(found)
    metrics = {"kapandji": float(first)} | _touched(found)
    if first == len(found):
        return Result("held", metrics)
    missed = found[first]
    if missed is None:
        return Result("missed", metrics, f"stage {first + 1} is out of this hand's reach")
    return Result(_outcome(missed), metrics, f"stage {first + 1} was missed")


def _outcome(stage: Stage) -> Outcome:
    if stage.reached:
        return "held"
    return "diverged" if stage.diverged else "limit" if stage.stopped else "missed"


def _touched(found: Sequence[Stage | None]) -> dict[str, float]:
    touched = [stage for stage in found if stage is not None and stage.reached]
    metrics = {"stages": float(len(touched))}
    if touched:
        metrics["gap_mm"] = 1e3 * max(stage.gap for stage in touched)
        metrics["touch_n"] = min(stage.force for stage in touched)
    return metrics
