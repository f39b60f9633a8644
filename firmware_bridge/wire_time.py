"""How long one control cycle takes on the wire, from the bytes of its packets.

Lengths: e-Manual, "Protocol 2.0", and Feetech's communication protocol manual, counted from their
packet layouts. A byte is 10 bits on the wire. Stuffed bytes are left out: they are rare.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .bus_lines import Protocol
from .plan import Block
from .servo_drive import DriveFigures

TURNAROUND: Final = 50e-6  # [s], of a reply without return delay (resibots/dynamixel_control_hw#7)
PATIENCE: Final = 0.002  # [s], for an answer, beyond what delay and bytes take
_ADAPTER = 0.001  # [s], of USB and host, beyond what the adapter keeps an answer back
_MARGIN = 1.15
_STEP = 0.0005  # [s]


def patience_with(latency: float) -> float:
    """How long an answer is waited for [s], beyond what delay and bytes take.

    That is what a missing servo costs a cycle, so it is longer only where it has to be.

    Args:
        latency: [s], how long the adapter keeps an answer back.
    """
    return max(PATIENCE, latency + _ADAPTER)


@dataclass(frozen=True)
class LineTraffic:
    """What goes over a line in one control cycle."""

    line: str
    baud: int
    """[bit/s]."""
    bytes: int
    replies: int
    """Packets that servos send."""
    latency: float = 0.0
    """[s], how long the adapter keeps an answer back."""

    @property
    def time(self) -> float:
        """[s], of one cycle."""
        return 10.0 * self.bytes / self.baud + self.replies * TURNAROUND + self.latency

    def __str__(self) -> str:
        return (
            f"line '{self.line}': {self.bytes} bytes at {self.baud} baud and {self.replies} "
            f"replies, {1e3 * self.time:.2f} ms"
        )


def traffic(
    line: str,
    baud: int,
    protocol: Protocol,
    drives: Sequence[DriveFigures],
    *,
    fast: bool,
    latency: float = 0.0,
) -> LineTraffic:
    """Counts the bytes of one cycle.

    Args:
        line: its name.
        baud: [bit/s].
        protocol: what its servos speak.
        drives: its servos.
        fast: they all answer in one packet.
        latency: [s], how long the adapter keeps an answer back.
    """
    n = len(drives)
    reads, writes = [d.read for d in drives], [d.write for d in drives]
    read, written = _size(reads), _size(writes)
    if protocol == "feetech":
        size = (8 + n) + (6 * n + read) + (8 + n + written)
        return LineTraffic(line, baud, size, n, latency)
    request = group_request(n) if _alike(reads) else 10 + 5 * n
    told = group_write(n, written) if _alike(writes) else 10 + 5 * n + written
    size = request + group_reply(n, read, fast=fast) + told
    return LineTraffic(line, baud, size, 1 if fast else n, latency)


def group_request(servos: int) -> int:
    """Bytes of a sync read, or a fast one."""
    return 14 + servos


def group_reply(servos: int, data: int, *, fast: bool) -> int:
    """Bytes in which all of them answer with so many bytes of data in all."""
    return 8 + 4 * servos + data if fast else 11 * servos + data


def group_write(servos: int, data: int) -> int:
    """Bytes of a sync write with so many bytes of data in all."""
    return 14 + servos + data


def shortest_period(lines: Sequence[LineTraffic]) -> float:
    """[s], in whole half milliseconds, that all lines keep up with and have some to spare."""
    slowest = max(line.time for line in lines)
    return _STEP * math.ceil(_MARGIN * slowest / _STEP)


def _alike(blocks: Sequence[Block]) -> bool:
    """One address and size will do for all: sync, not bulk."""
    return len({(block.address, block.size) for block in blocks}) == 1


def _size(blocks: Sequence[Block]) -> int:
    return sum(block.size for block in blocks)
