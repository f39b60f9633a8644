"""An open port and the lines on it: one for single requests, two for groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .._core import ServoLine, ServoProtocol, Wire
from .bus_errors import PortError
from .ports import BusPort

Protocol = Literal["dynamixel2", "feetech"]

PROTOCOLS: Final[dict[Protocol, ServoProtocol]] = {
    "dynamixel2": ServoProtocol.DYNAMIXEL2,
    "feetech": ServoProtocol.FEETECH,
}
# A servo that writes its EEPROM answers late: 21 ms were seen of an STS3215.
_PATIENCE_FOR_ONE = 0.03  # [s], beyond what the adapter takes
_PATIENCE_FOR_MANY = 0.004


@dataclass(frozen=True)
class _Lines:
    one: ServoLine
    many: ServoLine
    many_fast: ServoLine


class BusLines:
    """What a bus speaks on. Python's own lock is not held while it waits for servos."""

    def __init__(self, port: BusPort, protocol: Protocol, patience: float | None = None) -> None:
        self.port = port
        self.protocol: Protocol = protocol
        self._patience = patience
        self._lines: _Lines | None = None
        self._lent = False
        self._make_lines()

    @property
    def one(self) -> ServoLine:
        """For one servo, with patience."""
        return self._opened.one

    @property
    def many(self) -> ServoLine:
        """For groups."""
        return self._opened.many

    @property
    def many_fast(self) -> ServoLine:
        """For groups that answer in one packet."""
        return self._opened.many_fast

    def set_baud(self, baud: int) -> None:
        """Goes on at another rate.

        Raises:
            BaudRateError: the adapter does not go at that rate; it stays at the one before.
            PortError: it is gone.
        """
        if baud != self.port.baud:
            self.port.set_baud(baud)
            self._make_lines()

    def reopen(self) -> None:
        """Opens the same adapter again, wherever the kernel has put it.

        Raises:
            PortError: it is not back yet.
        """
        self._lines = None  # the number of its descriptor may soon be another file's
        self.port.reopen()
        self._make_lines()

    def lend(self) -> Wire:
        """Leaves the port to somebody else, who speaks on this wire, until `take_back`.

        Raises:
            PortError: it is lent already, or not open.
        """
        _ = self._opened
        self._lines, self._lent = None, True
        return self.port.wire()

    def take_back(self) -> None:
        """Ends lending; does nothing if the port was closed meanwhile."""
        if self._lent:
            self._lent = False
            self._make_lines()

    def close(self) -> None:
        """Gives the port back. Safe to call twice."""
        self._lines, self._lent = None, False
        self.port.close()

    @property
    def _opened(self) -> _Lines:
        if self._lent:
            raise PortError(f"a control loop drives the servos on {self.port.path}; end it first")
        if self._lines is None:
            raise PortError(
                f"{self.port.path} is not open; open the bus again, or call reconnect()"
            )
        return self._lines

    def _make_lines(self) -> None:
        wire = self.port.wire()
        protocol = PROTOCOLS[self.protocol]

        def line(patience: float, fast: bool = False) -> ServoLine:
            chosen = patience + self.port.latency if self._patience is None else self._patience
            return ServoLine(wire, protocol, patience=chosen, fast=fast)

        self._lines = _Lines(
            one=line(_PATIENCE_FOR_ONE),
            many=line(_PATIENCE_FOR_MANY),
            many_fast=line(_PATIENCE_FOR_MANY, fast=True),
        )
