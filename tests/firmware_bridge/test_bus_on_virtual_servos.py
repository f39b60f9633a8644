"""`ServoBus` on a line of virtual servos: two pieces of work that know nothing of each other."""

from collections.abc import Iterator

import pytest

from handloop import _core
from handloop._core import (
    PtyServer,
    Role,
    ServoLine,
    ServoProtocol,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
)
from handloop.firmware_bridge import PortError, RefusalError, ServoBus

BAUD = 1_000_000
IDS = [1, 2, 3, 4]
PATIENCE = 0.5  # [s], for a machine that does other things


@pytest.fixture
def servos() -> VirtualBus:
    model = VirtualServoModel.x330()
    return VirtualBus([VirtualServoConfig(model, id=i, baud=BAUD) for i in IDS], supply_voltage=5.0)


@pytest.fixture
def bus(servos: VirtualBus) -> Iterator[ServoBus]:
    with PtyServer(servos) as server, ServoBus.open(server.path, BAUD, patience=PATIENCE) as bus:
        for id in IDS:
            bus.add(id)
        yield bus


def test_servos_are_recognised_and_read_in_si_units(bus: ServoBus) -> None:
    readings = bus.read("present_position", "present_input_voltage", "present_temperature")
    assert [bus[id].model.name for id in IDS] == ["XL330-M288"] * 4
    for reading in readings.values():
        assert reading.ok
        assert reading["present_position"] == pytest.approx(3.14159, abs=2e-3)
        assert reading["present_input_voltage"] == pytest.approx(5.0, abs=0.1)
        assert reading["present_temperature"] == 25.0


def test_a_motor_turns_the_way_its_current_says(bus: ServoBus) -> None:
    bus[2].write("operating_mode", "current")
    bus[2].write("goal_current", 0.0)  # before torque: this mode starts at its limit
    bus[2].write("torque_enable", 1)
    start = bus.read("present_position")[2]["present_position"]
    bus.write("goal_current", {2: 0.3})
    for _ in range(2000):
        if bus.read("present_position")[2]["present_position"] > start + 0.5:
            break
    bus[2].write("torque_enable", 0)
    assert bus.read("present_position")[2]["present_position"] > start + 0.5


def test_one_dead_servo_costs_the_others_nothing(servos: VirtualBus, bus: ServoBus) -> None:
    servos.kill(1, True)
    readings = bus.read("present_position")
    assert {id: reading.ok for id, reading in readings.items()} == {
        1: True, 2: False, 3: True, 4: True
    }  # fmt: skip
    assert readings[2].outcome is _core.ServoOutcome.SILENT


def test_a_servo_that_shut_down_comes_with_its_alarm(servos: VirtualBus, bus: ServoBus) -> None:
    servos.heat(2, 90.0)
    for _ in range(1000):
        reading = bus.read("present_position")[3]
        if reading.alarms:
            break
    assert reading.alarms
    assert servos.register(2, Role.HARDWARE_ERROR) != 0


def test_the_mirrors_of_a_fleet_are_read_in_one_block(bus: ServoBus) -> None:
    names = "present_position", "position_p_gain", "bus_watchdog"
    for _ in range(2):  # the first writes the mirrors, the second lives on them
        for reading in bus.read(*names).values():
            assert reading.ok
            assert reading["position_p_gain"] == pytest.approx(400)
            assert reading["bus_watchdog"] == 0.0


def test_what_a_control_loop_did_is_asked_again(bus: ServoBus) -> None:
    with bus.lent() as wire:
        ServoLine(wire, ServoProtocol.DYNAMIXEL2, patience=PATIENCE).write(2, 64, b"\1")
        with pytest.raises(PortError, match="end it first"):
            bus.read("present_position")
    with pytest.raises(RefusalError, match="locked while torque is on"):
        bus[2].write("return_delay_time", raw=0)
