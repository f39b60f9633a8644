"""`handloop latency`: what a tick costs, how punctual the loop is, what control adds to a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .errors import one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..latency import Distribution, LatencyReport, Ratio

# What a batch shall reach.
CLOSED_OVER_BARE: Final = 0.85
TWO_OVER_ONE: Final = 1.7

ENOUGH_CORES: Final = 1.9  # that two threads must get for their ratio to mean something


def latency(
    hand: Annotated[
        str, typer.Option(help="A packaged hand, or the path of a hand.toml.")
    ] = "hand27_right",
    ticks: Annotated[int, typer.Option(min=1, help="Ticks to measure.")] = 200_000,
    seconds: Annotated[
        float, typer.Option(min=0.0, help="Seconds of the loop on the wall clock; 0: none.")
    ] = 5.0,
    episodes: Annotated[
        int, typer.Option(min=0, help="Episodes in a batch to compare speeds; 0: none.")
    ] = 4,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
) -> None:
    """Measure what a tick of the controller costs and how punctual the loop is.

    Also: how fast closed-loop simulations are against bare ones, and two threads against one.
    """
    with one_line_errors():
        _latency(hand, ticks, seconds, episodes, json_file)


def _latency(name: str, ticks: int, seconds: float, episodes: int, json_file: Path | None) -> None:
    from rich.console import Console

    from ..controller import Hand
    from ..latency import measure

    hand = Hand.load(name)
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.touch()  # complain before the work, not after it
    with Stages() as stages:
        report = measure(hand, ticks, seconds=seconds, episodes=episodes, progress=stages.show)
    _print(Console(), report)
    if json_file:
        json_file.write_text(json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n")


def _print(console: Console, report: LatencyReport) -> None:
    console.print(_table(report))
    for name, text in _notes(report):
        console.print(f"{name:<13} {text}", highlight=False, soft_wrap=True)


def _table(report: LatencyReport) -> Table:
    from rich.table import Table

    table = Table(title=f"{report.hand}, times in µs", title_justify="left")
    table.add_column("")
    for name in ("p50", "p99", "p99.9", "max", "ticks"):
        table.add_column(name, justify="right")

    def add(name: str, times: Distribution, ticks: int) -> None:
        table.add_row(name, *(f"{t:,.1f}" for t in times.to_json().values()), f"{ticks:,}")

    add("tick, alone", report.tick.time, report.tick.ticks)
    if report.loop:
        add("tick, in the loop", report.loop.tick, report.loop.ticks)
        add("lateness of the loop", report.loop.lateness, report.loop.ticks)
    return table


def _notes(report: LatencyReport) -> Iterator[tuple[str, str]]:
    tick, loop, batch, machine = report.tick, report.loop, report.batch, report.machine
    if tick.instructions is not None:
        yield "instructions", f"{tick.instructions:,.0f} a tick"
    else:
        yield "instructions", f"not counted: {tick.instructions_refusal}"
    if loop:
        yield "loop", f"{1.0 / loop.period:,.0f} Hz, missed {loop.missed:,}; {loop.realtime}"
    if batch:
        yield "batch", f"{batch.steps_per_s:,.0f} steps/s in one thread, closed loop"
        yield "", _ratio("closed loop over bare mj_step", batch.closed_over_bare, CLOSED_OVER_BARE)
        if batch.two_threads_over_one:
            yield "", _ratio("two threads over one", batch.two_threads_over_one, TWO_OVER_ONE)
            if batch.cores_got is not None and batch.cores_got < ENOUGH_CORES:
                yield "", f"the two threads got {batch.cores_got:.1f} cores: others were busy"
        else:
            yield "", "two threads over one: needs two cores and two episodes"
    yield (
        "machine",
        f"{machine.cores} cores, {machine.processor or 'unknown processor'}, Linux "
        f"{machine.kernel}, {machine.preemption or 'preemption unknown'}, "
        f"governor {machine.governor or 'unknown'}",
    )


def _ratio(name: str, ratio: Ratio, wanted: float) -> str:
    return f"{name}: {ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f}), wanted {wanted}"
