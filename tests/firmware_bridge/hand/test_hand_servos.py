"""The servos of a hand, on virtual ones."""

import dataclasses
import math
from contextlib import ExitStack

import pytest

from handloop._core import (
    PtyServer,
    Role,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
)
from handloop.controller import HandError
from handloop.firmware_bridge import BusError, PortError
from handloop.firmware_bridge.hand_ports import line_ports, parse_ports
from handloop.firmware_bridge.hand_servos import HandServos, check_alike

TWO_LINES = "[bus.lines.left]\nbaud = 1_000_000\n[bus.lines.right]\n"
ON_TWO = {
    "thumb": 'id = 1, model = "XL330-M288", line = "left"',
    "index": 'id = 1, model = "XL330-M288", line = "right"',
}


def test_joints_are_where_their_servos_say(pincer) -> None:
    bus = pincer.bus(pincer.servo(1, position=0.7), pincer.servo(2, position=0.1))
    with pincer.on(bus) as servos:
        assert [s.joint for s in servos] == ["thumb", "index"]
        assert servos.locate() == pytest.approx([0.7, 0.4], abs=2e-3)  # -(0.1 - 0.5)
        assert servos["index"].zero == pytest.approx(math.pi + 0.5)
        assert servos["index"].servo.id == 2


@pytest.mark.parametrize("turns", [-2, 0, 1])
def test_whole_turns_since_power_on_do_not_matter(pincer, turns: int) -> None:
    with pincer.on(pincer.bus()) as servos:
        thumb = servos["thumb"]
        thumb.count_turns(math.pi + 0.3 + 2.0 * math.pi * turns)
        assert thumb.turns == turns
        assert thumb.joint_angle(math.pi + 0.3 + 2.0 * math.pi * turns) == pytest.approx(0.3)


def test_a_range_across_the_seam_is_followed(pincer) -> None:
    seam = {"thumb": 'id = 1, model = "XL330-M288", offset = 3.0, mode = "position"'}
    bus = pincer.bus(pincer.servo(1, position=-3.0), pincer.servo(2))
    with pincer.on(bus, seam | {"index": 'id = 2, model = "XL330-M288"'}) as servos:
        assert servos.locate()[0] == pytest.approx(2.0 * math.pi - 6.0, abs=2e-3)
        assert servos["thumb"].operating_mode == "extended_position"


def test_drives_and_period(pincer) -> None:
    with pincer.on(pincer.bus()) as servos:
        thumb, index = servos.drives()
        assert (thumb.id, thumb.line, thumb.ratio, thumb.stiffness) == (1, 0, 1.0, 0.3)
        assert (index.ratio, index.stiffness) == (-1.0, 0.2)
        assert index.zero == servos["index"].zero
        assert servos.answers_fast("all")
        (line,) = servos.traffic([thumb, index])
        assert (line.bytes, line.replies) == (16 + 36 + 20, 1)
        assert servos.period([thumb, index]) == 0.001


def test_a_period_that_no_line_can_keep_is_refused(pincer) -> None:
    with pincer.on(pincer.bus(), more="[bus]\nperiod = 0.0005") as servos:
        with pytest.raises(HandError, match=r"0.5 ms is too short for line 'all': 72 bytes.*0.001"):
            servos.period(servos.drives())


def test_torque_is_off_afterwards(pincer) -> None:
    bus = pincer.bus()
    with pincer.on(bus) as servos:
        for servo in servos:
            servo.servo.write("torque_enable", 1)
        assert [bus.register(i, Role.TORQUE_ENABLE) for i in (0, 1)] == [1, 1]
    assert [bus.register(i, Role.TORQUE_ENABLE) for i in (0, 1)] == [0, 0]


