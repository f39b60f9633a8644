"""`handloop actuators choose`: which actuators of catalogues suit the joints of a hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from ..sim.actuators.choose.verdict import Rules
    from ..sim.actuators.parts.candidate import Candidate
    from ..sim.actuators.parts.validations import Validation
    from ..sim.actuators.require.requirement import Requirements
    from ..sim.study import Table


class By(StrEnum):
    """What to rank by."""

    mass = "mass"
    cost = "cost"
    heat = "heat"
    size = "size"


class Waived(StrEnum):
    """What need not be asked for; CHECKS of verdict.py with hyphens."""

    peak = "peak-torque"
    speed = "speed"
    continuous = "continuous-torque"
    temperature = "temperature"
    inertia = "reflected-inertia"
    resolution = "resolution"
    size = "size"


class Where(StrEnum):
    """Where the actuators sit."""

    hand = "hand"
    forearm = "forearm"


def choose(
    requirements: Annotated[
        Path | None,
        typer.Option(help="Made by `actuators require`; without it those of hand27_right."),
    ] = None,
    catalogue: Annotated[
        list[Path] | None,
        typer.Option(help="TOML of more motors and gearheads, as often as needed."),
    ] = None,
    joint: Annotated[
        list[str] | None, typer.Option(help="Only this joint, as often as needed; ranks in full.")
    ] = None,
    by: Annotated[By, typer.Option(help="What to rank by.")] = By.mass,
    where: Annotated[
        Where, typer.Option(help="In the hand, turning its joint; or in the forearm, by tendon.")
    ] = Where.hand,
    backlash: Annotated[
        float | None, typer.Option(min=0.0, help="Most that is borne [deg]; without it any is.")
    ] = None,
    waive: Annotated[
        list[Waived] | None,
        typer.Option(help="What they may fall short of, as often as needed: what does it cost?"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report and its data.")] = None,
) -> None:
    """Rank catalogue actuators for every joint, and say what limits those that do not suffice.

    The catalogue has the servos of the bus, and small motors with the gearheads that fit them. One
    suffices if the tasks' torques and speeds lie within its peak envelope, their RMS below its
    continuous torque, and its winding, inertia, encoder and size within what the joint allows.
    """
    with one_line_errors():
        check_folder(out)
        rules = _rules(by, where, backlash, waive or [])
        _choose(requirements, catalogue or [], joint or [], rules, out)


def _rules(by: By, where: Where, backlash: float | None, waived: list[Waived]) -> Rules:
    from ..sim.actuators.choose.verdict import CHECKS, Rules

    named = {check.replace(" ", "-"): check for check in CHECKS}
    return Rules(
        by=by.value,
        where=where.value,
        backlash_max=math.inf if backlash is None else math.radians(backlash),
        waived=frozenset(named[one.value] for one in waived),
    )


def _choose(
    file: Path | None, catalogues: list[Path], joints: list[str], rules: Rules, out: Path | None
) -> None:
    from rich.console import Console

    from ..sim.actuators.choose import tables
    from ..sim.actuators.choose.hand_choice import choose as choose_actuators
    from ..sim.actuators.choose.page import choice_study

    asked = _requirements(file)
    candidates, validations = _catalogue(catalogues)
    with Stages() as stages:
        choice = choose_actuators(asked, candidates, rules, joints=joints, progress=stages.show)
    console = Console()
    chosen, bought = _numbered(tables.choice_table(choice), "actuator")
    console.print(_shown(chosen, _CHOICE))
    for line in bought:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    for found in choice.joints if joints else ():
        console.print(_shown(tables.ranking_table(found), _RANKING))
    limits = tables.limit_table(choice)
    console.print(_shown(limits, [name for name in limits.columns if name != "place"]))
    console.print(_shown(tables.sensitivity_table(choice)))
    for line in tables.totals(choice):
        console.print(line, highlight=False, soft_wrap=True)
    if out:
        page = choice_study(choice, asked, candidates, validations).write(out)[0]
        console.print(f"report: {page}", highlight=False, soft_wrap=True)


_CHOICE = (
    "joint",
    "mass [g]",
    "price [USD]",
    "heat [W]",
    "winding [deg C]",
    "least of",
    "its use [%]",
    "that suffice [1]",
    "actuator",
)
_RANKING = (
    "suffices",
    "mass [g]",
    "price [USD]",
    "heat [W]",
    "continuous [N m]",
    "least of",
    "its use [%]",
    "actuator",
)


def _requirements(file: Path | None) -> Requirements:
    from ..sim.actuators.require.requirement import Requirements, packaged_requirements

    return Requirements.read(file) if file else packaged_requirements()


def _catalogue(files: list[Path]) -> tuple[tuple[Candidate, ...], tuple[Validation, ...]]:
    from ..firmware_bridge.catalogue import ServoCatalogue
    from ..sim.actuators.parts.pairing import candidates
    from ..sim.actuators.parts.part_tables import Parts
    from ..sim.actuators.parts.servos import servo_candidates
    from ..sim.actuators.parts.validations import validations

    parts = Parts.packaged()
    servos = ServoCatalogue.packaged()
    checks = validations(parts, servos)
    for file in files:
        parts = parts.with_file(file)
    return (*servo_candidates(servos), *candidates(parts)), checks


def _numbered(table: Table, column: str) -> tuple[Table, list[str]]:
    """With numbers for the long names in a column, and what each number stands for."""
    i = table.columns.index(column)
    counts = Counter(str(row[i]) for row in table.rows)
    numbers = {name: str(n) for n, name in enumerate(counts, 1)}
    rows = [[*row[:i], numbers[str(row[i])], *row[i + 1 :]] for row in table.rows]
    meanings = [f"{numbers[name]:>4}  {count} x {name}" for name, count in counts.items()]
    return replace(table, rows=rows), meanings


def _shown(table: Table, columns: Sequence[str] = ()) -> RichTable:
    """For a terminal, and no more of it than these columns."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table as RichTable

    from ..sim.study.table import words

    shown = [table.columns.index(name) for name in columns or table.columns]
    rich = RichTable(
        box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=table.caption, title_justify="left"
    )
    for i in shown:
        words_of, unit, end = table.columns[i].partition(" [")
        name = "\n".join((*words_of.split(), *([f"[{end}"] if unit else [])))
        rich.add_column(
            escape(name),  # else a unit such as [kg] would be taken for a style
            justify="right" if unit else "left",
            no_wrap=i == shown[0],
            min_width=max(map(len, name.split("\n"))),
        )
    for row in table.rows:
        rich.add_row(*(escape(words(row[i])) for i in shown))
    return rich
