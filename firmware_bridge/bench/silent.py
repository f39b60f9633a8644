"""A servo in the middle of the line is silent: what that costs, and what is kept of the others."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import partial
from statistics import median
from typing import Final

import numpy as np

from .clients import Client, Cycles, native_clients
from .figures import Row, Spread
from .line import BenchLine
from .rounds import Rounds

STALL_WANTED: Final = 3.0  # [ms]
AFTER_WANTED: Final = 90.0  # [%]
IN_VAIN: Final = 2  # cycles that ask it, until it is skipped
FALLS: Final = 5  # silent in a round


@dataclass(frozen=True)
class _Silence:
    """Of one round.

    Attributes:
        stall: Of the longest cycle that asks it, beyond the longest of as many first cycles in
            which all answer [ms].
        kept: Readings of the others, in the poorest of those.
        after: Rate once it is skipped, of the one before [%].
    """

    stall: float
    kept: float
    after: float


def silent_rows(line: BenchLine, rounds: Rounds) -> list[Row]:
    """The native loop with nobody in the place of the middle servo."""
    clients = [client for client in native_clients() if client.fast in line.kinds]
    turns = [partial(_measure, line, client, rounds.cycles) for client in clients]
    found = list(zip(clients, rounds.take("silent servo", turns), strict=True))
    others = float(len(line.ids) - 1)
    rows = []
    for client, all_of in found:
        stall, kept, after = (Spread.of(v) for v in zip(*map(astuple, all_of), strict=True))
        rows += [
            Row("silent servo, stall", client.title, stall, "ms", STALL_WANTED),
            Row("silent servo, readings", client.title, kept, "of others", others, "least"),
            Row("silent servo, rate", client.title, after, "% of before", AFTER_WANTED, "least"),
        ]
    return sorted(rows, key=lambda row: row.what, reverse=True)


def _measure(line: BenchLine, client: Client, cycles: int) -> _Silence:
    before = client.run(line, cycles).median
    begins = [_begin(line, client) for _ in range(FALLS)]
    falls = [_begin(line.with_silent(), client) for _ in range(FALLS)]
    with client.open(line.with_silent(), client.fast) as run:
        run(IN_VAIN)
        after = float(np.median(run(cycles).times))
    return _Silence(
        1e3 * (_longest(falls) - _longest(begins)),
        median(float(fall.fresh.min()) for fall in falls),
        100.0 * before / after,
    )


def _begin(line: BenchLine, client: Client) -> Cycles:
    """The first cycles, in which somebody is asked even if he is not there."""
    with client.open(line, client.fast) as run:
        return run(IN_VAIN)


def _longest(runs: list[Cycles]) -> float:
    """Cycle [s], in half of the runs."""
    return median(float(cycles.times.max()) for cycles in runs)
