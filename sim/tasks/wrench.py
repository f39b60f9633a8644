"""The wrench: a round handle of 25 mm, loaded 150 mm away in six directions, and by pure torques.

The load grows by a fifth from rung to rung until the handle slips 5 mm or turns 5 degrees in the
hand, or the wrist gives way. World axes, with the forearm level and the thumb up: x from the elbow
to the hand, y out of the right hand's palm, z along the handle towards the thumb.
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

LEVER: Final = 0.15  # [m], from the middle of the grip to where the force acts
HANDLE_SIZE: Final = Handle(diameter=0.025, length=0.13, mass=0.25)
RUNGS: Final = Ladder.steps(0.61, 1.2, 22)  # [N m], one of them 4.53, up to 28

_AXES: Final = ("x", "y", "z")
_LOADS: Final[dict[str, tuple[str, int, float]]] = {
    **{
        f"force {'+' if sign > 0 else '-'}{axis}": ("lever", i, sign / LEVER)
        for i, axis in enumerate(_AXES)
        for sign in (1.0, -1.0)
    },
    **{f"torque {axis}": (HANDLE, 3 + i, 1.0) for i, axis in enumerate(_AXES)},
}
"""Body, component of its wrench, and how much of it makes a moment of 1 N m."""
_AIMS: Final = [
    [(sign if i == component else 0.0) * size for i in range(6)]
    for component, size in enumerate((1 / LEVER, 1 / LEVER, 1 / LEVER, 1.0, 1.0))
    for sign in (1.0, -1.0)
]


class WrenchTask(HandleTask):
    """Hold a wrench by its handle while its other end is pushed and twisted."""

    name: ClassVar = "wrench"
    question: ClassVar = (
        "What moment (force x 150 mm) at a 25 mm handle does the hand bear before it slips 5 mm or "
        "turns 5 degrees? Held: 4.5 N m, which tightens an M5 bolt of class 8.8 (Case IH manual)."
    )
    metrics: ClassVar = {
        "moment_nm": Metric("moment borne, force x 150 mm or torque", "N m"),
        **HANDLE_METRICS,
    }
    references: ClassVar = (
        Reference(
            "people, arm and body",
            "40.06 N m (men), 24.33 N m (women): no figure of the hand alone",
            "Mital",
            {},
        ),
        Reference(
            "Allegro hand",
            "1.345 N in the worst direction before 20 mm or 15 degrees",
            "a third party's wrench probe, ladder of 1.4x",
            {},
        ),
    )
    gate: ClassVar = 4.5  # [N m]

    def cases(self, options: Options) -> Sequence[Case]:
        """Six forces and three torques, whose sign changes from seed to seed."""
        return [Case(name) for name in _LOADS]

    def build(self, contestant: Contestant, case: Case) -> HandleScene:
        """The wrench with its end in the direction of the thumb."""
        return build_scene(contestant.hand, HANDLE_SIZE, _AIMS, _furnish)

    def ladder(self, trial: Trial) -> Ladder:
        """Moments."""
        return RUNGS

    def episode(self, scene: HandleScene, trial: Trial) -> _core.Episode:
        """The closed hand, and the load of the case."""
        episode, model = scene.episode(trial.seed, trial.condition, RUNGS.end)
        body, component, scale = _LOADS[trial.case.name]
        if body == HANDLE and trial.seed // len(_LOADS) % 2:
            scale = -scale
        load_body(episode, model.body(body).id, component, RUNGS, scale)
        return episode


def _furnish(spec: mujoco.MjSpec, around: HandAround, grip: HandleGrip) -> None:
    lever = spec.body(HANDLE).add_body(name="lever", pos=[0.0, 0.0, LEVER])
    lever.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[0.02, 0.006, 0.0],
        euler=[0.0, 90.0, 0.0],
        mass=0.05,
        contype=0,
        conaffinity=0,
        group=2,
        rgba=[0.5, 0.52, 0.55, 1.0],
    )
