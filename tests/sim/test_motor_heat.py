"""The long run of a motor's heat, against its steady state and against small steps."""

import math

import pytest

from handloop import _core
from handloop.sim.motor_heat import CATALOGUE, COPPER, MotorHeat


def _motor() -> _core.Motor:
    motor, thermal = _core.Motor(), _core.Thermal()
    thermal.winding_resistance, thermal.housing_resistance = 15.0, 35.0
    thermal.winding_capacity, thermal.housing_capacity = 1.5, 20.0
    thermal.winding_max = 100.0
    motor.resistance, motor.thermal = 2.778, thermal
    return motor


def test_steady_state_in_closed_form() -> None:
    # T - T_a = R_th P, and P grows with T: the rise is R_th P / (1 - a R_th P).
    for ambient in (25.0, 32.0):
        watts = 0.3**2 * 2.778 * (1.0 + COPPER * (ambient - CATALOGUE))
        feedback = COPPER * 0.3**2 * 2.778
        heat = MotorHeat(_motor(), ambient).steady(0.3**2)
        rise = 50.0 * watts / (1.0 - 50.0 * feedback)
        assert heat.winding == pytest.approx(ambient + rise)
        assert heat.housing == pytest.approx(ambient + rise * 35.0 / 50.0)


def test_any_time_against_small_steps() -> None:
    motor, figures, square = MotorHeat(_motor()), _motor().thermal, 0.4**2
    winding = housing = CATALOGUE
    step = 0.01
    for _ in range(round(300.0 / step)):
        power = square * 2.778 * (1.0 + COPPER * (winding - CATALOGUE))
        across = (winding - housing) / figures.winding_resistance
        away = (housing - CATALOGUE) / figures.housing_resistance
        winding += step * (power - across) / figures.winding_capacity
        housing += step * (across - away) / figures.housing_capacity
    heat = motor.after(square, 300.0)
    assert heat.winding == pytest.approx(winding, abs=0.01)
    assert heat.housing == pytest.approx(housing, abs=0.01)


def test_long_after_is_steady() -> None:
    motor = MotorHeat(_motor())
    late, steady = motor.after(0.09, 15_000.0), motor.steady(0.09)
    assert (late.winding, late.housing) == pytest.approx((steady.winding, steady.housing))


def test_too_much_current_has_no_balance() -> None:
    motor = MotorHeat(_motor())
    limit = 1.0 / (COPPER * 50.0 * 2.778)  # [A^2], at which copper's growth alone keeps it rising
    assert math.isinf(motor.steady(1.01 * limit).winding)
    assert math.isfinite(motor.steady(0.99 * limit).winding)
    assert motor.after(9.0, 1e6).winding > 1e3


def test_derated_motor_stays_at_its_limit() -> None:
    heat = MotorHeat(_motor()).derated()
    assert heat.winding == 100.0
    assert heat.housing == pytest.approx(25.0 + 75.0 * 35.0 / 50.0)


def test_motor_without_figures_is_told() -> None:
    assert MotorHeat(_motor()).known
    assert not MotorHeat(_core.Motor()).known
