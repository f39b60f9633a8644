"""What the tasks about strength share: conditions, how seeds are shared out, metrics, judgement."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import EpisodeTask, Kept, Metric, Options
from ..bench.trial import CLOSED, HALF_STEP, RIGID, Case, Condition, Result, Trial
from ..scene import physics
from .handle import PERIOD, HandleScene
from .handle_load import Hold, Ladder

SQUEEZES: Final = (50.0, 100.0, 200.0, 400.0)
"""[N], sums of finger forces of the open loop; people squeeze with 95 to 115 N."""
HALVED: Final = 2  # of so many trials of the closed loop one is repeated at half the time step

HANDLE_METRICS: Final = {
    "slip_mm": Metric("slip in the hand before the end", "mm", "neither"),
    "turn_deg": Metric("turn in the hand before the end", "deg", "neither"),
    "effort": Metric("mean part of the fingers' torque that was used", "1", "lower"),
    "finger_force_n": Metric("force of all fingers on the handle", "N", "neither"),
}


class HandleTask(EpisodeTask):
    """A handle is held against a load that grows, until it slips 5 mm or turns 5 degrees.

    Each seed belongs to one case, in turn, so that a hundred seeds are a hundred trials in all. No
    oracle: what it could know, friction and load, would make it squeeze as hard as it can, and that
    is the open loop at its strongest.

    Attributes:
        gate: What counts as held, on the task's first metric.
    """

    gate: ClassVar[float]

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()

    @abstractmethod
    def cases(self, options: Options) -> Sequence[Case]:
        """By what the task is varied."""

    @abstractmethod
    def build(self, contestant: Contestant, case: Case) -> HandleScene:
        """The scene of a case."""

    @abstractmethod
    def ladder(self, trial: Trial) -> Ladder:
        """What grows, in the unit of the first metric."""

    def trials(self, options: Options) -> Iterable[Trial]:
        """All conditions on the same seeds, but for what is only a check."""
        cases = self.cases(options)
        for i, case in enumerate(cases):
            yield from self.trials_of(case, options.seeds[i :: len(cases)], options.quick)

    @staticmethod
    def trials_of(case: Case, seeds: range, quick: bool) -> Iterator[Trial]:
        """All conditions of a case; checks need a part of the seeds."""
        squeezes = SQUEEZES[-1:] if quick else SQUEEZES
        for condition in [CLOSED, *(Condition("open", squeeze) for squeeze in squeezes)]:
            for seed in seeds:
                yield Trial(condition, case, seed)
        for seed in seeds[::HALVED]:
            yield Trial(HALF_STEP, case, seed)
        for seed in seeds[:1]:
            yield Trial(RIGID, case, seed)

    def scene(self, contestant: Contestant, trial: Trial) -> HandleScene:
        """Hand and tool."""
        key = (contestant.entry, self.scene_key(trial.case))
        scene: HandleScene = self._scenes.get(key, lambda: self.build(contestant, trial.case))
        return scene

    def scene_key(self, case: Case) -> str:
        """What cases that share a scene have in common."""
        return self.name

    def judge(self, scene: HandleScene, trial: Trial, episode: _core.Episode) -> Result:
        """By the highest rung that was borne."""
        hold, ladder = Hold.read(scene, episode), self.ladder(trial)
        worth = ladder.borne(hold.until)
        return hold.result(worth, self.gate, {next(iter(self.metrics)): worth})

    def asked(self, trial: Trial) -> float:
        """The rung that is the gate."""
        ladder = self.ladder(trial)
        return float(ladder.rung[ladder.worth >= self.gate_of(trial)][0])

    def gate_of(self, trial: Trial) -> float:
        """What counts as held, in the unit of the ladder."""
        return self.gate

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene of the first case."""
        case = self.cases(Options(range(1)))[0]
        return physics(self.scene(contestant, Trial(CLOSED, case, 0)).model, PERIOD)
