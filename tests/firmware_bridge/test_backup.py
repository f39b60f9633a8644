"""What a backup keeps, and what restoring writes."""

import pytest

from handloop.firmware_bridge import BusError, RefusalError
from handloop.firmware_bridge.backup import (
    back_up,
    differences,
    read_backup,
    restore,
    write_backup,
)


@pytest.mark.parametrize("name", ["servos.toml", "servos.json"])
def test_a_backup_comes_back_as_it_was(bench, tmp_path, name: str) -> None:
    responder, bus = bench.dynamixels(2)
    bus[1].write("current_limit", 1.0)
    bus[1].write("position_p_gain", raw=640)
    backups = {servo.id: back_up(servo) for servo in bus}
    file = tmp_path / name
    write_backup(file, {s.id: s for s in bus}, backups)
    assert read_backup(file) == backups
    assert backups[1].registers["current_limit"] == round(1.0 / 0.00269)
    assert backups[1].registers["id"] == 1
    assert "goal_position" not in backups[1].registers

    bus[1].write("current_limit", 2.0)
    bus[1].write("operating_mode", "current")
    bus[1].write("position_p_gain", raw=700)
    changed = differences(bus[1], backups[1])
    assert [d.register.name for d in changed] == [
        "operating_mode",
        "current_limit",
        "position_p_gain",
    ]
    assert restore(bus[1], backups[1]) == changed
    assert back_up(bus[1]) == backups[1]
    assert responder[1].word(84, "H") == 640
    responder.requests.clear()
    assert restore(bus[2], backups[2]) == []
    assert all(instruction == 0x02 for _, instruction, _ in responder.requests)


def test_a_backup_of_another_model_is_refused(bench, make) -> None:
    bus = bench.open(bench.plug(make("xm430")(1), make("xl430")(2)))
    with pytest.raises(RefusalError, match=r"servo 1 .*the backup is of a XL430-W250"):
        differences(bus[1], back_up(bus[2]))


def test_nothing_is_restored_under_torque(bench) -> None:
    _, bus = bench.dynamixels(1)
    backup = back_up(bus[1])
    bus[1].write("current_limit", 1.0)
    bus[1].write("torque_enable", 1)
    with pytest.raises(RefusalError, match="current_limit is in EEPROM"):
        restore(bus[1], backup)


def test_a_value_that_does_not_stay_is_told(bench, monkeypatch) -> None:
    responder, bus = bench.dynamixels(1)
    backup = back_up(bus[1])
    bus[1].write("position_p_gain", raw=640)
    monkeypatch.setattr(responder[1], "write", lambda address, data: 0)
    with pytest.raises(BusError, match="does not keep position_p_gain"):
        restore(bus[1], backup)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = ", "is no backup"),
        ("schema = 2\n[servos]", "schema: .*it is no backup"),
        ("schema = 1\n[servos.1]\nmodel = 'X'", "servos.1.firmware: Field required"),
    ],
)
def test_a_file_that_is_no_backup_is_named(tmp_path, text: str, message: str) -> None:
    file = tmp_path / "servos.toml"
    file.write_text(text)
    with pytest.raises(RefusalError, match=message) as error:
        read_backup(file)
    assert str(error.value).startswith(f"{file}: ")
    with pytest.raises(RefusalError, match="cannot be read: No such file"):
        read_backup(tmp_path / "none.toml")
