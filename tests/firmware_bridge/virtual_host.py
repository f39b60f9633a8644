"""A host in lockstep with one virtual servo; packets are made here, from the manuals alone."""

from handloop._core import VirtualBus, VirtualServoConfig
from handloop.firmware_bridge import ServoModel, virtual_model

from .conftest import crc16

ANSWER_TIME = 0.01  # [s]


def supply_of(model: ServoModel) -> float:
    """The voltage that its maker recommends [V]."""
    return model.motor.nominal_voltage if model.motor else 12.0


class Host:
    """Asks servo 1."""

    def __init__(self, model: ServoModel, firmware: int | None = None, **config: object) -> None:
        self.model = model
        virtual = virtual_model(model, firmware)
        servo = VirtualServoConfig(virtual, baud=1_000_000, **config)
        supply = {"supply_voltage": supply_of(model), "supply_resistance": 0.0}
        self.bus = VirtualBus([servo], host_baud=1_000_000, **supply)

    def ask(self, id: int, instruction: int, given: bytes = b"") -> bytes:
        """The answer's error byte and data; nothing where nobody answers."""
        feetech = self.model.protocol == "feetech"
        request = feetech_packet if feetech else dynamixel_packet
        self.bus.send(request(id, instruction, given))
        answer = b""
        while part := self.bus.receive(ANSWER_TIME):
            answer += part
        return (
            answer[4:-1] if feetech else answer[8:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd")
        )

    def read(self, name: str) -> int:
        register = self.model.register(name)
        data = self.ask(1, 0x02, self._address(register.address) + self._address(register.size))
        assert data[0] == 0, f"{name}: error {data[0]}"
        return register.decode(data[1:])

    def write(self, name: str, raw: int) -> int:
        """Returns the error of the answer."""
        register = self.model.register(name)
        data = self._address(register.address) + register.encode(raw)
        return self.ask(1, 0x03, data)[0]

    def set_mode(self, name: str) -> None:
        """With torque on."""
        if self.model.operating_modes:
            assert self.write("operating_mode", self.model.operating_mode(name)) == 0
        assert self.write("torque_enable", 1) == 0

    def _address(self, number: int) -> bytes:
        return number.to_bytes(1 if self.model.protocol == "feetech" else 2, "little")


def dynamixel_packet(id: int, instruction: int, given: bytes) -> bytes:
    body = bytes([instruction]) + given
    head = b"\xff\xff\xfd\x00" + bytes([id]) + (len(body) + 2).to_bytes(2, "little")
    return head + body + crc16(head + body).to_bytes(2, "little")


def feetech_packet(id: int, instruction: int, given: bytes) -> bytes:
    body = bytes([id, len(given) + 2, instruction]) + given
    return b"\xff\xff" + body + bytes([~sum(body) & 0xFF])
