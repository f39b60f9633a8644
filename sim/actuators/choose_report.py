"""Chosen actuators as tables for a terminal and as a study."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from ..study import Axis, Cloud, Line, Plot, Points, Study, Table
from ..study.table import Cell
from .choose import HandChoice, JointChoice
from .parts.candidate import Candidate
from .places import FOREARM, INSIDE, PACKING, TENDON_FRICTION, TENDON_WRAP
from .require.requirement import Requirements
from .validations import Validation
from .verdict import Verdict

JOINTS_SHOWN: Final = 6  # with their clouds
RUNNERS_UP: Final = 5
_STEPS: Final = 60  # of an envelope

LIMITS: Final = (
    "Torques, speeds and inertias asked are those of the requirements, with their margins.",
    "Continuous torque is held against the RMS over all tasks; temperature against the worst task, "
    "as if it never ended.",
    "Masses and prices are without drive and encoder where the parts come without; prices of "
    "motors and gearheads are lists of 2020, one to four pieces.",
    "Servo sheets state no continuous torque; it is assumed, as each servo's row says. Their peak "
    "is the stall torque, which most can give for a second or two only.",
    f"Segments are those of a human hand, {INSIDE:.0%} of their diameter for a motor; a forearm of "
    f"{FOREARM[0] * 1e3:.0f} by {FOREARM[1] * 1e3:.0f} mm, {PACKING:.0%} of it for motors.",
    f"A tendon from the forearm has friction {TENDON_FRICTION:g} over {TENDON_WRAP:.2f} rad of "
    "bends and no wrist that pulls at it, and its motor's drum turns as its joint does.",
    "Each joint is taken alone: no shared supply, no neighbour's heat.",
)


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
        f"{least.best.limit} of a {least.best.candidate.name}."
    )
    if choice.rules.waived:
        yield f"Not asked for: {', '.join(sorted(choice.rules.waived))}."
    if missing:
        names = ", ".join(joint.requirement.joint for joint in missing)
        yield f"Nothing in the catalogue suffices for {names}; the nearest is shown."
    volts = ", ".join(f"{voltage:g}" for voltage in choice.supplies)
    yield f"They are made for {volts} V, and take {choice.forearm_fill:.0%} of the forearm's room."


def choice_study(
    choice: HandChoice,
    requirements: Requirements,
    candidates: Sequence[Candidate],
    validations: Iterable[Validation] = (),
) -> Study:
    """All of it on a page."""
    study = Study(
        f"Actuators for {choice.hand} from catalogues",
        f"Which actuators in the {choice.rules.where} does each joint of {choice.hand} need, "
        f"ranked by {choice.rules.by}, and what limits the others?",
        {
            "requirements": requirements.source,
            "margins": ", ".join(f"{k} {v:g}" for k, v in requirements.margins.items()) or "none",
            "catalogue": f"{len(candidates)} actuators",
            "waived": ", ".join(sorted(choice.rules.waived)) or "nothing",
        },
    )
    for sentence in totals(choice):
        study.text(sentence)
    study.table(choice_table(choice))
    study.section("The catalogue")
    study.figure(_catalogue_figure(choice, candidates))
    study.section("What limits")
    study.table(limit_table(choice))
    study.section("Asked and given")
    for joint in sorted(choice.joints, key=lambda j: -j.best.use)[:JOINTS_SHOWN]:
        study.figure(_joint_figure(joint))
        study.table(ranking_table(joint))
    if shown := tuple(validations):
        study.section("How far the physics holds")
        study.table(validation_table(shown))
    study.limits([*LIMITS, *_assumptions(choice)])
    return study


def _choice_row(joint: JointChoice) -> list[Cell]:
    best = joint.best
    return [
        joint.requirement.joint,
        best.candidate.name,
        best.suffices,
        best.candidate.mass * 1e3,
        best.candidate.price,
        best.heat,
        best.temperature,
        math.degrees(best.candidate.backlash),
        best.limit,
        100.0 * best.use,
        len(joint.ranked),
    ]


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
        verdict.limit,
        100.0 * verdict.use,
    ]


def _catalogue_figure(choice: HandChoice, candidates: Sequence[Candidate]) -> Plot:
    chosen = {joint.best.candidate.name: joint.best.candidate for joint in choice.joints}
    servos = [c for c in candidates if c.kind == "servo" and c.name not in chosen]
    pairs = [c for c in candidates if c.kind != "servo" and c.name not in chosen]
    return Plot(
        "Continuous torque over mass of everything that there is",
        Axis("mass [kg]", log=True),
        Axis("continuous torque [N m]", log=True),
        [
            _points("motor and gearhead", pairs),
            _points("servo", servos),
            _points("chosen", list(chosen.values()), chosen=True),
        ],
    )


def _points(name: str, candidates: Sequence[Candidate], *, chosen: bool = False) -> Points:
    return Points(
        name,
        [c.mass for c in candidates],
        [c.torque_continuous for c in candidates],
        {
            "actuator": [c.name for c in candidates],
            "no load [rad/s]": [round(c.speed_no_load, 2) for c in candidates],
        },
        chosen,
    )


def _joint_figure(joint: JointChoice) -> Plot:
    """Speed along the torque: negative where the load drives."""
    torque, speed = joint.requirement.cloud.T
    found = joint.best.candidate
    fastest = max(found.speed_no_load, float(np.max(np.abs(speed), initial=0.0)))
    speeds = np.linspace(-fastest, fastest, _STEPS)
    return Plot(
        f"{joint.requirement.joint}: what the tasks ask and what {found.name} gives",
        "speed along the torque [rad/s]",
        "torque [N m]",
        [
            Cloud("asked", (speed * np.sign(torque)).tolist(), np.abs(torque).tolist()),
            Line("peak", speeds.tolist(), found.envelope(speeds).tolist()),
            Line("for good", speeds.tolist(), found.envelope(speeds, "continuous").tolist()),
        ],
    )


def _assumptions(choice: HandChoice) -> Iterator[str]:
    """Of the chosen ones, each once."""
    seen = {j.best.candidate.name: j.best.candidate for j in choice.joints}
    for name, candidate in seen.items():
        if candidate.assumed:
            yield f"{name}: {'; '.join(candidate.assumed)}."
