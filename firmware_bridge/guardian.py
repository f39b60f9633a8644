"""Lets the servos go when the program that drives them dies, even by `kill -9`.

A small process holds the ports open, too, and waits at a pipe. If that closes without a farewell it
switches torque off. It covers what a bus watchdog inside the servo may not: old firmware, Feetech
servos, and position modes, in which an expired watchdog holds on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from .guardian_process import FAREWELL, READY
from .hand_servo import HandServo
from .servo_drive import HOLDING
from .torque_off import torque_off_packet

_SCRIPT = Path(__file__).with_name("guardian_process.py")
_LEAVES = 2.0  # [s]


class Guardian:
    """Stands watch from its construction to `dismiss`; also a context manager."""

    def __init__(self, packets: Mapping[int, bytes]) -> None:
        """Starts the process, and waits until it stands watch.

        Args:
            packets: what to write in the driver's place, by file descriptor.

        Raises:
            RuntimeError: it did not start.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SCRIPT)],  # isolated: starts quickly, and alone
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=list(packets),
            start_new_session=True,  # Ctrl-C is for the driver
        )
        wishes = {str(port): packet.hex() for port, packet in packets.items()}
        self._say(json.dumps(wishes).encode() + b"\n")
        assert self._process.stdout is not None
        if self._process.stdout.readline() != READY:
            raise RuntimeError("the guardian did not start, so nobody would let the servos go")

    def dismiss(self) -> None:
        """Ends the watch; nothing is written. Safe to call twice."""
        self._leave(FAREWELL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """An error is no farewell: the servos are let go once more, whatever else was done."""
        self._leave(FAREWELL if kind is None else b"")

    def _leave(self, word: bytes) -> None:
        if self._process.stdin is None or self._process.stdin.closed:
            return
        with suppress(BrokenPipeError):
            self._say(word)
        self._process.communicate(timeout=_LEAVES)

    def _say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()


def guard(
    servos: Iterable[HandServo], at_end: Literal["limp", "hold"] = "limp"
) -> AbstractContextManager[object]:
    """Starts a guardian for servos; there is none where no port is a file.

    Args:
        servos: of a hand.
        at_end: `hold`: those that hold a position by themselves are left to it.

    Raises:
        RuntimeError: it did not start.
    """
    limp = [s for s in servos if at_end == "limp" or s.place.mode not in HOLDING]
    packets: dict[int, bytes] = {}
    for bus in {servo.bus for servo in limp}:
        ours = [s for s in limp if s.bus is bus]
        # One address for all of a line: those of a family have it in the same place.
        address = ours[0].servo.register("torque_enable").address
        ids = [s.servo.id for s in ours]
        packet = torque_off_packet(bus.lines.protocol, address, ids)
        if (descriptor := bus.lines.port.descriptor) is not None:
            packets[descriptor] = packet
    return Guardian(packets) if packets else nullcontext()
