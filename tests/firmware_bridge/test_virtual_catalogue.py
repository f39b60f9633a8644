"""Every servo of the catalogue can be virtual, and is then what its entry and its sheet say."""

import math
import time

import pytest

from handloop._core import PtyServer, RegisterSpec, Role, VirtualServoModel
from handloop.firmware_bridge import ServoBus, ServoCatalogue, ServoModel, virtual_model

from .virtual_host import Host, supply_of

CATALOGUE = ServoCatalogue.packaged()
NAMES = [model.name for model in CATALOGUE]
WITH_SHEET = [model.name for model in CATALOGUE if model.motor]
PATIENCE = 0.5  # [s], for a machine that does other things
HLS = [model.name for model in CATALOGUE if model.family == "feetech-hls"]


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> ServoModel:
    return CATALOGUE.named(request.param)


def meaning(register: RegisterSpec) -> tuple[object, ...]:
    """All of it; the range of what cannot be written means nothing."""
    of_host = (register.min, register.max, register.allowed) if register.writable else ()
    place = (register.size, register.eeprom, register.writable, register.sign)
    return (*place, register.big_endian, register.initial, register.role, *of_host)


@pytest.mark.parametrize(
    ("name", "firmware", "built_in"),
    [
        ("XM430-W350", 46, VirtualServoModel.x430()),
        ("XL330-M288", 53, VirtualServoModel.x330()),
        ("XL330-M288", 52, VirtualServoModel.x330(52)),
        ("STS3215-C001", None, VirtualServoModel.sts3215()),
    ],
)
def test_two_who_read_the_manuals_agree(
    name: str, firmware: int | None, built_in: VirtualServoModel
) -> None:
    virtual = virtual_model(CATALOGUE.named(name), firmware)
    assert {r.address: meaning(r) for r in virtual.registers} == {
        r.address: meaning(r) for r in built_in.registers
    }
    assert virtual.indirect == built_in.indirect
    assert virtual.bauds == built_in.bauds
    assert virtual.modes == built_in.modes
    assert virtual.middle == built_in.middle
    assert virtual.motor.senses_supply == built_in.motor.senses_supply
    for unit in ("counts_per_turn", "pwm_unit", "current_unit", "velocity_unit"):
        assert getattr(virtual, unit) == pytest.approx(getattr(built_in, unit), rel=1e-5)
    assert virtual.acceleration_unit == pytest.approx(built_in.acceleration_unit, rel=1e-5)
    for figure in ("resistance", "torque_constant", "back_emf"):
        was = getattr(built_in.motor, figure)
        assert getattr(virtual.motor, figure) == pytest.approx(was, rel=0.05)


def test_it_says_what_its_entry_says(model: ServoModel) -> None:
    host = Host(model)
    answer = host.ask(1, 0x01)
    number = model.numbers[0] if model.numbers else 0
    assert host.read("model_number") == number
    if model.protocol == "dynamixel2":
        assert answer[1:3] == number.to_bytes(2, "little")
    for name, register in model.registers.items():
        told_by_test = name in {"id", "baud_rate"} or name.startswith("goal_")
        if register.access == "rw" and register.default is not None and not told_by_test:
            assert host.read(name) == register.default, name
        if register.minimum > 0 and model.protocol == "dynamixel2":
            assert host.write(name, register.minimum - 1) in {4, 6}, name


def test_it_goes_where_it_is_told(model: ServoModel) -> None:
    host = Host(model)
    host.set_mode("position")
    goal = model.register("goal_position")
    here = host.read("present_position")
    assert host.write("goal_position", here + goal.to_raw(0.5)) == 0
    host.bus.advance(2.0)
    turned = host.read("present_position") - here
    assert host.bus.position(0) == pytest.approx(0.5, abs=0.03)
    assert goal.from_raw(turned) == pytest.approx(host.bus.position(0), abs=0.01)
    assert host.read("moving") == 0


def drive_fully(host: Host) -> None:
    """All the voltage on its motor; without a PWM mode by limits that are both 0."""
    model = host.model
    if "pwm" in model.operating_modes:
        host.set_mode("pwm")
        name = "goal_pwm" if "goal_pwm" in model.registers else "goal_current"
        host.write(name, 885 if model.protocol == "dynamixel2" else 1000)
    else:
        host.write("min_position_limit", 0)
        host.write("max_position_limit", 0)
        host.set_mode("position")
        host.write("goal_time", 1000)
    if "torque_limit" in model.registers:
        host.write("torque_limit", 1000)


@pytest.mark.parametrize("name", WITH_SHEET)
def test_its_motor_is_that_of_the_sheet(name: str) -> None:
    host = Host(CATALOGUE.named(name))
    point = host.model.nominal
    drive_fully(host)
    host.bus.advance(0.7)
    assert host.bus.velocity(0) == pytest.approx(point.no_load_speed, rel=0.03)
    if name != "SCS0009":  # whose potentiometer is at its end
        velocity = host.model.register("present_velocity")
        told = velocity.from_raw(host.read("present_velocity"))
        assert told == pytest.approx(point.no_load_speed, rel=0.05)
    host.bus.jam(0, True)
    host.bus.advance(0.05)
    assert host.bus.current(0) == pytest.approx(point.stall_current, rel=0.03)


