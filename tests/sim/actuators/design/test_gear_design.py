"""Gears, screws, cords, bridges and prices."""

from __future__ import annotations

import numpy as np
import pytest

from handloop.sim.actuators.design.cost import LEARNING, VOLUMES, cost
from handloop.sim.actuators.design.electronics import Bridge
from handloop.sim.actuators.design.gear import RATIO, STAGE_LOSS, Gear
from handloop.sim.actuators.design.motor import Motor, proportioned
from handloop.sim.actuators.design.practice import MAKERS
from handloop.sim.actuators.design.screw import Screw
from handloop.sim.actuators.design.tendon import Tendon, cord_for


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


def test_a_screw_s_efficiency_is_that_of_its_lead_angle() -> None:
    coarse = Screw(np.array(4e-3), np.array(np.pi * 4e-3), np.array(0.1), np.array(0.03))  # 45 deg
    assert coarse.efficiency == pytest.approx(0.9 / 1.1)
    assert coarse.back_efficiency == pytest.approx(0.9 / 1.1)
    assert coarse.thrust(np.array(0.01)) * np.pi * 4e-3 == pytest.approx(
        2.0 * np.pi * 0.01 * 0.9 / 1.1
    )


def test_a_fine_screw_locks_below_half_its_efficiency() -> None:
    fine = Screw(np.array(4e-3), np.array(0.5e-3), np.array(0.12), np.array(0.03))
    assert fine.efficiency < 0.5
    assert fine.back_efficiency == 0.0


def test_a_cord_bears_what_it_was_made_for_and_loses_by_the_capstan() -> None:
    cord = cord_for(np.array(100.0), 0.35)
    assert cord.tension_max == pytest.approx(100.0)
    assert 0.4e-3 < cord.diameter < 1.2e-3
    assert Tendon(np.array(1e-3), np.array(0.3), 0.1, np.pi).efficiency == pytest.approx(
        np.exp(-0.1 * np.pi)
    )


def test_a_bridge_loses_with_the_square_of_its_current() -> None:
    bridge = Bridge(np.array(24.0), np.array(2.0))
    idle = bridge.loss(np.array(0.0))
    one, two = (bridge.loss(np.array(i)) - idle for i in (1.0, 2.0))
    switching = 24.0 * 20e-9 * 50e3
    assert two - 2.0 * switching == pytest.approx(4.0 * (one - switching))
    assert 0.5e-3 < bridge.mass < 3e-3


def test_prices_fall_with_number_and_lie_between_the_anchors() -> None:
    motor = Motor(proportioned(*(np.array(v) for v in (0.016, 0.03, 1.0, 0.0))))
    bridge = Bridge(np.array(24.0), np.array(2.0))
    single, thousand, million = (float(cost(motor, gear(), bridge, n, 27.0).total) for n in VOLUMES)
    assert single > thousand > million
    assert 300.0 < single < 1000.0  # 215 + 114 USD and a drive, of catalogues
    assert 10.0 < million < 29.0  # a hobby's servo retails at 24 to 29 USD
    work = [float(cost(motor, gear(), bridge, n).motor_work) for n in (100, 200)]
    assert work[1] / work[0] == pytest.approx(LEARNING)
