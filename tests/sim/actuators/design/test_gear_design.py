"""Gears, screws, cords, bridges and prices."""

from __future__ import annotations

import numpy as np
import pytest

from handloop.sim.actuators.design.cost import (
    LEARNING,
    OUTPUT_WORK,
    SCREW_WORK,
    STAGE_WORK,
    VOLUMES,
    cost,
)
from handloop.sim.actuators.design.electronics import Bridge
from handloop.sim.actuators.design.gear import RATIO, STAGE_LOSS, Gear
from handloop.sim.actuators.design.materials import STEEL
from handloop.sim.actuators.design.motor import Motor, proportioned
from handloop.sim.actuators.design.motor_shape import MotorShape
from handloop.sim.actuators.design.practice import MAKERS
from handloop.sim.actuators.design.reduction import reduction
from handloop.sim.actuators.design.screw import CORE, FEED, FRICTION, SAFETY, Screw
from handloop.sim.actuators.design.tendon import ARM, Tendon, cord_for


def gear(
    diameter: float = 0.016, stages: float = 3.0, ratio: float = 4.4, face: float = 0.3
) -> Gear:
    return Gear(*(np.array(v) for v in (diameter, stages, ratio, face)), practice=MAKERS)


def test_stages_multiply() -> None:
    one, three = gear(stages=1.0), gear()
    assert three.ratio == pytest.approx(one.ratio**3)
    assert three.efficiency == pytest.approx((1.0 - STAGE_LOSS) ** 3)
    assert three.torque_max == pytest.approx(one.torque_max)  # the last stage bears it


def test_torque_and_mass_grow_with_the_cube_of_size() -> None:
    small, large = gear(0.012), gear(0.024)
    assert large.torque_max / small.torque_max == pytest.approx(8.0)
    assert large.mass / small.mass == pytest.approx(8.0)
    assert large.inertia / small.inertia == pytest.approx(32.0)


def test_torque_densities_are_those_of_gearheads() -> None:
    """Reference: 6, 13 and 27 N m/kg at the 10th, 50th and 90th percentile below 100 g."""
    grid = np.meshgrid(np.linspace(0.008, 0.022, 8), [2.0, 3.0], [4.0, 5.5], [0.2, 0.3, 0.4])
    gears = Gear(*(axis.ravel() for axis in grid), practice=MAKERS)
    density = gears.torque_max / gears.mass
    assert np.median(density) == pytest.approx(13.0, rel=0.5)
    assert (density > 4.0).all() and (density < 49.0).all()


def test_teeth_that_cannot_be_made_do_not_fit() -> None:
    assert gear().fits
    assert not gear(ratio=RATIO[1] + 0.1).fits
    assert not gear(diameter=0.004, ratio=6.0).fits
    assert gear(stages=0.0).fits and gear(stages=0.0).mass == 0.0


def screw(diameter: float, thread: float, lead: float) -> Screw:
    return Screw(*(1e-3 * np.array(v) for v in (diameter, thread, lead)))


@pytest.mark.parametrize("lead", [1.0, 2.0, 12.0])
def test_a_screw_s_efficiency_is_that_of_the_forces_on_its_flank(lead: float) -> None:
    one, slope = screw(22.0, 6.0, lead), lead / (6.0 * np.pi)
    up = (slope + FRICTION) / (
        1.0 - FRICTION * slope
    )  # of a wedge, pushed by this part of its load
    down = (slope - FRICTION) / (1.0 + FRICTION * slope)
    assert one.efficiency == pytest.approx(slope / up)
    assert one.back_efficiency == pytest.approx(down / slope)
    assert one.ratio * 1e-3 * lead == pytest.approx(2.0 * np.pi * ARM)


