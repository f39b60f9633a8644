"""`handloop actuators require`: what the tasks of the benchmark ask of each joint's actuator."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from ..sim.actuators.require.demand import Demand
    from ..sim.actuators.require.envelope import Enveloped
    from ..sim.actuators.require.requirement import Requirements

SAMPLES = 6
COVERAGE = 0.999
REQUIREMENTS = "requirements.json"
SHOWN = ("XL330-M288", "XC330-M288", "XM430-W350")
"""Servos of rising strength."""


class Way(StrEnum):
    """How joints are moved."""

    DIRECT = "direct"
    PAIRS = "2n"
    SPRINGS = "n"


def require(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUNS...", help="Folders of runs of `handloop bench`.")
    ],
    task: Annotated[
        list[str] | None, typer.Option(help="Of the runs; all unless named. May be given again.")
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="Trials of each task, dealt out over its cases.")
    ] = SAMPLES,
    failures: Annotated[
        bool, typer.Option("--failures", help="Also trials that were not held.")
    ] = False,
    hand: Annotated[str, typer.Option(help="Which one, where a run has several.")] = "",
    margin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FACTOR",
            help="continuous, peak, speed, resolution, bandwidth or inertia; may be given again.",
        ),
    ] = None,
    coverage: Annotated[
        float,
        typer.Option(help="Part of each trial's time in which peaks of torque and speed count."),
    ] = COVERAGE,
    least: Annotated[
        bool,
        typer.Option(
            "--least",
            help="Give tasks that take all of the hand to weaker and weaker ones, and go by the "
            "weakest that still holds.",
        ),
    ] = False,
    transmission: Annotated[
        Way,
        typer.Option(help="Motors in the joints, or two tendons for each, or one and a spring."),
    ] = Way.DIRECT,
    tendons: Annotated[
        str, typer.Option(help="Hand whose tendons; else those of the packaged one beside it.")
    ] = "",
    actuator: Annotated[
        list[str] | None,
        typer.Option(
            help="A servo of the bus, a packaged actuator or a TOML file, to be drawn over the "
            f"clouds; may be given again.  [default: {', '.join(SHOWN)}]"
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0: one per core.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder of the study.")] = Path("runs/require"),
) -> None:
    """Tell what the tasks ask of each joint: torque, speed, heat, resolution, bandwidth, inertia.

    Trials of the closed loop that were held are run once more to see what each joint bore, and must
    end as the log says. OUT/requirements.json is what `choose` and `design` start from.
    """
    with one_line_errors():
        from ..sim.actuators.require.demand import find_demand
        from ..sim.actuators.require.extract import Margins
        from ..sim.actuators.require.page import demand_study
        from ..sim.actuators.require.runs import Choice
        from ..sim.actuators.require.tendon_use import TendonWay

        check_folder(out)
        choice = Choice(samples, tuple(task or ()), failures, hand)
        margins, shown = Margins.parse(margin or ()), _envelopes(actuator or SHOWN)
        way = None if transmission is Way.DIRECT else TendonWay(transmission.value)
        with Stages() as stages:
            demand = find_demand(
                runs,
                choice,
                margins,
                way,
                tendon_hand=tendons,
                coverage=coverage,
                least=least,
                jobs=jobs,
                progress=stages.show,
            )
        files = demand_study(demand, shown).write(out)
        demand.requirements.write(out / REQUIREMENTS)
        _show(demand, (files[0], out / REQUIREMENTS))


def _envelopes(names: Sequence[str]) -> list[Enveloped]:
    from ..firmware_bridge.catalogue import ServoCatalogue
    from ..sim.actuators.parts.servos import servo_candidates
    from ..sim.actuators.require.envelope import envelope_of

    servos: dict[str, Enveloped] = {
        candidate.name: candidate for candidate in servo_candidates(ServoCatalogue.packaged())
    }
    return [servos[name] if name in servos else envelope_of(name) for name in names]


def _show(demand: Demand, files: tuple[Path, ...]) -> None:
    from rich.console import Console

    from ..sim.actuators.require.demand import strained_tasks

    console, needs = Console(), demand.requirements
    console.print(_joints(needs))
    if needs.tendons:
        console.print(_tendons(needs))
    lines = [f"trials      {sample.told()}" for sample in demand.samples]
    lines += [
        f"least       {least.task}: {least.factor:.2f} of the hand's torque limits hold all "
        f"{least.trials} trials"
        for least in demand.least
    ]
    if names := strained_tasks(demand.trials):
        why = "weaker hands lose a trial" if demand.least else "maybe more than it takes: --least"
        lines.append(f"at limit    {', '.join(names)}: joints give all they have; {why}")
    for sample in demand.samples:
        lines += [f"left out    {name}: {why}" for name, why in sample.left_out.items()]
    for line in (*lines, f"written     {', '.join(map(str, files))}"):
        console.print(line, highlight=False, soft_wrap=True)


def _joints(needs: Requirements) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=f"What the tasks ask of {needs.hand}"
    )
    table.add_column("joint", no_wrap=True)
    for column in (
        "peak\nN m", "RMS\nN m", "speed\nrad/s", "duty\n%", "count\nmrad", "band\nHz",
        "rotor\nkg mm2",
    ):  # fmt: skip
        width = max(4, *map(len, column.split("\n")))
        table.add_column(column, justify="right", no_wrap=True, min_width=width)
    table.add_column("hardest", no_wrap=True, min_width=18)
    for j in needs.joints:
        table.add_row(
            j.joint,
            f"{j.peak_torque:.2f}",
            f"{j.mean_square**0.5:.2f}",
            f"{j.peak_speed:.1f}",
            f"{100.0 * j.duty:.0f}",
            f"{1e3 * j.resolution:.2f}",
            f"{j.bandwidth:.0f}",
            f"{1e6 * j.inertia_max:.0f}",
            j.set_by["peak_torque"],
        )
    return table


def _tendons(needs: Requirements) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="What the motors of its tendons must do")
    table.add_column("motor", no_wrap=True)
    for column in ("peak\nN", "RMS\nN", "speed\nmm/s", "stroke\nmm"):
        table.add_column(column, justify="right", no_wrap=True)
    for t in needs.tendons:
        table.add_row(
            t.tendon,
            f"{t.peak_tension:.0f}",
            f"{t.rms_tension:.0f}",
            f"{1e3 * t.peak_speed:.0f}",
            f"{1e3 * t.stroke:.1f}",
        )
    return table
