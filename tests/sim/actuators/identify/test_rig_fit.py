"""What the rig is told of a log: its voltage, and where it is put back to it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from handloop._core import RigLoad, RigLog, simulate_rigs
from handloop.controller.servo_log import ServoLog
from handloop.sim.actuators.identify.parameters import servo_of
from handloop.sim.actuators.identify.rig_fit import STEP, RigFit, Supply

from .rigs import SERVO, VOLTAGE, synthetic_log


@pytest.fixture(scope="module")
def log() -> ServoLog:
    return synthetic_log(SERVO, 0.25, 400.0, "sin_time_square", 3.0, False)


def played(log: ServoLog, supply: Supply) -> np.ndarray:
    """[rad]."""
    return RigFit([log], supply).play([servo_of(SERVO)], STEP)[0, :, 0]


def fed(log: ServoLog, voltage: np.ndarray) -> np.ndarray:
    """The same with a voltage [V] for each sample."""
    load = RigLoad()
    load.mass, load.length = log.load.mass, log.load.length
    driven = (log.driven > 0.5).tolist()
    told = RigLog(load, log.time, log.goal, log.gain, voltage, driven, position=log.position[0])
    return simulate_rigs([servo_of(SERVO)], [told], STEP)[0, :, 0]


def test_the_voltage_is_what_is_asked_for(log: ServoLog) -> None:
    """It sags in the middle, and is noisy; smooth is its mean over 27 samples, 0.13 s at 200 Hz."""
    count = len(log.time)
    noise = np.random.default_rng(2).normal(0.0, 0.5, count)
    voltage = np.where(np.arange(count) < count // 3, 8.0, 4.0) + noise
    around = np.arange(count)[:, None] + np.arange(-13, 14)
    mean = voltage[np.clip(around, 0, count - 1)].mean(axis=1)
    wanted: dict[Supply, np.ndarray] = {
        "median": fed(log, np.full(count, np.median(voltage))),
        "smooth": fed(log, mean),
        "nominal": fed(log, np.full(count, VOLTAGE)),
    }
    noisy = replace(log, voltage=voltage)
    for supply, right in wanted.items():
        assert played(noisy, supply) == pytest.approx(right, abs=1e-9), supply
    for one, other in combinations(wanted.values(), 2):
        assert np.abs(one - other).max() > 0.02


def test_the_voltage_is_nominal_where_none_was_logged(log: ServoLog) -> None:
    blind = replace(log, voltage=None)
    for supply in ("median", "smooth", "nominal"):
        assert np.array_equal(played(blind, supply), played(log, "nominal"))


def test_the_rig_is_put_back_to_the_log_at_each_piece(log: ServoLog) -> None:
    """With a servo that is far too weak, so that it is elsewhere by the end of a piece."""
    weak = servo_of({**SERVO, "torque_constant": 0.1})
    whole = RigFit([log, log])
    pieces = replace(whole, window=0.5)
    begins = np.arange(0, 2 * len(log.time), len(log.time) // 6)  # six in three seconds

    def off(fit: RigFit) -> np.ndarray:
        return np.abs(fit.errors([weak], STEP)[0])

    assert off(pieces)[begins] == pytest.approx(0.0, abs=1e-12)
    assert np.all(off(pieces)[begins[1:] - 1] > 1e-3)
    assert np.median(off(whole)[begins]) > 0.1


def test_a_piece_begins_as_fast_as_the_log_is(log: ServoLog) -> None:
    """So a right servo goes on as if it had never been put back."""
    right = RigFit([log], window=0.5)
    begins = np.arange(100, len(log.time), 100)
    speed = right.play([servo_of(SERVO)], STEP)[0, :, 1]
    assert np.abs(log.velocity[begins]).max() > 2.0
    assert speed[begins] == pytest.approx(log.velocity[begins], abs=0.3)
    assert right.mean_error(servo_of(SERVO)) < 0.005
