"""Endurance: ten thousand grasps, with heat and wear.

A cylinder of 50 mm and 0.2 to 0.4 kg is gripped with 10 N of the thumb, held free of its fixture,
given back and let go, every 1.5 s. Twenty grasps of the new hand are simulated; heat and wear of
10,000 follow from their currents and loads (`endurance_life.py`), and twenty grasps of the hand in
that state are simulated. Only the ages in between are reckoned.

Load spectra, for who asks how long a part lasts, are in each result:
* `load_range_nm.<joint>`: the range of torque that, once in a grasp, does the damage of all its
  rainflow cycles at an S-N exponent of 3 (bearings); `tooth_range_nm.<joint>`: at 6 (teeth);
* `tension_range_n.<motor>`: that of a tendon's tension at 3;
* `load_cycles.<joint>`: cycles in a grasp; `work_j.<joint>`: work through the gear in a grasp.
`EnduranceTask.spectra` gives the whole tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import Kept, Metric, Options, Snapshot, Task
from ..bench.trial import CLOSED, HALF_STEP, POOL, Case, Result, Trial, cross
from ..scene import physics
from .endurance_age import SQUEEZE, Age, GraspDraw
from .endurance_life import Life, judged, judged_alone, live
from .endurance_run import grasps_of
from .endurance_scene import EnduranceScene
from .grasp import PERIOD

_RUNS: Final = 4  # of five grasps, of either age
_QUICK: Final = 2  # seeds
_HALF_STEP: Final = 50  # seeds
_PER_POINT: Final = 5  # seeds
SQUEEZES: Final = tuple(
    Case(f"squeeze {force:g} N", "squeeze of the thumb [N]", force, headline=False)
    for force in (5.0, 15.0, 20.0, 25.0)
)
"""How hard a hand may grip for good."""


class EnduranceTask(Task):
    """Grasp, squeeze and release until motors are warm and gears are worn."""

    name: ClassVar = "endurance"
    question: ClassVar = (
        "Does the hand still hold a cylinder after 10,000 grasps, with 0.8 of its new force and no "
        "motor too hot?"
    )
    sensors: ClassVar = ("joint positions", "fingertip forces")
    metrics: ClassVar = {
        "slip_mm": Metric("largest slip in a grasp", "mm", "lower"),
        "force_new_n": Metric("force of the thumb, new", "N", "neither"),
        "force_old_n": Metric("force of the thumb after 10,000 grasps", "N", "neither"),
        "force_drift": Metric("change of the force", "1", "neither"),
        "position_drift_mm": Metric("shift of the cylinder in the palm, old to new", "mm", "lower"),
        "spread_mm": Metric("pose repeatability of the cylinder, new", "mm", "lower"),
        "winding_c": Metric("hottest winding", "deg C", "lower"),
        "winding_free_c": Metric(
            "hottest winding if nothing limited its current", "deg C", "lower"
        ),
        "housing_c": Metric("hottest housing", "deg C", "lower"),
        "derated": Metric("motors that heat takes current from", "1", "lower"),
        "backlash_deg": Metric("largest play of a gear in the end", "deg", "lower"),
        "tendon_stretch_mm": Metric("largest stretch of a tendon", "mm", "lower"),
        "load_range_nm": Metric("damage-equivalent range of the worst joint", "N m", "lower"),
        "tooth_range_nm": Metric("the same for teeth in bending", "N m", "lower"),
        "tension_range_n": Metric("damage-equivalent range of the worst tendon", "N", "lower"),
        "load_cycles": Metric("load cycles per grasp, median joint", "1", "lower"),
        "work_j": Metric("work through all joints per grasp", "J", "lower"),
    }

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()

    def trials(self, options: Options) -> Iterable[Trial]:
        """Closed loop only: the force is told and nothing is unexpected, so feeling changes little.

        No rigid gripper either: nothing there gets warm.
        """
        if options.quick:
            return cross([CLOSED], [POOL], options.seeds[:_QUICK])
        halved = cross([HALF_STEP], [POOL], options.seeds[:_HALF_STEP])
        harder = cross([CLOSED], SQUEEZES, options.seeds[:_PER_POINT])
        return (*cross([CLOSED], [POOL], options.seeds), *halved, *harder)

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials one after the other."""
        return [
            judged(self._scene(contestant, trial), self.life(contestant, trial)) for trial in trials
        ]

    def life(self, contestant: Contestant, trial: Trial) -> Life:
        """The whole of a trial."""
        return live(self._scene(contestant, trial), _draw(trial), _RUNS)

    def spectra(self, contestant: Contestant, trial: Trial) -> dict[str, dict[str, list[float]]]:
        """Rainflow cycles per grasp in bins of their range, by joint [N m] and by tendon [N]."""
        new = self.life(contestant, trial).new
        joints = zip(contestant.hand.joint_names, new.joints, strict=True)
        return {name: part.table() for name, part in (*joints, *new.tendons.items())}

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the last grasp of the old hand ended, or of the new one."""
        life = self.life(contestant, trial)
        last = (life.old or life.new).last
        return Snapshot(self._scene(contestant, trial).model, last.final_qpos)

    def prepared(
        self, contestant: Contestant, trial: Trial
    ) -> tuple[EnduranceScene, _core.Episode]:
        """Scene and first run of the new hand: five grasps, neither warm nor worn."""
        scene = self._scene(contestant, trial)
        return scene, scene.episode(_draw(trial), Age.new(scene.hand), 0)

    def judge(self, scene: EnduranceScene, trial: Trial, episode: _core.Episode) -> Result:
        """That of the one run: held is who lost the cylinder in no grasp. Nothing grows old."""
        return judged_alone(grasps_of(scene, [episode]))

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene."""
        return physics(self._scene(contestant, Trial(CLOSED, POOL, 0)).model, PERIOD)

    def _scene(self, contestant: Contestant, trial: Trial) -> EnduranceScene:
        scene: EnduranceScene = self._scenes.get(
            contestant.entry, lambda: EnduranceScene.build(contestant.hand, contestant.law)
        )
        if trial.condition.kind != "half_step":
            return scene
        return scene.at_step(scene.model.opt.timestep / 2.0)


def _draw(trial: Trial) -> GraspDraw:
    return GraspDraw.of(trial.seed, trial.case.value or SQUEEZE)
