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
    assert physics.backdriving_efficiency(physics.gear_efficiency([0.9] * 3)) == pytest.approx(
        2.0 - 1.0 / 0.729
    )


def test_best_efficiency_is_the_best_over_all_currents() -> None:
    free, stall = 0.02, 1.0
    loads = [i / 1000.0 for i in range(21, 1000)]
    # (U - R i) / U times (i - i0) / i, in parts of the stall current
    best = max((1.0 - i / stall) * (1.0 - free / i) for i in loads)
    assert physics.best_efficiency(free, stall) == pytest.approx(best, rel=1e-4)


def test_heat_for_a_torque_hangs_on_the_motor_constant_alone() -> None:
    wound_twice = physics.motor_constant(0.02, 4.0)
    assert physics.motor_constant(0.01, 1.0) == pytest.approx(wound_twice)
    torque = 0.003
    assert (torque / wound_twice) ** 2 == pytest.approx(4.0 * (torque / 0.02) ** 2)
    assert math.isclose(physics.stall_torque(0.01, 6.0, 3.0), 0.02)
