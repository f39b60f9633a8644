"""A bus of servos: reading, writing, refusing, and what a servo that fails costs the others."""

import threading

import pytest

from handloop.firmware_bridge import (
    BusError,
    CatalogueError,
    PortError,
    RefusalError,
    ServoBus,
    ServoOutcome,
)

STEP = 2.0 * 3.141592653589793 / 4096.0  # [rad]


def test_a_servo_is_read_and_written_in_si(bench) -> None:
    responder, bus = bench.dynamixels(1)
    fake, servo = responder[1], bus[1]
    fake.put(126, "h", -100)
    fake.put(128, "i", -50)
    reading = servo.read("present_position", "present_velocity", "present_current")
    assert reading["present_position"] == pytest.approx(2048 * STEP)
    assert reading["present_velocity"] == pytest.approx(-50 * 0.229 * 2 * 3.14159265 / 60)
    assert reading["present_current"] == pytest.approx(-0.269)
    assert reading.raws["present_current"] == -100
    servo.write("goal_current", -0.269)
    assert fake.word(102, "h") == -100
    servo.write("goal_position", raw=1234)
    assert fake.word(116, "i") == 1234
    servo.write("operating_mode", "current")
    assert fake.word(11, "B") == 0
    assert servo.read("operating_mode").raws["operating_mode"] == 0


def test_stuffed_bytes_arrive_as_they_were_sent(bench) -> None:
    responder, bus = bench.dynamixels(1)
    bus[1].write("operating_mode", "extended_position")
    bus[1].write("goal_position", raw=-131073)  # FF FF FD FF
    assert responder[1].word(116, "i") == -131073
    responder[1].put(132, "i", -131073)
    assert bus[1].read("present_position").raws["present_position"] == -131073


def test_neighbouring_registers_of_all_servos_come_in_one_transaction(bench) -> None:
    responder, bus = bench.dynamixels(3)
    for i in (1, 2, 3):
        responder[i].put(132, "i", 1000 * i)
    found = bus.read("present_current", "present_velocity", "present_position")
    assert [found[i].raws["present_position"] for i in (1, 2, 3)] == [1000, 2000, 3000]
    assert responder.requests == [(0xFE, 0x8A, bytes([126, 0, 10, 0, 1, 2, 3]))]


def test_one_old_firmware_makes_all_answer_one_by_one(bench, make) -> None:
    responder = bench.plug(make("xm430")(1), make("xm430")(2, firmware=44))
    found = bench.open(responder).read("present_position")
    assert all(reading.ok for reading in found.values())
    assert [instruction for _, instruction, _ in responder.requests] == [0x82]


def test_registers_far_apart_are_mirrored_once(bench) -> None:
    responder, bus = bench.dynamixels(2)
    responder[2].put(70, "B", 32)
    for _ in range(2):
        found = bus.read("hardware_error_status", "present_position", "present_temperature")
        assert found[2].raws == {
            "hardware_error_status": 32,
            "present_position": 2048,
            "present_temperature": 31,
        }
    instructions = [instruction for _, instruction, _ in responder.requests]
    assert instructions == [0x03, 0x03, 0x8A, 0x8A]
    assert responder.requests[2][2][:4] == bytes([224, 0, 6, 0])


def test_a_servo_that_lost_its_power_is_told_again_what_to_mirror(bench) -> None:
    responder, bus = bench.dynamixels(2)
    names = ("hardware_error_status", "present_temperature")
    bus.read(*names)
    responder[2].dead = True
    assert bus.read(*names)[2].outcome == ServoOutcome.SILENT
    responder[2].dead = False
    responder[2].reboot()
    responder[2].put(146, "B", 44)
    back = bus.read(*names)[2]  # it answers, but from bytes that mirror nothing yet
    assert back.raws == {}
    assert back.outcome == ServoOutcome.SKIPPED
    assert bus.read(*names)[2].raws["present_temperature"] == 44


def test_a_servo_that_is_away_is_not_told_what_to_mirror(bench) -> None:
    responder, bus = bench.dynamixels(2)
    responder[2].dead = True
    for _ in range(4):
        found = bus.read("hardware_error_status", "present_temperature")
        assert found[1].ok
    writes = [to for to, instruction, _ in responder.requests if instruction == 0x03]
    assert writes == [1, 2]


