"""Chosen actuators as tables, for a terminal and for a study."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from ...study import Table
from ...study.table import Cell
from ..forearm import ROOM, room_said
from ..parts.validations import Validation
from .hand_choice import HandChoice, JointChoice
from .verdict import CHECKS, Verdict

RUNNERS_UP: Final = 5
_SHORT: Final = {"temperature": "winding"}
"""What a use is part of, where the check has another name."""


def choice_table(choice: HandChoice) -> Table:
    """The actuator of every joint."""
    columns = (
        "joint",
        "actuator",
        "suffices",
        "mass [g]",
        "price [USD]",
        "heat [W]",
        "winding [deg C]",
        "backlash [deg]",
        "least of",
        "its use [%]",
        "that suffice [1]",
    )
    return Table("Chosen for every joint", columns, [_choice_row(joint) for joint in choice.joints])


def limit_table(choice: HandChoice) -> Table:
    """What the others have least of."""
    names = sorted({name for joint in choice.joints for name in joint.limits})
    rows: list[list[Cell]] = [
        [joint.requirement.joint, joint.place.name, *(joint.limits[name] for name in names)]
        for joint in choice.joints
    ]
    columns = ["joint", "place", *(f"{name} [1]" for name in names)]
    return Table("What limits those that do not suffice, and how many", columns, rows)


def ranking_table(joint: JointChoice, count: int = RUNNERS_UP) -> Table:
    """The best for a joint, and the nearest of those that do not suffice."""
    rows = [_ranking_row(verdict) for verdict in (*joint.ranked[:count], *joint.short[:count])]
    columns = (
        "actuator",
        "suffices",
        "mass [g]",
        "price [USD]",
        "heat [W]",
        "continuous [N m]",
        "peak [N m]",
        "no load [rad/s]",
        "inertia [g m2]",
        "least of",
        "its use [%]",
    )
    return Table(f"{joint.requirement.joint}: the best and the nearest", columns, rows)


def sensitivity_table(choice: HandChoice) -> Table:
    """What one thing less to ask for would change."""
    idle = choice.rules.waived | (
        set() if math.isfinite(choice.rules.backlash_max) else {"backlash"}
    )
    others = (choice.waiving(check) for check in CHECKS if check not in idle)
    rows: list[list[Cell]] = []
    for other in (choice, *others):
        waived = other.rules.waived - choice.rules.waived
        joints, unpriced = f"{other.sufficed} of {len(other.joints)}", float(other.unpriced)
        fill = 100.0 * other.forearm_volume / ROOM
        figures = (other.mass, other.price, unpriced, other.heat, fill)
        rows.append([", ".join(waived) or "nothing more", joints, *figures])
    columns = "mass [kg]", "price [USD]", "without price [1]", "heat [W]", "forearm's room [%]"
    return Table(
        "If one thing more were waived",
        ("waived", "joints served", *columns),
        rows,
    )


def validation_table(validations: Iterable[Validation]) -> Table:
    """What the physics under it was held against."""
    rows: list[list[Cell]] = [
        [v.name, "yes" if v.met else "no", v.bound, v.wanted, v.got, v.unit, v.n, v.source, v.said]
        for v in validations
    ]
    columns = ("validation", "met", "wanted", "limit [unit]", "got [unit]", "unit", "cases [1]")
    return Table("Validations", (*columns, "held against", "remarks"), rows)


def totals(choice: HandChoice) -> Iterator[str]:
    """The whole hand in a few sentences."""
    missing = [joint for joint in choice.joints if not joint.ranked]
    unpriced = f" and {choice.unpriced} whose price is not known" if choice.unpriced else ""
    yield (
        f"In all {choice.mass:.2f} kg, {choice.price:.0f} USD{unpriced}, "
        f"{choice.heat:.1f} W in copper at the RMS torques."
    )
    least = choice.limiting
    yield (
        f"Least to spare has {least.requirement.joint}: {least.best.use:.0%} of the "
        f"{_given(least.best)}."
    )
    if choice.rules.waived:
        yield f"Not asked for: {', '.join(sorted(choice.rules.waived))}."
    if missing:
        names = ", ".join(joint.requirement.joint for joint in missing)
        yield f"Nothing in the catalogue suffices for {names}; the nearest is shown."
    if choice.unplaced:
        yield (
            f"The segments of {', '.join(choice.unplaced)} are not known: no size is asked for "
            "there, and actuators turn these joints directly."
        )
    yield f"They are made for {', '.join(f'{voltage:g}' for voltage in choice.supplies)} V."
    if choice.forearm_volume:
        yield room_said(choice.forearm_volume)


def _given(verdict: Verdict) -> str:
    """What an actuator's use is part of."""
    if verdict.limit == "temperature":
        return f"torque that the winding of a {verdict.candidate.name} bears in the worst task"
    return f"{verdict.limit} of a {verdict.candidate.name}"


def _choice_row(joint: JointChoice) -> list[Cell]:
    best = joint.best
    return [
        joint.requirement.joint,
        best.candidate.name,
        best.suffices,
        best.candidate.mass * 1e3,
        best.candidate.price,
        best.heat,
        _settled(best.temperature),
        math.degrees(best.candidate.backlash),
        _SHORT.get(best.limit, best.limit),
        100.0 * best.use,
        len(joint.ranked),
    ]


def _settled(temperature: float | None) -> float | str:
    """[deg C], or why there is no such figure."""
    if temperature is None:
        return "not known"
    return temperature if math.isfinite(temperature) else "runs away"


def _ranking_row(verdict: Verdict) -> list[Cell]:
    found = verdict.candidate
    return [
        found.name,
        verdict.suffices,
        found.mass * 1e3,
        found.price,
        verdict.heat,
        found.torque_continuous,
        found.torque_peak,
        found.speed_no_load,
        found.inertia * 1e3,
        _SHORT.get(verdict.limit, verdict.limit),
        100.0 * verdict.use,
    ]
