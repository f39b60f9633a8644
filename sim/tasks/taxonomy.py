"""The 33 grasp types of people, each pulled and twisted in 28 directions until it gives way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import ClassVar, Final

import numpy as np

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import Kept, Metric, Options, Reference, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, RIGID, Case, Condition, Result, Trial, cross
from ..scene import physics
from .taxonomy_result import Direction, judge, outcome_of
from .taxonomy_scene import PERIOD, TaxonomyScene
from .taxonomy_trial import MASSES, PUSHED, RUNG, Ladder, TaxonomyTrial
from .taxonomy_types import TYPES

SQUEEZES: Final = (5.0, 10.0, 20.0)  # [N]
SAMPLE: Final = TYPES[::4]
"""On which an object welded in place is tried."""

QUICK: Final = TYPES[::3]
"""Types of a quick run, at 0.1 kg: down, forwards and a twist, from a rung below the gate."""
_QUICK_LADDER: Final = Ladder(MASSES[0], below=1, above=0, directions=(5, 0, 18))


def _cases() -> dict[str, tuple[Case, TaxonomyTrial]]:
    plan = [
        (f"{kind.number} {kind.name}, {mass:g} kg", kind, Ladder.full(mass))
        for mass in MASSES
        for kind in TYPES
    ]
    plan += [(f"{k.number} {k.name}, {MASSES[0]:g} kg, quick", k, _QUICK_LADDER) for k in QUICK]
    return {name: (Case(name), TaxonomyTrial(kind, ladder, 0)) for name, kind, ladder in plan}


_CASES: Final = _cases()


class TaxonomyTask(Task):
    """Hold 33 things in the 33 ways of people while wrenches grow in 28 directions."""

    name: ClassVar = "taxonomy"
    question: ClassVar = (
        "Does an object stay within 1 cm and 5 degrees in the hand while 10 N per kg of its mass "
        "pull at it in 14 directions, and as many newtons x 0.02 m twist it about 14 axes?"
    )
    metrics: ClassVar = {
        "worst_force_n": Metric("force withstood in the worst direction", "N"),
        "median_force_n": Metric("the same in the median direction", "N"),
        "worst_torque_nm": Metric("torque withstood about the worst axis", "N m"),
        "median_torque_nm": Metric("the same about the median axis", "N m"),
        "directions": Metric("directions of 28 withstood at the gate", "1"),
        "loose_directions": Metric("the same within 5 cm and 15 degrees", "1"),
        "peak_force_n": Metric("largest fingertip force", "N", "neither"),
    }
    references: ClassVar = (
        Reference(
            "people",
            "use all 33 types",
            "Feix et al. 2016, IEEE Trans. Human-Machine Systems 46(1) 66-77",
            {},
            success=1.0,
        ),
        Reference("DexHand 021", "shows all 33 types, without a wrench", "arXiv:2511.03481", {}),
    )

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept(limit=len(TYPES))

    def trials(self, options: Options) -> Iterable[Trial]:
        """Every type at both masses; no oracle, as grips do not fail for want of knowledge.

        Seeds are dealt out: each type at each mass gets so many that all together have as many
        trials as seeds were asked for, at least one.
        """
        if options.quick:
            cases = [case for name, (case, _) in _CASES.items() if name.endswith("quick")]
            yield from cross([CLOSED], cases, options.seeds[:1])
            return
        cases = [case for name, (case, _) in _CASES.items() if not name.endswith("quick")]
        seeds = options.seeds[: max(1, ceil(len(options.seeds) / len(cases)))]
        opened = [Condition("open", squeeze) for squeeze in SQUEEZES]
        for case in cases:
            yield from cross([CLOSED, *opened], [case], seeds)
            yield from cross([HALF_STEP], [case], seeds[:1])
            if _CASES[case.name][1].kind in SAMPLE:
                yield from cross([RIGID], [case], seeds[:1])

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials, each in all its directions."""
        return [self._result(contestant, trial) for trial in trials]

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the worst direction ended."""
        scene, ends = self._scene(contestant, trial), []
        for direction in self._plan(trial).ladder.directions:
            episode = self._finished(contestant, trial, direction)
            found = self._judged(trial, direction, episode)
            ends.append((found.rungs, direction, np.array(episode.final_qpos)))
        return Snapshot(scene.model, min(ends, key=lambda end: end[:2])[2])

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[TaxonomyScene, _core.Episode]:
        """Scene and episode of one direction, which the seed chooses."""
        episode = self._episode(contestant, trial, self._direction(trial))
        return self._scene(contestant, trial), episode

    def judge(self, scene: TaxonomyScene, trial: Trial, episode: _core.Episode) -> Result:
        """That of the one direction: held is who reached the gate."""
        found = self._judged(trial, self._direction(trial), episode)
        return outcome_of(self._plan(trial).ladder, [found])

    def asked(self, trial: Trial) -> float:
        """The rung that is the gate."""
        return PUSHED + RUNG * (self._plan(trial).ladder.below + 1)

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene."""
        (case, _), *_ = _CASES.values()
        return physics(self._scene(contestant, Trial(CLOSED, case, 0)).model, PERIOD)

    def _plan(self, trial: Trial) -> TaxonomyTrial:
        plan = _CASES[trial.case.name][1]
        return TaxonomyTrial(plan.kind, plan.ladder, trial.seed)

    def _scene(self, contestant: Contestant, trial: Trial) -> TaxonomyScene:
        kind = self._plan(trial).kind
        scene: TaxonomyScene = self._scenes.get(
            (contestant.entry, kind.number), lambda: TaxonomyScene.build(contestant.hand, kind)
        )
        return scene

    def _direction(self, trial: Trial) -> int:
        directions = self._plan(trial).ladder.directions
        return directions[trial.seed % len(directions)]

    def _episode(self, contestant: Contestant, trial: Trial, direction: int) -> _core.Episode:
        scene, kind = self._scene(contestant, trial), trial.condition.kind
        episode = scene.episode(
            self._plan(trial),
            direction,
            trial.condition.squeeze,
            welded=kind == "rigid",
            timestep=0.5 * scene.model.opt.timestep if kind == "half_step" else None,
        )
        contestant.equip(episode.controller)
        return episode

    def _finished(self, contestant: Contestant, trial: Trial, direction: int) -> _core.Episode:
        episode = self._episode(contestant, trial, direction)
        _core.run_episodes([episode], 1)
        return episode

    def _judged(self, trial: Trial, direction: int, episode: _core.Episode) -> Direction:
        return judge(self._plan(trial).ladder, direction, episode)

    def _result(self, contestant: Contestant, trial: Trial) -> Result:
        ladder = self._plan(trial).ladder
        found = [
            self._judged(trial, direction, self._finished(contestant, trial, direction))
            for direction in ladder.directions
        ]
        return outcome_of(ladder, found)
