"""Closed forms against each other and against the core's two-body model."""

import math

import pytest

from handloop import _core
from handloop.sim.actuators.parts import motor_physics as physics
from handloop.sim.motor_heat import MotorHeat

RESISTANCE, INNER, OUTER, LIMIT = 24.9, 12.1, 47.0, 100.0


def test_continuous_current_at_rest_is_where_the_two_bodies_settle_at_the_limit() -> None:
    current = physics.continuous_current(RESISTANCE, INNER, OUTER, LIMIT, 0.0, 0.008)
    motor = _core.Motor()
    motor.resistance = RESISTANCE
    motor.thermal.winding_resistance, motor.thermal.housing_resistance = INNER, OUTER
    motor.thermal.winding_capacity, motor.thermal.housing_capacity = 0.3, 3.0
    motor.thermal.winding_max = LIMIT
    assert MotorHeat(motor).steady(current**2).winding == pytest.approx(LIMIT)


def test_friction_takes_from_the_continuous_current_by_the_speed_it_leaves() -> None:
    still = physics.continuous_current(RESISTANCE, INNER, OUTER, LIMIT, 0.0, 0.008)
    turning = physics.continuous_current(RESISTANCE, INNER, OUTER, LIMIT, 12.0, 0.008)
    loss = 0.008 * (12.0 - RESISTANCE * turning)
    copper = turning**2 * physics.hot_resistance(RESISTANCE, LIMIT)
    assert turning < still
    assert copper * (INNER + OUTER) + loss * OUTER == pytest.approx(LIMIT - 25.0)


def test_short_current_warms_as_much_as_said() -> None:
    current = physics.short_current(30.0, 0.33, 37.5, 1.0)
    assert 30.0 * current**2 * 1.0 / 0.33 == pytest.approx(37.5)


def test_a_gear_below_half_efficiency_locks_itself() -> None:
    assert physics.backdriving_efficiency(1.0) == 1.0
    assert physics.backdriving_efficiency(0.5) == 0.0
    assert physics.backdriving_efficiency(0.9**3) == pytest.approx(2.0 - 1.0 / 0.729)


def test_stall_torque_is_that_of_the_stall_current() -> None:
    assert math.isclose(physics.stall_torque(0.01, 6.0, 3.0), 0.02)
