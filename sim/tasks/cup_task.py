"""The cup as a task: filled, hit and shaken, neither crushed nor dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import ClassVar, Final

import numpy as np

from ... import _core
from ...controller import Hand, HandError
from ..bench.contestant import Contestant
from ..bench.task import (
    CannotTakePartError,
    EpisodeTask,
    Kept,
    Metric,
    Options,
    Reference,
    Snapshot,
)
from ..bench.trial import (
    CLOSED,
    HALF_STEP,
    ORACLE,
    POOL,
    RIGID,
    Case,
    Condition,
    Outcome,
    Result,
    Trial,
    cross,
)
from ..scene import physics
from .cup import PERIOD, CupScene
from .cup_object import FILLING
from .cup_result import CupResult, judge
from .cup_trial import DROPPED, CupTrial
from .rigid_pinch import pinch_creep

SQUEEZES: Final = (3.0, 4.0, 5.0, 5.5, 6.0, 6.5, 7.0, 8.0, 10.0)  # [N]
CURVE_SQUEEZES: Final = (5.0, 6.5, 10.0)  # [N]: for most cups, for the most, for slippery ones

POUR_RATE: Final = "pour rate [kg/s]"
FRICTION: Final = "friction"
STRENGTH: Final = "strength [least force]"
CURVE_SEEDS: Final = 20

SLIPPERIEST: Final = CupTrial(0, 0.4, 2.0, (1.0, 1.0, 1.0))
"""Of the pool: what a rigid pinch must press hardest, and creeps the most on."""


class CupTask(EpisodeTask):
    """Hold a thin cup while 0.45 kg are poured in, a lump falls in and the wrist is shaken."""

    name: ClassVar = "cup"
    question: ClassVar = (
        "Is a thin cup neither crushed nor dropped (3 mm) while it is filled, hit and shaken?"
    )
    metrics: ClassVar = {
        "slip_mm": Metric("slip", "mm", "lower"),
        "slip_less_creep_mm": Metric("slip less what a rigid pinch creeps", "mm", "lower"),
        "peak_force_n": Metric("largest fingertip force", "N", "lower"),
        "crush_ratio": Metric("largest force over the one that crushes", "1", "lower"),
        "safety_margin": Metric("safety margin", "1", "neither"),
        "reaction_ms": Metric("from slip to risen grip, median", "ms", "lower"),
        "creep_mm": Metric("creep in a rigid pinch", "mm", "lower"),
    }
    references: ClassVar = (
        Reference(
            "people",
            "safety margin 0.1 to 0.4, grip risen 60 to 80 ms after a slip",
            "Johansson & Westling 1984, doi:10.1007/BF00237997",
            {"safety_margin": 0.25, "reaction_ms": 70.0},
        ),
    )
    curves: ClassVar[dict[str, tuple[float, ...]]] = {
        POUR_RATE: (0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
        FRICTION: (0.2, 0.3, 0.4, 0.5, 0.7, 0.9),
        STRENGTH: (1.1, 1.2, 1.3, 1.4, 1.7, 2.0),
    }
    """What breaks a hold, and how far it is driven; all else is drawn as ever."""
    scene_type: ClassVar[type[CupScene]] = CupScene

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()
        self._creep = Kept()

    def trials(self, options: Options) -> Iterable[Trial]:
        """The same cups for every way of holding, then the curves on a few of them.

        Whether half the time step changes anything is asked of every other seed.
        """
        seeds = options.seeds[:3] if options.quick else options.seeds
        squeezes = (5.0, 6.5) if options.quick else SQUEEZES
        pool = [CLOSED, *_open(squeezes), *([ORACLE] if options.oracle else [])]
        return chain(
            cross(pool, [POOL], seeds),
            cross([HALF_STEP], [POOL], seeds[::2]),
            cross([RIGID], [POOL], seeds[:1] if options.quick else seeds),
            self._curves(options),
        )

    def _curves(self, options: Options) -> Iterable[Trial]:
        seeds = options.seeds[:1] if options.quick else options.seeds[:CURVE_SEEDS]
        squeezes = (6.5,) if options.quick else CURVE_SQUEEZES
        points = slice(1, None, 3) if options.quick else slice(None)
        cases = [
            Case(f"{curve}: {value:g}", curve, value, headline=False)
            for curve, values in self.curves.items()
            for value in values[points]
        ]
        return cross([CLOSED, *_open(squeezes)], cases, seeds)

    def scene(self, contestant: Contestant, trial: Trial) -> CupScene:
        """Hand and cup."""
        scene: CupScene = self._scenes.get(contestant.entry, lambda: self._build(contestant.hand))
        if trial.condition.kind == "half_step":
            return scene.at_step(0.5 * scene.model.opt.timestep)
        return scene

    def _build(self, hand: Hand) -> CupScene:
        try:
            return self.scene_type.build(hand)
        except HandError:
            raise
        except ValueError as error:
            raise CannotTakePartError(str(error)) from error

    def episode(self, scene: CupScene, trial: Trial) -> _core.Episode:
        """A run that ends as soon as the cup is crushed or gone."""
        cup, squeeze = drawn(trial), trial.condition.squeeze
        if squeeze is not None:
            return scene.episode(cup, squeeze, until_failure=True)
        config = scene.hand.controller_config(PERIOD)
        self.tune(config.grip)
        if trial.condition.kind == "oracle":
            tell(config.grip, cup)
        return scene.episode(cup, config=config, until_failure=True)

    def tune(self, grip: _core.GripConfig) -> None:
        """Tells a hand that the thing is thin: answer a blow by reflex, not by following its load.

        What crushed a cup in most losses was the landing of the lump: the grip had followed its
        short load when the reflex came on top. So it follows half as fast; the reflex, which knows
        its bounds, feels for slip earlier and comes twice as fast.
        """
        grip.load_time_constant *= 2.0
        grip.slip_speed *= 0.75
        grip.reflex_rate *= 2.0
        grip.reflex_gain *= 0.95

    def plays(self, trial: Trial) -> bool:
        """A rigid pinch is no episode."""
        return trial.condition.kind != "rigid"

    def run(self, contestant: Contestant, trials: Sequence[Trial]) -> list[Result]:
        """Runs trials one after the other."""
        results = []
        for trial in trials:
            if self.plays(trial):
                results += super().run(contestant, [trial])
            else:
                results.append(self.pinch(self.scene(contestant, trial), drawn(trial)))
        return results

    def pinch(self, scene: CupScene, cup: CupTrial) -> Result:
        """What the simulator alone does: two rigid pads with 5 % more than the load ever needs."""
        creep = pinch_creep(scene, cup)
        return Result("slipped" if creep > DROPPED else "held", {"creep_mm": 1e3 * creep})

    def judge(self, scene: CupScene, trial: Trial, episode: _core.Episode) -> Result:
        """By slip and by the force on the cup."""
        found = judge(scene, drawn(trial), episode)
        outcome: Outcome = "slipped" if found.outcome == "dropped" else found.outcome
        return Result(outcome, self.measured(scene, found))

    def measured(self, scene: CupScene, found: CupResult) -> dict[str, float]:
        """What a result has in figures."""
        return self._held(scene, found) | {"crush_ratio": found.peak_ratio}

    def _held(self, scene: CupScene, found: CupResult) -> dict[str, float]:
        creep: float = self._creep.get(
            (scene.hand, scene.model.opt.timestep), lambda: pinch_creep(scene, SLIPPERIEST)
        )
        times = found.reactions.times
        return {
            "slip_mm": 1e3 * found.slip,
            "slip_less_creep_mm": 1e3 * max(found.slip - creep, 0.0),
            "peak_force_n": found.peak_force,
            "safety_margin": found.safety_margin,
            "reaction_ms": 1e3 * float(np.median(times)) if times else float("nan"),
        }

    def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot | None:
        """Where the episode ended; a rigid pinch has nothing to see."""
        return None if trial.condition.kind == "rigid" else super().snapshot(contestant, trial)

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene."""
        return physics(self.scene(contestant, Trial(CLOSED, POOL, 0)).model, PERIOD)


def drawn(trial: Trial) -> CupTrial:
    """The cup of a trial: as its seed draws it, but for what its case fixes."""
    cup, value = CupTrial.draw(trial.seed), trial.case.value
    if value is None:
        return cup
    if trial.case.curve == POUR_RATE:
        return replace(cup, pour_time=FILLING / value)
    if trial.case.curve == FRICTION:
        return replace(cup, friction=value)
    return replace(cup, strength=value)


def tell(grip: _core.GripConfig, cup: CupTrial) -> None:
    """Tells a controller what no hand could know: how slippery the cup is and what crushes it."""
    grip.friction_initial = cup.friction * (1.0 - grip.margin)
    grip.margin = 0.0  # it is in the friction, and so there before any slip
    grip.force_max = 0.95 * cup.strength * cup.least_force()


def _open(squeezes: Sequence[float]) -> list[Condition]:
    return [Condition("open", squeeze) for squeeze in squeezes]
