"""All measurements of a bus, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .clients import Client, native_clients, own_clients
from .codec import codec_rows
from .figures import BenchReport, Row
from .line import BenchLine, Goal, paced_line, prompt_line, virtual_line
from .paced import paced_rows
from .peers import find_peers, versions
from .round_trip import round_trip_rows
from .rounds import Rounds
from .silent import silent_rows

VIRTUAL = "virtual servos"


def measure_bus(
    line: BenchLine | None = None,
    *,
    servos: int = 22,
    baud: int = 4_000_000,
    goal: Goal = "current",
    peers: bool = False,
    rounds: Rounds | None = None,
    patience: float | None = None,
) -> BenchReport:
    """Measures the codec, round trips, rates on a line, and what a silent servo costs.

    Args:
        line: With real servos. None: they are made for this.
        servos: How many to make.
        baud: Of those [bit/s].
        goal: That is written to those.
        peers: Whether to measure other libraries, too.
        rounds: How long.
        patience: With those that are made [s], on a machine that does other things. None: 2 ms.

    Raises:
        ValueError: Virtual servos do not go at that rate, or there are not 1 to 32.
        PortError: The port is gone.
    """
    rounds = rounds or Rounds()
    if line:
        servos, baud, goal = len(line.ids), line.baud, line.goal
    others, missing = find_peers() if peers else ([], {})
    rows = codec_rows(servos, rounds)
    with prompt_line(servos, baud, goal) as prompt:
        rows += round_trip_rows(_waits(prompt, patience), [*own_clients(), *others], rounds)
    if line:
        rows += _on_port(line, others, rounds)
    else:
        rows += _made(servos, baud, goal, others, rounds, patience)
    return BenchReport(
        line.path if line else VIRTUAL,
        tuple(rows),
        missing,
        versions(missing) if peers else {},
        {
            "servos": servos,
            "baud": baud,
            "goal": goal,
            "rounds": rounds.count,
            "cycles": rounds.cycles,
        },
    )


def _on_port(line: BenchLine, others: Sequence[Client], rounds: Rounds) -> Iterator[Row]:
    yield from paced_rows("rate", line, [*own_clients(), *others], rounds)
    yield from silent_rows(line, rounds)


def _made(
    servos: int,
    baud: int,
    goal: Goal,
    others: Sequence[Client],
    rounds: Rounds,
    patience: float | None,
) -> Iterator[Row]:
    with paced_line(servos, baud, goal) as line:
        paced = _waits(line, patience)
        yield from paced_rows("rate", paced, [*own_clients(), *others], rounds)
    with virtual_line(servos, baud, goal) as line:
        virtual, name = _waits(line, patience), f"rate, {VIRTUAL}"
        yield from paced_rows(name, virtual, native_clients(), rounds, busy=False)
        yield from silent_rows(virtual, rounds)


def _waits(line: BenchLine, patience: float | None) -> BenchLine:
    return line if patience is None else replace(line, patience=patience)
