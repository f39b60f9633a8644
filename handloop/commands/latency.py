"""`handloop latency`: what a tick costs, how punctual the loop is, what control adds to a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .errors import check_writable, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.table import Table

    from ..latency import BatchReport, Distribution, LatencyReport, LoopReport, Spread
    from ..latency.cyclictest import CyclicTest

# What a batch shall reach.
CLOSED_OVER_BARE: Final = 0.85
TWO_OVER_ONE: Final = 1.7

PLOTS: Final = (".png", ".svg", ".pdf")

ENOUGH_CORES: Final = 1.9  # that two threads must get for their ratio to mean something


def latency(
    hand: Annotated[
        str, typer.Option(help="A packaged hand, or the path of a hand.toml.")
    ] = "hand27_right",
    ticks: Annotated[int, typer.Option(min=1, help="Ticks to measure.")] = 200_000,
    seconds: Annotated[
        float,
        typer.Option(min=0.0, max=3600.0, help="Seconds of the loop on the wall clock; 0: none."),
    ] = 5.0,
    episodes: Annotated[
        int, typer.Option(min=0, help="Episodes in a batch to compare speeds; 0: none.")
    ] = 4,
    twin: Annotated[
        bool, typer.Option("--twin", help="Compare the batch under the law in numba, too.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw histograms and percentiles to this file.")
    ] = None,
    hgrm: Annotated[
        Path | None,
        typer.Option(
            help="Write percentiles as HdrHistogram does: x.hgrm becomes x-tick.hgrm and its like."
        ),
    ] = None,
) -> None:
    """Measure what a tick of the controller costs and how punctual the loop is.

    Also: what a call from Python adds, how fast closed-loop simulations are against bare ones, and
    two threads against one. Says what makes the numbers doubtful on this machine.
    """
    with one_line_errors():
        from ..controller import Hand
        from ..latency import measure

        loaded = Hand.load(hand)
        check_writable(json_file)
        check_writable(plot, PLOTS)
        check_writable(hgrm)
        with Stages() as stages:
            report = measure(
                loaded,
                ticks,
                seconds=seconds,
                episodes=episodes,
                twin=twin,
                progress=stages.show,
            )
        _print(report)
        _write(report, json_file, plot, hgrm)


def _write(
    report: LatencyReport, json_file: Path | None, plot: Path | None, hgrm: Path | None
) -> None:
    if json_file:
        json_file.write_text(json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n")
    if plot:
        from ..latency.plot import plot_latency

        plot_latency(report, plot)
    if hgrm:
        from ..latency.hgrm import percentile_text

        for name, times in report.distributions().items():
            hgrm.with_stem(f"{hgrm.stem}-{name}").write_text(percentile_text(times.buckets))


def _print(report: LatencyReport) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table(report))
    for name, text in _notes(report):
        console.print(f"{name:<13} {text}", highlight=False, soft_wrap=True)
    for doubt in report.doubts:
        console.print(f"{'doubtful':<13} {doubt}", style="yellow", highlight=False, soft_wrap=True)


def _table(report: LatencyReport) -> Table:
    from rich.table import Table

    table = Table(title=f"{report.hand}, times in µs", title_justify="left")
    table.add_column("")
    for name in ("p50", "p99", "p99.9", "max", "ticks"):
        table.add_column(name, justify="right")

    def add(name: str, times: Distribution, ticks: int) -> None:
        table.add_row(name, *(f"{t:,.1f}" for t in times.to_json().values()), f"{ticks:,}")

    add("tick, alone", report.tick.time, report.tick.ticks)
    add("tick and bus codec", report.tick.with_codec, report.tick.ticks)
    if report.loop:
        add("tick, in the loop", report.loop.tick, report.loop.ticks)
        add("sample to command", report.loop.response, report.loop.ticks)
        add("lateness of the loop", report.loop.lateness, report.loop.ticks)
    return table


def _notes(report: LatencyReport) -> Iterator[tuple[str, str]]:
    tick, machine = report.tick, report.machine
    yield "worst case", f"{tick.worst:.2f} µs for the dearest sample, least of its passes"
    if tick.instructions is not None:
        yield "instructions", f"{tick.instructions:,.0f} a tick"
    else:
        yield "instructions", f"not counted: {tick.instructions_refusal}"
    yield "from Python", f"step() adds {1e3 * report.step.overhead:.0f} ns to a native tick"
    if report.loop:
        yield from _loop_notes(report.loop, report.cyclictest)
    if report.batch:
        yield from _batch_notes(report.batch)
    yield (
        "machine",
        f"{machine.cores} cores, {machine.processor or 'unknown processor'}, Linux "
        f"{machine.kernel}, {machine.preemption or 'preemption unknown'}, "
        f"governor {machine.governor or 'unknown'}",
    )


def _loop_notes(loop: LoopReport, kernel: CyclicTest | None) -> Iterator[tuple[str, str]]:
    yield "loop", f"{1.0 / loop.period:,.0f} Hz, missed {loop.missed:,}; {loop.realtime}"
    yield (
        "",
        "sample to command includes reading the simulated sensors, which are themselves "
        f"{1e3 * loop.sensor_delay:g} ms late",
    )
    if kernel and kernel.refusal:
        yield "cyclictest", kernel.refusal
    elif kernel:
        yield "cyclictest", f"min {kernel.min}, mean {kernel.mean}, max {kernel.max} µs"


def _batch_notes(batch: BatchReport) -> Iterator[tuple[str, str]]:
    yield "batch", f"{batch.steps_per_s:,.0f} steps/s in one thread, closed loop"
    yield "", _wanted("closed loop over bare mj_step", batch.closed_over_bare, CLOSED_OVER_BARE)
    if batch.two_threads_over_one:
        yield "", _wanted("two threads over one", batch.two_threads_over_one, TWO_OVER_ONE)
        if batch.cores_got is not None and batch.cores_got < ENOUGH_CORES:
            yield "", f"the two threads got {batch.cores_got:.1f} cores: others were busy"
    else:
        yield "", "two threads over one: needs two cores and two episodes"
    if batch.twin_over_builtin:
        yield "", _ratio("law in numba over the built-in one", batch.twin_over_builtin)


def _wanted(name: str, ratio: Spread, wanted: float) -> str:
    return f"{_ratio(name, ratio)}, wanted {wanted}"


def _ratio(name: str, ratio: Spread) -> str:
    return f"{name}: {ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
