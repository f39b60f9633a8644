"""A task that is over in half a second: close the hand around nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pytest

from handloop import _core
from handloop.sim.bench.contestant import Contestant
from handloop.sim.bench.task import EpisodeTask, Metric, Options
from handloop.sim.bench.trial import CLOSED, RIGID, Case, Condition, Result, Trial, cross
from handloop.sim.scene import PREFIX, good_sensors, hand_on_carriage, physics, rest_posture

pytest.importorskip("gymnasium")

LENGTH = 0.25  # [s]
PERIOD = 0.001
CASES = (Case("slow"), Case("fast"), Case("late", headline=False))


class Scene:
    """A hand alone."""

    def __init__(self, contestant: Contestant) -> None:
        self.hand = contestant.hand
        self.model = hand_on_carriage(self.hand).compile()
        self.bound = self.hand.bind(self.model, PREFIX)
        self.rest = rest_posture(self.hand, np.arange(len(self.hand.joint_names)))


class ReachTask(EpisodeTask):
    """Moves all joints by 0.1 rad, and is stopped if a seed divisible by five is drawn."""

    name: ClassVar = "reach"
    question: ClassVar = "Do the joints arrive?"
    metrics: ClassVar = {"miss_rad": Metric("largest miss", "rad", "lower")}

    def __init__(self, conditions: tuple[Condition, ...] = (CLOSED, RIGID)) -> None:
        self._scenes: dict[Any, Scene] = {}
        self._conditions = conditions

    def trials(self, options: Options) -> Iterable[Trial]:
        return cross(self._conditions, CASES, options.seeds)

    def scene(self, contestant: Contestant, trial: Trial) -> Scene:
        if contestant.entry not in self._scenes:
            self._scenes[contestant.entry] = Scene(contestant)
        return self._scenes[contestant.entry]

    def goal(self, scene: Scene) -> Any:
        return np.clip(scene.rest + 0.1, *scene.bound.position_range.T)

    def episode(self, scene: Scene, trial: Trial) -> _core.Episode:
        episode = _core.Episode(
            copy.copy(scene.model),
            scene.bound.plant_ids(),
            good_sensors(trial.seed, PERIOD),
            scene.bound.hand_model,
            scene.hand.controller_config(PERIOD),
            [],
            round(LENGTH / PERIOD),
        )
        qpos = np.array(scene.model.qpos0)
        qpos[scene.bound.qpos] = scene.rest
        episode.set_initial_qpos(qpos)
        begin = 0.1 if trial.case.name == "late" else 0.01
        arrive = begin + (0.02 if trial.case.name == "fast" else 0.1)
        episode.controller.set_trajectory([begin, arrive], [scene.rest, self.goal(scene)])
        if trial.seed % 5 == 0:
            episode.stop_outside(episode.channels["time"][0], -np.inf, 0.1095)
        return episode

    def judge(self, scene: Scene, trial: Trial, episode: _core.Episode) -> Result:
        q, width = episode.channels["q"]
        miss = float(np.abs(episode.log[-1, q : q + width] - self.goal(scene)).max())
        return Result("held" if miss < 0.08 else "missed", {"miss_rad": miss})

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        return physics(self.scene(contestant, Trial(CLOSED, CASES[0], 0)).model, PERIOD)


@pytest.fixture(scope="session")
def reach() -> ReachTask:
    return ReachTask()
