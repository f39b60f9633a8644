"""A cycle with servos that answer at once: what a client adds to the kernel's part of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .clients import OURS, Client, Cycles, raw_clients
from .contend import on_core
from .figures import Row, Spread
from .line import BenchLine, cores
from .rounds import Rounds

WANTED: Final = 1.2  # times the raw loop


def round_trip_rows(line: BenchLine, clients: Sequence[Client], rounds: Rounds) -> list[Row]:
    """Times in multiples of a loop that says and hears the same packets."""
    everyone = [*raw_clients(), *clients]
    turns = [partial(_run, client, line, rounds.cycles) for client in everyone]
    found = dict(zip(everyone, rounds.take("round trip", turns), strict=True))
    floors = {raw.fast: found[raw] for raw in raw_clients()}
    return [_row(client, found[client], floors[client.fast]) for client in everyone]


def _run(client: Client, line: BenchLine, cycles: int) -> Cycles:
    with on_core(cores()[0]):
        return client.run(line, cycles)


def _row(client: Client, found: list[Cycles], floor: list[Cycles]) -> Row:
    ratios = [a.median / b.median for a, b in zip(found, floor, strict=True)]
    median = Spread.of([1e6 * cycles.median for cycles in found]).median
    wanted = WANTED if client.name == OURS else None
    return Row(
        "round trip", client.title, Spread.of(ratios), "x raw", wanted, details={"µs": median}
    )
