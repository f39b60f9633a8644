"""Zero and range of joints, from the stops of their servos."""

import math

import pytest

from handloop._core import Role, VirtualBus, VirtualServoConfig
from handloop.controller.description_bus import JointServo
from handloop.firmware_bridge import BusError, ServoCatalogue
from handloop.firmware_bridge.bus_servo import Servo
from handloop.firmware_bridge.calibration import (
    CalibrationConfig,
    Failure,
    JointCalibration,
    calibrate,
    calibration_of,
)
from handloop.firmware_bridge.end_stops import EndStops
from handloop.firmware_bridge.hand_servo import HandServo
from handloop.firmware_bridge.servo_probe import ServoProbe, gentle_effort
from handloop.firmware_bridge.servo_state import ServoState
from handloop.firmware_bridge.virtual import virtual_model

RANGE = (-0.2, 1.2)
QUICK = CalibrationConfig(speed=4.0)
STRONG = CalibrationConfig(speed=5.0, effort=0.6)


def found(stops: EndStops, recounted: float = 0.0, **place: object) -> JointCalibration:
    """For a joint whose servo stands by itself."""
    model = ServoCatalogue.packaged().named("XL330-M288")
    servo = Servo(None, 1, ServoState("servo 1 (XL330-M288)", model, 53))
    at = JointServo(id=1, model=model.name, **place)
    return calibration_of(
        HandServo("thumb", "all", at, RANGE, None, servo), stops, "0.35 A", recounted
    )


def stops_of(zero: float, ratio: float, give: float = 0.0) -> EndStops:
    """Of a servo that is at `zero` where its joint is, in its range from stop to stop."""
    low, high = sorted(zero + ratio * q for q in RANGE)
    return EndStops((low - give, low), (high, high + give))


@pytest.mark.parametrize("offset", [-3.0, -0.4, 0.0, 1.3, 3.1])
@pytest.mark.parametrize("place", [{}, {"sign": -1}, {"gear": 3.0}, {"sign": -1, "gear": 2.0}])
def test_the_zero_is_found_back(offset: float, place: dict[str, float]) -> None:
    ratio = place.get("sign", 1) * place.get("gear", 1.0)
    joint = found(stops_of(math.pi + offset, ratio), **place)
    assert joint.offset == pytest.approx(offset, abs=1e-4)
    assert joint.range == pytest.approx(RANGE, abs=1e-4)
    assert joint.doubts == []


def test_a_joint_of_one_turn_has_its_offset_within_one() -> None:
    assert found(stops_of(math.pi + 0.4 + 4.0 * math.pi, 1.0)).offset == pytest.approx(
        0.4, abs=1e-4
    )


def test_a_gear_of_several_turns_keeps_them() -> None:
    joint = found(stops_of(math.pi + 9.0, 9.0), gear=9.0)
    assert joint.offset == pytest.approx(9.0, abs=1e-4)
    anew = found(stops_of(math.pi + 9.0, 9.0), recounted=-2.0 * math.pi, gear=9.0)
    assert anew.offset == pytest.approx(9.0 - 2.0 * math.pi, abs=1e-4)


def test_another_span_than_that_of_the_model_is_doubted() -> None:
    joint = found(stops_of(math.pi, 1.0), gear=1.2)
    assert joint.span == pytest.approx(1.4 / 1.2, abs=1e-4)
    assert len(joint.doubts) == 1
    assert "1.17 rad from stop to stop, by its MJCF 1.4 rad" in joint.doubts[0]
    assert joint.to_json()["doubts"] == joint.doubts


def test_stops_that_differ_are_doubted() -> None:
    joint = found(stops_of(math.pi, 1.0, give=0.05))
    assert joint.spread == pytest.approx(0.05)
    assert "its stops differ by 0.05 rad" in joint.doubts[0]


def with_stops(pincer) -> VirtualBus:
    """The thumb's zero is at 0.3, the index's at 3.0 and its servo the other way round."""
    return pincer.bus(
        pincer.servo(1, stops=(0.1, 1.5), position=0.5),
        pincer.servo(2, stops=(3.0 - 1.2, 3.0 + 0.2), position=2.9),  # over the seam at pi
    )


def xc430(id: int, **options: object) -> VirtualServoConfig:
    model = virtual_model(ServoCatalogue.packaged().named("XC430-W150"))
    return VirtualServoConfig(model, id=id, baud=1_000_000, **options)