@pytest.mark.parametrize(
    ("size", "efficiency", "force", "most", "mass"),
    [((16.0, 5.0, 2.0), 0.93, 54.0, 403.0, 0.052), ((22.0, 6.0, 2.0), 0.96, 77.0, 495.0, 0.1)],
)
def test_screws_do_what_sheets_say(
    size: tuple[float, float, float], efficiency: float, force: float, most: float, mass: float
) -> None:
    one = screw(*size)
    assert one.efficiency == pytest.approx(efficiency, abs=0.025)
    slower = (FEED / (2.0 * ARM)) ** (1.0 / 3.0)
    assert one.torque_max == pytest.approx(ARM * force * slower, rel=0.1)
    assert one.torque_peak == pytest.approx(ARM * most, rel=0.05)
    longer = STEEL.density * 0.25 * np.pi * one.thread**2 * (0.15 - one.travel)
    assert one.mass + longer == pytest.approx(mass, rel=0.25)


def test_a_thin_screw_buckles_and_a_fine_one_locks() -> None:
    thin = screw(10.0, 1.0, 1.0)
    assert thin.torque_peak == pytest.approx(ARM * thin.buckling)
    core = np.pi * (CORE * 1e-3) ** 4 / 64.0
    assert thin.buckling * SAFETY == pytest.approx(2.1e11 * core * (0.5 * np.pi / thin.travel) ** 2)
    assert screw(22.0, 6.0, 0.1).back_efficiency == 0.0
    assert screw(22.0, 6.0, 1.0).fits
    assert not screw(22.0, 6.0, 0.9).fits
    assert not screw(13.0, 6.0, 1.0).fits


def test_stages_or_a_screw() -> None:
    both = (np.array([2.0, 0.0]), gear(stages=2.0), screw(16.0, 5.0, 1.0))
    one = reduction(np.array([0.016, 0.016]), *both)
    for name in ("ratio", "efficiency", "back_efficiency", "torque_max", "speed_max", "inertia"):
        assert getattr(one, name).tolist() == [float(getattr(part, name)) for part in both[1:]]
    work = cost(Motor(motor()), one, bridge(), 1).gear_work
    assert work == pytest.approx([OUTPUT_WORK + 2.0 * STAGE_WORK, SCREW_WORK])


def test_a_cord_bears_what_it_was_made_for_and_loses_by_the_capstan() -> None:
    cord = cord_for(np.array(100.0), 0.35)
    assert cord.tension_max == pytest.approx(100.0)
    assert 0.4e-3 < cord.diameter < 1.2e-3
    assert Tendon(np.array(1e-3), np.array(0.3), 0.1, np.pi).efficiency == pytest.approx(
        np.exp(-0.1 * np.pi)
    )


def bridge() -> Bridge:
    return Bridge(np.array(24.0), np.array(2.0))


def motor() -> MotorShape:
    return proportioned(*(np.array(v) for v in (0.016, 0.03, 1.0, 0.0)))


def test_a_bridge_loses_with_the_square_of_its_current() -> None:
    made = bridge()
    idle = made.loss(np.array(0.0))
    one, two = (made.loss(np.array(i)) - idle for i in (1.0, 2.0))
    switching = 24.0 * 20e-9 * 50e3
    assert two - 2.0 * switching == pytest.approx(4.0 * (one - switching))
    assert 0.5e-3 < made.mass < 3e-3


def test_prices_fall_with_number_and_lie_between_the_anchors() -> None:
    geared = reduction(np.array(0.016), np.array(3.0), gear(), screw(16.0, 5.0, 1.0))
    parts = (Motor(motor()), geared, bridge())
    single, thousand, million = (float(cost(*parts, n, 27.0).total) for n in VOLUMES)
    assert single > thousand > million
    assert 300.0 < single < 1000.0  # 215 + 114 USD and a drive, of catalogues
    assert 10.0 < million < 29.0  # a hobby's servo retails at 24 to 29 USD
    work = [float(cost(*parts, n).motor_work) for n in (100, 200)]
    assert work[1] / work[0] == pytest.approx(LEARNING)
