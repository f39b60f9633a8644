"""Programs written for real servos scan, configure, read and drive virtual ones."""

import math
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from handloop._core import PtyServer, Role, VirtualBus, VirtualServoConfig, VirtualServoModel

BAUD = 1_000_000
IDS = [1, 2, 5]
ATTEMPTS = 20  # the peers' own timeouts are short for a machine that does other things


def make_bus(model: VirtualServoModel, voltage: float, baud: int = BAUD) -> VirtualBus:
    servos = [VirtualServoConfig(model, id=i, baud=baud) for i in IDS]
    return VirtualBus(servos, supply_voltage=voltage)


def eventually(holds: Callable[[], bool], patience: float = 30.0) -> bool:
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def x330() -> Iterator[tuple[VirtualBus, str]]:
    bus = make_bus(VirtualServoModel.x330(), 5.0)
    with PtyServer(bus) as server:
        yield bus, server.path


@pytest.fixture
def sts() -> Iterator[tuple[VirtualBus, str]]:
    bus = make_bus(VirtualServoModel.sts3215(), 7.4)
    with PtyServer(bus) as server:
        yield bus, server.path


class Vendor:
    """An SDK of one of the vendors: both have the same shape. Retries what timed out."""

    def __init__(self, sdk: ModuleType, path: str, protocol: float) -> None:
        self.sdk = sdk
        self.port = sdk.PortHandler(path)
        assert self.port.openPort()
        assert self.port.setBaudRate(BAUD)
        self.handler = sdk.PacketHandler(protocol)

    def ask(self, call: str, *args: Any) -> tuple[Any, int]:
        """The answer's value, if it has one, and its error."""
        for _ in range(ATTEMPTS):
            *value, result, error = getattr(self.handler, call)(self.port, *args)
            if result == self.sdk.COMM_SUCCESS:
                return (value[0] if value else None), error
        raise TimeoutError(f"{call}{args} was not answered")

    def read_all(self, address: int, size: int, *, fast: bool = False) -> list[int]:
        read = self.sdk.GroupSyncRead(self.port, self.handler, address, size)
        for i in IDS:
            assert read.addParam(i)
        for _ in range(ATTEMPTS):
            if (read.fastSyncRead() if fast else read.txRxPacket()) == self.sdk.COMM_SUCCESS:
                return [read.getData(i, address, size) for i in IDS]
        raise TimeoutError("the sync read was not answered")

    def write_all(self, address: int, size: int, value: int) -> None:
        write = self.sdk.GroupSyncWrite(self.port, self.handler, address, size)
        for i in IDS:
            assert write.addParam(i, list(value.to_bytes(size, "little")))
        assert write.txPacket() == self.sdk.COMM_SUCCESS


@pytest.fixture
def dynamixel(x330: tuple[VirtualBus, str]) -> Iterator[tuple[VirtualBus, Vendor]]:
    vendor = Vendor(pytest.importorskip("dynamixel_sdk"), x330[1], 2.0)
    yield x330[0], vendor
    vendor.port.closePort()


def test_dynamixel_sdk_scans(dynamixel: tuple[VirtualBus, Vendor]) -> None:
    _, vendor = dynamixel
    found = ({i: [1200, 53] for i in IDS}, vendor.sdk.COMM_SUCCESS)
    assert eventually(lambda: vendor.handler.broadcastPing(vendor.port) == found)
    assert vendor.ask("ping", 5) == (1200, 0)


def test_dynamixel_sdk_configures_reads_and_drives(dynamixel: tuple[VirtualBus, Vendor]) -> None:
    bus, vendor = dynamixel
    for i in IDS:
        assert vendor.ask("write1ByteTxRx", i, 9, 0) == (None, 0)
        assert vendor.ask("write1ByteTxRx", i, 64, 1) == (None, 0)
    assert vendor.ask("write1ByteTxRx", 1, 11, 5) == (None, 7)  # locked while torque is on
    assert vendor.ask("write4ByteTxRx", 1, 116, 5000) == (None, 6)  # beyond its position limit
    vendor.write_all(116, 4, 3000)
    assert eventually(lambda: all(abs(p - 3000) < 20 for p in vendor.read_all(132, 4)))
    assert all(abs(p - 3000) < 20 for p in vendor.read_all(132, 4, fast=True))
    assert all(
        bus.position(i) == pytest.approx(952 * 2 * math.pi / 4096, abs=0.05) for i in range(3)
    )


