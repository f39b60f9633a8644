"""What the native loop is told of a servo."""

import math

import pytest

from handloop.controller.description_bus import JointServo
from handloop.firmware_bridge import CatalogueError, ServoCatalogue
from handloop.firmware_bridge.plan import Target
from handloop.firmware_bridge.servo_drive import (
    DriveFigures,
    check_mode,
    drive_figures,
    initial_registers,
    middle_of_turn,
)

CATALOGUE = ServoCatalogue.packaged()
NEWEST = 60


def drive(model: str, raws: dict[str, int] | None = None, **place: object) -> DriveFigures:
    joint = JointServo(id=3, model=model, **place)
    target = Target(3, CATALOGUE.named(model), NEWEST)
    known = dict.fromkeys(initial_registers(target, joint.mode), 7)
    known |= {"current_limit": 900, "present_input_voltage": 120} | (raws or {})
    return drive_figures(joint, target, line=0, zero=1.5, stiffness=2.0, damping=0.1, raws=known)


def check(model: str, mode: str) -> None:
    check_mode(JointServo(id=3, model=model, mode=mode), CATALOGUE.named(model))


# e-Manual, control tables of XM430, XL330, XL430; memory-sts.md and memory-hls.md of Feetech.
@pytest.mark.parametrize(
    ("model", "mode", "read", "write"),
    [
        ("XM430-W350", "current", (126, 10), (102, 2)),
        ("XL330-M288", "current_position", (126, 10), (102, 18)),
        ("XL330-M288", "position", (126, 10), (116, 4)),
        ("XL430-W250", "position", (126, 10), (116, 4)),
        ("STS3215-C001", "position", (56, 15), (42, 2)),
        ("HLS3606M", "current", (56, 15), (44, 2)),
    ],
)
def test_one_block_is_read_and_one_written(
    model: str, mode: str, read: tuple[int, int], write: tuple[int, int]
) -> None:
    figures = drive(model, mode=mode)
    assert (figures.read.address, figures.read.size) == read
    assert (figures.write.address, figures.write.size) == write
    assert len(figures.data) == figures.write.size
    assert {"present_position", "present_velocity"} <= {r.name for r, _ in figures.read.fields}


def test_at_first_no_current_flows_and_the_goal_is_where_it_stands() -> None:
    raws = {"present_position": -5, "goal_position": 4000, "goal_current": 300}
    figures = drive("XL330-M288", raws | {"profile_velocity": 11}, mode="current_position")
    found = figures.write.decode(figures.data)
    assert (found["goal_current"], found["goal_position"]) == (0, -5)
    assert found["profile_velocity"] == 11


@pytest.mark.parametrize(("described", "limit"), [(None, 0.9), (0.4, 0.4), (1.7, 0.9)])
def test_current_is_never_above_what_the_servo_allows(
    described: float | None, limit: float
) -> None:
    figures = drive("XL330-M288", current_limit=described)
    assert figures.current_limit == pytest.approx(limit)


def test_load_is_read_where_there_is_no_current() -> None:
    figures = drive("XL430-W250", mode="position")
    assert figures.sensed == "present_load"
    assert figures.sensed_unit == pytest.approx(0.001 * 1.3)  # of the stall current
    assert figures.current_limit == 0.0
    with pytest.raises(CatalogueError, match=r'set mode = "position" \(what is lost: no torque'):
        check("XL430-W250", "current")


def test_a_servo_that_must_be_asked_alone_is_refused() -> None:
    with pytest.raises(CatalogueError, match="cannot be read together"):
        check("SCS0009", "position")


def test_offsets_are_counted_from_the_middle_of_the_turn() -> None:
    assert middle_of_turn(CATALOGUE.named("XM430-W350")) == pytest.approx(math.pi)
    assert middle_of_turn(CATALOGUE.named("STS3215-C001")) == pytest.approx(math.pi)


def test_a_servo_told_voltages_knows_its_motor_and_leaves_damping_to_it() -> None:
    figures = drive("XL430-W250", mode="voltage")
    resistance, emf, volts = figures.motor
    assert volts == pytest.approx(12.0)
    assert resistance == pytest.approx(12.0 / 1.4, rel=0.05)
    assert figures.natural_damping > 0.1  # more than is wanted, so some back-EMF is made up for
    left = (1.0 - figures.emf_compensation) * figures.natural_damping
    assert left == pytest.approx(0.1)
    assert emf > 0.0


def test_a_limit_of_the_supply_is_more_current_in_the_motor() -> None:
    figures = drive("XL330-M288", {"present_input_voltage": 50}, current_limit=0.5)
    resistance = figures.motor[0]
    assert figures.senses_supply
    assert figures.motor_current_limit == pytest.approx((0.5 * 5.0 / resistance) ** 0.5)


def test_health_is_voltage_and_temperature_and_errors_where_they_are_next_to_them() -> None:
    def names(model: str) -> set[str]:
        health = drive(model, mode="position").health
        assert health is not None
        return {register.name for register, _ in health.fields}

    assert names("XM430-W350") == {"present_input_voltage", "present_temperature"}
    assert "hardware_error_status" in names("STS3215-C001")