@pytest.mark.parametrize(
    ("ids", "servos", "complaint"),
    [
        ((1, 7), None, r"index: no servo 2 on line 'all' .*id 7 that no joint has: .*set-id"),
        ((8, 9), None, "none of the 2 servos on line 'all' .*bus scan"),
        (
            (1, 2),
            {"thumb": 'id = 1, model = "XL330-M288"', "index": 'id = 2, model = "XC330-M288"'},
            "index: servo 2 on line 'all' .* is no XC330-M288: it says it is XL330-M288",
        ),
    ],
)
def test_what_is_not_there_is_named(pincer, ids, servos, complaint: str) -> None:
    bus = pincer.bus(*(pincer.servo(i) for i in ids))
    with pytest.raises(BusError, match=complaint):
        with pincer.on(bus, servos or pincer.servos):
            pass


def test_ports_come_from_the_command_or_from_the_file(pincer) -> None:
    hand = pincer.load(ON_TWO, TWO_LINES.replace("right]", 'right]\nport = "/dev/b"'))
    assert line_ports(hand, {"left": "/dev/a"}) == {"left": "/dev/a", "right": "/dev/b"}
    assert line_ports(hand, {"left": "/dev/a", "right": "/dev/c"})["right"] == "/dev/c"
    assert parse_ports(hand, ["left=/dev/a"]) == {"left": "/dev/a"}
    assert parse_ports(pincer.load(), ["/dev/a"]) == {"all": "/dev/a"}


@pytest.mark.parametrize(
    ("ports", "error", "complaint"),
    [
        ({}, PortError, "line 'left' has no port; give --port left=PATH"),
        ({"left": "/dev/a", "right": "/dev/a"}, PortError, "'left' and 'right' are both at /dev/a"),
        ({"middle": "/dev/a"}, HandError, "no line 'middle' in bus.lines"),
    ],
)
def test_ports_that_do_not_fit_are_named(pincer, ports, error, complaint: str) -> None:
    with pytest.raises(error, match=complaint):
        line_ports(pincer.load(ON_TWO, TWO_LINES), ports)


def test_a_port_for_no_line_is_named(pincer) -> None:
    with pytest.raises(ValueError, match=r"name the line, too: --port left=PATH"):
        parse_ports(pincer.load(ON_TWO, TWO_LINES), ["/dev/a"])


def test_two_lines_with_the_same_ids(pincer) -> None:
    hand = pincer.load(ON_TWO, TWO_LINES)
    buses = [pincer.bus(pincer.servo(1, position=q)) for q in (0.2, 0.6)]
    with ExitStack() as stack:
        left, right = (stack.enter_context(PtyServer(bus)) for bus in buses)
        ports = {"left": left.path, "right": right.path}
        servos = stack.enter_context(HandServos.open(hand, ports, patience=0.5))
        assert servos.locate() == pytest.approx([0.2, 0.6], abs=2e-3)
        assert [drive.line for drive in servos.drives()] == [0, 1]


def test_the_model_has_to_speak_what_its_line_speaks(pincer) -> None:
    with pytest.raises(HandError, match=r"index\.model.*speaks feetech.*protocol"):
        with pincer.on(
            pincer.bus(),
            pincer.servos | {"index": 'id = 2, model = "STS3215-C001", mode = "position"'},
        ):
            pass


def test_feetech_servos_of_one_line_are_all_told_the_same(pincer) -> None:
    model = VirtualServoModel.sts3215()
    kinds = [VirtualServoConfig(model, id=i, baud=1_000_000) for i in (1, 2)]
    bus = VirtualBus(kinds, supply_voltage=7.4)
    line = '[bus.lines.all]\nprotocol = "feetech"\n'
    one = 'id = 1, model = "STS3215-C001", mode = "position"'
    alike = {"thumb": one, "index": one.replace("1", "2", 1)}
    with pincer.on(bus, alike, line) as servos:
        thumb, index = servos.drives()
        assert (thumb.write.address, index.write.size) == (42, 2)
        mixed = [thumb, dataclasses.replace(index, write=index.read)]
        with pytest.raises(HandError, match=r"bus\.lines\.all.*lines of their own"):
            check_alike(servos.hand, "all", mixed)
