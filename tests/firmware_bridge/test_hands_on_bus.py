"""Packaged hands that hang on servos: `[bus]`, `[motors]` and the catalogue say the same."""

from collections.abc import Callable, Iterator

import pytest

from handloop.controller import Hand
from handloop.controller.description_bus import Bus, JointServo
from handloop.controller.description_motors import MotorKind
from handloop.firmware_bridge.catalogue import ServoCatalogue
from handloop.firmware_bridge.servo_motor import OperatingPoint

HANDS = ["leap_right", "orca_right"]
CATALOGUE = ServoCatalogue.packaged()
MODES = {
    "current": "goal_current",
    "current_position": "goal_current",
    "position": "goal_position",
}


@pytest.fixture(params=HANDS)
def hand(request: pytest.FixtureRequest, load_hand: Callable[[str], Hand]) -> Hand:
    return load_hand(request.param)


def bus_of(hand: Hand) -> Bus:
    bus = hand.description.bus
    assert bus
    return bus


def joints(hand: Hand) -> Iterator[tuple[str, JointServo, MotorKind, float]]:
    """Each joint, its servo, its motor and the voltage of its rail."""
    motors = hand.description.motors
    assert motors
    names = hand.joint_names
    kinds = motors.kind if isinstance(motors.kind, tuple) else (motors.kind,) * len(names)
    for joint, kind in zip(names, kinds, strict=True):
        motor = motors.kinds[kind]
        yield joint, bus_of(hand).servos[joint], motor, motors.rails[motor.rail or ""].voltage


def sheet(servo: JointServo, voltage: float) -> OperatingPoint:
    """What the servo's sheet states for a supply."""
    motor = CATALOGUE.named(servo.model).motor
    assert motor
    return next(point for point in motor.points if point.voltage == voltage)


def test_every_servo_understands_what_it_will_be_told(hand: Hand) -> None:
    for servo in bus_of(hand).servos.values():
        assert CATALOGUE.named(servo.model).has(MODES[servo.mode])


def test_every_servo_goes_at_the_speed_of_its_line(hand: Hand) -> None:
    bus = bus_of(hand)
    for joint, servo in bus.servos.items():
        CATALOGUE.named(servo.model).baud_code(bus.lines[bus.line_of(joint)].baud)


def test_a_motor_is_the_servo_behind_its_gear(hand: Hand) -> None:
    for joint, servo, motor, voltage in joints(hand):
        point, gear = sheet(servo, voltage), abs(servo.ratio)
        assert motor.torque_constant == pytest.approx(gear * point.torque_constant, rel=1e-3), joint
        assert motor.resistance == pytest.approx(point.resistance, rel=1e-3)
        assert motor.back_emf == pytest.approx(gear * voltage / point.no_load_speed, rel=1e-3)
        assert motor.current_max == pytest.approx(point.stall_current)


def test_torque_limits_are_what_the_limits_of_the_currents_allow(hand: Hand) -> None:
    # These servos limit the current of their supply; at rest all its power heats the winding.
    limits = hand.controller_config().safety.torque_max
    for limit, (joint, servo, motor, voltage) in zip(limits, joints(hand), strict=True):
        if servo.current_limit is None:
            continue
        winding = (voltage * servo.current_limit / motor.resistance) ** 0.5
        assert limit == pytest.approx(winding * motor.torque_constant, rel=0.02), joint


def test_no_joint_turns_its_servo_past_a_turn(hand: Hand) -> None:
    for joint, servo in bus_of(hand).servos.items():
        low, high = hand.model.joint(joint).range
        assert abs(servo.ratio) * (high - low) < 6.28


def test_leap_has_the_published_order_of_ids(load_hand: Callable[[str], Hand]) -> None:
    servos = bus_of(load_hand("leap_right")).servos
    fingers = [
        f"{finger}_{joint}"
        for finger in ("index", "middle", "ring")
        for joint in ("mcp_abduction", "mcp_flexion", "pip_flexion", "dip_flexion")
    ]
    thumb = ("cmc_abduction", "cmc_pronation", "mcp_flexion", "ip_flexion")
    order = [*fingers, *(f"thumb_{joint}" for joint in thumb)]
    assert [servos[joint].id for joint in order] == list(range(16))
    assert {(servo.ratio, servo.offset) for servo in servos.values()} == {(1.0, 0.0)}
