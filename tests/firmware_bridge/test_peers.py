"""Programs written for real servos scan, configure, read and drive virtual ones."""

import math
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Literal

import pytest

from handloop._core import PtyServer, Role, VirtualBus, VirtualServoConfig
from handloop.firmware_bridge import ServoCatalogue, ServoModel, virtual_model

BAUD = 1_000_000
IDS = [1, 2, 5]
ATTEMPTS = 20  # the peers' own timeouts are short for a machine that does other things


class Bus:
    """Three servos of one kind behind a pseudo-terminal."""

    def __init__(self, name: str) -> None:
        self.model: ServoModel = ServoCatalogue.packaged().named(name)
        virtual = virtual_model(self.model)
        servos = [VirtualServoConfig(virtual, id=i, baud=BAUD) for i in IDS]
        assert self.model.motor
        self.virtual = VirtualBus(servos, supply_voltage=self.model.motor.nominal_voltage)
        self.server = PtyServer(self.virtual)
        self.path = self.server.path

    @property
    def number(self) -> int:
        return self.model.numbers[0]

    def positions(self) -> list[float]:
        return [self.virtual.position(i) for i in range(len(IDS))]


def eventually(holds: Callable[[], bool], patience: float = 30.0) -> bool:
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def plugged() -> Iterator[Callable[[str], Bus]]:
    """Plugs in servos of a kind."""
    buses: list[Bus] = []

    def plug(name: str) -> Bus:
        buses.append(Bus(name))
        return buses[-1]

    yield plug
    for bus in buses:
        bus.server.stop()


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

    def write_all(
        self, address: int, size: int, value: int, order: Literal["little", "big"] = "little"
    ) -> None:
        write = self.sdk.GroupSyncWrite(self.port, self.handler, address, size)
        for i in IDS:
            assert write.addParam(i, list(value.to_bytes(size, order)))
        assert write.txPacket() == self.sdk.COMM_SUCCESS


DYNAMIXELS = ["XL330-M288", "XM430-W350", "XL430-W250"]
Dynamixel = tuple[Bus, Vendor]


@pytest.fixture
def dynamixel(request: pytest.FixtureRequest, plugged: Callable[[str], Bus]) -> Iterator[Dynamixel]:
    bus = plugged(getattr(request, "param", DYNAMIXELS[0]))
    vendor = Vendor(pytest.importorskip("dynamixel_sdk"), bus.path, 2.0)
    yield bus, vendor
    vendor.port.closePort()


@pytest.mark.parametrize("dynamixel", DYNAMIXELS, indirect=True)
def test_dynamixel_sdk_scans(dynamixel: Dynamixel) -> None:
    bus, vendor = dynamixel
    firmware = bus.virtual.register(0, Role.FIRMWARE)
    found = ({i: [bus.number, firmware] for i in IDS}, vendor.sdk.COMM_SUCCESS)
    assert eventually(lambda: vendor.handler.broadcastPing(vendor.port) == found)
    assert vendor.ask("ping", 5) == (bus.number, 0)


@pytest.mark.parametrize("dynamixel", DYNAMIXELS, indirect=True)
def test_dynamixel_sdk_configures_reads_and_drives(dynamixel: Dynamixel) -> None:
    bus, vendor = dynamixel
    for i in IDS:
        assert vendor.ask("write1ByteTxRx", i, 9, 0) == (None, 0)
        assert vendor.ask("write1ByteTxRx", i, 64, 1) == (None, 0)
    assert vendor.ask("write1ByteTxRx", 1, 11, 4) == (None, 7)  # locked while torque is on
    assert vendor.ask("write4ByteTxRx", 1, 116, 5000) == (None, 6)  # beyond its position limit
    vendor.write_all(116, 4, 3000)
    assert eventually(lambda: all(abs(p - 3000) < 20 for p in vendor.read_all(132, 4)))
    assert all(abs(p - 3000) < 20 for p in vendor.read_all(132, 4, fast=True))
    assert bus.positions() == [pytest.approx(952 * 2 * math.pi / 4096, abs=0.05)] * 3


def test_dynamixel_sdk_reboots_a_servo_that_shut_down(dynamixel: Dynamixel) -> None:
    bus, vendor = dynamixel
    assert vendor.ask("write1ByteTxRx", 2, 64, 1) == (None, 0)
    bus.virtual.heat(1, 75.0)
    assert eventually(lambda: bus.virtual.register(1, Role.HARDWARE_ERROR) == 4)
    assert vendor.ask("ping", 2) == (1200, 0x80)
    bus.virtual.heat(1, 25.0)
    vendor.ask("reboot", 2)
    assert eventually(lambda: vendor.ask("ping", 2) == (1200, 0))
    assert vendor.ask("read1ByteTxRx", 2, 64) == (0, 0)


