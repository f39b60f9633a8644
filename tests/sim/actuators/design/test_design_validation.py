"""Derived parts against catalogue ones of the same outside."""

from __future__ import annotations

import numpy as np
import pytest

from handloop.sim.actuators.design.practice import MAKERS
from handloop.sim.actuators.design.validation import (
    Ratio,
    gear_ratios,
    motor_ratios,
    slotted_ratios,
)


def named(ratios: tuple[Ratio, ...]) -> dict[str, Ratio]:
    return {ratio.figure: ratio for ratio in ratios}


def within(ratio: Ratio, centre: float, factor: float) -> float:
    off = np.abs(np.log(np.array(ratio.values) / centre))
    return float(np.mean(off <= np.log(factor)))


def test_practice_is_what_is_measured_on_one_maker() -> None:
    motors, gears = named(motor_ratios("Faulhaber")), named(gear_ratios())
    assert motors["Km"].median == pytest.approx(MAKERS.motor_constant, rel=0.03)
    assert motors["R winding"].median == pytest.approx(MAKERS.winding, rel=0.03)
    assert motors["R housing"].median == pytest.approx(MAKERS.housing, rel=0.03)
    assert gears["torque"].median == pytest.approx(MAKERS.gear_torque, rel=0.03)
    assert gears["inertia"].median == pytest.approx(MAKERS.gear_inertia, rel=0.03)


def test_practice_of_teeth_is_what_is_measured_on_motors_with_teeth() -> None:
    motors = named(slotted_ratios())
    assert len(motors["Km"].values) == 9
    assert motors["mass"].median == pytest.approx(1.0, rel=1e-3)
    assert motors["Km"].median == pytest.approx(MAKERS.teeth_motor_constant, rel=0.03)
    assert motors["R winding"].median == pytest.approx(MAKERS.teeth_winding, rel=0.03)
    assert motors["R housing"].median == pytest.approx(MAKERS.teeth_housing, rel=0.03)
    assert motors["Km"].scatter < 1.3, f"x/{motors['Km'].scatter:.2f}"
    applied = named(slotted_ratios(MAKERS))
    assert [applied[name].median for name in ("Km", "R winding", "R housing")] == pytest.approx(
        [1.0] * 3, rel=0.03
    )
    assert 0.75 < applied["torque"].median < 1.33, f"median {applied['torque'].median:.2f}"


def test_mass_and_inertia_need_no_practice() -> None:
    motors, gears = named(motor_ratios()), named(gear_ratios())
    for ratio in (motors["mass"], motors["inertia"], gears["mass"], gears["efficiency"]):
        assert 0.9 < ratio.median < 1.1, f"{ratio.figure}: {ratio.median:.2f}"
        assert ratio.scatter < 1.3, f"{ratio.figure}: x/{ratio.scatter:.2f}"


def test_the_other_maker_s_motors_follow_from_the_first_one_s() -> None:
    km = named(motor_ratios("maxon"))["Km"]
    part = within(km, MAKERS.motor_constant, 1.5)
    assert part >= 0.75, f"{part:.0%} of {len(km.values)} within a factor of 1.5"
    assert km.median / MAKERS.motor_constant == pytest.approx(1.0, abs=0.25)


def test_continuous_torque_is_that_of_sheets_within_a_third() -> None:
    torque = named(motor_ratios(None, MAKERS))["torque"]
    assert 0.75 < torque.median < 1.33, f"median {torque.median:.2f}"
    assert torque.scatter < 1.6, f"x/{torque.scatter:.2f}"
