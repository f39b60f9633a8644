"""An open port and the lines on it: one for single requests, two for groups."""

from __future__ import annotations

from typing import Final, Literal

from .._core import SerialWire, ServoLine, ServoProtocol
from .ports import ServoPort, lasting_path

Protocol = Literal["dynamixel2", "feetech"]

PROTOCOLS: Final[dict[Protocol, ServoProtocol]] = {
    "dynamixel2": ServoProtocol.DYNAMIXEL2,
    "feetech": ServoProtocol.FEETECH,
}
# A servo that writes its EEPROM answers late: 21 ms were seen of an STS3215.
_PATIENCE_FOR_ONE = 0.03  # [s], beyond what the adapter takes
_PATIENCE_FOR_MANY = 0.004


class BusLines:
    """What a bus speaks on. Python's own lock is not held while it waits for servos."""

    def __init__(self, path: str, baud: int, protocol: Protocol, patience: float | None) -> None:
        self.protocol: Protocol = protocol
        self._patience = patience
        self._path = lasting_path(path)
        self._open(path, baud)

    def _open(self, path: str, baud: int) -> None:
        self.port = ServoPort(path, baud)
        self._make_lines()

    def _make_lines(self) -> None:
        wire = SerialWire(self.port.descriptor, self.port.baud)
        protocol = PROTOCOLS[self.protocol]

        def line(patience: float, fast: bool = False) -> ServoLine:
            chosen = patience + self.port.latency if self._patience is None else self._patience
            return ServoLine(wire, protocol, patience=chosen, fast=fast)

        self.one = line(_PATIENCE_FOR_ONE)
        self.many = line(_PATIENCE_FOR_MANY)
        self.many_fast = line(_PATIENCE_FOR_MANY, fast=True)

    def set_baud(self, baud: int) -> None:
        """Goes on at another rate.

        Raises:
            PortError: the adapter does not go at that rate, or is gone.
        """
        self.port.set_baud(baud)
        self._make_lines()

    def reopen(self) -> None:
        """Opens the same adapter again, wherever the kernel has put it.

        Raises:
            PortError: it is not back yet.
        """
        baud = self.port.baud
        self.port.close()
        self._open(self._path, baud)
