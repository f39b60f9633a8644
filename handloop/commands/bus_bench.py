"""`handloop bus bench`: what a cycle costs, on virtual servos or on real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .bus_options import Family, PatienceOption, add_servos, opened, parse_ids
from .errors import check_writable, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.table import Table

    from ..firmware_bridge.bench import BenchLine, BenchReport, Row
    from ..latency.machine import Machine

_SERVOS: Final = 22  # of a hand whose fingers have a motor for each joint
_BAUD: Final = 4_000_000


class GoalKind(StrEnum):
    """What is written in each cycle."""

    CURRENT = "current"
    POSITION = "position"


def bench(
    port: Annotated[
        str | None, typer.Option("--port", help="A serial port. Default: virtual servos.")
    ] = None,
    baud: Annotated[int, typer.Option("--baud", min=1, help="Baud rate.")] = _BAUD,
    ids: Annotated[
        str | None,
        typer.Option("--ids", help="Which servos: 1-5,8. Default: all that answer; virtual: 1-22."),
    ] = None,
    goal: Annotated[
        GoalKind, typer.Option("--goal", help="What is written in each cycle.")
    ] = GoalKind.CURRENT,
    peers: Annotated[
        bool, typer.Option("--peers", help="Measure rustypot and dynamixel-sdk, too.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds in which everyone has a turn.")] = 5,
    cycles: Annotated[int, typer.Option(min=1, help="Cycles of each in a round.")] = 200,
    patience: PatienceOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
) -> None:
    """Measure what a cycle costs: all servos are read, and all are written.

    On real servos torque must be off, and what is written to them is put back at the end.
    """
    with one_line_errors():
        from ..firmware_bridge.bench import Rounds, measure_bus
        from ..latency.machine import Machine, Watch

        check_writable(json_file)
        machine = Machine.here()
        with _line(port, baud, ids, goal, patience) as line, Stages() as stages, Watch() as watch:
            report = measure_bus(
                line,
                servos=len(parse_ids(ids) or range(_SERVOS)),
                baud=baud,
                goal=goal.value,
                peers=peers,
                rounds=Rounds(rounds, cycles, stages.show),
                patience=patience,
            )
        doubts = [*machine.doubts(), *watch.doubts()]
        _print(report, machine, doubts)
        if json_file:
            document = _document(report, machine, doubts)
            json_file.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n")


@contextmanager
def _line(
    port: str | None, baud: int, ids: str | None, goal: GoalKind, patience: float | None
) -> Iterator[BenchLine | None]:
    if port is None:
        yield None
        return
    from ..firmware_bridge.bench import surveyed

    with opened(port, baud, Family.DYNAMIXEL, None, patience) as bus:
        add_servos(bus, ids)
        with surveyed(bus, goal.value, patience) as line:
            yield line


def _document(report: BenchReport, machine: Machine, doubts: list[str]) -> dict[str, Any]:
    from .. import __version__

    return report.to_json() | {
        "versions": {"handloop": __version__, **report.versions},
        "machine": asdict(machine),
        "doubts": doubts,
    }


def _print(report: BenchReport, machine: Machine, doubts: list[str]) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table(report))
    versions = "".join(f", {name} {version}" for name, version in report.versions.items())
    lines = [
        ("machine", f"{machine.cores} cores, {machine.processor or 'unknown processor'}{versions}"),
        *(("missing", mend) for mend in report.missing.values()),
        *(("doubtful", doubt) for doubt in doubts),
    ]
    for name, text in lines:
        style = "" if name == "machine" else "yellow"
        line = f"{name:<9} {text}"
        console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def _table(report: BenchReport) -> Table:
    from rich.table import Table

    s = report.settings
    title = f"{report.where}: {s['servos']} servos, {s['baud']:,} baud, goal {s['goal']}"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("median (range)", "wanted", "met", "that is"):
        table.add_column(name, justify="right", no_wrap=True)
    for (what, unit), rows in groupby(report.rows, lambda row: (row.what, row.unit)):
        table.add_section()
        table.add_row(f"[bold]{what}[/bold]", unit)
        for row in rows:
            table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> Iterator[str]:
    m = row.measured
    yield f" {row.who}"
    yield f"{_number(m.median)} ({_number(m.low)} to {_number(m.high)})"
    sign = "≤" if row.sense == "most" else "≥"
    yield "" if row.wanted is None else f"{sign} {row.wanted:g}"
    yield {None: "", True: "yes", False: "[red]no[/red]"}[row.met]
    yield next((f"{value:,.0f} {unit}" for unit, value in row.details.items()), "")


def _number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"
