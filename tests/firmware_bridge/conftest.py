"""Servos at the other end of a pseudo terminal.

They are written from the manufacturers' manuals alone, packets and addresses included, so that they
share no mistake with the code under test.
"""

import array
import fcntl
import os
import pty
import select
import struct
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from handloop.firmware_bridge import ServoBus

PATIENCE = 0.15  # [s], for a responder that runs beside the tests
TCGETS2 = 0x802C542A


def crc16(data: bytes) -> int:
    """e-Manual, "CRC Calculation", bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


@dataclass
class FakeServo:
    """A control table, and what is wrong with the servo."""

    id: int
    baud: int = 57_600
    table: bytearray = field(default_factory=lambda: bytearray(700))
    indirect_data: int = 224
    dead: bool = False
    damaged: bool = False
    alert: int = 0
    ram: int = 64
    there: tuple[range, ...] = (range(700),)
    """The addresses that it has."""

    def word(self, address: int, form: str) -> int:
        """Read as `struct` does."""
        return struct.unpack_from("<" + form, self.table, address)[0]

    def put(self, address: int, form: str, value: int) -> None:
        struct.pack_into("<" + form, self.table, address, value)

    def read(self, address: int, size: int) -> bytes:
        """Mirrored bytes show what their pointers say."""
        return bytes(self.table[self._seen_at(a)] for a in range(address, address + size))

    def has(self, address: int, size: int) -> bool:
        """All of a block."""
        return all(any(a in part for part in self.there) for a in range(address, address + size))

    def write(self, address: int, data: bytes) -> int:
        """Returns the error of the status packet."""
        if address < self.ram and self.table[64]:
            return 7
        self.table[address : address + len(data)] = data
        if address == 7:
            self.id = data[0]
        if address == 8:
            self.baud = [9600, 57600, 115200, 10**6, 2 * 10**6, 3 * 10**6][data[0]]
        return 0

    def reboot(self) -> None:
        """RAM as at power-on, the pointers of mirrored bytes on themselves; it stands still."""
        sensed = self.table[132:148]
        self.table[64:] = bytes(len(self.table) - 64)
        self.table[132:148] = sensed
        self.put(68, "B", 2)
        self.put(84, "H", 800)
        self.put(102, "h", self.word(38, "H"))
        self.alert = 0

    def _seen_at(self, address: int) -> int:
        slot = address - self.indirect_data
        if 0 <= slot < 28:
            return self.word(168 + 2 * slot, "H") or address
        return address


# e-Manual, XM430-W350, "Control Table of EEPROM Area", "of RAM Area".
XM430_TABLE = tuple(
    range(*ends)
    for ends in (
        (0, 14),
        (20, 28),
        (31, 40),
        (44, 56),
        (60, 61),
        (63, 66),
        (68, 71),
        (76, 86),
        (88, 92),
        (98, 99),
        (100, 148),
        (168, 252),
    )
)


def xm430(id: int, baud: int = 57_600, number: int = 1020, firmware: int = 45) -> FakeServo:
    """An XM430-W350 as it leaves the factory, torque off, at half a turn."""
    servo = FakeServo(id, baud, there=XM430_TABLE)
    for address, form, value in (
        (0, "H", number),
        (6, "B", firmware),
        (7, "B", id),
        (8, "B", 1),
        (9, "B", 250),
        (11, "B", 3),
        (36, "H", 885),
        (38, "H", 1193),
        (44, "I", 200),
        (48, "I", 4095),
        (52, "I", 0),
    ):
        servo.put(address, form, value)
    servo.reboot()
    servo.put(132, "i", 2048)
    servo.put(144, "H", 120)
    servo.put(146, "B", 31)
    return servo


def sts3215(id: int, baud: int = 1_000_000) -> FakeServo:
    """An STS3215; its EEPROM ends at 40, and torque does not lock it."""
    servo = FakeServo(id, baud, ram=0)
    for address, form, value in ((0, "B", 3), (1, "B", 10), (3, "H", 777), (5, "B", id)):
        servo.put(address, form, value)
    servo.put(8, "B", 1)
    servo.put(11, "H", 4095)
    servo.put(55, "B", 1)
    servo.put(56, "H", 2048)
    servo.put(62, "B", 74)
    return servo


class Responder(threading.Thread):
    """A port with servos on it, which answer at their own rate only."""

    def __init__(self, servos: list[FakeServo]) -> None:
        super().__init__(daemon=True)
        self.servos = servos
        self.requests: list[tuple[int, int, bytes]] = []
        """Id, instruction and parameters of all that came."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._hear_end, self._say_end = os.pipe()
        self._heard = b""

    def run(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._hear_end], [], [])
            if self._hear_end in ready:
                return
            self._heard += os.read(self._master, 4096)
            self._understand()

    def unplug(self) -> None:
        """Also ends a test."""
        if self.is_alive():
            os.write(self._say_end, b"x")
            self.join()
            for descriptor in (self._master, self._slave, self._hear_end, self._say_end):
                os.close(descriptor)

    def __getitem__(self, id: int) -> FakeServo:
        return next(servo for servo in self.servos if servo.id == id)

    @property
    def rate(self) -> int:
        """Of the port, as the other side has set it."""
        settings = array.array("I", [0] * 16)
        fcntl.ioctl(self._master, TCGETS2, settings)
        return settings[10]

    def awake(self, ids: Iterator[int] | list[int]) -> Iterator[FakeServo]:
        """Who answers in turn: behind a silent one nobody does."""
        here = {s.id: s for s in self.servos if not s.dead and s.baud == self.rate}
        for i in ids:
            if i not in here:
                return
            yield here[i]

    def everyone(self) -> list[int]:
        return [s.id for s in self.servos if not s.dead and s.baud == self.rate]

    def say(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data) :]

    def _understand(self) -> None:
        raise NotImplementedError


