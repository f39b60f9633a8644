"""Serial ports: which there are, and how one is opened for servos."""

from __future__ import annotations

import array
import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import serial
from serial.tools import list_ports as pyserial_ports

from .._core import SerialWire, Wire
from .bus_errors import BaudRateError, PortError

_BY_ID = Path("/dev/serial/by-id")
_SYSFS = Path("/sys")
_UDEV_RULE = 'ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"'
_TCGETS2 = 0x802C542A
_OUTPUT_SPEED = 10  # of a struct termios2, in words
_TOLERATED = 0.03  # part of a baud rate; a UART takes a little more


@dataclass(frozen=True)
class PortInfo:
    """A USB serial port that is plugged in."""

    device: str
    """As the kernel numbers it: `/dev/ttyUSB0`."""
    path: str
    """The same adapter has it after every plugging: below `/dev/serial/by-id`, where there is."""
    description: str


def find_ports() -> list[PortInfo]:
    """The USB serial ports that are plugged in."""
    return [
        PortInfo(port.device, lasting_path(port.device), port.description or "")
        for port in sorted(pyserial_ports.comports(), key=lambda port: str(port.device))
        if Path(port.device).name.startswith(("ttyUSB", "ttyACM"))
    ]


def lasting_path(device: str, by_id: Path = _BY_ID) -> str:
    """The path under which a port comes back after it was unplugged."""
    if not by_id.is_dir():
        return device
    target = os.path.realpath(device)
    return next((str(p) for p in sorted(by_id.iterdir()) if os.path.realpath(p) == target), device)


class BusPort(Protocol):
    """What a bus needs of a port; virtual servos may have one, too."""

    path: str
    """As messages call it."""
    baud: int
    """[bit/s]."""
    latency: float
    """[s], how long it keeps answers back."""
    advice: str
    """What would make it quicker; empty: nothing."""

    @property
    def descriptor(self) -> int | None:
        """Of the open file, so that another process can have it, too. None: it is no file."""
        return None

    def wire(self) -> Wire:
        """To speak on, until the rate changes or the port is closed."""
        ...

    def set_baud(self, baud: int) -> None:
        """Goes on at another rate.

        Raises:
            BaudRateError: it cannot; it stays at the one before.
            PortError: it is gone.
        """
        ...

    def reopen(self) -> None:
        """Closes it, and opens the same again.

        Raises:
            PortError: it is not back yet.
        """
        ...

    def close(self) -> None:
        """Gives it back. Safe to call twice."""
        ...


class ServoPort(BusPort):
    """An open serial port, nobody else's until it is closed."""

    def __init__(self, path: str, baud: int) -> None:
        """Opens a port.

        Args:
            path: of the device, or of a link to it.
            baud: [bit/s], any that the adapter takes.

        Raises:
            PortError: it is not there, not allowed, in use, or does not go at that rate.
        """
        self.path = path
        self._lasting_path = lasting_path(path)
        self._open(path, baud)

    def _open(self, path: str, baud: int) -> None:
        self.baud = baud
        try:
            self._serial = serial.Serial(path, baud, timeout=0, exclusive=True)
        except (OSError, ValueError) as error:
            raise _explained(path, baud, error) from None
        try:
            _check_rate(path, baud, self._serial.fileno())
        except PortError:
            self._serial.close()
            raise
        self.latency, self.advice = lower_latency(path, self._serial)

    @property
    def descriptor(self) -> int:
        """Of the open file, so that another process can have it, too."""
        return int(self._serial.fileno())

    def wire(self) -> Wire:
        """To speak on, until the rate changes or the port is closed."""
        return SerialWire(self.descriptor, self.baud)

    def reopen(self) -> None:
        """Opens the same adapter again, wherever the kernel has put it.

        Raises:
            PortError: it is not back yet.
        """
        self._serial.close()
        self._open(self._lasting_path, self.baud)

    def set_baud(self, baud: int) -> None:
        """Goes on at another rate.

        Raises:
            BaudRateError: the adapter does not go at that rate; it stays at the one before.
            PortError: it is gone.
        """
        try:
            self._serial.baudrate = baud
            _check_rate(self.path, baud, self._serial.fileno())
        except BaudRateError:
            self._serial.baudrate = self.baud
            raise
        except ValueError as error:
            self._serial.baudrate = self.baud
            raise _explained(self.path, baud, error) from None
        except OSError as error:
            raise _explained(self.path, baud, error) from None
        self.baud = baud

    def close(self) -> None:
        """Gives the port back. Safe to call twice."""
        self._serial.close()


def _check_rate(path: str, baud: int, descriptor: int) -> None:
    """Some drivers take any rate, and then run at the nearest that the adapter has."""
    settings = array.array("I", [0] * 16)
    try:
        fcntl.ioctl(descriptor, _TCGETS2, settings)
    except OSError:  # not a kernel's own kind of port
        return
    actual = settings[_OUTPUT_SPEED]
    if abs(actual - baud) > _TOLERATED * baud:
        raise BaudRateError(f"{path}: {_not_at(baud)}; the nearest it has is {actual}")


def lower_latency(path: str, port: serial.Serial, sysfs: Path = _SYSFS) -> tuple[float, str]:
    """How long the adapter keeps short answers back [s], and what lowers that if we may not.

    FTDI chips hand a short answer over when their latency timer has run out, after 16 ms as they
    come.
    """
    timer = sysfs / "class/tty" / Path(os.path.realpath(path)).name / "device/latency_timer"
    if not timer.is_file():
        return 0.0, ""
    for lower in (lambda: timer.write_text("1"), lambda: port.set_low_latency_mode(True)):
        if _milliseconds(timer) <= 1:
            break
        try:
            lower()
        except (OSError, ValueError):
            continue
    left = _milliseconds(timer)
    advice = (
        f"{path}: the adapter keeps answers back for {left} ms. Until it is plugged in again: "
        f"echo 1 | sudo tee {timer}. For good: put {_UDEV_RULE} into "
        "/etc/udev/rules.d/99-servo-latency.rules and plug it in again"
    )
    return 1e-3 * left, advice if left > 1 else ""


def _milliseconds(timer: Path) -> int:
    return int(timer.read_text().strip())


def _explained(path: str, baud: int, error: Exception) -> PortError:
    if isinstance(error, ValueError):
        return BaudRateError(f"{path}: {_not_at(baud)}; choose another rate")
    return PortError(_reason(path, error))


def _reason(path: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return f"no port at {path}; {'; '.join(_plugged_in())}"
    if number in {errno.EACCES, errno.EPERM}:
        return (
            f"{path}: no permission. Add yourself to the group of serial ports and log in again: "
            "sudo usermod -aG dialout $USER"
        )
    if number in {errno.EAGAIN, errno.EBUSY}:
        return f"{path}: another program is using it; close that: fuser -v {path} says which it is"
    return f"{path}: cannot be opened as a serial port: {error}"


def _not_at(baud: int) -> str:
    return f"this adapter does not go at {baud} baud"


def _plugged_in() -> Iterator[str]:
    ports = find_ports()
    if not ports:
        yield "no USB serial adapter is plugged in"
    for port in ports:
        yield f"there is {port.path} ({port.description})"
