"""`handloop actuators bottleneck`: one thing doubled at a time, and what that buys."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from ..sim.actuators.bottleneck.findings import CatalogueFindings, Findings
    from ..sim.actuators.bottleneck.joints import HandGain
    from ..sim.actuators.bottleneck.trials import Effect
    from ..sim.actuators.require.requirement import Requirements

SEEDS = 12
RESAMPLES = 400
SCALED = "hands"
"""Folder of the hands that were run."""


def bottleneck(
    dataset: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of *_motors.csv, *_gearboxes.csv and *_compatibility.csv in the layout of "
            "MGDB, asked like the packaged catalogue; may be given again."
        ),
    ] = None,
    requirements: Annotated[
        Path | None,
        typer.Option(help="Made by `handloop actuators require`.  [default: packaged]"),
    ] = None,
    hand: Annotated[
        str, typer.Option(help="Whose requirements these are.  [default: the one they name]")
    ] = "",
    seeds: Annotated[
        int,
        typer.Option(
            min=0, help="Trials of each task in simulation, with hand27; 0: none are run."
        ),
    ] = SEEDS,
    resamples: Annotated[
        int, typer.Option(min=20, help="Of each bootstrap over a catalogue.")
    ] = RESAMPLES,
    design: Annotated[
        bool, typer.Option(help="Design the hand's actuators anew for everything doubled.")
    ] = True,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0: one per core.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder of the study.")] = Path("runs/bottleneck"),
) -> None:
    """Double motor torque, gear limit, copper, heat path and tendons in turn; tell what each buys.

    Three ways: in catalogues of motors and gearheads, in the lightest hand that meets its joints'
    requirements, and in the tasks of the benchmark in which strength matters.
    """
    with one_line_errors():
        from ..controller import Hand
        from ..sim.actuators.bottleneck.catalogue import catalogue_pairs
        from ..sim.actuators.bottleneck.dataset import read_pairs
        from ..sim.actuators.bottleneck.findings import Question, find
        from ..sim.actuators.bottleneck.page import bottleneck_study
        from ..sim.actuators.design.hand_files import carried_joints
        from ..sim.actuators.parts.part_tables import Parts
        from ..sim.bench.engine import LocalEngine

        check_folder(out)
        catalogues = [catalogue_pairs(Parts.packaged()), *map(read_pairs, dataset or ())]
        needs = _requirements(requirements)
        whose = Hand.load(hand or needs.hand)
        needs.check_hand(whose.name, whose.joint_names)
        question = Question(needs, carried_joints(whose), catalogues, resamples, design, seeds)
        out.mkdir(parents=True, exist_ok=True)  # before minutes of work, not after
        with Stages() as stages:
            found = find(question, LocalEngine(jobs), out / SCALED, stages.show)
        files = bottleneck_study(found).write(out)
        _show(found, files[0])


def _requirements(file: Path | None) -> Requirements:
    from ..sim.actuators.require.requirement import Requirements, packaged_requirements

    return Requirements.read(file) if file else packaged_requirements()


def _show(found: Findings, page: Path) -> None:
    from rich.console import Console

    from ..sim.actuators.bottleneck.page import without_simulation

    console = Console()
    for catalogue in found.catalogues:
        console.print(_table(catalogue))
        console.print(_rotors(catalogue))
    for said in without_simulation(found):
        console.print(said, "", sep="\n", highlight=False, markup=False)
    if found.effects:
        console.print(_simulated(found.effects))
    console.print(f"written     {page}", highlight=False, soft_wrap=True)


def _simulated(effects: Sequence[Effect]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Doubled, in simulation", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True, min_width=30)
    for column, width in (("before", 6), ("after", 5), ("change, 95 %", 12)):
        table.add_column(column, justify="right", no_wrap=True, min_width=width)
    table.add_column("", no_wrap=True, min_width=4)
    for scale in dict.fromkeys(effect.scale for effect in effects):
        table.add_row(scale.name, style="bold")
        for effect in (e for e in effects if e.scale is scale):
            change, low, high = (round(x, 4) for x in (effect.change, *effect.interval))
            table.add_row(
                escape(f"  {effect.pool.name} [{effect.metric.unit}]"),
                *(f"{value:.3g}" for value in effect.medians),
                f"{change:+.2g} ({low:+.2g} to {high:+.2g})",
                "" if effect.verdict == "no difference" else effect.verdict,
            )
    return table


def _table(found: CatalogueFindings) -> Table:
    from rich import box
    from rich.table import Table

    from ..sim.actuators.bottleneck.levers import LEVERS

    title = f"Doubled, in {found.pairs.source}"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for column in ("frontier\nmedian", "frontier\nrange", "joints\nserved", "hand's mass\n95 %"):
        table.add_column(column, justify="right")
    hand = {gain.lever: gain for gain in found.hand}
    for lever in LEVERS:
        here, whole = [g.multiplier for g in found.gains if g.lever is lever], hand[lever]
        table.add_row(
            lever.name,
            f"x{median(here):.2f}",
            f"{min(here):.2f}–{max(here):.2f}",
            str(whole.feasible),
            _part(whole),
        )
    return table


def _rotors(found: CatalogueFindings) -> Table:
    from rich import box
    from rich.table import Table

    from ..sim.actuators.bottleneck.levers import AS_IS, GEAR, MOTOR
    from ..sim.study.words import NONE

    title = "Doubled, by what rotors may reflect"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for column in ("joints\nserved", "hand's mass\n95 %"):
        table.add_column(column, justify="right", no_wrap=True)
    for answer in found.joints:
        table.add_row(answer.bound.name, style="bold")
        base, *levers = (answer.of(lever) for lever in (AS_IS, MOTOR, GEAR))
        weight = f"{base.mass:.2f} kg" if base.feasible else NONE
        table.add_row("  as it is", str(base.feasible), weight)
        for gain in levers:
            table.add_row(f"  {gain.lever.name}", str(gain.feasible), _part(gain))
    return table


def _part(gain: HandGain) -> str:
    from ..sim.study.words import NONE

    low, high = gain.interval
    return NONE if isnan(gain.part) else f"x{gain.part:.2f} ({low:.2f}–{high:.2f})"
