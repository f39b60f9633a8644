"""What a hand can do by itself, after the measures of NIST for robot hands.

NIST Special Publication 1227 (draft 2018) and Falco et al. 2020 (doi:10.1109/LRA.2020.2964164) name
the measures; the dimensions of their artefacts were not to be had. Chosen here: force plates
tangent to a cylinder of 60 mm (`nist_plates.py`), a split cylinder of 50 x 120 mm
(`nist_cylinder.py`), friction 0.8 where strength is measured. What counts as passed is said beside
each figure: what a published hand does, else what people do, else chosen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

from ..bench.contestant import Contestant
from ..bench.task import Kept, Metric, Options, Reference, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, Case, Condition, Result, Trial, cross
from ..scene import physics
from .nist_cylinder import CylinderScene
from .nist_grip import grasp_strength, slip_resistance
from .nist_move import cycle_time, repeatability, touch_sensitivity
from .nist_plates import PERIOD, PlateScene
from .nist_press import STEP, Ran, finger_strength, force_tracking

SQUEEZES: Final = (STEP[1], 10.0, 20.0)  # [N]
_PER_CASE: Final = 5  # seeds of which one goes to each case: 20 of 100, which makes 140 trials
_HALF_STEP: Final = 5  # trials per case, at most

_PLATES: Final[dict[str, Callable[[PlateScene, Trial], Ran]]] = {
    "finger strength": finger_strength,
    "force tracking": force_tracking,
    "touch sensitivity": touch_sensitivity,
    "grasp cycle time": cycle_time,
    "finger repeatability": repeatability,
}
_CYLINDER: Final[dict[str, Callable[[CylinderScene, Trial], Ran]]] = {
    "grasp strength": grasp_strength,
    "slip resistance": slip_resistance,
}
CASES: Final = tuple(Case(name) for name in (*_PLATES, *_CYLINDER))


class NistTask(Task):
    """Strength, slip, touch, force tracking, cycle time and repeatability."""

    name: ClassVar = "nist"
    question: ClassVar = (
        "Do single measures of the hand reach a stated figure: 10 N of each finger, 360 N of grip, "
        "10 N of pull, 0.5 N of touch, a force step in 0.1 s, a grasp cycle in 0.4 s, 0.15 mm?"
    )
    metrics: ClassVar = {
        "finger_force_n": Metric("steady force of the weakest finger (each: `.finger`)", "N"),
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

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the force plates; the split cylinder's are the same."""
        return physics(self._scene(contestant, PlateScene).model, PERIOD)

    def _run(self, contestant: Contestant, trial: Trial) -> Ran:
        name = trial.case.name
        if name in _PLATES:
            return _PLATES[name](self._at(self._scene(contestant, PlateScene), trial), trial)
        return _CYLINDER[name](self._at(self._scene(contestant, CylinderScene), trial), trial)

    def _scene(self, contestant: Contestant, kind: Any) -> Any:
        return self._scenes.get(
            (contestant.entry, kind), lambda: kind.build(contestant.hand, contestant.law)
        )

    def _at(self, scene: Any, trial: Trial) -> Any:
        if trial.condition.kind != "half_step":
            return scene
        return scene.at_step(scene.model.opt.timestep / 2.0)