@pytest.mark.parametrize("name", ["XL430-W250", "XC430-W150", "2XC430-W250"])
def test_without_a_current_sensor_there_is_a_load(name: str) -> None:
    host = Host(CATALOGUE.named(name))
    for mode in (0, 5):
        assert host.ask(1, 0x03, bytes([11, 0, mode])) == b"\x04"
    assert host.ask(1, 0x02, bytes([102, 0, 2, 0])) == b"\x07"
    host.set_mode("pwm")
    host.bus.jam(0, True)
    host.write("goal_pwm", -443)
    host.bus.advance(0.1)
    assert host.model.register("present_load").from_raw(host.read("present_load")) == (
        pytest.approx(-443 / 885, abs=1e-3)
    )


def test_the_firmware_says_what_there_is() -> None:
    small = CATALOGUE.named("XL330-M288")
    assert virtual_model(small, 52).indirect == [(168, 208, 20)]
    assert virtual_model(small, 53).indirect == [(168, 224, 28)]
    assert virtual_model(small).indirect == [(168, 224, 28)]
    roles = {
        firmware: {r.role for r in virtual_model(small, firmware).registers}
        for firmware in (45, 46)
    }
    assert roles[46] - roles[45] == {Role.STARTUP_CONFIGURATION, Role.BACKUP_READY}
    assert Host(small, 45).ask(1, 0x01)[3] == 45
    assert virtual_model(CATALOGUE.named("2XL430-W250")).fast_read_firmware > 255


@pytest.fixture
def scs() -> Host:
    return Host(CATALOGUE.named("SCS0009"))


def test_scs_sends_high_bytes_first_and_answers_alone(scs: Host) -> None:
    assert scs.ask(1, 0x02, bytes([2, 3])) == b"\x00\x01" + (1284).to_bytes(2, "big")
    assert scs.read("present_position") == 512
    assert scs.ask(0xFE, 0x01) == b""
    assert scs.ask(0xFE, 0x82, bytes([56, 2, 1])) == b""


def test_scs_takes_the_time_it_is_given(scs: Host) -> None:
    scs.set_mode("position")
    scs.write("goal_velocity", 0)
    scs.write("goal_time", 2000)
    scs.write("goal_position", 712)
    start = scs.bus.time
    scs.bus.advance(1.0 - (scs.bus.time - start))
    assert scs.read("present_position") == pytest.approx(612, abs=8)
    scs.bus.advance(1.5)
    assert scs.read("present_position") == pytest.approx(712, abs=3)


def test_scs_sees_no_further_than_its_potentiometer(scs: Host) -> None:
    drive_fully(scs)
    scs.bus.advance(1.0)
    assert scs.bus.position(0) > math.pi
    assert scs.read("present_position") == 1023


@pytest.mark.parametrize("name", HLS)
def test_hls_regulates_its_current(name: str) -> None:
    host = Host(CATALOGUE.named(name))
    current = host.model.register("goal_current")
    host.set_mode("current")
    for wanted in (0.4, -0.4):
        host.write("goal_current", current.to_raw(wanted))
        host.bus.jam(0, True)
        host.bus.advance(0.05)
        assert host.bus.current(0) == pytest.approx(wanted, abs=0.01)
        assert current.from_raw(host.read("present_current")) == pytest.approx(wanted, abs=0.01)
        host.bus.jam(0, False)
        host.bus.advance(0.2)
        assert math.copysign(1.0, host.bus.velocity(0)) == math.copysign(1.0, wanted)


def test_hls_pushes_against_a_stop_no_harder_than_its_goal_current() -> None:
    host = Host(CATALOGUE.named("HLS3915M"), stops=(-1.0, 0.3))
    host.set_mode("position")
    host.write("goal_current", 50)
    host.write("goal_position", 2048 + 600)
    host.bus.advance(2.0)
    assert host.bus.position(0) == pytest.approx(0.3)
    assert host.bus.current(0) == pytest.approx(50 * 0.0065, rel=0.01)
    assert host.read("torque_enable") == 1


def test_hls_stands_still_while_its_goal_velocity_is_0() -> None:
    host = Host(CATALOGUE.named("HLS3915M"))
    host.set_mode("position")
    host.write("goal_velocity", 0)
    host.write("goal_position", 3000)
    host.bus.advance(1.0)
    assert host.read("present_position") == 2048
    host.write("goal_velocity", 20)
    host.bus.advance(0.5)
    assert host.read("present_velocity") == pytest.approx(20, abs=1)
    host.bus.advance(1.5)
    assert host.read("present_position") == pytest.approx(3000, abs=10)


ONE_OF_EACH = ["XL430-W250", "XM430-W350", "XH430-V350", "XM335-T323", "SCS0009", "HLS3915M"]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_servo_bus_finds_reads_and_drives_it(name: str) -> None:
    host = Host(CATALOGUE.named(name))
    model = host.model
    with PtyServer(host.bus) as server:
        bus = ServoBus.open(server.path, 1_000_000, model.protocol, patience=PATIENCE)
        with bus:
            found = bus.ping(1)
            assert found is not None and model in found.models
            bus.add(1, model)
            start = bus.read("present_position", "present_input_voltage")[1]
            assert start["present_input_voltage"] == pytest.approx(supply_of(model), abs=0.1)
            bus.write("torque_enable", 1.0)
            goal = start["present_position"] + 0.4
            bus.write("goal_position", goal)
            deadline = time.monotonic() + 20.0
            while abs(bus.read("present_position")[1]["present_position"] - goal) > 0.03:
                assert time.monotonic() < deadline
            bus.write("torque_enable", 0.0)
    assert host.bus.position(0) == pytest.approx(0.4, abs=0.05)