def test_a_servo_without_current_is_pushed_to_its_stops(pincer) -> None:
    bus = VirtualBus([xc430(1), xc430(2, stops=(1.8, 3.2), position=2.9)])  # over the seam at pi
    hand = {
        j: f'id = {i}, model = "XC430-W150", mode = "position"'
        for i, j in enumerate(("thumb", "index"), 1)
    }
    hand["index"] += ", sign = -1"
    done: list[tuple[object, ...]] = []

    def progress(*sweep: object) -> None:
        done.append(sweep)
        bus.noise(bit_flip=5e-5 if 0 < len(done) < 4 else 0.0)  # a packet in fifty

    with pincer.on(bus, hand) as servos:
        (index,) = calibrate(servos, ["index"], STRONG, progress)
        assert bus.register(1, Role.TORQUE_ENABLE) == 0
        assert bus.register(1, Role.OPERATING_MODE) == 4  # to be driven over the seam
        assert bus.register(1, Role.GOAL_PWM) == 885  # all of it again
        assert bus.position(1) == pytest.approx(2.9, abs=0.1)  # back where it was
    assert isinstance(index, JointCalibration)
    assert index.offset == pytest.approx(3.0, abs=0.02)
    assert index.range == pytest.approx(RANGE, abs=0.03)
    assert (index.effort, index.doubts) == ("60 % of its pwm", [])
    assert done == [("index", n, 4) for n in (1, 2, 3, 4)]


def test_whoever_interrupts_finds_the_hand_limp(pincer) -> None:
    def interrupt(joint: str, done: int, of: int) -> None:
        raise KeyboardInterrupt

    bus = with_stops(pincer)
    with pincer.on(bus) as servos:
        with pytest.raises(KeyboardInterrupt):
            calibrate(servos, ["thumb"], QUICK, interrupt)
        assert bus.register(0, Role.TORQUE_ENABLE) == 0


def test_a_servo_that_is_warm_is_let_go_and_the_next_is_tried(pincer) -> None:
    bus = with_stops(pincer)
    for servo in (0, 1):
        bus.heat(servo, 67.0)
    with pincer.on(bus) as servos:
        found = calibrate(servos, ["thumb", "index"], QUICK)
        assert [bus.register(i, Role.TORQUE_ENABLE) for i in (0, 1)] == [0, 0]
    assert [joint.joint for joint in found] == ["thumb", "index"]
    for joint in found:
        assert isinstance(joint, Failure)
        assert "°C; let it cool down" in joint.why


def test_effort_is_a_part_of_the_limit_or_amperes(pincer) -> None:
    with pincer.on(with_stops(pincer)) as servos:
        thumb = servos["thumb"]
        assert gentle_effort(thumb, 0.1).value == pytest.approx(0.175)
        assert gentle_effort(thumb, 0.1, 0.25).value == 0.25
        with pytest.raises(BusError, match=r"2 A is more than the 1\.75 A"):
            gentle_effort(thumb, 0.1, 2.0)


def test_torque_grows_from_nothing(pincer, monkeypatch) -> None:
    told: list[tuple[str, float]] = []

    def spy(servo: Servo, name: str, value: float | None = None, raw: int | None = None) -> None:
        told.append((name, raw if value is None else value))
        write(servo, name, value, raw=raw)

    write = Servo.write
    with pincer.on(with_stops(pincer)) as servos:
        effort = gentle_effort(servos["thumb"], 0.2)
        monkeypatch.setattr(Servo, "write", spy)
        with ServoProbe(servos["thumb"], effort):
            on = told.index(("torque_enable", 1))
            assert [value for name, value in told[:on] if name == "goal_current"] == [0]
            grown = [value for name, value in told[on:] if name == "goal_current"]
            assert grown == sorted(grown)
            assert grown[0] < 0.1 * grown[-1]
            assert grown[-1] == pytest.approx(effort.value)


def test_a_hls_keeps_to_its_protection_current_and_may_move(pincer) -> None:
    model = virtual_model(ServoCatalogue.packaged().named("HLS3606M"))
    configs = [VirtualServoConfig(model, id=i, baud=1_000_000) for i in (1, 2)]
    places = {"thumb": 'id = 1, model = "HLS3606M"', "index": 'id = 2, model = "HLS3606M"'}
    line = '[bus.lines.all]\nprotocol = "feetech"\n'
    with pincer.on(VirtualBus(configs, supply_voltage=7.4), places, line) as servos:
        thumb = servos["thumb"]
        thumb.servo.write("protection_current", 2.6)
        effort = gentle_effort(thumb, 0.5)
        assert (effort.register.name, effort.mode) == ("goal_current", "current_based_position")
        assert effort.value == pytest.approx(1.3)
        with ServoProbe(thumb, effort) as probe:  # a goal velocity of 0 would keep it where it is
            start = probe.position()
            for _ in range(30):
                probe.step(start + 0.3)
            assert probe.position() > start + 0.1


def test_servos_without_current_control_are_bounded_in_pwm(bench, make, pincer) -> None:
    from handloop.firmware_bridge.hand_servos import HandServos

    servos = [make("xl430")(i, baud=1_000_000) for i in (1, 2)]
    places = {"thumb": 'id = 1, model = "XL430-W250", mode = "position"'}
    places["index"] = places["thumb"].replace("1,", "2,", 1)
    responder = bench.plug(*servos)
    with HandServos.open(pincer.load(places), {"all": responder.path}, patience=0.15) as hand:
        effort = gentle_effort(hand["thumb"], 0.2)
    assert (effort.register.name, effort.mode) == ("goal_pwm", "extended_position")
    assert effort.value == pytest.approx(0.2, abs=1e-3)
    assert str(effort) == "20 % of its pwm"
