"""Who is measured: our own loop, our Python face, and the least that any client has to do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..._core import ServoCycles, raw_servo_cycles
from ..bus import ServoBus
from ..bus_errors import BusError
from ..bus_servo import Servo
from ..ports import ServoPort
from ..servo_state import ServoState
from .line import BenchLine

OURS: Final = "handloop"
FACE: Final = "handloop ServoBus"
RAW: Final = "raw loop"
_ATTEMPTS: Final = 5
_READ: Final = ("present_current", "present_velocity", "present_position")
_SERVO: Final = ("XL330-M288", 53)  # with the fast read
_OLDER: Final = ("XL330-M288", 45)  # without


@dataclass(frozen=True)
class Cycles:
    """What some cycles took; those in which all servos answered count.

    Attributes:
        times: Of each [s].
        fresh: Servos that answered in each.
        servos: That were asked.
        work: The client's processor time, mean of a cycle [s].
    """

    times: NDArray[np.float64]
    fresh: NDArray[np.int32]
    servos: int
    work: float = 0.0

    @property
    def complete(self) -> int:
        """How many count."""
        return int((self.fresh == self.servos).sum())

    @property
    def median(self) -> float:
        """Of those that count [s]."""
        return float(np.median(self.times[self.fresh == self.servos]))

    @property
    def mean(self) -> float:
        """All the time, by those that count [s]."""
        return float(self.times.sum()) / self.complete


Run = Callable[[int], Cycles]
"""Runs so many cycles."""


@dataclass(frozen=True)
class Client:
    """Somebody who reads and writes all servos in each cycle.

    Attributes:
        name: In the table, without the kind of read.
        fast: Whether it asks for fast reads.
        open: Opens a line, to run cycles on until the context ends.
    """

    name: str
    fast: bool
    open: Callable[[BenchLine, bool], AbstractContextManager[Run]]

    @property
    def title(self) -> str:
        """In the table."""
        return f"{self.name}, {'fast' if self.fast else 'sync'}"

    def run(self, line: BenchLine, count: int) -> Cycles:
        """Opens a line, warms up, and runs so many cycles.

        Raises:
            BusError: In none of them all servos answered, again and again.
        """
        for _ in range(_ATTEMPTS):
            cycles = self._run_once(line, count)
            if cycles.complete:
                return cycles
        raise BusError(
            f"{self.title}: {int(cycles.fresh.max())} of {cycles.servos} servos answer on "
            f"{line.path}; check the bus, or let the machine do less"
        )

    def _run_once(self, line: BenchLine, count: int) -> Cycles:
        with self.open(line, self.fast) as run:
            run(max(count // 20, 1))
            began = time.thread_time()
            cycles = run(count)
            return replace(cycles, work=(time.thread_time() - began) / count)


def native_clients() -> list[Client]:
    """A hand's own loop."""
    return [Client(OURS, fast, native_loop) for fast in (False, True)]


def own_clients() -> list[Client]:
    """The native loop, and the same from Python."""
    return [*native_clients(), *(Client(FACE, fast, python_face) for fast in (False, True))]


def raw_clients() -> list[Client]:
    """The floor."""
    return [Client(RAW, fast, raw_loop) for fast in (False, True)]


@contextmanager
def native_loop(line: BenchLine, fast: bool) -> Iterator[Run]:
    """What a hand does in each tick, with its controller left out."""
    with _port(line) as port:
        cycles = ServoCycles(
            port.wire(),
            list(line.ids),
            goal=line.goal,
            fast=fast,
            return_delay=line.return_delay,
            patience=line.patience,
        )
        yield lambda count: Cycles(*cycles.run(count), len(line.ids))


@contextmanager
def raw_loop(line: BenchLine, fast: bool) -> Iterator[Run]:
    """The same packets, and nothing understood."""
    descriptor = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    ids = list(line.ids)
    try:
        yield lambda count: Cycles(
            *raw_servo_cycles(descriptor, ids, goal=line.goal, fast=fast, count=count), len(ids)
        )
    finally:
        os.close(descriptor)


@contextmanager
def python_face(line: BenchLine, fast: bool) -> Iterator[Run]:
    """Reads by name in SI, with what is said of each servo."""
    with ServoBus.open(line.path, line.baud, patience=line.patience) as bus:
        for i in line.ids:
            bus.file(_known_servo(bus, i, fast))
        name = f"goal_{line.goal}"
        size = len(line.blocks[0])
        raws = [int.from_bytes(block[:size], "little", signed=True) for block in line.blocks]
        goals: dict[int, float] = dict(zip(line.ids, raws, strict=True))

        def cycle() -> int:
            readings = bus.read(*_READ)
            bus.write(name, goals, raw=True)
            return sum(reading.ok for reading in readings.values())

        yield lambda count: timed(cycle, count, len(line.ids))


def _known_servo(bus: ServoBus, id: int, fast: bool) -> Servo:
    """A servo that is not asked what it is: it may be none that could say."""
    name, firmware = _SERVO if fast else _OLDER
    return Servo(bus, id, ServoState(f"servo {id}", bus.catalogue.named(name), firmware))


@contextmanager
def _port(line: BenchLine) -> Iterator[ServoPort]:
    port = ServoPort(line.path, line.baud)
    try:
        yield port
    finally:
        port.close()


def timed(cycle: Callable[[], int], count: int, servos: int) -> Cycles:
    """Calls `cycle`, which returns how many servos answered."""
    times, fresh = np.empty(count), np.empty(count, dtype=np.int32)
    began = time.perf_counter_ns()
    for i in range(count):
        fresh[i] = cycle()
        ended = time.perf_counter_ns()
        times[i] = 1e-9 * (ended - began)
        began = ended
    return Cycles(times, fresh, servos)
