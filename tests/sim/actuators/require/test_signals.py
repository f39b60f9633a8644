"""What is read off a torque over time, against closed forms."""

import numpy as np
import pytest

from handloop.sim.actuators.require.cloud import hull, thinned
from handloop.sim.actuators.require.signals import bandwidth, worst_rms

PERIOD = 0.001
TIME = PERIOD * np.arange(8000)


def test_constant_torque_has_its_own_rms_in_any_window() -> None:
    rms = worst_rms(np.full((700, 1), -3.0), PERIOD, (0.05, 0.7, 10.0))
    assert rms == pytest.approx(np.full((3, 1), 3.0))


def test_pulse_is_spread_over_the_window() -> None:
    torque = np.zeros((1000, 1))
    torque[300:400] = 2.0
    rms = worst_rms(torque, PERIOD, (0.05, 0.1, 0.4, 1.0))
    assert rms[:, 0] == pytest.approx([2.0, 2.0, 1.0, 2.0 * np.sqrt(0.1)])


def test_short_trial_is_repeated() -> None:
    torque = np.zeros((1000, 1))
    torque[-100:], torque[:100] = 1.0, 1.0
    assert worst_rms(torque, PERIOD, (0.2,))[0, 0] == pytest.approx(1.0), "from end to beginning"
    whole = worst_rms(torque, PERIOD, (7.0,))[0, 0]
    assert whole == pytest.approx(np.sqrt(0.2))


@pytest.mark.parametrize("frequency", [3.0, 20.0, 90.0])
def test_bandwidth_of_a_sine_is_its_frequency_in_spite_of_noise(frequency: float) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(TIME))
    torque = 5.0 + np.sin(2.0 * np.pi * frequency * TIME) + noise
    found = bandwidth(torque[:, None], PERIOD)[0]
    assert found == pytest.approx(frequency, abs=1.5)  # [Hz], of a spectrum of 0.5 Hz


def test_noise_alone_has_no_bandwidth() -> None:
    noise = np.random.default_rng(1).standard_normal((len(TIME), 3))
    noise[:, 2] = 1.0
    assert bandwidth(noise, PERIOD).tolist() == [0.0, 0.0, 0.0]


def test_thinned_cloud_keeps_its_hull_and_its_corners() -> None:
    points = np.random.default_rng(2).standard_normal((5000, 2)) * [1.0, 30.0]
    few = thinned(points)
    assert len(few) < 120
    corners = {tuple(p) for p in hull(points)}
    assert corners <= {tuple(p) for p in few} <= {tuple(p) for p in points}
    assert {tuple(p) for p in hull(few)} == corners


def test_clouds_without_area_are_kept_as_they_are() -> None:
    line = np.column_stack([np.linspace(0.0, 1.0, 5), np.zeros(5)])
    assert thinned(line).tolist() == line.tolist()
    assert thinned(np.empty((0, 2))).shape == (0, 2)
    slope = np.column_stack([line[:, 0], 2.0 * line[:, 0]])
    assert {(0.0, 0.0), (1.0, 2.0)} <= {tuple(p) for p in thinned(slope)}
