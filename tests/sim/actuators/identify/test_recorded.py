"""What a virtual servo's recordings tell, against the virtual servo that they are of."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from handloop.controller.errors import HandError
from handloop.controller.servo_log import ArmLoad, ServoLog
from handloop.firmware_bridge import ServoCatalogue
from handloop.firmware_bridge.excited_servo import RecordConfig
from handloop.firmware_bridge.record_servo import record
from handloop.firmware_bridge.virtual import virtual_model
from handloop.firmware_bridge.virtual_rig import VirtualRig
from handloop.sim.actuators.identify.parameters import Values, servo_of
from handloop.sim.actuators.identify.read_logs import read_log
from handloop.sim.actuators.identify.rig_fit import RigFit, gain_of

XL330, STS3215 = "XL330-M288", "STS3215-C001"
COUNT = 2.0 * np.pi / 4096
GAINS = {XL330: 1.0 / (128 * 885 * COUNT), STS3215: 0.0005 / COUNT}
"""[1/rad], duty per error and unit of the gain register; of the virtual ones' firmware."""


@cache
def recorded(name: str, duty: float | None = None) -> tuple[ServoLog, ...]:
    model = ServoCatalogue.packaged().named(name)
    load, gains = (ArmLoad(0.2, 0.1), [400]) if name == XL330 else (ArmLoad(0.5, 0.1), [16, 32])
    rig = VirtualRig(model, load)
    config = RecordConfig(load, ["sin_time_square", "multi_sine"], gains, duty=duty)
    return tuple(record(rig.bus, 1, config, rig))


def true_values(name: str) -> Values:
    virtual = virtual_model(ServoCatalogue.packaged().named(name))
    motor, gear = virtual.motor, virtual.gear
    return {
        **{n: getattr(motor, n) for n in ("torque_constant", "back_emf", "resistance")},
        **{n: getattr(gear, n) for n in ("inertia", "coulomb", "viscous", "backlash")},
        "gain": GAINS[name],
        "delay": 0.001,
    }


def error(logs: tuple[ServoLog, ...]) -> float:
    """[rad], of a rig with the true parameters."""
    return RigFit(logs).mean_error(servo_of(true_values(logs[0].servo)))


@pytest.mark.parametrize("duty", [0.35, 0.2])
def test_a_duty_that_is_limited_is_simulated_so(duty: float) -> None:
    free, limited = recorded(XL330), recorded(XL330, duty)
    assert free[0].duty_max == 1.0
    assert limited[0].duty_max == pytest.approx(duty, abs=0.5 / 885)
    at_limit = [np.mean(np.abs(log.duty) > 0.99 * log.duty_max) for log in limited]
    assert max(at_limit) > 0.3, "it does not bite"
    assert error(limited) < 1.5 * error(free)
    assert gain_of(limited) == pytest.approx(GAINS[XL330], rel=0.02)
    assert gain_of(free) == pytest.approx(GAINS[XL330], rel=0.02)


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_a_log_keeps_its_limit_and_may_say_none(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"log{ending}"
    log = recorded(XL330, 0.2)[0]
    log.write(file)
    assert read_log(file).duty_max == log.duty_max
    said = f'"duty_max": {log.duty_max}'
    whole = file.read_text()
    assert said in whole
    file.write_text(whole.replace(f", {said}", ""))
    assert read_log(file).duty_max == 1.0
    file.write_text(whole.replace(said, '"duty_max": 0'))
    with pytest.raises(HandError, match="duty_max must be > 0"):
        read_log(file)


def test_the_duty_of_a_feetech_is_its_load() -> None:
    logs = recorded(STS3215)
    assert all(log.duty is not None for log in logs)
    assert gain_of(logs) == pytest.approx(GAINS[STS3215], rel=0.02)
