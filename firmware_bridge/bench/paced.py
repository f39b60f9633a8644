"""Cycles on a line on which bytes take their time: how much of the wire's rate is used.

And how much of that is left beside a thread that wants the interpreter all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from .clients import OURS, Client, Cycles
from .contend import BusyThread
from .figures import Row, Spread
from .line import BenchLine
from .rounds import Rounds

BOUND_WANTED: Final = 90.0  # [%]
BUSY_WANTED: Final = 95.0  # [%], of the mean
_FEWER: Final = 2  # times fewer cycles beside the thread, where some take ten times as long


Measure = Callable[[Cycles], float]
"""What one cycle takes [s]."""

# The mean counts all that was lost, the median is what most cycles take.
_MEASURES: Final[dict[str, Measure]] = {
    "mean": lambda cycles: cycles.mean,
    "median": lambda cycles: cycles.median,
}


@dataclass(frozen=True)
class _Pair:
    """Of one client and round; `beside` None: it was not asked for."""

    alone: Cycles
    beside: Cycles | None

    def kept(self, by: Measure) -> float:
        """Part of its rate [%]."""
        return 100.0 * by(self.alone) / by(self.beside) if self.beside else 100.0


def paced_rows(
    where: str, line: BenchLine, clients: Sequence[Client], rounds: Rounds, *, busy: bool = True
) -> list[Row]:
    """Rates in parts of what the wire allows; `busy`: also beside a thread."""
    able = [client for client in clients if client.fast in line.kinds]
    turns = [partial(_run, client, line, rounds.cycles, busy) for client in able]
    found = list(zip(able, rounds.take(where, turns), strict=True))
    rows = [_rate_row(where, client, line, pairs) for client, pairs in found]
    if busy:
        rows += [_work_row(where, client, pairs) for client, pairs in found]
        for name in _MEASURES:
            rows += [_busy_row(where, name, client, pairs) for client, pairs in found]
    return rows


def _run(client: Client, line: BenchLine, cycles: int, busy: bool) -> _Pair:
    alone = client.run(line, cycles)
    if not busy:
        return _Pair(alone, None)
    with BusyThread():
        return _Pair(alone, client.run(line, max(cycles // _FEWER, 1)))


def _rate_row(where: str, client: Client, line: BenchLine, pairs: list[_Pair]) -> Row:
    bound = line.bound(client.fast)
    parts = [100.0 / (bound * pair.alone.median) for pair in pairs]
    mean = Spread.of([1.0 / pair.alone.mean for pair in pairs]).median
    wanted = BOUND_WANTED if client.name == OURS else None
    complete = sum(pair.alone.complete for pair in pairs)
    details = {
        "Hz": 0.01 * Spread.of(parts).median * bound,
        "Hz mean": mean,
        "Hz bound": bound,
        "% complete": 100.0 * complete / sum(len(pair.alone.times) for pair in pairs),
    }
    return Row(where, client.title, Spread.of(parts), "% of wire", wanted, "least", details)


def _work_row(where: str, client: Client, pairs: list[_Pair]) -> Row:
    work = [1e6 * pair.alone.work for pair in pairs]
    return Row(f"{where}, processor time", client.title, Spread.of(work), "µs a cycle")


def _busy_row(where: str, name: str, client: Client, pairs: list[_Pair]) -> Row:
    by = _MEASURES[name]
    wanted = BUSY_WANTED if client.name == OURS and name == "mean" else None
    rates = Spread.of([1.0 / by(pair.beside) for pair in pairs if pair.beside])
    return Row(
        f"{where}, beside a thread, {name}",
        client.title,
        Spread.of([pair.kept(by) for pair in pairs]),
        "% of alone",
        wanted,
        "least",
        {"Hz": rates.median},
    )
