"""What motors, gears and servos give at their output."""

import math

import numpy as np
import pytest

from handloop.firmware_bridge.catalogue import ServoCatalogue
from handloop.sim.actuators.parts.candidate import Candidate
from handloop.sim.actuators.parts.pairing import candidates, fits, length, pair, thermal
from handloop.sim.actuators.parts.part_tables import Parts
from handloop.sim.actuators.parts.servos import (
    IDENTIFIED_INERTIA,
    ROTOR_TIME,
    servo_candidates,
)

PARTS = Parts.packaged()
PAIRS = list(candidates(PARTS))
SERVOS = {c.name: c for c in servo_candidates(ServoCatalogue.packaged())}


def dcx10(ratio: float = 64.0) -> Candidate:
    motor, gear = "maxon DCX 10 L 12V", "maxon GPX 10, 3 stages"
    return pair(motor, PARTS.motors[motor], gear, PARTS.gearheads[gear], ratio)


def test_a_pair_is_the_motor_times_the_gear() -> None:
    motor = PARTS.motors["maxon DCX 10 L 12V"].electrical
    found = dcx10()
    assert motor.nominal_torque
    assert found.torque_continuous == pytest.approx(motor.nominal_torque * 64.0 * 0.73)
    assert found.speed_no_load == pytest.approx(motor.no_load_rpm * math.pi / 30.0 / 64.0)
    assert found.efficiency == pytest.approx(0.73)
    assert found.backlash == pytest.approx(math.radians(2.0))


def test_no_pair_is_rated_above_its_gear() -> None:
    assert all(c.torque_continuous <= (c.gear_torque_max or 0.0) for c in PAIRS)
    assert all(c.torque_continuous <= c.torque_peak for c in PAIRS)


def test_only_what_the_maker_combines_is_paired() -> None:
    motor, fitting = PARTS.motors["maxon DCX 12 S 12V"], PARTS.gearheads["maxon GPX 14, 2 stages"]
    listed = motor.model_copy(update={"gearheads": ("GPX 12",)})
    unlisted = motor.model_copy(update={"gearheads": ()})
    large = PARTS.gearheads["maxon GPX 22 HP, 2 stages"]
    assert fits(motor, fitting)
    assert not fits(listed, fitting)
    assert fits(unlisted, fitting)
    assert not fits(unlisted, large)
    assert not fits(PARTS.motors["Faulhaber 1224N012SR"], fitting)
    assert len({c.name for c in PAIRS}) == len(PAIRS)


def test_the_envelope_falls_to_nothing_without_load_and_where_the_gear_may_not_turn() -> None:
    found = dcx10()
    speeds = np.linspace(0.0, 2.0 * found.speed_no_load, 50)
    peak, forever = found.envelope(speeds), found.envelope(speeds, "continuous")
    assert peak[0] == pytest.approx(found.torque_peak)
    assert forever[0] == pytest.approx(found.torque_continuous)
    assert np.all(np.diff(peak) <= 0.0)
    assert np.all(forever <= peak)
    assert np.all(peak[speeds > found.speed_no_load * 1.01] == 0.0)
    assert np.all(peak[speeds > found.speed_max] == 0.0)


def test_the_actuator_file_has_the_same_stall_and_speed() -> None:
    found = dcx10()
    actuator = found.to_actuator()
    assert actuator.stall_torque == pytest.approx(found.torque_peak)
    assert actuator.no_load_speed == pytest.approx(found.speed_no_load, rel=0.03)
    assert actuator.gear.ratio == 64.0
    assert actuator.thermal == found.thermal


def test_every_candidate_makes_an_actuator() -> None:
    for found in (*PAIRS[:: len(PAIRS) // 50], *SERVOS.values()):
        assert found.to_actuator().mass == found.mass


def test_servos_keep_their_sheet_and_say_what_is_assumed() -> None:
    found = SERVOS["XC330-M288"]
    assert found.torque_peak == pytest.approx(0.93)
    assert found.torque_continuous == pytest.approx(0.31, abs=0.005)  # 0.6 A
    assert any("0.6 A" in text for text in found.assumed)
    assert SERVOS["XM430-W350"].torque_continuous == pytest.approx(0.2 * 4.1)
    assert SERVOS["STS3215-C018"].torque_continuous == 1.5
    assert any("efficiency" in text for text in SERVOS["XL330-M077"].assumed)
    assert all(c.efficiency <= 1.0 for c in SERVOS.values())


def test_assumed_inertias_are_of_the_size_of_identified_ones() -> None:
    """Within a factor of five, which is what those that were identified scatter by."""
    for name, identified in IDENTIFIED_INERTIA.items():
        found = SERVOS[name]
        guessed = ROTOR_TIME["coreless"] * found.back_emf**2 / found.resistance
        assert found.inertia == identified
        assert 1.0 / 5.0 < guessed / identified < 5.0, name


def test_two_axes_in_one_case_are_no_candidate() -> None:
    assert not any(name.startswith("2X") for name in SERVOS)


def test_lengths_from_masses_are_near_those_stated() -> None:
    stated = {n: m for n, m in PARTS.motors.items() if m.maker == "maxon" and m.body.length}
    assert len(stated) >= 5
    for name, motor in stated.items():
        body = motor.body.model_copy(update={"length": None})
        guessed = length(motor.model_copy(update={"body": body}))
        assert guessed == pytest.approx(motor.body.length, rel=0.15), name


def test_what_is_not_stated_of_its_heat_is_assumed() -> None:
    known = PARTS.motors["Faulhaber 1524T012SR"]
    assert known.heat
    bare = known.heat.model_copy(update={"winding_time": None, "housing_time": None})
    measured, assumed = thermal(known), thermal(known.model_copy(update={"heat": bare}))
    assert measured
    assert assumed
    assert assumed.housing_capacity == pytest.approx(measured.housing_capacity, rel=0.1)
    assert assumed.winding_capacity == pytest.approx(measured.winding_capacity, rel=0.3)