def test_dynamixel_sdk_reboots_a_servo_that_shut_down(dynamixel: tuple[VirtualBus, Vendor]) -> None:
    bus, vendor = dynamixel
    assert vendor.ask("write1ByteTxRx", 2, 64, 1) == (None, 0)
    bus.heat(1, 75.0)
    assert eventually(lambda: bus.register(1, Role.HARDWARE_ERROR) == 4)
    assert vendor.ask("ping", 2) == (1200, 0x80)
    bus.heat(1, 25.0)
    vendor.ask("reboot", 2)
    assert eventually(lambda: vendor.ask("ping", 2) == (1200, 0))
    assert vendor.ask("read1ByteTxRx", 2, 64) == (0, 0)


def test_dynamixel_sdk_changes_id_and_baud_rate(dynamixel: tuple[VirtualBus, Vendor]) -> None:
    bus, vendor = dynamixel
    vendor.handler.write1ByteTxOnly(vendor.port, 2, 7, 9)
    assert vendor.ask("ping", 9) == (1200, 0)
    vendor.handler.write1ByteTxOnly(vendor.port, 9, 8, 6)
    assert eventually(lambda: bus.register(1, Role.BAUD) == 6)
    assert vendor.handler.ping(vendor.port, 9)[1] == vendor.sdk.COMM_RX_TIMEOUT
    assert vendor.port.setBaudRate(4_000_000)
    assert vendor.ask("ping", 9) == (1200, 0)


def rustypot_of(kind: str, path: str) -> Any:
    rustypot = pytest.importorskip("rustypot")
    return getattr(rustypot, kind)(path, BAUD, 2.0)


@pytest.mark.parametrize("fast", [False, True])
def test_rustypot_drives_dynamixels(x330: tuple[VirtualBus, str], fast: bool) -> None:
    bus, path = x330
    controller = rustypot_of("Xl330PyController", path)
    found = {i: 1200 for i in IDS}
    assert eventually(lambda: controller.scan([1, 2, 3, 5]) == found)
    assert eventually(lambda: controller.broadcast_scan() == found)
    controller.set_fast_sync_read(fast)
    controller.sync_write_return_delay_time(IDS, [0] * 3)
    controller.sync_write_torque_enable(IDS, [True] * 3)
    controller.sync_write_goal_position(IDS, [0.5, -0.5, 1.0])
    reached = [pytest.approx(q, abs=0.04) for q in (0.5, -0.5, 1.0)]
    assert eventually(lambda: controller.sync_read_present_position(IDS) == reached)
    assert [bus.position(i) for i in range(3)] == reached


def test_feetech_sdk_reads_and_drives(sts: tuple[VirtualBus, str]) -> None:
    bus, path = sts
    vendor = Vendor(pytest.importorskip("scservo_sdk"), path, 0)
    assert vendor.ask("ping", 5) == (777, 0)
    vendor.write_all(40, 1, 1)
    vendor.write_all(42, 2, 3000)
    assert eventually(lambda: all(abs(p - 3000) < 20 for p in vendor.read_all(56, 2)))
    assert bus.position(0) == pytest.approx(952 * 2 * math.pi / 4096, abs=0.05)
    vendor.port.closePort()


def test_rustypot_drives_feetechs(sts: tuple[VirtualBus, str]) -> None:
    bus, path = sts
    controller = rustypot_of("Sts3215PyController", path)
    assert eventually(lambda: controller.scan([1, 2, 3, 5]) == {i: 777 for i in IDS})
    controller.sync_write_torque_enable(IDS, [True] * 3)
    controller.sync_write_goal_position(IDS, [0.5, -0.5, 1.0])
    reached = [pytest.approx(q, abs=0.04) for q in (0.5, -0.5, 1.0)]
    assert eventually(lambda: controller.sync_read_present_position(IDS) == reached)
    assert [bus.position(i) for i in range(3)] == reached
