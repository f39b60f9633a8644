"""Lines to measure on: prompt answers, paced answers, virtual servos."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

from ..._core import (
    BenchResponder,
    PtyServer,
    ServoOutcome,
    VirtualBus,
    VirtualServoConfig,
    VirtualServoModel,
)
from ..bus import ServoBus
from ..bus_errors import BusError
from ..wire_time import PATIENCE
from .figures import Traffic

Goal = Literal["current", "position"]

READ: Final = (126, 10)  # address and size: current, velocity and position of an X-series servo
WRITTEN: Final[dict[Goal, tuple[int, int]]] = {"current": (102, 2), "position": (116, 4)}
TURNAROUND: Final = 50e-6  # [s], of a virtual servo
_RETURN_DELAY: Final = 9  # address
_VOLTAGE: Final = 5.0


@dataclass(frozen=True)
class BenchLine:
    """Servos at the end of a port, and how they are to be asked.

    Attributes:
        path: Of the port.
        baud: [bit/s].
        ids: Of X-series servos with current control.
        goal: What is written.
        goals: What clients write that have no wish of their own, by servo; empty: zero.
        return_delay: [s], the longest set in a servo.
        patience: [s], for an answer, beyond what delay and bytes take.
        fast: All servos know the fast read.
        turnaround: [s], known of each servo before it answers.
    """

    path: str
    baud: int
    ids: tuple[int, ...]
    goal: Goal = "current"
    goals: tuple[bytes, ...] = ()
    return_delay: float = 0.0
    patience: float = PATIENCE
    fast: bool = True
    turnaround: float = 0.0

    def traffic(self, fast: bool) -> Traffic:
        """Bytes of a cycle."""
        return Traffic(len(self.ids), READ[1], WRITTEN[self.goal][1], fast)

    def bound(self, fast: bool) -> float:
        """The most cycles per second [Hz] that the wire allows."""
        return self.traffic(fast).rate(self.baud, self.turnaround)

    @property
    def kinds(self) -> tuple[bool, ...]:
        """Whether fast: in which ways these servos can be read."""
        return (False, True) if self.fast else (False,)

    @property
    def blocks(self) -> list[bytes]:
        """What such a client writes, one block for each servo."""
        return list(self.goals) or [bytes(WRITTEN[self.goal][1])] * len(self.ids)

    def with_silent(self) -> BenchLine:
        """The same with nobody in the place of the servo in the middle."""
        nobody = next(i for i in range(1, 253) if i not in self.ids)
        ids = list(self.ids)
        ids[len(ids) // 2] = nobody
        return replace(self, ids=tuple(ids))


def cores() -> tuple[int, int]:
    """One for the client and one for the servos; -1 each where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[-1]) if len(available) > 1 else (-1, -1)


@contextmanager
def prompt_line(count: int, baud: int, goal: Goal) -> Iterator[BenchLine]:
    """Servos that answer at once, on a core of their own; their line takes no time."""
    with BenchResponder(core=cores()[1]) as responder:
        yield BenchLine(responder.path, baud, tuple(range(1, count + 1)), goal)


@contextmanager
def paced_line(count: int, baud: int, goal: Goal) -> Iterator[BenchLine]:
    """Servos that answer at once on a line where each byte takes its time."""
    with BenchResponder(baud=baud) as responder:
        yield BenchLine(responder.path, baud, tuple(range(1, count + 1)), goal)


@contextmanager
def virtual_line(count: int, baud: int, goal: Goal) -> Iterator[BenchLine]:
    """Virtual XL330s, which take their time to answer as real ones do.

    Raises:
        ValueError: They do not go at that rate.
        BusError: One of them does not answer.
    """
    ids = tuple(range(1, count + 1))
    model = VirtualServoModel.x330()
    servos = [VirtualServoConfig(model, id=i, baud=baud) for i in ids]
    with PtyServer(VirtualBus(servos, supply_voltage=_VOLTAGE)) as server:
        _set_no_delay(server.path, baud, ids)
        yield BenchLine(server.path, baud, ids, goal, turnaround=TURNAROUND)


def _set_no_delay(path: str, baud: int, ids: tuple[int, ...]) -> None:
    with ServoBus.open(path, baud, patience=1.0) as bus:
        for i in ids:
            if bus.lines.one.write(i, _RETURN_DELAY, bytes(1)).outcome != ServoOutcome.ANSWERED:
                raise BusError(f"virtual servo {i} does not answer; the machine is too busy")
