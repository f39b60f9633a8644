"""Recording on a virtual rig, in lockstep: the path that a real servo takes."""

from typing import Any

import numpy as np
import pytest

from handloop import _core
from handloop.controller.errors import HandError
from handloop.controller.servo_log import ArmLoad
from handloop.firmware_bridge import ServoCatalogue
from handloop.firmware_bridge.bus_errors import BusError
from handloop.firmware_bridge.excitation import EXCITATIONS, excitation
from handloop.firmware_bridge.excited_servo import RecordConfig
from handloop.firmware_bridge.record_servo import record
from handloop.firmware_bridge.virtual_rig import VirtualRig

LOAD = ArmLoad(0.2, 0.1)
MODEL = "XL330-M288"


def rig(load: ArmLoad = LOAD, model: str = MODEL) -> VirtualRig:
    return VirtualRig(ServoCatalogue.packaged().named(model), load)


def config(**more: Any) -> RecordConfig:
    given: dict[str, Any] = {"trajectories": ["drop"], "gains": [200], **more}
    return RecordConfig(LOAD, **given)


def torque(of: VirtualRig) -> int:
    return of.servos.register(0, _core.Role.TORQUE_ENABLE)


def test_a_drop_is_recorded_and_the_servo_is_as_before() -> None:
    it = rig()
    before = it.bus[1].read("position_p_gain", "position_d_gain", "operating_mode").raws
    (log,) = record(it.bus, 1, config(), it)
    assert log.name == "drop-gain200-0.2kg-0.1m"
    assert log.servo == MODEL
    assert log.senses_supply
    assert np.diff(log.time) == pytest.approx(0.005, abs=1e-3)
    assert set(log.columns) >= {"current", "voltage", "duty", "temperature", "velocity"}
    assert log.driven[log.time < 1.1].min() == 1.0
    assert log.driven[log.time > 1.3].max() == 0.0
    assert np.abs(log.position[-1]) < 0.1
    assert np.ptp(log.position) > 0.5
    assert torque(it) == 0
    after = it.bus[1].read("position_p_gain", "position_d_gain", "operating_mode").raws
    assert after == before


def test_the_zero_is_where_the_arm_hangs_however_it_was_left() -> None:
    it = rig()
    it.servos.load(0, 0.018)
    it.wait_until(2.0)
    it.servos.load(0, 0.0)
    it.wait_until(3.0)
    left = it.servos.position(0)
    assert left > 0.005
    (log,) = record(it.bus, 1, config(), it)
    read = it.bus[1].read("present_position")["present_position"] - np.pi
    zero = read - log.position[-1]  # it has not moved since
    assert zero == pytest.approx(0.0, abs=0.04)  # friction bears 0.07 rad to either side


def test_torque_is_off_after_an_error() -> None:
    it = rig()
    logs = record(it.bus, 1, config(gains=[100, 200]), it)
    next(logs)
    it.servos.heat(0, 69.0)
    with pytest.raises(HandError, match="let it cool down"):
        next(logs)
    assert torque(it) == 0


def test_torque_is_off_when_the_rest_is_not_wanted() -> None:
    it = rig()
    logs = record(it.bus, 1, config(gains=[100, 200]), it)
    next(logs)
    logs.close()
    assert torque(it) == 0
    assert it.bus[1].read("position_p_gain").raws["position_p_gain"] == 400


def test_a_servo_that_falls_silent_is_given_up() -> None:
    it = rig()
    logs = record(it.bus, 1, config(gains=[100, 200]), it)
    next(logs)
    it.servos.plug(0, False)
    with pytest.raises(BusError):
        next(logs)


@pytest.mark.parametrize(
    ("model", "register", "raw"),
    [
        (MODEL, "goal_pwm", 354),
        ("STS3215-C001", "torque_limit", 400),
        ("SCS0009", "max_torque", 400),
    ],
)
def test_its_duty_is_limited_meanwhile(model: str, register: str, raw: int) -> None:
    it = rig(model=model)
    before = it.bus[1].read(register).raws[register]
    logs = record(it.bus, 1, config(gains=[16, 32], duty=0.4), it)
    assert next(logs).duty_max == pytest.approx(0.4, abs=1e-9)
    assert it.bus[1].read(register).raws[register] == raw
    logs.close()
    assert it.bus[1].read(register).raws[register] == before > raw


def test_a_limit_that_was_there_is_in_the_log() -> None:
    it = rig()
    before = {"pwm_limit": 443, "goal_pwm": 400, "position_p_gain": 300}
    for name, raw in before.items():
        it.bus[1].write(name, raw=raw)
    (log,) = record(it.bus, 1, config(), it)
    assert log.duty_max == pytest.approx(400 / 885)
    (log,) = record(it.bus, 1, config(duty=0.2), it)
    assert log.duty_max == pytest.approx(0.2)
    assert it.bus[1].read(*before).raws == before


def test_a_servo_stays_in_the_mode_that_it_was_in() -> None:
    it = rig()
    it.bus[1].write("operating_mode", "pwm")
    it.bus[1].write("position_p_gain", raw=300)
    next(record(it.bus, 1, config(duty=0.5), it))
    assert it.bus[1].read("operating_mode").raws["operating_mode"] == 16
    assert torque(it) == 0


def test_a_current_that_is_limited_is_refused() -> None:
    it = rig(model="HLS3606M")
    (log,) = record(it.bus, 1, config(gains=[32]), it)
    assert log.current is not None
    it.bus[1].write("goal_current", 0.5 * float(np.max(np.abs(log.current))))
    with pytest.raises(HandError, match=r"current was at its limit of .* A"):
        next(record(it.bus, 1, config(gains=[32]), it))


def test_what_is_useless_or_unsafe_is_refused() -> None:
    with pytest.raises(HandError, match="a mass"):
        RecordConfig(ArmLoad(0.0, 0.1), ["drop"], [100])
    with pytest.raises(HandError, match="a range of 3 rad"):
        config(range=3.0)
    with pytest.raises(HandError, match=r"a duty of 1\.5"):
        config(duty=1.5)
    with pytest.raises(HandError, match=r"no trajectory 'dorp'.*did you mean 'drop'"):
        config(trajectories=["dorp"])
    light = ArmLoad(0.001, 0.01)
    it = rig(light)
    with pytest.raises(HandError, match="its friction bears it"):
        next(record(it.bus, 1, RecordConfig(light, ["drop"], [100]), it))
    assert torque(it) == 0


@pytest.mark.parametrize("duty", [0.01, 0.03])
def test_a_servo_that_lifts_nothing_is_told_to_be_weak(duty: float) -> None:
    it = rig()
    with pytest.raises(HandError, match="does not lift its arm"):
        next(record(it.bus, 1, config(duty=duty), it))
    assert torque(it) == 0


@pytest.mark.parametrize("name", EXCITATIONS)
def test_goals_stay_in_range_and_begin_where_the_arm_hangs(name: str) -> None:
    drive = excitation(name)
    goals = np.array([drive.goal(t) for t in np.arange(0.0, drive.duration, 0.01)])
    assert goals[0] == pytest.approx(0.0, abs=1e-9)
    assert (0.1 if name == "sway" else 0.7) < np.max(np.abs(goals)) <= 1.0
