"""The proof on grasps: primitives held in two ways, pushed and twisted, against a blind squeeze.

Every trial counts, none is filtered. The blind opponent has the same hand and pre-shapes and the
best of several constant squeezes, found on a random sample of the same trials.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..controller import Hand
from .batches import Batches
from .scene import physics
from .tasks.grasp import PERIOD, GraspScene
from .tasks.grasp_object import GraspObject
from .tasks.grasp_preshape import Grip
from .tasks.grasp_result import STRICT, GraspResult, judge
from .tasks.grasp_trial import GraspTrial, pool

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its runs are done, and how many there are."""

SQUEEZES: Final = (8.0, 12.0, 16.0, 20.0)  # [N]
SAMPLE: Final = 96  # trials on which each squeeze is tried


@dataclass(frozen=True)
class Condition:
    """The pool under one way of holding.

    Attributes:
        squeeze: Constant grip level [N]; None for the closed loop.
        timestep: Of the simulation [s].
        results: One per trial.
    """

    squeeze: float | None
    timestep: float
    results: tuple[GraspResult, ...]

    @property
    def successes(self) -> int:
        """How many went through the strict gate."""
        return sum(result.passes(STRICT) for result in self.results)


@dataclass(frozen=True)
class GraspsResult:
    """What the proof found.

    Attributes:
        hand: Its name.
        closed: On force feedback.
        opened: With the best constant squeeze.
        halved: On force feedback at half the time step; None where that was not asked for.
        sweep: Every constant squeeze tried, on a sample of the pool.
        physics: Options of the simulation.
        steps_per_s: Physics steps per second, all threads together.
    """

    hand: str
    closed: Condition
    opened: Condition
    halved: Condition | None
    sweep: tuple[Condition, ...]
    physics: dict[str, float | int | str]
    steps_per_s: float


class GraspRunner:
    """Runs trials object by object."""

    def __init__(self, hand: Hand, threads: int = 0) -> None:
        """Keeps the scenes it has built.

        Args:
            hand: Who holds.
            threads: That simulate; 0: one per core. Results do not depend on it.
        """
        self.hand = hand
        self.batches = Batches(threads, episodes=8, period=PERIOD)
        self._scenes: dict[tuple[GraspObject, Grip], GraspScene] = {}

    def scene(self, thing: GraspObject, grip: Grip) -> GraspScene:
        """The scene of an object and a grip."""
        key = (thing, grip)
        if key not in self._scenes:
            self._scenes[key] = GraspScene.build(self.hand, thing, grip)
        return self._scenes[key]

    def run(
        self,
        trials: Sequence[GraspTrial],
        squeeze: float | None = None,
        timestep: float | None = None,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> tuple[GraspResult, ...]:
        """Runs and judges every trial; results are in their order.

        Args:
            trials: What is done.
            squeeze: None: closed loop. A number: hold this force [N] whatever is felt.
            timestep: Of the simulation [s]; None: the hand's own.
            progress: Told how many are done, and how many there are.
        """
        results: dict[int, GraspResult] = {}
        progress(0, len(trials))
        for alike in _sharing_a_scene(trials):
            scene = self.scene(trials[alike[0]].thing, trials[alike[0]].grip)
            if timestep is not None:
                scene = scene.at_step(timestep)
            for batch in self.batches.split(alike):
                episodes = [scene.episode(trials[i], squeeze) for i in batch]
                self.batches.run(episodes, scene.model.opt.timestep)
                for i, episode in zip(batch, episodes, strict=True):
                    results[i] = judge(scene, trials[i], episode)
                progress(len(results), len(trials))
        return tuple(results[i] for i in range(len(trials)))


def _sharing_a_scene(trials: Sequence[GraspTrial]) -> Iterable[list[int]]:
    """Indices of trials with the same object and grip."""
    alike = defaultdict(list)
    for i, trial in enumerate(trials):
        alike[trial.thing, trial.grip].append(i)
    return alike.values()


def draw(trials: Sequence[GraspTrial], count: int) -> list[GraspTrial]:
    """Some of the trials, always the same ones, in their order."""
    count = min(count, len(trials))
    chosen = np.random.default_rng(0).choice(len(trials), count, replace=False)
    return [trials[i] for i in sorted(chosen)]


def run_grasps(
    hand: Hand,
    trials: Sequence[GraspTrial] | None = None,
    threads: int = 0,
    squeezes: Sequence[float] = SQUEEZES,
    sample: int = SAMPLE,
    halve: bool = True,
    progress: Progress = lambda stage, done, of: None,
) -> GraspsResult:
    """Runs the proof.

    Args:
        hand: Who holds.
        trials: What is done; None: the whole pool.
        threads: That simulate; 0: one per core. Results do not depend on it.
        squeezes: Constant squeezes [N] among which the blind opponent chooses.
        sample: How many trials, drawn at random, each of them is tried on.
        halve: Whether to repeat the closed loop at half the time step.
        progress: Told how far it is.

    Raises:
        ValueError: No trial or no squeeze.
        HandError: The hand has no actuators, no grip or no contact sensors.
    """
    trials = pool() if trials is None else trials
    if not trials or not squeezes or sample < 1:
        raise ValueError("the grasps need at least one trial, one squeeze and a sample of one")
    runner = GraspRunner(hand, threads)
    scene = runner.scene(trials[0].thing, trials[0].grip)
    step = float(scene.model.opt.timestep)

    def condition(
        stage: str, chosen: Sequence[GraspTrial], squeeze: float | None, timestep: float
    ) -> Condition:
        def report(done: int, of: int) -> None:
            progress(stage, done, of)

        return Condition(squeeze, timestep, runner.run(chosen, squeeze, timestep, report))

    closed = condition("closed loop", trials, None, step)
    speed = runner.batches.steps_per_s
    few = draw(trials, sample)
    sweep = tuple(condition(f"blind {level:g} N", few, level, step) for level in squeezes)
    best = max(sweep, key=lambda level: level.successes).squeeze
    opened = condition("best squeeze", trials, best, step)
    halved = condition("half step", trials, None, step / 2.0) if halve else None
    return GraspsResult(
        hand.name, closed, opened, halved, sweep, physics(scene.model, PERIOD), speed
    )