def test_threads_take_turns(bench) -> None:
    responder, bus = bench.dynamixels(2)
    responder[1].put(132, "i", 111)
    responder[2].put(132, "i", 222)
    wrong: list[int] = []

    def ask(i: int) -> None:
        for _ in range(50):
            if bus[i].read("present_position").raws["present_position"] != 111 * i:
                wrong.append(i)

    threads = [threading.Thread(target=ask, args=(i,)) for i in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(responder.requests) == 100


def test_a_reading_of_nothing_is_refused(bench) -> None:
    _, bus = bench.dynamixels(1)
    with pytest.raises(RefusalError, match="no register is named"):
        bus.read()
    bus.forget(1)
    assert bus.read("led") == {}


def test_models_with_other_registers_share_a_transaction(bench, make) -> None:
    responder = bench.plug(make("xm430")(1), make("xl430")(2))
    bus = bench.open(responder)
    assert bus[2].model.name == "XL430-W250"
    found = bus.read("present_position")
    assert found[1].ok and found[2].ok
    with pytest.raises(CatalogueError, match="XL430-W250 has no present_current"):
        bus.read("present_current")


@pytest.mark.parametrize("firmware", [44, 45])
def test_a_dead_servo_costs_the_others_nothing(bench, firmware: int) -> None:
    responder, bus = bench.dynamixels(4, firmware=firmware)
    responder[2].dead = True
    found = bus.read("present_position")
    assert [found[i].ok for i in (1, 2, 3, 4)] == [True, False, True, True]
    assert found[2].outcome == ServoOutcome.SILENT
    assert "servo 2 (XM430-W350) does not answer" in found[2].trouble
    with pytest.raises(BusError, match=r"servo 2 \(XM430-W350\) does not answer"):
        found[2]["present_position"]


@pytest.mark.parametrize("firmware", [44, 45])
def test_a_damaged_answer_and_an_alert_stay_with_their_servos(bench, firmware: int) -> None:
    responder, bus = bench.dynamixels(3, firmware=firmware)
    responder[1].damaged = True
    responder[2].alert = 0x80
    responder[2].put(70, "B", 0b100100)
    found = bus.read("hardware_error_status", "present_input_voltage", mirror=False)
    assert found[1].outcome == ServoOutcome.DAMAGED
    assert found[1].raws == {}
    assert found[2].ok
    assert found[2].alarms == ("overheating", "overload")
    assert found[3].ok
    assert found[3].alarms == ()
    assert found[3]["present_input_voltage"] == pytest.approx(12.0)


def test_many_servos_are_written_at_once(bench) -> None:
    responder, bus = bench.dynamixels(3)
    bus.write("goal_position", {1: 1.0, 3: 2.0})
    bus.write("goal_current", 0.5)
    bus.read("present_position")  # behind the writes, which nobody answers
    assert responder[1].word(116, "i") == round(1.0 / STEP)
    assert responder[2].word(116, "i") == 0
    assert responder[3].word(116, "i") == round(2.0 / STEP)
    assert {responder[i].word(102, "h") for i in (1, 2, 3)} == {round(0.5 / 0.00269)}
    assert [instruction for _, instruction, _ in responder.requests][:2] == [0x83, 0x83]


REFUSALS = [
    ("present_position", {"value": 1.0}, "present_position is read-only"),
    ("model_number", {"raw": 5}, "model_number is read-only"),
    ("goal_position", {"value": 3.5}, "goal_position: 3.5.* is beyond its max_position_limit of 3"),
    ("goal_position", {"raw": -1}, "is beyond its min_position_limit of 1.5"),
    (
        "goal_current",
        {"value": 2.0},
        "goal_current: 1.99867 A is beyond its current_limit of 1.345 A",
    ),
    ("goal_current", {"value": 9.0}, "9 A is out of range"),
    ("goal_velocity", {"raw": 201}, "is beyond its velocity_limit"),
    ("operating_mode", {"raw": 2}, "no mode 2; it has velocity"),
    ("operating_mode", {"value": "torque"}, "no operating mode 'torque'"),
    ("goal_curent", {"value": 1.0}, "did you mean 'goal_current'"),
    ("id", {"raw": 3}, "use set_id"),
    ("baud_rate", {"raw": 3}, "use set_baud"),
    ("goal_position", {"value": "up"}, "'up' is no number"),
    ("goal_position", {}, "give a value"),
    ("current_limit", {"value": 0.5}, "EEPROM, which is locked while torque is on"),
]


@pytest.mark.parametrize(("name", "given", "message"), REFUSALS)
def test_what_would_be_wrong_never_reaches_the_wire(bench, make, name, given, message) -> None:
    servo = make("xm430")(1)
    for address, form, value in ((38, "H", 500), (48, "I", 2100), (52, "I", 1000), (64, "B", 1)):
        servo.put(address, form, value)
    responder = bench.plug(servo)
    bus = bench.open(responder)
    before = bytes(servo.table)
    with pytest.raises((RefusalError, CatalogueError), match=message):
        bus[1].write(name, **given)
    if "value" in given and not isinstance(given["value"], str):
        with pytest.raises((RefusalError, CatalogueError), match=message):
            bus.write(name, given["value"])
    assert responder.requests == []
    assert servo.table == before


def test_a_model_without_current_sensing_refuses_its_modes(bench, make) -> None:
    responder = bench.plug(make("xl430")(1))
    servo = bench.open(responder)[1]
    for write in ({"value": "current"}, {"raw": 0}, {"raw": 5}):
        with pytest.raises((RefusalError, CatalogueError), match="mode"):
            servo.write("operating_mode", **write)
    with pytest.raises(CatalogueError, match="XL430-W250 has no goal_current"):
        servo.write("goal_current", 0.1)
    assert responder.requests == []


def test_position_limits_hold_in_position_mode_only(bench) -> None:
    responder, bus = bench.dynamixels(1)
    with pytest.raises(RefusalError, match="max_position_limit"):
        bus[1].write("goal_position", raw=5000)
    bus[1].write("operating_mode", "extended_position")
    bus[1].write("goal_position", raw=5000)
    assert responder[1].word(116, "i") == 5000


def test_the_servos_own_refusal_is_told(bench) -> None:
    responder, bus = bench.dynamixels(1)
    responder[1].put(64, "B", 1)  # behind our back
    with pytest.raises(BusError, match=r"servo 1 \(XM430-W350\) refuses: .*torque.*current_limit"):
        bus[1].write("current_limit", 1.0)


def test_eeprom_is_not_written_where_nobody_answers(bench) -> None:
    responder, bus = bench.dynamixels(2)
    with pytest.raises(RefusalError, match=r"bus\[1\].write\('current_limit'"):
        bus.write("current_limit", 1.0)
    assert responder.requests == []


def test_a_missing_or_another_servo_is_named(bench, make) -> None:
    responder = bench.plug(make("xm430")(1))
    bus = bench.open(responder)
    with pytest.raises(BusError, match=r"no servo 7 on /dev/.* at 57600 baud"):
        bus.add(7)
    with pytest.raises(BusError, match="servo 1 is no XL330-M288: it says it is XM430-W350"):
        bus.add(1, "xl330-m288")
    with pytest.raises(RefusalError, match="no servo can have id 253"):
        bus.add(253)
    with pytest.raises(KeyError, match="servo 5 was not added"):
        bus[5]


def test_a_reboot_brings_the_settings_back(bench) -> None:
    responder, bus = bench.dynamixels(1)
    fake, servo = responder[1], bus[1]
    servo.write("position_p_gain", raw=640)
    servo.write("goal_current", 0.5)
    servo.write("bus_watchdog", 0.2)
    servo.write("profile_velocity", raw=77)
    servo.write("torque_enable", 1)
    fake.alert = 0x80
    names = ("hardware_error_status", "present_temperature")
    bus.read(*names)
    restored = servo.reboot()
    assert set(restored) >= {"position_p_gain", "goal_current", "bus_watchdog", "profile_velocity"}
    assert restored[-1] == "bus_watchdog"
    assert fake.word(84, "H") == 640
    assert fake.word(102, "h") == round(0.5 / 0.00269)
    assert fake.word(98, "B") == 10
    assert fake.word(112, "I") == 77
    assert fake.word(64, "B") == 0
    fake.put(146, "B", 55)
    assert bus.read(*names)[1].raws["present_temperature"] == 55


def test_mirrors_of_ones_own_come_back_after_a_reboot(bench) -> None:
    responder, bus = bench.dynamixels(1)
    bus[1].write("indirect_address_5", raw=146)
    assert "indirect_address_5" in bus[1].reboot()
    assert responder[1].word(176, "H") == 146


def test_torque_comes_back_on_request_where_the_servo_stands(bench) -> None:
    responder, bus = bench.dynamixels(1)
    bus[1].write("torque_enable", 1)
    bus[1].reboot(torque=True)
    assert responder[1].word(64, "B") == 1
    assert responder[1].word(116, "i") == responder[1].word(132, "i") == 2048


def test_an_id_is_changed_unless_it_is_taken(bench) -> None:
    responder, bus = bench.dynamixels(2)
    servo = bus[1]
    with pytest.raises(RefusalError, match="id 2 is taken"):
        servo.set_id(2)
    with pytest.raises(RefusalError, match="no id 253"):
        servo.set_id(253)
    servo.set_id(9)
    assert responder[9].word(7, "B") == 9
    assert bus[9] is servo
    assert 1 not in bus
    assert servo.read("id").raws == {"id": 9}
    assert bus.read("present_position")[9].ok


def test_a_new_baud_rate_moves_servos_and_port(bench) -> None:
    responder, bus = bench.dynamixels(2)
    bus.set_baud(1_000_000)
    assert [servo.baud for servo in responder.servos] == [1_000_000] * 2
    assert all(reading.ok for reading in bus.read("present_position").values())
    bus[1].write("torque_enable", 1)
    with pytest.raises(RefusalError, match="baud_rate is locked while torque is on"):
        bus.set_baud(2_000_000)
    with pytest.raises(CatalogueError, match="no baud rate 123456"):
        bus.set_baud(123_456)
    assert bus.baud == 1_000_000


def test_a_port_that_was_unplugged_is_opened_again(bench, make, tmp_path) -> None:
    first = bench.plug(make("xm430")(1))
    link = tmp_path / "usb-adapter"
    link.symlink_to(first.path)
    bus = ServoBus.open(str(link), 57_600, patience=0.15)
    bench.buses.append(bus)
    bus.add(1)
    first.unplug()
    assert bus.read("present_position")[1].outcome == ServoOutcome.GONE
    with pytest.raises(BusError, match="the port is gone"):
        bus[1].read("present_position")
    link.unlink()
    with pytest.raises(PortError, match="no port at"):
        bus.reconnect()
    with pytest.raises(PortError, match="is not open"):
        bus.read("present_position")
    second = bench.plug(make("xm430")(1))
    link.symlink_to(second.path)
    assert bus.reconnect() == []
    assert bus.read("present_position")[1].ok


def test_a_port_belongs_to_one(bench) -> None:
    responder, bus = bench.dynamixels(1)
    with pytest.raises(PortError, match="another program is using it"):
        ServoBus.open(responder.path, 57_600)
    bus.close()
    with pytest.raises(PortError, match="is not open; open the bus again"):
        bus[1].read("present_position")
    with ServoBus.open(responder.path, 57_600) as again:
        assert again.baud == 57_600


def test_a_port_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(PortError, match=f"no port at {tmp_path}/ttyUSB9; "):
        ServoBus.open(f"{tmp_path}/ttyUSB9", 57_600)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(PortError, match="cannot be opened as a serial port"):
        ServoBus.open(str(file), 57_600)


def test_any_baud_rate_is_set(bench, make) -> None:
    responder = bench.plug(make("xm430")(1, 4_500_000))
    bus = bench.open(responder)
    assert responder.rate == 4_500_000
    assert bus.read("present_position")[1].ok


def test_feetech_servos_are_read_written_and_locked(bench, make) -> None:
    responder = bench.plug(make("sts3215")(1), make("sts3215")(2), feetech=True)
    bus = bench.open(responder)
    assert bus[1].model.name == "STS3215-C001"
    responder[2].put(58, "H", 0x8000 | 100)
    found = bus.read("present_position", "present_velocity")
    assert responder.requests == [(0xFE, 0x82, bytes([56, 4, 1, 2]))]
    assert found[2]["present_velocity"] == pytest.approx(-100 * STEP)
    bus[1].write("goal_position", 1.0)
    assert responder[1].word(42, "H") == round(1.0 / STEP)
    bus[2].write("overload_time", 1.0)
    assert responder[2].word(35, "B") == 100
    assert responder[2].word(55, "B") == 1
    bus[2].set_id(5)
    assert responder[5].word(5, "B") == 5
    assert responder[5].word(55, "B") == 1


def test_feetech_alarms_are_told_with_the_data(bench, make) -> None:
    responder = bench.plug(make("sts3215")(1), feetech=True)
    bus = bench.open(responder)
    responder[1].alert = 0x20
    reading = bus.read("present_position")[1]
    assert reading.ok
    assert reading.alarms == ("overload",)
