"""What a catalogue says of bottlenecks, as part of the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from ...study import Axis, Bar, Bars, Cloud, HeatMap, Line, Plot, Study, Table
from .findings import CatalogueFindings
from .frontier import Gain, cells
from .joints import FACTORS, HandGain
from .levers import AS_IS, GEAR, LEVERS, MOTOR, Lever
from .pairs import Array, Pairs
from .rotors import HandAnswer
from .variations import SURE, Answer

_SPEED: Final = 10.0  # [rad/s], of the actuators in the figure of the frontier
_DOTS: Final = 4000
_MASSES: Final = np.geomspace(0.005, 0.2, 60)  # [kg], of the frontier's line


def catalogue_part(study: Study, found: CatalogueFindings) -> None:
    """Adds all that one catalogue says."""
    pairs = found.pairs
    study.section(f"By catalogue: {pairs.source}")
    study.text(
        f"{len(pairs):,} pairs of a motor and a gearhead that fit each other; in "
        f"{100 * pairs.gear_limited.mean():.0f} % of them the gear bears less for good than the "
        "motor gives. What counts in a cell is its best pair: torque for good per mass, no drive, "
        "encoder or case."
    )
    study.figure(_frontier(pairs))
    for lever in (MOTOR, GEAR):
        study.figure(_heat_map(found.gains, lever, pairs.source))
    study.table(_cells(found.gains, pairs.source))
    study.figure(_levers(found.gains, pairs.source))
    study.text(
        "Asked otherwise: a lever wins a cell where it multiplies more than the other, and surely "
        f"where it does so in {100 * SURE:g} % of the draws in which the two differ."
    )
    study.table(_answers(found.answers, pairs.source))
    study.text(
        "The hand asked alike: which of motor and gear serves more joints or, if they serve as "
        "many, saves more of the mass of those served before, with rotors as light as others ask."
    )
    study.table(rotor_table(found.joints, f"Motor against gear in the joints, {pairs.source}"))
    study.table(hand_table(found.joints, f"The lightest pairs for all joints, {pairs.source}"))
    study.figure(_by_factor(found.factors, pairs.source))
    study.table(joint_table(found.hand, f"The lightest pair for each joint, {pairs.source}"))


def _frontier(pairs: Pairs) -> Plot:
    fast = pairs.rows(pairs.speed >= _SPEED)
    shown = np.linspace(0, len(fast) - 1, min(len(fast), _DOTS)).astype(int)
    mass, torque = fast.mass(AS_IS)[shown], fast.torque(AS_IS)[shown]
    layers = [Cloud("pairs", mass.tolist(), torque.tolist())]
    lines = [_line(fast, lever) for lever in (AS_IS, MOTOR, GEAR)]
    caption = f"Torque for good by mass, {_SPEED:g} rad/s and more without load, {pairs.source}"
    x = Axis("mass [kg]", log=True, ends=(_MASSES[0], _MASSES[-1]))
    y = Axis("torque for good [N m]", log=True, ends=(0.003, 10.0))
    return Plot(caption, x, y, [*layers, *lines])


def _line(pairs: Pairs, lever: Lever) -> Line:
    """The best torque of what is no heavier."""
    mass, torque = pairs.mass(lever), pairs.torque(lever)
    best = [_best(torque, mass <= limit) for limit in _MASSES]
    name = lever.name if lever is AS_IS else f"twice the {lever.name}"
    return Line(f"best, {name}", _MASSES.tolist(), best, dashed=lever is GEAR)


def _best(torque: Array, inside: Array) -> float:
    return float(torque[inside].max()) if inside.any() else float("nan")


def _heat_map(gains: Sequence[Gain], lever: Lever, source: str) -> HeatMap:
    known = {(g.cell.row, g.cell.column): g.multiplier for g in gains if g.lever is lever}
    rows = list(dict.fromkeys(cell.row for cell in cells()))
    columns = list(dict.fromkeys(cell.column for cell in cells()))
    values = [[known.get((row, column), float("nan")) for column in columns] for row in rows]
    caption = f"Twice the {lever.name}, {source}"
    down, across = ("no-load speed from", rows), ("mass", columns)
    value = Axis("multiplier of the frontier [1]", ends=(1.0, 2.0))
    return HeatMap(caption, value, down, across, values)


def _cells(gains: Sequence[Gain], source: str) -> Table:
    columns = (
        "cell", "doubled", "pairs [1]", "best now [N m/kg]", "then [N m/kg]", "multiplier [1]",
        "low, 95 % [1]", "high, 95 % [1]", "best pair now",
    )  # fmt: skip
    rows = [
        (
            f"{g.cell.column}, {g.cell.row}", g.lever.name, g.count, g.density, g.after,
            g.multiplier, *g.interval, g.best,
        )
        for g in gains
    ]  # fmt: skip
    return Table(f"Frontier by cell and lever, {source}", columns, rows, folded=True)


def _levers(gains: Sequence[Gain], source: str) -> Bars:
    """Median over cells, and the least and the greatest of them."""
    multipliers = [
        [g.multiplier for g in gains if g.lever is lever] or [np.nan] for lever in LEVERS
    ]
    ranges = [(float(min(m)), float(max(m))) for m in multipliers]
    bar = Bar("median of all cells, and range", [float(np.median(m)) for m in multipliers], ranges)
    caption = f"What each doubling buys at the frontier, {source}"
    labels = [lever.name for lever in LEVERS]
    value = "multiplier of torque per mass [1]"
    return Bars(caption, labels, value, [bar], base=1.0, whiskers="range of cells")


def _answers(answers: Sequence[Answer], source: str) -> Table:
    columns = (
        "asked", "cells [1]", "gear wins [1]", "surely [1]", "motor wins [1]", "surely, motor [1]",
        "gear's median [1]", "motor's median [1]",
    )  # fmt: skip
    rows = [
        (
            a.variation.name, len(a.gains) // 2, *a.gear_wins, *a.motor_wins, a.median(GEAR),
            a.median(MOTOR),
        )
        for a in answers
    ]  # fmt: skip
    return Table(f"Motor against gear, {source}", columns, rows)


def rotor_table(answers: Sequence[HandAnswer], caption: str) -> Table:
    """A row for each bound on rotors: what motor and gear buy, and which buys more."""
    columns = (
        "rotors", "buys more", "surely", "joints served as is [1]", "with the motor [1]",
        "with the gear [1]", "mass as is [kg]", "part of it with the motor [1]",
        "low, 95 % [1]", "high, 95 % [1]", "part of it with the gear [1]", "low, gear [1]",
        "high, gear [1]",
    )  # fmt: skip
    rows = [_rotor_row(answer) for answer in answers]
    return Table(caption, columns, rows)


def _rotor_row(answer: HandAnswer) -> tuple[str | float, ...]:
    base, motor, gear = (answer.of(lever) for lever in (AS_IS, MOTOR, GEAR))
    served = (gain.feasible for gain in (base, motor, gear))
    parts = (motor.part, *motor.interval, gear.part, *gear.interval)
    return (answer.bound.name, answer.winner, answer.sure, *served, base.mass, *parts)


def hand_table(answers: Sequence[HandAnswer], caption: str) -> Table:
    """A row for each bound on rotors and each lever."""
    columns = (
        "rotors", "doubled", "joints served [1]", "newly served",
        "mass of those served before [kg]", "part of it as is [1]", "low, 95 % [1]",
        "high, 95 % [1]", "copper's heat [W]", "price [USD]",
    )  # fmt: skip
    rows = [
        (
            answer.bound.name, g.lever.name, g.feasible, ", ".join(g.gained), g.mass, g.part,
            *g.interval, g.heat, g.price,
        )
        for answer in answers
        for g in answer.gains
    ]  # fmt: skip
    return Table(caption, columns, rows)


def joint_table(gains: Sequence[HandGain], caption: str) -> Table:
    """A row for each joint and lever."""
    rows = [
        (c.joint, g.lever.name, c.pair or "none", c.mass, c.heat, c.price)
        for g in gains
        for c in g.chosen
    ]
    columns = ("joint", "doubled", "lightest pair", "mass [kg]", "copper's heat [W]", "price [USD]")
    return Table(caption, columns, rows, folded=True)


def _by_factor(factors: Mapping[str, Sequence[HandGain]], source: str) -> Plot:
    """Whether twice is special."""
    x, layers = [1.0, *FACTORS], []
    for name, found in factors.items():
        low, high = zip(*(gain.interval for gain in found), strict=True)
        layers.append(Line(name, x, [gain.part for gain in found], low, high))
    caption = f"Mass of the lightest pairs for all joints by how much better, {source}"
    return Plot(caption, "made better by [1]", "mass over mass as is [1]", layers)


def changes(answers: Sequence[Answer]) -> Iterator[str]:
    """Ways of asking whose answer is another than the first's."""
    for answer in answers[1:]:
        if answer.winner != answers[0].winner:
            yield f"{answer.variation.name}: {answer.winner}"
