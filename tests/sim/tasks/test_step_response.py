"""What is read off steps and sines, against plants whose answers are known in closed form."""

import math

import numpy as np
import pytest

from handloop.sim.tasks.step_response import StepResponse, sine_gain

PERIOD = 0.001
TIME = np.arange(4000) * PERIOD


def test_first_order_plant() -> None:
    time_constant = 0.05
    signal = 2.0 + 4.0 * (1.0 - np.exp(-TIME / time_constant))
    found = StepResponse.read(signal, 2.0, 6.0, PERIOD)
    assert found.rise_time == pytest.approx(time_constant * math.log(9.0), abs=PERIOD)
    assert found.overshoot == pytest.approx(0.0, abs=1e-9)
    assert found.error < 1e-6
    assert found.bandwidth == pytest.approx(1.0 / (2.0 * math.pi * time_constant), rel=0.03)


def test_second_order_plant_overshoots_as_its_damping_says() -> None:
    zeta, omega = 0.4, 60.0
    damped = omega * math.sqrt(1.0 - zeta**2)
    decay = np.exp(-zeta * omega * TIME)
    part = 1.0 - decay * (np.cos(damped * TIME) + zeta * omega / damped * np.sin(damped * TIME))
    found = StepResponse.read(10.0 * part, 0.0, 10.0, PERIOD)
    assert found.overshoot == pytest.approx(
        math.exp(-math.pi * zeta / math.sqrt(1.0 - zeta**2)), rel=0.01
    )
    half = 1.0 - 2.0 * zeta**2
    third_decibels = omega * math.sqrt(half + math.sqrt(half**2 + 1.0))
    assert found.bandwidth == pytest.approx(third_decibels / (2.0 * math.pi), rel=0.03)


def test_lasting_error_and_a_step_never_made() -> None:
    found = StepResponse.read(np.full(1000, 2.2), 2.0, 6.0, PERIOD)
    assert found.error == pytest.approx(0.95)
    assert math.isnan(found.rise_time)


def test_perfect_step_is_as_fast_as_can_be_told() -> None:
    found = StepResponse.read(np.full(1000, 6.0), 2.0, 6.0, PERIOD)
    assert found.rise_time == 0.0
    assert found.bandwidth == 0.5 / PERIOD


def test_sine_through_a_first_order_plant() -> None:
    frequency, time_constant = 2.0, 0.05
    gain = 1.0 / (1.0 + 2j * math.pi * frequency * time_constant)
    command = 3.0 + np.cos(2.0 * np.pi * frequency * TIME)
    signal = 3.0 + (gain * np.exp(2j * np.pi * frequency * TIME)).real
    assert sine_gain(command, signal, frequency, PERIOD) == pytest.approx(gain)
