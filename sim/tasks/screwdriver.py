"""The screwdriver: how much torque about its shaft a power grasp bears on handles of 30 to 50 mm.

The screw's resistance grows steadily until the handle turns 5 degrees in the hand, slips 5 mm along
it, or the wrist gives way. The shaft stands upright with its blade on the thumb's side, the screw
is being tightened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import mujoco

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import Metric, Options, Reference
from ..bench.trial import Case, Trial
from .handle import HandleScene
from .handle_build import build_scene
from .handle_force import HandleGrip
from .handle_load import Ladder, load_body
from .handle_object import Handle
from .handle_task import HANDLE_METRICS, HandleTask
from .handle_wrap import HANDLE, HandAround

DIAMETERS: Final = (0.03, 0.04, 0.05)  # [m]
RATE: Final = 0.1  # [N m/s]
QUICK_RATE: Final = 1.0  # [N m/s], of a quick run, in the names of its cases
TOP: Final = 6.0  # [N m], where the ramp ends: more than people reach

_SHAFT: Final = 0.1  # [m]
_TORQUE_Z: Final = 5
_AIMS: Final = [[0.0, 0.0, 0.0, 0.0, 0.0, -1.0]]


class ScrewdriverTask(HandleTask):
    """Hold a screwdriver while the screw resists more and more."""

    name: ClassVar = "screwdriver-torque"
    question: ClassVar = (
        "What torque about the shaft does the hand bear on 30 to 50 mm handles before they turn 5 "
        "degrees in it? Held: 2.4 N m, half of what people reach (Kong 2007)."
    )
    metrics: ClassVar = {"torque_nm": Metric("torque borne", "N m"), **HANDLE_METRICS}
    references: ClassVar = (
        Reference(
            "people",
            "4.86 to 5.73 N m with 95 to 105 N of all fingers, best on a handle of 50 mm",
            "Kong 2007, CDC 186467",
            {"torque_nm": 5.3, "finger_force_n": 100.0},
        ),
    )
    gate: ClassVar = 2.4  # [N m]

    def cases(self, options: Options) -> Sequence[Case]:
        """Diameters, with the weight of the driver and without."""
        rate = f", {QUICK_RATE:g} N m/s" if options.quick else ""
        return [
            Case(f"{1e3 * diameter:.0f} mm, {weight}{rate}", "handle [mm]", 1e3 * diameter)
            for diameter in DIAMETERS
            for weight in ("heavy", "weightless")
        ]

    def scene_key(self, case: Case) -> str:
        """The diameter."""
        return str(case.value)

    def build(self, contestant: Contestant, case: Case) -> HandleScene:
        """A driver with a handle of this case's diameter."""
        handle = Handle(1e-3 * (case.value or 0.0), 0.12, 0.15)
        return build_scene(contestant.hand, handle, _AIMS, _furnish)

    def ladder(self, trial: Trial) -> Ladder:
        """A ramp."""
        quick = trial.case.name.endswith("N m/s")
        return Ladder.ramp(QUICK_RATE if quick else RATE, TOP)

    def episode(self, scene: HandleScene, trial: Trial) -> _core.Episode:
        """The closed hand, and the screw."""
        ladder = self.ladder(trial)
        episode, model = scene.episode(trial.seed, trial.condition, ladder.end)
        driver = [model.body(name).id for name in (HANDLE, "shaft")]
        model.body_gravcomp[driver] = float("weightless" in trial.case.name)
        load_body(episode, driver[0], _TORQUE_Z, ladder, -1.0)
        return episode


def _furnish(spec: mujoco.MjSpec, around: HandAround, grip: HandleGrip) -> None:
    shaft = spec.body(HANDLE).add_body(name="shaft", pos=[0.0, 0.0, 0.08])
    shaft.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[0.003, _SHAFT / 2.0, 0.0],
        pos=[0.0, 0.0, _SHAFT / 2.0],
        mass=0.03,
        contype=0,
        conaffinity=0,
        group=2,
        rgba=[0.6, 0.62, 0.65, 1.0],
    )
    for body in (shaft, spec.body(HANDLE)):
        body.gravcomp = 1.0  # MuJoCo looks for it only where there is some when it compiles
