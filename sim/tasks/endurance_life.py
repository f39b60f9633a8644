"""From some grasps of a new hand to ten thousand, and to some grasps of the old one.

Heat goes on by the equations of `motor_heat.py` with the currents that were measured, wear by those
of `wear.py` with the loads that were; then the hand is run again as those have left it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...controller import Hand
from ..bench.trial import Outcome, Result
from ..motor_heat import Heat, MotorHeat
from ..wear import (
    BACKLASH,
    BEARING,
    GEAR_FRICTION,
    TOOTH,
    backlash_growth,
    tendon_strain,
)
from .endurance_age import Age, GraspDraw
from .endurance_run import Grasps, grasp_often, motor_names
from .endurance_scene import CYCLE, EnduranceScene
from .nist_move import pose_repeatability

Array = NDArray[np.float64]

CYCLES: Final = 10_000
FORCE_KEPT: Final = 0.8  # part of the new hand's grip with which an old one still grips
CORD: Final = 0.35  # [m], of a tendon from its motor to its end: ASSUMPTION


@dataclass(frozen=True, eq=False)
class Life:
    """A hand's life of `CYCLES` grasps.

    Attributes:
        new: Its first grasps.
        old: Its last ones; None where nothing gets warm or wears.
        free: How warm each motor would be if nothing took current from it.
        heat: How warm each motor is; its winding's limit is kept.
        limit: Of each motor's winding [deg C].
        backlash: Of each joint's gear in the end, shape (joints,) [rad]; empty: no gears.
        stretch: Of each tendon in the end [m].
        housing_max: Temperature of a housing at which the controller stops trusting it [deg C].
    """

    new: Grasps
    old: Grasps | None
    free: tuple[Heat, ...]
    heat: tuple[Heat, ...]
    limit: tuple[float, ...]
    backlash: Array
    stretch: dict[str, float]
    housing_max: float

    @property
    def derated(self) -> int:
        """Motors from which current is taken so that they stay whole."""
        pairs = zip(self.free, self.limit, strict=True)
        return sum(heat.winding > limit for heat, limit in pairs)

    @property
    def outcome(self) -> Outcome:
        """What became of it; that a hot motor takes the grip away is `thermal`."""
        if not self.new.kept:
            return self.new.outcome
        if self.old is not None and self.old.diverged:
            return "diverged"
        if any(heat.housing > self.housing_max for heat in self.heat):
            return "thermal"
        return self._of_the_old(self.old) if self.old else "held"

    def _of_the_old(self, old: Grasps) -> Outcome:
        if old.kept and old.force.mean() >= FORCE_KEPT * self.new.force.mean():
            return "held"
        if self.derated:
            return "thermal"
        return "limit" if old.kept else "slipped"


def live(scene: EnduranceScene, draw: GraspDraw, runs: int) -> Life:
    """Simulates the first grasps, reckons the years between, simulates the last.

    Args:
        scene: Hand and cylinder.
        draw: What is drawn.
        runs: Of each age.
    """
    hand = scene.hand
    new = grasp_often(scene, draw, Age.new(hand), runs)
    config = scene.config(Age.new(hand))
    motors = [MotorHeat(m, config.motors.ambient) for m in config.motors.motors]
    warm = all(motor.known for motor in motors) and bool(motors)
    free, heat = _heat(motors, new.square) if warm else ((), ())
    age, backlash = _worn(hand, new, heat)
    wears = bool(warm or len(backlash) or new.tendons)
    old = grasp_often(scene, draw, age, runs) if wears and new.kept else None
    return Life(
        new=new,
        old=old,
        free=free,
        heat=heat,
        limit=tuple(m.motor.thermal.winding_max for m in motors) if warm else (),
        backlash=backlash,
        stretch={
            name: CORD * tendon_strain(mean, most, CYCLES * CYCLE)
            for name, (mean, most) in new.tension.items()
        },
        housing_max=config.safety.temperature_max,
    )


def _heat(motors: list[MotorHeat], square: Array) -> tuple[tuple[Heat, ...], tuple[Heat, ...]]:
    """After all grasps: without a limit, and with the winding's."""
    free = tuple(
        motor.after(float(i2), CYCLES * CYCLE) for motor, i2 in zip(motors, square, strict=True)
    )
    kept = tuple(
        motor.derated() if heat.winding > motor.motor.thermal.winding_max else heat
        for motor, heat in zip(motors, free, strict=True)
    )
    return free, kept


