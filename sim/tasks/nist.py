"""What a hand can do by itself, after the measures of NIST for robot hands.

NIST Special Publication 1227 (draft 2018) and Falco et al. 2020 (doi:10.1109/LRA.2020.2964164) name
the measures; the dimensions of their artefacts were not to be had. Chosen here: force plates
tangent to a cylinder of 60 mm (`nist_plates.py`), a split cylinder of 50 x 120 mm
(`nist_cylinder.py`), friction 0.8 where strength is measured. What counts as passed is said beside
each figure: what a published hand does, else what people do, else chosen here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import Kept, Metric, Options, Reference, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, Case, Condition, Result, Trial, cross
from ..scene import physics
from .nist_cylinder import CylinderScene
from .nist_grip import (
    REACHED,
    grasp_strength,
    gripped,
    gripping,
    pulled,
    pulling,
    slip_resistance,
)
from .nist_move import (
    cycle_time,
    cycled,
    cycling,
    hit,
    hitting,
    repeatability,
    returned,
    returning,
    touch_sensitivity,
)
from .nist_plates import PERIOD, PlateScene
from .nist_press import (
    STEP,
    Ran,
    finger_strength,
    force_tracking,
    pressed,
    pressing,
    stepped,
    stepping,
)

SQUEEZES: Final = (STEP[1], 10.0, 20.0)  # [N]
_PER_CASE: Final = 5  # seeds of which one goes to each case: 20 of 100, which makes 140 trials
_HALF_STEP: Final = 8  # trials per case, at most


@dataclass(frozen=True)
class _Measure:
    """One of them.

    Attributes:
        scene: Its kind.
        run: All runs of it.
        prepared: The one that stands for all.
        judge: What that one was worth by itself.
        asked: See `Task.asked`.
    """

    scene: type[PlateScene | CylinderScene]
    run: Callable[[Any, Trial], Ran]
    prepared: Callable[[Any, Trial], _core.Episode]
    judge: Callable[[Any, Trial, _core.Episode], Result]
    asked: float = math.inf


_MEASURES: Final = {
    "finger strength": _Measure(PlateScene, finger_strength, pressing, pressed, asked=0.0),
    "force tracking": _Measure(PlateScene, force_tracking, stepping, stepped),
    "touch sensitivity": _Measure(PlateScene, touch_sensitivity, hitting, hit),
    "grasp cycle time": _Measure(PlateScene, cycle_time, cycling, cycled),
    "finger repeatability": _Measure(PlateScene, repeatability, returning, returned),
    "grasp strength": _Measure(CylinderScene, grasp_strength, gripping, gripped, asked=0.0),
    "slip resistance": _Measure(CylinderScene, slip_resistance, pulling, pulled, asked=REACHED),
}
CASES: Final = tuple(Case(name) for name in _MEASURES)


class NistTask(Task):
    """Strength, slip, touch, force tracking, cycle time and repeatability."""

    name: ClassVar = "nist"
    question: ClassVar = (
        "Do single measures of the hand reach a stated figure: 10 N of each finger, 360 N of grip, "
        "10 N of pull, 0.5 N of touch, a force step in 0.1 s, a grasp cycle in 0.4 s, 0.15 mm?"
    )
    metrics: ClassVar = {
        "finger_force_n": Metric("steady force of the weakest finger", "N"),
        "of_statics": Metric("force over what joint torques allow, mean of the fingers", "1"),
        "grip_force_n": Metric("steady force across a split cylinder", "N"),
        "pad_force_n": Metric("sum of the pads' forces on it", "N"),
        "pull_n": Metric("pull at which a cylinder slides", "N"),
        "pull_over_grip": Metric("pull over the force across the split", "1", "neither"),
        "touch_force_n": Metric("true force at the first report of touch, 2.5 mm/s", "N", "lower"),
        "touch_delay_ms": Metric("from contact to report, 100 mm/s", "ms", "lower"),
        "impact_n": Metric("largest force at 100 mm/s", "N", "lower"),
        "rise_time_s": Metric("rise of a force step", "s", "lower"),
        "overshoot": Metric("overshoot of a force step", "1", "lower"),
        "step_error": Metric("lasting error of a force step", "1", "lower"),
        "bandwidth_hz": Metric("bandwidth of force, from the step", "Hz"),
        "sine_gain": Metric("force over wanted force at 2 Hz", "1", "neither"),
        "sine_lag_deg": Metric("lag of force at 2 Hz", "deg", "lower"),
        "sine_error": Metric("rms error over deviation of the wanted force", "1", "lower"),
        "cycle_time_s": Metric("open, close, press 5 N and open again", "s", "lower"),
        "grasp_force_n": Metric("largest force of the thumb in that", "N", "neither"),
        "repeatability_mm": Metric("pose repeatability over 30 returns", "mm", "lower"),
        "accuracy_mm": Metric("mean of the returns off the wanted place", "mm", "lower"),
    }
    references: ClassVar = (
        Reference(
            "people",
            "grip 609 N (men), 360 N (women); key pinch 134 N, pulp pinch 97 N (men)",
            "Crosby 1994; pinches as 22 and 16 % of grip",
            {"grip_force_n": 609.0, "finger_force_n": 97.0},
        ),
        Reference(
            "people",
            "a rapid pinch takes 90 ms, twice that there and back",
            "Cole & Abbs",
            {"cycle_time_s": 0.18},
        ),
        Reference(
            "DexHand 021", "more than 10 N per finger", "arXiv 2511.03481", {"finger_force_n": 10.0}
        ),
        Reference(
            "Shadow Dexterous Hand",
            "opens or closes in 0.2 s",
            "technical specification, C5",
            {"cycle_time_s": 0.4},
        ),
    )

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()

    def sensors_of(self, condition: Condition) -> tuple[str, ...]:
        """Without force feedback the pads still tell when they touch."""
        if condition.kind == "open":
            return ("joint positions", "touch")
        return super().sensors_of(condition)

    def trials(self, options: Options) -> Iterable[Trial]:
        """A fifth of the seeds for each measure; open loop where forces are regulated.

        No rigid gripper: the only figure that it would have is the simulator's creep, and slip here
        begins at 2 mm.
        """
        seeds = options.seeds[: 2 if options.quick else max(len(options.seeds) // _PER_CASE, 1)]
        for case in CASES:
            yield from cross([CLOSED], [case], seeds)
            if case.name == "force tracking":
                yield from cross([Condition("open", SQUEEZES[0])], [case], seeds)
            if case.name == "slip resistance":
                yield from cross([Condition("open", s) for s in SQUEEZES], [case], seeds)
            if not options.quick or case.name == "force tracking":
                yield from cross([HALF_STEP], [case], seeds[:_HALF_STEP])

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials one after the other."""
        return [self._run(contestant, trial).result for trial in trials]

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the last run of a trial ended."""
        ran = self._run(contestant, trial)
        return Snapshot(ran.model, ran.episode.final_qpos)

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[Any, _core.Episode]:
        """Scene and episode of the one run that stands for a measure.

        It is the run of one finger, which the seed chooses, for finger strength; the step for force
        tracking; the fast touch for touch sensitivity; the cycle that is planned to take as long as
        it may for the grasp's cycle time. The other measures are single runs.
        """
        scene = self._scene_of(contestant, trial)
        return scene, _MEASURES[trial.case.name].prepared(scene, trial)

    def judge(self, scene: Any, trial: Trial, episode: _core.Episode) -> Result:
        """That of the one run."""
        return _MEASURES[trial.case.name].judge(scene, trial, episode)

    def asked(self, trial: Trial) -> float:
        """Strength is measured by asking for more than the hand can."""
        return _MEASURES[trial.case.name].asked

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the force plates; the split cylinder's are the same."""
        return physics(self._scene(contestant, PlateScene).model, PERIOD)

    def _run(self, contestant: Contestant, trial: Trial) -> Ran:
        return _MEASURES[trial.case.name].run(self._scene_of(contestant, trial), trial)

    def _scene_of(self, contestant: Contestant, trial: Trial) -> Any:
        scene = self._scene(contestant, _MEASURES[trial.case.name].scene)
        if trial.condition.kind != "half_step":
            return scene
        return scene.at_step(scene.model.opt.timestep / 2.0)

    def _scene(self, contestant: Contestant, kind: Any) -> Any:
        return self._scenes.get(
            (contestant.entry, kind), lambda: kind.build(contestant.hand, contestant.law)
        )
