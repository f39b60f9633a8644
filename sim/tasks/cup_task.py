"""The cup as a task: filled, hit and shaken, neither crushed nor dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from ... import _core
from ..bench.contestant import Contestant
from ..bench.task import EpisodeTask, Kept, Metric, Options, Reference
from ..bench.trial import CLOSED, POOL, Condition, Outcome, Result, Trial, cross
from ..scene import physics
from .cup import PERIOD, CupScene
from .cup_result import judge
from .cup_trial import CupTrial

SQUEEZES: Final = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # [N]
_OUTCOME: Final[dict[str, Outcome]] = {"dropped": "slipped"}


class CupTask(EpisodeTask):
    """Hold a thin cup while 0.45 kg are poured in, a lump falls in and the wrist is shaken."""

    name: ClassVar = "cup"
    question: ClassVar = "Is a thin cup neither crushed nor dropped while it is filled and shaken?"
    metrics: ClassVar = {
        "slip_mm": Metric("slip", "mm", "lower"),
        "peak_force_n": Metric("largest fingertip force", "N", "lower"),
        "safety_margin": Metric("safety margin", "1", "neither"),
    }
    references: ClassVar = (
        Reference(
            "people",
            "safety margin 0.1 to 0.4",
            "Johansson & Westling 1984, doi:10.1007/BF00237997",
            {"safety_margin": 0.25},
        ),
    )

    def __init__(self) -> None:
        """Has no scene yet."""
        self._scenes = Kept()

    def trials(self, options: Options) -> Iterable[Trial]:
        """The same cups for the closed loop and for every constant squeeze."""
        conditions = [CLOSED, *(Condition("open", squeeze) for squeeze in SQUEEZES)]
        return cross(conditions, [POOL], options.seeds)

    def scene(self, contestant: Contestant, trial: Trial) -> CupScene:
        """Hand and cup."""
        scene: CupScene = self._scenes.get(
            contestant.entry, lambda: CupScene.build(contestant.hand)
        )
        return scene

    def episode(self, scene: CupScene, trial: Trial) -> _core.Episode:
        """A run that ends as soon as the cup is crushed or gone."""
        squeeze = trial.condition.squeeze
        return scene.episode(CupTrial.draw(trial.seed), squeeze, until_failure=True)

    def judge(self, scene: CupScene, trial: Trial, episode: _core.Episode) -> Result:
        """By slip and by the force on the cup."""
        found = judge(scene, CupTrial.draw(trial.seed), episode)
        return Result(
            _OUTCOME.get(found.outcome, found.outcome),
            {
                "slip_mm": 1e3 * found.slip,
                "peak_force_n": found.peak_force,
                "safety_margin": found.safety_margin,
            },
        )

    def physics(self, contestant: Contestant) -> dict[str, float | int | str]:
        """Of the scene."""
        return physics(self.scene(contestant, Trial(CLOSED, POOL, 0)).model, PERIOD)
