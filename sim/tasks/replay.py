"""Anybody's grasps as a task: DexGraspBench's protocol, and the same grasps in closed loop.

Without a set of one's own the grasps are made up, each from its number. A trial's seed is the
number of its grasp, in the set or among those that are made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from ... import _core
from ...controller import HandError
from ..bench.contestant import Contestant
from ..bench.task import CannotTakePartError, Kept, Metric, Options, Reference, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, Case, Condition, Result, Trial
from ..replay.closed_loop import PERIOD, ClosedLoop
from ..replay.grasp_set import Grasp, GraspSet, GraspSetError
from ..replay.protocol import GATES, WAYS, Gate, OpenLoop, Verdict
from ..replay.read import read_grasps
from ..replay.scene import ReplayScene
from ..replay.scene_parts import TIMESTEP, Drive
from ..replay.synthesis import SQUEEZE, Synthesiser
from ..scene import physics

PER_SEED: Final = 2  # grasps
QUICK: Final = 6  # grasps, one of each object
FIRMER: Final = (1.0, 2.0, 5.0, 10.0)  # times the set's squeeze: what squeezing harder is worth
_OWN: Final = Condition("open")
_LEVELS: Final = {Condition("open", round(f * SQUEEZE, 1)): f for f in FIRMER}
_HALF: Final = 4  # one in so many grasps also at half the step

_SHADOW: Final = "its 400 grasps of the Shadow hand, 5 objects, judged by this evaluator"


class ReplayTask(Task):
    """Hold what a synthesiser thinks is a grasp, pushed along six axes in turn."""

    name: ClassVar = "replay"
    question: ClassVar = (
        "Does a given grasp hold its object against 2 s of push along each of six axes, by the "
        "gate of DexGraspBench (0.1 kg, 1 N, 5 cm, 15 deg) and by a strict one (0.5 kg, 5 N, 1 cm, "
        "5 deg)?"
    )
    sensors: ClassVar = ("joint positions",)
    metrics: ClassVar = {
        "pushes_held_of_6": Metric("pushes held, before the first that is not", "of 6"),
        "shift_mm": Metric("largest way of the object", "mm", "lower"),
        "turn_deg": Metric("largest turn of the object", "deg", "lower"),
        "depth_mm": Metric("depth of the squeezing hand in the object", "mm", "lower"),
        "force_n": Metric("largest sum of forces on the object", "N", "neither"),
    }
    references: ClassVar = (
        Reference(
            "DexGraspBench",
            "70.3 % of 400 at its own gate, 8 of 100 at the strict one, open loop",
            f"Chen, Ke & Wang 2024, arXiv:2412.16490; {_SHADOW}",
            {},
            0.703,
        ),
    )

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes, self._sets = Kept(24), Kept(2)
        self._synthesisers, self._grasps = Kept(2), Kept(16)

    def trials(self, options: Options) -> Iterable[Trial]:
        """Every grasp by both gates, in closed loop and by the protocol's servos."""
        path, numbers = options.grasps, _numbers(options)
        opened = [_OWN] if path else list(_LEVELS)[: 1 if options.quick else None]
        for gate in GATES:
            case = Case(f"{gate} {path.resolve()}" if path else gate, headline=gate == "published")
            for i, number in enumerate(numbers):
                half = [HALF_STEP] if i % _HALF == 0 and not options.quick else []
                for condition in [CLOSED, *opened, *half]:
                    yield Trial(condition, case, number)

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Judges grasps one after the other; a hand without motors can be held by servos only."""
        return [self._result(contestant, trial) for trial in trials]

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the last push ended."""
        if trial.condition.kind == "open":
            opened = self._opened(contestant, trial)
            opened.judged()
            return Snapshot(opened.way.model, opened.way.data.qpos.copy())
        closed = self._closed(contestant, trial)
        closed.judged(trial.seed)
        return Snapshot(closed.model, closed.final_qpos)

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[ClosedLoop, _core.Episode]:
        """The squeezed hand, and the run of one push, whose direction the seed chooses.

        The protocol's servos close the hand before the run: nothing guides them.

        Raises:
            CannotTakePartError: The hand finds no such grasp.
        """
        run = self._closed(contestant, trial)
        run.squeeze()
        way = WAYS[np.random.default_rng(trial.seed).integers(len(WAYS))]
        return run, run.episode(run.gate.push * way, trial.seed)

    def judge(self, scene: ClosedLoop, trial: Trial, episode: _core.Episode) -> Result:
        """That of the one push."""
        found = scene.verdict([scene.seen(episode)])
        return Result(found.outcome, _numbers_of(found))

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the protocol; the closed loop runs in steps of its control period."""
        synthesiser = self._synthesiser(contestant)
        model = synthesiser.scene(synthesiser.objects[0]).model
        return physics(model, TIMESTEP) | {"closed_loop_timestep_s": PERIOD, "multiccd": "off"}

    def _result(self, contestant: Contestant, trial: Trial) -> Result:
        try:
            if trial.condition.kind == "open":
                found = self._opened(contestant, trial).judged()
            else:
                found = self._closed(contestant, trial).judged(trial.seed)
        except (GraspSetError, HandError, CannotTakePartError) as error:
            return Result("missed", note=str(error))
        return Result(found.outcome, _numbers_of(found))

    def _opened(self, contestant: Contestant, trial: Trial) -> OpenLoop:
        gate, path, grasps, grasp = self._drawn(contestant, trial)
        servos = self._scene(contestant, path, grasps, grasp, "servos", TIMESTEP)
        firmer = _firmer(grasp, _LEVELS.get(trial.condition, 1.0))
        return OpenLoop(servos, firmer, grasps.joints, gate)

    def _closed(self, contestant: Contestant, trial: Trial) -> ClosedLoop:
        gate, path, grasps, grasp = self._drawn(contestant, trial)
        servos = self._scene(contestant, path, grasps, grasp, "servos", TIMESTEP)
        step = PERIOD if trial.condition == CLOSED else PERIOD / 2.0
        own = self._scene(contestant, path, grasps, grasp, "own", step)
        return ClosedLoop(servos, own, contestant, grasp, grasps.joints, gate)

    def _drawn(self, contestant: Contestant, trial: Trial) -> tuple[Gate, str, GraspSet, Grasp]:
        """Gate, path and set of a trial's grasp, and the grasp."""
        gate, _, path = trial.case.name.partition(" ")
        grasps = self._set(contestant, path)
        return GATES[gate], path, grasps, self._grasp(contestant, path, trial.seed)

    def _synthesiser(self, contestant: Contestant) -> Synthesiser:
        made: Synthesiser = self._synthesisers.get(
            contestant.entry, lambda: Synthesiser(contestant.hand)
        )
        return made

    def _set(self, contestant: Contestant, path: str) -> GraspSet:
        if path:
            read: GraspSet = self._sets.get(path, lambda: read_grasps(Path(path)))
            return read
        things = {thing.name: thing for thing in self._synthesiser(contestant).objects}
        return GraspSet(things, (), contestant.hand.joint_names)

    def _grasp(self, contestant: Contestant, path: str, number: int) -> Grasp:
        if path:
            return self._set(contestant, path).grasps[number]
        made: Grasp = self._grasps.get(
            (contestant.entry, number), lambda: self._synthesiser(contestant).grasp(number)
        )
        return made

    def _scene(
        self,
        contestant: Contestant,
        path: str,
        grasps: GraspSet,
        grasp: Grasp,
        drive: Drive,
        timestep: float,
    ) -> ReplayScene:
        key = (contestant.entry, path, grasp.object, grasp.scale, drive, timestep)
        made: ReplayScene = self._scenes.get(
            key,
            lambda: ReplayScene.build(
                contestant.hand,
                grasps.objects[grasp.object],
                grasp.scale,
                drive=drive,
                frame=grasps.frame,
                timestep=timestep,
            ),
        )
        return made


def _numbers(options: Options) -> range:
    """Of the grasps that are replayed."""
    if options.grasps:
        count = len(read_grasps(options.grasps).grasps)
        return range(min(QUICK, count) if options.quick else count)
    first, last = PER_SEED * options.seeds.start, PER_SEED * options.seeds.stop
    return range(first, min(first + QUICK, last) if options.quick else last)


def _firmer(grasp: Grasp, factor: float) -> Grasp:
    way = grasp.squeeze - grasp.grasp
    return grasp if factor == 1.0 else replace(grasp, squeeze=grasp.grasp + factor * way)


def _numbers_of(found: Verdict) -> dict[str, float]:
    return {
        "pushes_held_of_6": float(found.ways),
        "shift_mm": 1e3 * found.shift,
        "turn_deg": found.turn,
        "depth_mm": 1e3 * found.depth,
        "force_n": found.force,
    }
