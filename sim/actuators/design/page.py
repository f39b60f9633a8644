"""A design as a study: what was asked, what came out, what moves it, how far it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Final

from ...study import Bar, Bars, Study, Table
from ..forearm import FOREARM, PACKING, room_said
from .bill import COLUMNS, bill
from .cost import VOLUMES, Cost
from .joint_actuator import one
from .joint_front import JointFront
from .page_fronts import fronts, said_of
from .practice import MAKERS
from .sensitivity import CHANGE, Effect
from .validation import Ratio, gear_ratios, motor_ratios, slotted_ratios
from .whole_hand import HandDesign

LIMITS: Final = (
    "Geometry, not finite elements: the field's fundamental alone, no cogging, no end field, no "
    "demagnetisation by heat or current.",
    "Motors reach of their derived figures what those of a maker do in the median (MAKERS). "
    "Around it, single motors scatter by a factor of 1.35 in Km, those of four poles above, old "
    "ones of two poles below. Those in slots do as nine of 30 and 40 mm with 2 to 7 pole pairs do; "
    "that smaller ones and those of one pole pair do as well is an assumption.",
    "Gears bear what catalogue gearheads of the same size are rated for over thousands of hours; "
    "servo makers go beyond that.",
    "Costs are learning curves between loose anchors: to compare designs, not to make an offer. "
    "Cords are in no price; brackets, cable and plug (CASE of drive.py) have none of their own.",
    "Heat: each joint in its worst task for good, alone in still air of 25 deg C. Two dozen "
    "actuators in one forearm warm each other.",
    "What actuators weigh comes on top of the hand, whose flesh stays. If they fit in is judged by "
    f"volume alone: {PACKING:.0%} of a forearm of {FOREARM[0] * 1e3:.0f} by "
    f"{FOREARM[1] * 1e3:.0f} mm.",
    "Screws pull cords alone. What they bear is scaled from two ball screws of maxon; their guides "
    "and the pulleys that lead a cord back are not counted.",
    "Cords in the written hand: their loss is taken off the torque, both ways alike; no stretch.",
    "The hand's kinds are chosen from a grid, greedily with exchange: good, not proven best. What "
    "an assumption moves by less than 5 % is within the steps of that grid.",
)
_WORK: Final = tuple(field.name for field in fields(Cost))


def study_of(
    design: HandDesign,
    joint: str,
    front: JointFront,
    effects: Sequence[Effect],
    facts: dict[str, str],
) -> Study:
    """The whole page."""
    study = Study(
        f"Actuators for {design.hand}",
        "Which few motors and gears, designed from geometry, do what the tasks ask of each joint, "
        "and what do they weigh, cost and heat?",
        facts,
    )
    study.section("The hand")
    study.text(summary(design))
    study.text(said_of_drag(design))
    study.table(Table("Bill of materials", COLUMNS, bill(design)))
    study.table(_joints(design))
    study.figure(_margins(design))
    study.figure(_heats(design))
    study.section("What it costs")
    study.figure(_prices(design))
    study.section(f"What could be had for {joint}")
    study.text(said_of(front))
    for figure in fronts(design, joint, front):
        study.figure(figure)
    if effects:
        study.section("What moves it")
        study.figure(_tornado(effects))
        study.table(_effects(effects))
    study.section("Held against catalogues")
    study.table(_validation())
    study.limits(LIMITS)
    return study


def said_of_drag(design: HandDesign) -> str:
    """How many joints have more drag than was wanted, and why, in a sentence."""
    beyond = design.dragging
    if not beyond:
        return "No joint has more drag than was wanted."
    worst = beyond[0]
    more = 100.0 * (worst.drag / worst.need.drag - 1.0)
    return (
        f"{len(beyond)} of {len(design.joints)} joints have more drag than was wanted, "
        f"{worst.joint} {more:.0f} % more, since drag is weighed against {design.aim} and no bound "
        "(a design of twice the drag counts twice) and few kinds serve many joints."
    )


def summary(design: HandDesign) -> str:
    """The design in a few sentences."""
    weak, prices = design.weakest, design.prices
    room = f" {room_said(design.forearm_volume)}" if design.forearm_volume else ""
    return (
        f"{len(design.kinds)} kinds of actuators, {len(design.joints)} in all, weigh "
        f"{design.mass:.2f} kg and fill {1e6 * design.volume:.0f} cm3. They cost "
        + ", ".join(f"{prices[n]:,.0f} USD at {n:,}" for n in VOLUMES)
        + f" hands. With each joint in its worst task copper gives off {design.heat:.0f} W, "
        f"their boards {sum(joint.board_heat for joint in design.joints):.0f} W; "
        f"the weakest joint is {weak.joint} with {weak.margin:.2f} of what it needs, "
        f"limited by {weak.limited_by}.{room}"
    )


def _joints(design: HandDesign) -> Table:
    columns = (
        "joint", "kind", "needs [N m]", "has for good [N m]", "peak needed [N m]", "peak [N m]",
        "margin [1]", "limited by", "copper heat [W]", "board heat [W]", "winding [deg C]",
        "inertia [kg m2]", "inertia that no impact feels [kg m2]", "drag wanted [N m]",
        "drag [N m]",
    )  # fmt: skip
    rows = [
        (
            j.joint,
            j.kind.name,
            j.need.torque,
            j.torque_continuous,
            j.need.torque_peak,
            j.torque_peak,
            j.margin,
            j.limited_by,
            j.copper_heat,
            j.board_heat,
            _known(j.winding_temperature),
            j.inertia,
            _known(j.inertia_felt),
            _known(j.need.drag),
            j.drag,
        )
        for j in design.joints
    ]
    return Table("Which actuator turns which joint", columns, rows)


def _known(value: float) -> float | None:
    return value if abs(value) != float("inf") else None


def _margins(design: HandDesign) -> Bars:
    labels = [joint.joint for joint in design.joints]
    there = [j.torque_continuous / j.need.torque for j in design.joints]
    peak = [j.torque_peak / j.need.torque_peak for j in design.joints]
    return Bars(
        "Torque that is there over torque that is needed",
        labels,
        "there over needed [1]",
        [Bar("for good", there), Bar("for a moment", peak)],
    )


def _heats(design: HandDesign) -> Bars:
    return Bars(
        "Heat of each joint in its own worst task",
        [joint.joint for joint in design.joints],
        "heat [W]",
        [
            Bar("copper", [joint.copper_heat for joint in design.joints]),
            Bar("board", [joint.board_heat for joint in design.joints]),
        ],
    )


def _prices(design: HandDesign) -> Bars:
    labels = [f"{hands:,} hands" for hands in VOLUMES]
    series = [
        Bar(part.replace("_", " "), [_share(design, hands, part) for hands in VOLUMES])
        for part in _WORK
    ]
    return Bars("Where a hand's price is from", labels, "part of the price [%]", series)


def _share(design: HandDesign, hands: int, part: str) -> float:
    paid = sum(kind.count * one(getattr(kind.cost(hands), part)) for kind in design.kinds)
    return 100.0 * paid / design.price(hands)


# --- sensitivity and validation -------------------------------------------------------------------


def _tornado(effects: Sequence[Effect]) -> Bars:
    less, more = (f"{sign}{100 * CHANGE:.0f} %" for sign in ("-", "+"))
    return Bars(
        f"Mass of the hand's actuators when an assumption is {100 * CHANGE:.0f} % less or more",
        [effect.assumption for effect in effects],
        "mass over that as assumed [1]",
        [Bar(less, [e.mass[0] for e in effects]), Bar(more, [e.mass[1] for e in effects])],
        1.0,
    )


def _effects(effects: Sequence[Effect]) -> Table:
    columns = ["assumption"]
    for figure in ("mass", "price", "heat"):
        columns += [f"{figure}, less [1]", f"{figure}, more [1]"]
    rows = [(e.assumption, *e.mass, *e.price, *e.heat) for e in effects]
    return Table("What an assumption moves, over the hand as assumed", columns, rows)


def _validation() -> Table:
    rows = [
        (of, ratio.figure, len(ratio.values), ratio.median, ratio.scatter)
        for of, ratios in _measured()
        for ratio in ratios
    ]
    columns = ("parts", "figure", "number [1]", "median [1]", "scatter, a factor [1]")
    return Table("Catalogue over derived", columns, rows)


def _measured() -> Iterator[tuple[str, tuple[Ratio, ...]]]:
    yield "brushless motors of Faulhaber", motor_ratios("Faulhaber")
    yield "brushless motors of maxon", motor_ratios("maxon")
    yield "all of them, MAKERS applied", motor_ratios(None, MAKERS)
    yield "motors in slots of maxon", slotted_ratios()
    yield "motors in slots of maxon, MAKERS applied", slotted_ratios(MAKERS)
    yield "planetary gearheads of maxon", gear_ratios()
