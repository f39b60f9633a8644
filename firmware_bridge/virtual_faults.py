"""What goes wrong with virtual servos, and when: `dead=3@2.5`."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from .._core import VirtualBus
from ..controller.errors import unknown

_SPELLING = re.compile(r"(?P<kind>[a-z-]+)(?:=(?P<what>[^@]*))?(?:@(?P<time>.+))?")


@dataclass(frozen=True)
class _Kind:
    """A kind of fault.

    Attributes:
        example: how it is spelled.
        says: what happens.
        of_servo: it is one servo's; else a whole line's.
    """

    example: str
    says: str
    of_servo: bool = False


KINDS: Final = {
    "flip": _Kind("flip=1e-5", "each bit flips so likely"),
    "lose": _Kind("lose=1e-3", "each byte is lost so likely"),
    "burst": _Kind("burst=0.01", "noise drowns the line so many seconds"),
    "unplug": _Kind("unplug=0.5", "the cable of the line is out so many seconds"),
    "brown-out": _Kind("brown-out=4.0", "the supply has so many volts"),
    "dead": _Kind("dead=3", "servo 3 loses its electronics", of_servo=True),
    "stuck": _Kind("stuck=3", "its gear sticks", of_servo=True),
    "loose": _Kind("loose=3", "its data plug is out", of_servo=True),
    "mend": _Kind("mend=3", "none of these any more", of_servo=True),
    "hot": _Kind("hot=3:85", "its motor has so many degrees Celsius", of_servo=True),
}


def _act_on_line(kind: str, bus: VirtualBus, number: float) -> None:
    match kind:
        case "flip":
            bus.noise(bit_flip=number)
        case "lose":
            bus.noise(byte_loss=number)
        case "burst":
            bus.burst(number)
        case "unplug":
            bus.unplug(number)
        case "brown-out":
            bus.supply(number)


def _act_on_servo(kind: str, bus: VirtualBus, servo: int, number: float) -> None:
    match kind:
        case "dead":
            bus.kill(servo, True)
        case "stuck":
            bus.jam(servo, True)
        case "loose":
            bus.plug(servo, False)
        case "hot":
            bus.heat(servo, number)
        case "mend":
            bus.kill(servo, False)
            bus.jam(servo, False)
            bus.plug(servo, True)


@dataclass(frozen=True)
class VirtualFault:
    """A fault that is to come.

    Attributes:
        time: when [s], counted from wherever it is used.
        kind: one of `KINDS`.
        line: on which line. None: on all, or where the servo is.
        servo: its id. None: of a whole line.
        number: probability, seconds, volts or degrees.
    """

    time: float
    kind: str
    line: str | None
    servo: int | None
    number: float

    @classmethod
    def parse(cls, text: str) -> VirtualFault:
        """Reads KIND[=WHAT][@SECONDS]; WHAT is a number, or [LINE/]ID[:NUMBER] of a servo.

        Raises:
            ValueError: it is spelled otherwise; the message has an example.
        """
        match = _SPELLING.fullmatch(text.strip())
        if not match or match["kind"] not in KINDS:
            raise ValueError(unknown("fault", match["kind"] if match else text, KINDS, "--fault"))
        name, kind, what = match["kind"], KINDS[match["kind"]], match["what"] or ""
        try:
            time = float(match["time"] or 0.0)
            line, _, rest = what.rpartition("/")
            servo, _, number = rest.partition(":") if kind.of_servo else ("", "", rest)
            of = int(servo) if kind.of_servo else None
            value = float(number) if number else 0.0
            if not kind.of_servo and not number:
                raise ValueError("no number")
        except ValueError:
            raise ValueError(
                f"fault '{text}' is not spelled as {kind.example}@SECONDS ({kind.says})"
            ) from None
        if time < 0.0:
            raise ValueError(f"fault '{text}': nothing can happen before the beginning")
        return cls(time, name, line or None, of, value)

    def act(self, buses: Mapping[str, VirtualBus], ids: Mapping[str, list[int]]) -> None:
        """Lets it happen now.

        Args:
            buses: by line.
            ids: of the servos on each line, in the order they were given.

        Raises:
            ValueError: there is no such line or servo.
        """
        if self.line is not None and self.line not in buses:
            raise ValueError(unknown("line", self.line, buses, "this hand"))
        lines = [self.line] if self.line is not None else list(buses)
        if self.servo is not None:
            lines = [line for line in lines if self.servo in ids[line]]
            if len(lines) != 1:
                there = "no servo" if not lines else "more than one servo"
                raise ValueError(f"there is {there} {self.servo}; name it LINE/ID")
        for line in lines:
            if self.servo is None:
                _act_on_line(self.kind, buses[line], self.number)
            else:
                place = ids[line].index(self.servo)
                _act_on_servo(self.kind, buses[line], place, self.number)


class Sufferer(Protocol):
    """What faults happen to: a `VirtualHand`."""

    def suffer(self, fault: VirtualFault) -> None:
        """Lets something go wrong now."""


@contextmanager
def playing(servos: Sufferer, faults: Iterable[VirtualFault]) -> Iterator[None]:
    """Lets faults happen at their times on the wall clock, as long as the context lasts."""
    over = threading.Event()
    began = time.monotonic()

    def play() -> None:
        for fault in sorted(faults, key=lambda one: one.time):
            if over.wait(max(began + fault.time - time.monotonic(), 0.0)):
                return
            servos.suffer(fault)

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