class DynamixelResponder(Responder):
    """e-Manual, "Protocol 2.0"."""

    def _understand(self) -> None:
        while (begin := self._heard.find(b"\xff\xff\xfd\x00")) >= 0:
            packet = self._heard[begin:]
            size = 7 + struct.unpack_from("<H", packet, 5)[0] if len(packet) >= 7 else 1 << 16
            if len(packet) < size:
                return
            self._heard = packet[size:]
            packet = packet[:size]
            assert crc16(packet[:-2]) == struct.unpack("<H", packet[-2:])[0]
            body = packet[7:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd")
            self.requests.append((packet[4], body[0], body[1:]))
            self._do(packet[4], body[0], body[1:])

    def _do(self, to: int, instruction: int, given: bytes) -> None:
        at, size = struct.unpack("<HH", given[:4]) if len(given) >= 4 else (0, 0)
        if instruction in {0x82, 0x8A}:  # sync read, fast
            self._answer_group([(i, at, size) for i in given[4:]], instruction == 0x8A)
        elif instruction in {0x92, 0x9A}:  # bulk read, fast
            asked = [struct.unpack_from("<BHH", given, k) for k in range(0, len(given), 5)]
            self._answer_group(asked, instruction == 0x9A)
        elif instruction == 0x83:  # sync write
            for k in range(4, len(given), 1 + size):
                self._put(given[k], at, given[k + 1 : k + 1 + size])
        elif instruction == 0x93:  # bulk write
            while given:
                i, at, size = struct.unpack_from("<BHH", given)
                self._put(i, at, given[5 : 5 + size])
                given = given[5 + size :]
        else:
            for servo in self.awake(self.everyone() if to == 0xFE else [to]):
                self._answer_one(servo, instruction, at, given)

    def _put(self, to: int, at: int, data: bytes) -> None:
        for servo in self.awake([to]):
            servo.write(at, data)

    def _answer_one(self, servo: FakeServo, instruction: int, at: int, given: bytes) -> None:
        me, error, data = servo.id, 0, b""
        if instruction == 0x01:
            data = servo.read(0, 2) + servo.read(6, 1)
        elif instruction == 0x02:
            size = struct.unpack_from("<H", given, 2)[0]
            error = 0 if servo.has(at, size) else 7
            data = b"" if error else servo.read(at, size)
        elif instruction == 0x03:
            error = servo.write(struct.unpack_from("<H", given)[0], given[2:])
        elif instruction == 0x08:
            servo.reboot()
        self.say(self._status(servo, me, error, data))

    def _answer_group(self, asked: list[tuple[int, int, int]], fast: bool) -> None:
        where = {i: (at, size) for i, at, size in asked}
        present = list(self.awake([i for i, _, _ in asked]))
        if not fast:
            for servo in present:
                assert servo.has(*where[servo.id])
                self.say(self._status(servo, servo.id, 0, servo.read(*where[servo.id])))
            return
        length = 1 + sum(size + 4 for _, _, size in asked)
        packet = b"\xff\xff\xfd\x00\xfe" + struct.pack("<H", length) + b"\x55"
        ends = []
        for servo in present:
            assert servo.has(*where[servo.id])
            packet += bytes([servo.alert, servo.id]) + servo.read(*where[servo.id])
            packet += struct.pack("<H", crc16(packet))
            ends.append(len(packet))
        self.say(self._noisy(packet, [e for e, s in zip(ends, present, strict=True) if s.damaged]))

    def _status(self, servo: FakeServo, me: int, error: int, data: bytes) -> bytes:
        body = (b"\x55" + bytes([error | servo.alert]) + data).replace(
            b"\xff\xff\xfd", b"\xff\xff\xfd\xfd"
        )
        packet = b"\xff\xff\xfd\x00" + bytes([me]) + struct.pack("<H", len(body) + 2) + body
        packet += struct.pack("<H", crc16(packet))
        return self._noisy(packet, [len(packet)] if servo.damaged else [])

    def _noisy(self, packet: bytes, ends: list[int]) -> bytes:
        """A bit of the data before each of these ends has turned over on its way."""
        noisy = bytearray(packet)
        for end in ends:
            noisy[end - 3] ^= 0x04
        return bytes(noisy)


class FeetechResponder(Responder):
    """Feetech, "Communication protocol user manual"."""

    def _understand(self) -> None:
        while (begin := self._heard.find(b"\xff\xff")) >= 0:
            packet = self._heard[begin:]
            if len(packet) < 4 or len(packet) < 4 + packet[3]:
                return
            self._heard = packet[4 + packet[3] :]
            packet = packet[: 4 + packet[3]]
            assert sum(packet[2:]) & 0xFF == 0xFF
            self.requests.append((packet[2], packet[4], packet[5:-1]))
            self._do(packet[2], packet[4], packet[5:-1])

    def _do(self, to: int, instruction: int, given: bytes) -> None:
        if instruction == 0x82:
            for servo in self.awake(list(given[2:])):
                self._answer(servo, servo.id, servo.read(given[0], given[1]))
        elif instruction == 0x83:
            for k in range(2, len(given), 1 + given[1]):
                for servo in self.awake([given[k]]):
                    self._write(servo, given[0], given[k + 1 : k + 1 + given[1]])
        else:
            for servo in self.awake([to]):
                me = servo.id
                if instruction == 0x03:
                    self._write(servo, given[0], given[1:])
                data = servo.read(given[0], given[1]) if instruction == 0x02 else b""
                self._answer(servo, me, data)

    def _write(self, servo: FakeServo, at: int, data: bytes) -> None:
        if at < 40 and servo.table[55]:
            return  # it would not outlast the power
        servo.table[at : at + len(data)] = data
        if at == 5:
            servo.id = data[0]

    def _answer(self, servo: FakeServo, me: int, data: bytes) -> None:
        body = bytes([me, len(data) + 2, servo.alert]) + data
        self.say(b"\xff\xff" + body + bytes([~sum(body) & 0xFF]))


class Bench:
    """Makes buses, and takes them apart after the test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.buses: list[ServoBus] = []
        self.responders: list[Responder] = []

    def plug(self, *servos: FakeServo, feetech: bool = False) -> Responder:
        """A port with servos on it."""
        responder = (FeetechResponder if feetech else DynamixelResponder)(list(servos))
        responder.start()
        self.responders.append(responder)
        return responder

    def open(self, responder: Responder, baud: int | None = None, **kwargs: object) -> ServoBus:
        """Its bus, with all its servos that live."""
        feetech = isinstance(responder, FeetechResponder)
        bus = ServoBus.open(
            responder.path,
            baud or responder.servos[0].baud,
            "feetech" if feetech else "dynamixel2",
            patience=PATIENCE,
            **kwargs,
        )
        self.buses.append(bus)
        for servo in responder.servos:
            if servo.baud == bus.baud:
                bus.add(servo.id)
        responder.requests.clear()
        return bus

    def dynamixels(self, count: int, **kwargs: int) -> tuple[Responder, ServoBus]:
        """XM430s with ids from 1 on."""
        responder = self.plug(*(xm430(i + 1, **kwargs) for i in range(count)))
        return responder, self.open(responder)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for bus in bench.buses:
        bus.close()
    for responder in bench.responders:
        responder.unplug()


@pytest.fixture
def make() -> Callable[[str], Callable[..., FakeServo]]:
    """Makes servos by kind: `make("xm430")(1)`."""
    kinds = {"xm430": xm430, "xl430": partial(xm430, number=1060), "sts3215": sts3215}
    return kinds.__getitem__
