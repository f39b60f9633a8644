"""The cup, twice: held on force feedback, and with one constant squeeze chosen to suit most cups.

The blind opponent is a fair one: same hand, same pre-shape, same posture control, and the best of
all constant squeezes for exactly these cups, found by a sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller import Hand
from .batches import Batches
from .scene import physics
from .tasks.cup import PERIOD, CupScene
from .tasks.cup_result import CupResult, judge
from .tasks.cup_trial import CupTrial
from .tasks.rigid_pinch import pinch_creep

Array = NDArray[np.float64]

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its runs are done, and how many there are."""

Job = tuple[CupTrial, float | None]
"""A cup and how to hold it: closed loop, or with this constant squeeze [N]."""

RESOLUTION: Final = 0.25  # [N], of the sweep
PLAUSIBLE: Final = 0.75  # the sweep spans the squeezes that suit this part of the most cups
TICKS: Final = 20_000  # to measure what one costs


@dataclass(frozen=True)
class Condition:
    """All seeds under one way of holding.

    Attributes:
        squeeze: Constant grip level [N]; None for the closed loop.
        results: One per seed.
    """

    squeeze: float | None
    results: tuple[CupResult, ...]

    @property
    def successes(self) -> int:
        """How many cups were neither crushed nor dropped."""
        return sum(result.success for result in self.results)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many runs ended in which way."""
        counted = Counter(result.outcome for result in self.results)
        return {name: counted[name] for name in ("held", "crushed", "dropped", "diverged")}

    @property
    def safety_margin(self) -> float:
        """Mean over the seeds; -1 where the hand held nothing in any of them."""
        margins = [r.safety_margin for r in self.results if np.isfinite(r.safety_margin)]
        return float(np.mean(margins)) if margins else -1.0


@dataclass(frozen=True)
class DemoResult:
    """What the demo found.

    Attributes:
        hand: Its name.
        trials: What was drawn.
        closed: On force feedback.
        opened: With the best constant squeeze.
        sweep: Every constant squeeze tried, weakest first; these runs end at the first failure.
        creep: Sliding of a rigid pinch [m], already subtracted from every slip.
        steps_per_s: Physics steps per second of the closed-loop batch, all threads together.
        tick_us: Cost of one controller tick, see `_core.time_ticks`.
        physics: Options of the simulation.
    """

    hand: str
    trials: tuple[CupTrial, ...]
    closed: Condition
    opened: Condition
    sweep: tuple[Condition, ...]
    creep: float
    steps_per_s: float
    tick_us: dict[str, float | None]
    physics: dict[str, float | int | str]


class Runner:
    """Runs and judges cups."""

    def __init__(self, scene: CupScene, threads: int, creep: float, progress: Progress) -> None:
        self.scene, self.creep, self.progress = scene, creep, progress
        self.batches = Batches(threads, episodes=4, period=PERIOD)

    def run(self, stage: str, jobs: Sequence[Job], until_failure: bool = False) -> list[CupResult]:
        """Runs and judges every job."""
        results: list[CupResult] = []
        if not jobs:
            return results
        self.progress(stage, 0, len(jobs))
        for batch in self.batches.split(jobs):
            episodes = [
                self.scene.episode(trial, squeeze, until_failure=until_failure)
                for trial, squeeze in batch
            ]
            self.batches.run(episodes, self.scene.model.opt.timestep)
            for (trial, _), episode in zip(batch, episodes, strict=True):
                results.append(judge(self.scene, trial, episode, self.creep))
            self.progress(stage, len(results), len(jobs))
        return results


def run_demo(
    hand: Hand,
    seeds: int = 20,
    threads: int = 0,
    levels: int = 5,
    first_seed: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> DemoResult:
    """Runs the demo.

    Args:
        hand: Who holds.
        seeds: How many cups.
        threads: That simulate; 0: one per core. Results do not depend on it.
        levels: Constant squeezes in the first round of the sweep; a second looks around the best.
        first_seed: Of the first cup; the others follow.
        progress: Told how far it is.

    Raises:
        ValueError: A number out of range, or a hand that cannot reach around the cup.
        HandError: The hand has no actuators, no grip or no contact sensors.
    """
    if seeds < 1 or threads < 0 or levels < 1 or first_seed < 0:
        raise ValueError("the demo needs at least one seed, one level and no negative numbers")
    scene = CupScene.build(hand)
    trials = tuple(CupTrial.draw(seed) for seed in range(first_seed, first_seed + seeds))
    creep = pinch_creep(scene, min(trials, key=lambda trial: trial.friction))
    runner = Runner(scene, threads, creep, progress)
    closed = Condition(None, tuple(runner.run("closed loop", [(t, None) for t in trials])))
    speed = runner.batches.steps_per_s
    sweep = _sweep(runner, trials, levels)
    squeeze = best(sweep).squeeze
    opened = Condition(squeeze, tuple(runner.run("open loop", [(t, squeeze) for t in trials])))
    return DemoResult(
        hand.name,
        trials,
        closed,
        opened,
        sweep,
        creep,
        speed,
        tick_cost(scene),
        physics(scene.model, PERIOD),
    )


def best(sweep: Sequence[Condition]) -> Condition:
    """The squeeze that most cups survive; among equals, the one with the largest margin."""
    return max(sweep, key=lambda level: (level.successes, level.safety_margin))


def _sweep(runner: Runner, trials: Sequence[CupTrial], levels: int) -> tuple[Condition, ...]:
    coarse = plausible_squeezes(trials, levels)
    tried = _try(runner, "sweep", coarse, trials)
    finer = _around(best(tried).squeeze or 0.0, coarse)
    tried += _try(runner, "finer sweep", finer, trials)
    return tuple(sorted(tried, key=lambda level: level.squeeze or 0.0))


def _try(
    runner: Runner, stage: str, squeezes: Sequence[float], trials: Sequence[CupTrial]
) -> list[Condition]:
    jobs = [(trial, squeeze) for squeeze in squeezes for trial in trials]
    results, n = runner.run(stage, jobs, until_failure=True), len(trials)
    return [Condition(s, tuple(results[i * n : (i + 1) * n])) for i, s in enumerate(squeezes)]


def plausible_squeezes(trials: Sequence[CupTrial], levels: int) -> list[float]:
    """Where to look for the best constant squeeze: equally spaced forces [N].

    Statically a squeeze suits a cup if it lies between the least force and the crush force. What
    suits almost as many cups as any other squeeze does is worth simulating.
    """
    least = np.array([trial.least_force() for trial in trials])
    crush = least * [trial.strength for trial in trials]
    force = np.arange(least.min(), crush.max() + RESOLUTION, RESOLUTION)[:, None]
    suited = ((least <= force) & (force < crush)).sum(axis=1)
    worth = force[suited >= PLAUSIBLE * suited.max(), 0]
    return _rounded(np.linspace(worth[0], worth[-1], levels))


def _around(squeeze: float, coarse: Sequence[float]) -> list[float]:
    """The middles between the best squeeze and its neighbours."""
    below = [s for s in coarse if s < squeeze][-1:]
    above = [s for s in coarse if s > squeeze][:1]
    middles = _rounded(np.array([(squeeze + other) / 2.0 for other in below + above]))
    return [middle for middle in middles if middle not in coarse]


def _rounded(force: Array) -> list[float]:
    return sorted(set((np.round(force / RESOLUTION) * RESOLUTION).tolist()))


def tick_cost(scene: CupScene, ticks: int = TICKS) -> dict[str, float | None]:
    """Cost of a tick on the samples of one whole run; see `_core.time_ticks`."""
    episode = scene.episode(CupTrial.draw(0))
    cost = _core.time_ticks(episode.controller, episode.record_samples(), ticks)
    return {key: cost[key] for key in ("ticks", "p50", "p99", "p99.9", "max", "instructions")}
