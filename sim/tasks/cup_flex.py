"""The cup that dents as a task: what is pressed too hard stays pressed in."""

from __future__ import annotations

from typing import ClassVar

from ... import _core
from ..bench.task import Metric
from .cup import CupScene
from .cup_flex_object import DENT
from .cup_flex_scene import FlexCupScene
from .cup_result import CupResult
from .cup_task import STRENGTH, CupTask


class CupFlexTask(CupTask):
    """The same story with a wall that yields: crushed is what keeps a dent of 1 mm."""

    name: ClassVar = "cup-flex"
    question: ClassVar = (
        "Is a cup that dents for good neither dented (1 mm) nor dropped (3 mm) while it is "
        "filled, hit and shaken?"
    )
    metrics: ClassVar = {
        "slip_mm": CupTask.metrics["slip_mm"],
        "dent_mm": Metric("deepest dent that stays", "mm", "lower"),
    } | {name: CupTask.metrics[name] for name in CupTask.metrics if name != "crush_ratio"}
    curves: ClassVar[dict[str, tuple[float, ...]]] = {STRENGTH: CupTask.curves[STRENGTH]}
    scene_type: ClassVar = FlexCupScene

    def tune(self, grip: _core.GripConfig) -> None:
        """A firm reflex: a wall that is pressed too hard for a moment only hardly dents."""
        grip.slip_speed *= 0.75
        grip.reflex_rate *= 2.0
        grip.reflex_gain *= 1.25

    def measured(self, scene: CupScene, found: CupResult) -> dict[str, float]:
        """What a result has in figures."""
        return self._held(scene, found) | {"dent_mm": 1e3 * DENT * found.peak_ratio}