def test_dynamixel_sdk_changes_id_and_baud_rate(dynamixel: Dynamixel) -> None:
    bus, vendor = dynamixel
    vendor.handler.write1ByteTxOnly(vendor.port, 2, 7, 9)
    assert vendor.ask("ping", 9) == (1200, 0)
    vendor.handler.write1ByteTxOnly(vendor.port, 9, 8, 6)
    assert eventually(lambda: bus.virtual.register(1, Role.BAUD) == 6)
    assert vendor.handler.ping(vendor.port, 9)[1] == vendor.sdk.COMM_RX_TIMEOUT
    assert vendor.port.setBaudRate(4_000_000)
    assert vendor.ask("ping", 9) == (1200, 0)


def rustypot_of(kind: str, path: str) -> Any:
    rustypot = pytest.importorskip("rustypot")
    return getattr(rustypot, kind)(path, BAUD, 2.0)


GOALS = [0.5, -0.5, 1.0]
REACHED = [pytest.approx(q, abs=0.04) for q in GOALS]
COUNTS = [2048 + round(q / math.tau * 4096) for q in GOALS]


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    ("name", "controller", "goals"),
    [
        ("XL330-M288", "Xl330", GOALS),
        ("XM430-W350", "Xl430", COUNTS),  # whose positions are raw
        ("XL430-W250", "Xl430", COUNTS),
    ],
)
def test_rustypot_drives_dynamixels(
    plugged: Callable[[str], Bus], name: str, controller: str, goals: list[float], fast: bool
) -> None:
    bus = plugged(name)
    driver = rustypot_of(f"{controller}PyController", bus.path)
    found = {i: bus.number for i in IDS}
    assert eventually(lambda: driver.scan([1, 2, 3, 5]) == found)
    assert eventually(lambda: driver.broadcast_scan() == found)
    driver.set_fast_sync_read(fast)
    driver.sync_write_return_delay_time(IDS, [0] * 3)
    driver.sync_write_torque_enable(IDS, [True] * 3)
    driver.sync_write_goal_position(IDS, goals)
    close = [pytest.approx(goal, abs=0.04 if goals is GOALS else 26) for goal in goals]
    assert eventually(lambda: driver.sync_read_present_position(IDS) == close)
    assert bus.positions() == REACHED


@pytest.mark.parametrize("name", ["STS3215-C001", "HLS3915M"])
def test_feetech_sdk_reads_and_drives(plugged: Callable[[str], Bus], name: str) -> None:
    bus = plugged(name)
    vendor = Vendor(pytest.importorskip("scservo_sdk"), bus.path, 0)
    assert vendor.ask("ping", 5) == (bus.number, 0)
    vendor.write_all(40, 1, 1)
    vendor.write_all(42, 2, 3000)
    assert eventually(lambda: all(abs(p - 3000) < 20 for p in vendor.read_all(56, 2)))
    assert bus.positions()[0] == pytest.approx(952 * 2 * math.pi / 4096, abs=0.05)
    vendor.port.closePort()


def test_feetech_sdk_reads_and_drives_scs(plugged: Callable[[str], Bus]) -> None:
    bus = plugged("SCS0009")
    vendor = Vendor(pytest.importorskip("scservo_sdk"), bus.path, 1)
    assert vendor.ask("ping", 5) == (1284, 0)
    vendor.write_all(40, 1, 1)
    vendor.write_all(42, 2, 700, "big")
    position = [pytest.approx(700, abs=5)] * 3
    assert eventually(lambda: [vendor.ask("read2ByteTxRx", i, 56)[0] for i in IDS] == position)
    assert bus.positions()[0] == pytest.approx(math.radians(188 * 300 / 1024), abs=0.05)
    vendor.port.closePort()


@pytest.mark.parametrize(
    ("name", "controller"), [("STS3215-C001", "Sts3215"), ("SCS0009", "Scs0009")]
)
def test_rustypot_drives_feetechs(
    plugged: Callable[[str], Bus], name: str, controller: str
) -> None:
    bus = plugged(name)
    driver = rustypot_of(f"{controller}PyController", bus.path)
    assert eventually(lambda: driver.scan([1, 2, 3, 5]) == {i: bus.number for i in IDS})
    driver.sync_write_torque_enable(IDS, [True] * 3)
    driver.sync_write_goal_position(IDS, GOALS)

    def positions() -> list[float]:
        if driver.supports_sync_read():
            return list(driver.sync_read_present_position(IDS))
        return [driver.read_present_position(i)[0] for i in IDS]

    assert eventually(lambda: positions() == REACHED)
    assert bus.positions() == REACHED
