"""The study of how long a hand's parts last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ...study import Axis, Line, Plot, Points, Study, Table
from .life import Lines, PartLife, Wear, first_of_each, lives, sensitivity
from .parts import Part, PartSizes

FACTOR: Final = 1.2
"""By which assumptions are made larger, one after the other."""
_UNITS: Final[dict[Part, str]] = {
    "teeth": "N m", "flanks": "J", "bearing": "N m", "cord": "N", "drum's teeth": "N",
}  # fmt: skip
_STRENGTHS: Final = {"steel": "Pa", "flanks": "J", "balls": "N", "cord": "1"}
_EDGES: Final = np.geomspace(1e-3, 1e3, 61)


def durability_study(wear: Wear) -> Study:
    """All of it as a study."""
    found = lives(wear)
    study = Study(
        f"How long the parts of {wear.entry.label} last",
        "How many grasps of the benchmark's endurance do the teeth, bearings and cords of each "
        "joint bear, and what fails first?",
        {
            "trials": f"{len(wear.trials)} of {wear.of} held of endurance, simulated once more",
            "grasps counted": f"{sum(g.joints[0].grasps for g in wear.grasps):.0f}",
        },
    )
    study.section("Life")
    study.table(first_table(found))
    study.table(life_table(found))
    study.section("Loads")
    study.figure(_loads(found))
    study.table(_spectra(wear))
    study.section("Assumptions")
    study.table(_sizes())
    study.table(_lines())
    study.table(_sensitivity(wear))
    study.limits(
        [
            "The simulated hand has no gears, bearings or cords of its own: theirs are assumed, "
            "sized by each joint's torque limit. What is known of real ones replaces them.",
            "Cords: no S-N data of cords this thin were to be had; their lives are orders of "
            "magnitude. So is the wear of flanks. Every cycle of tension counts as if the cord "
            "were bent in it.",
            "Teeth with 1 %, bearings with 10 %, cords with half of them failed, flanks all alike: "
            "their lives are not of one kind, and a hand of many parts fails before its weakest "
            "one does on average.",
            "Grasps of 10 N of the thumb every 1.5 s; harder ones shorten lives by the powers in "
            "the table of S-N lines.",
            "Ranges count, means do not: Miner's rule without the order of loads.",
        ]
    )
    return study


def first_table(found: Sequence[PartLife]) -> Table:
    """What fails first at each joint and motor."""
    columns = ("where", "fails first", "life [h]", "grasps [1]", "damage of 10,000 grasps [1]")
    rows = [
        (where, life.part, life.hours, life.grasps, 1e4 * life.damage)
        for where, life in first_of_each(found).items()
    ]
    return Table("What fails first, the shortest life first", columns, rows)


def life_table(found: Sequence[PartLife]) -> Table:
    """Every part."""
    columns = (
        "where", "part", "life [h]", "grasps [1]", "load cycles per grasp [1]",
        "equivalent load [unit beside]", "strength at the knee [unit beside]", "unit",
    )  # fmt: skip
    rows = [
        (p.where, p.part, p.hours, p.grasps, p.cycles, p.load, p.line.strength, _UNITS[p.part])
        for p in found
    ]
    return Table("Every part", columns, rows, folded=True)


def _loads(found: Sequence[PartLife]) -> Plot:
    """Loads over strengths beside the S-N lines; flanks wear, which is no fatigue."""
    lines = {life.part: life.line for life in found if life.part != "flanks"}
    layers = [
        Line(f"S-N line, {part}", line.life(_EDGES * line.strength).tolist(), _EDGES.tolist())
        for part, line in lines.items()
    ]
    points = [
        Points(
            str(part),
            [life.grasps for life in here],
            [life.load / life.line.strength for life in here],
            {"where": [life.where for life in here]},
        )
        for part in lines
        if (here := [life for life in found if life.part == part and np.isfinite(life.grasps)])
    ]
    x = Axis("cycles or grasps [1]", log=True, ends=(1e2, 1e14))
    y = Axis("load over strength at the knee [1]", log=True, ends=(1e-3, 1e1))
    return Plot("Equivalent loads, once in a grasp, and what parts bear", x, y, [*layers, *points])


def _spectra(wear: Wear) -> Table:
    columns = ("where", "range up to [unit beside]", "cycles per grasp [1]", "unit")
    first = wear.grasps[0]
    joints = [(*pair, "N m") for pair in zip(wear.joints, first.joints, strict=True)]
    rows = [
        (name, edge, count, unit)
        for name, spectrum, unit in (*joints, *((*pair, "N") for pair in first.tendons.items()))
        for edge, count in zip(*spectrum.table().values(), strict=True)
        if count
    ]
    return Table("Rainflow cycles of the first trial", columns, rows, folded=True)


def _sizes() -> Table:
    units = {"form": "1", "breaking": "N"}
    rows = [(name, value, units.get(name, "m")) for name, value in vars(PartSizes()).items()]
    columns = ("size", "value [unit beside]", "unit")
    return Table("Sizes for a torque limit of 1 N m: assumptions", columns, rows)


def _lines() -> Table:
    columns = (
        "material", "strength [unit beside]", "unit", "borne [1]", "exponent [1]",
        "exponent beyond [1]", "failed by then [1]", "source",
    )  # fmt: skip
    rows = [
        (name, x.strength, _STRENGTHS[name], x.cycles, x.exponent, x.beyond, x.failing, x.source)
        for name, x in vars(Lines()).items()
    ]
    return Table("S-N lines", columns, rows)


def _sensitivity(wear: Wear) -> Table:
    rows = [
        (name, part, gain)
        for name, gains in sensitivity(wear, FACTOR).items()
        for part, gain in gains.items()
    ]
    said = f"Shortest life of each kind of part if an assumption is {FACTOR:g} times as large"
    return Table(said, ("assumption", "part", "new over old life [1]"), rows)