def _worn(hand: Hand, new: Grasps, heat: tuple[Heat, ...]) -> tuple[Age, Array]:
    """The hand after all grasps, and the play of its gears.

    A position is taken to be measured before the gear. There half the play that has come is missing
    towards the side to which the joint is pressed while it grips. Tendons are kept tight by their
    motors, and joints are measured behind them: stretch costs stroke, not position.
    """
    none = np.zeros(len(hand.joint_names))
    pulls = bool(new.tendons)
    if hand.description.motors is None or pulls:
        return Age(none, none, heat, worn_guides=pulls), np.empty(0)
    each = [spectrum.work / spectrum.grasps * CYCLES for spectrum in new.joints]
    growth = np.array([backlash_growth(work) for work in each])
    age = Age(0.5 * growth * np.sign(new.lean), GEAR_FRICTION * np.abs(new.lean), heat)
    return age, BACKLASH + growth


def judged(scene: EnduranceScene, life: Life) -> Result:
    """The figures of a life; those of a part have its name behind a dot."""
    metrics = {**_grip(life.new, life.old), **_warmth(life), **_loads(scene, life)}
    return Result(life.outcome, _finite(metrics))


def judged_alone(new: Grasps) -> Result:
    """The figures of some grasps of a new hand that does not grow old."""
    return Result(new.outcome, _finite(_grip(new, None)))


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if np.isfinite(value)}


def _grip(new: Grasps, old: Grasps | None) -> dict[str, float]:
    ages = [age for age in (new, old) if age is not None and len(age.slip)]
    metrics = {"slip_mm": 1e3 * max(age.slip.max() for age in ages)} if ages else {}
    if len(new.force):
        metrics["force_new_n"] = new.force.mean()
    if len(new.place) > 1:
        metrics["spread_mm"] = 1e3 * pose_repeatability(new.place)
    if old is not None and len(old.force):
        metrics["force_old_n"] = old.force.mean()
        metrics["force_drift"] = old.force.mean() / new.force.mean() - 1.0
        way = old.place.mean(axis=0) - new.place.mean(axis=0)
        metrics["position_drift_mm"] = 1e3 * float(np.linalg.norm(way))
    return metrics


def _warmth(life: Life) -> dict[str, float]:
    if not life.heat:
        return {}
    return {
        "winding_c": max(heat.winding for heat in life.heat),
        "winding_free_c": max(heat.winding for heat in life.free),
        "housing_c": max(heat.housing for heat in life.heat),
        "derated": float(life.derated),
    }


def _loads(scene: EnduranceScene, life: Life) -> dict[str, float]:
    new, metrics = life.new, {}
    if len(life.backlash):
        metrics["backlash_deg"] = float(np.degrees(life.backlash.max()))
    if life.stretch:
        metrics["tendon_stretch_mm"] = 1e3 * max(life.stretch.values())
    metrics["load_range_nm"] = max(s.equivalent_range(BEARING) for s in new.joints)
    metrics["tooth_range_nm"] = max(s.equivalent_range(TOOTH) for s in new.joints)
    if new.tendons:
        pulled = (s.equivalent_range(BEARING) for s in new.tendons.values())
        metrics["tension_range_n"] = max(pulled)
    metrics["load_cycles"] = float(np.median([s.count_per_grasp for s in new.joints]))
    metrics["work_j"] = sum(spectrum.work / spectrum.grasps for spectrum in new.joints)
    return metrics | dict(_each_part(scene, life))


def _each_part(scene: EnduranceScene, life: Life) -> Iterator[tuple[str, float]]:
    for name, spectrum in zip(scene.hand.joint_names, life.new.joints, strict=True):
        yield f"load_range_nm.{name}", spectrum.equivalent_range(BEARING)
        yield f"tooth_range_nm.{name}", spectrum.equivalent_range(TOOTH)
        yield f"load_cycles.{name}", spectrum.count_per_grasp
        yield f"work_j.{name}", spectrum.work / spectrum.grasps
    for name, spectrum in life.new.tendons.items():
        yield f"tension_range_n.{name}", spectrum.equivalent_range(BEARING)
    for name, heat in zip(motor_names(scene.hand), life.heat, strict=False):
        yield f"winding_c.{name}", heat.winding
