"""How long a control cycle takes on the wire."""

import pytest

from handloop.firmware_bridge.bus_lines import Protocol
from handloop.firmware_bridge.plan import Block
from handloop.firmware_bridge.servo_drive import DriveFigures
from handloop.firmware_bridge.wire_time import (
    LineTraffic,
    patience_with,
    shortest_period,
    traffic,
)


def drive(read: int, write: int, address: int = 126) -> DriveFigures:
    return DriveFigures(
        id=1,
        line=0,
        mode="current",
        ratio=1.0,
        zero=0.0,
        current_limit=1.0,
        stiffness=0.0,
        read=Block(1, address, read, ()),
        write=Block(1, 102, write, ()),
        data=b"",
        sensed="present_current",
        sensed_unit=1.0,
    )


def line(count: int, write: int, fast: bool, protocol: Protocol = "dynamixel2") -> LineTraffic:
    drives = [drive(10 if protocol == "dynamixel2" else 4, write)] * count
    return traffic("all", 1_000_000, protocol, drives, fast=fast)


# By hand from the packets: 22 servos are asked (36 bytes), answer (22 * 21, or 8 + 22 * 14) and are
# told (14 + 22 * 3 or * 5).
@pytest.mark.parametrize(
    ("count", "write", "fast", "size"),
    [(22, 2, False, 578), (22, 2, True, 432), (22, 4, False, 622), (16, 2, False, 428)],
)
def test_bytes_of_a_cycle(count: int, write: int, fast: bool, size: int) -> None:
    found = line(count, write, fast)
    assert found.bytes == size
    assert found.replies == (1 if fast else count)
    assert found.time == pytest.approx(size * 10e-6 + found.replies * 50e-6)


def test_different_blocks_cost_more() -> None:
    mixed = traffic("all", 1_000_000, "dynamixel2", [drive(10, 2), drive(8, 4, 128)], fast=False)
    assert mixed.bytes == (10 + 2 * 5) + (2 * 11 + 18) + (10 + 2 * 5 + 6)


def test_feetech_packets_are_shorter() -> None:
    assert line(16, 2, False, "feetech").bytes == 24 + 16 * 10 + 8 + 16 * 3


def test_the_period_is_that_of_the_slowest_line_and_some() -> None:
    slow, quick = line(22, 2, False), line(22, 2, True)  # 6.88 ms and 4.37 ms
    assert shortest_period([quick]) == pytest.approx(0.0055)
    assert shortest_period([quick, slow]) == pytest.approx(0.008)


def test_an_adapter_that_keeps_answers_back_takes_its_time() -> None:
    slow = LineTraffic("all", 1_000_000, 100, 1, latency=0.016)
    assert slow.time == pytest.approx(0.001 + 50e-6 + 0.016)


def test_a_missing_servo_costs_2_ms_but_on_slow_adapters() -> None:
    assert patience_with(0.0) == patience_with(0.001) == 0.002
    assert patience_with(0.016) == pytest.approx(0.017)
