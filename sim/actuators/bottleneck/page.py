"""The study of bottlenecks as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Final

import mujoco
import numpy as np

from ...bench.words import metric_text
from ...study import Bar, Bars, Study, Table
from ...study.words import NONE, number
from .design import DOUBT, DRAWS, HANDS, DesignGain
from .findings import CatalogueFindings, Findings
from .joints import HandGain
from .levers import AS_IS, GEAR, LEVERS, MOTOR, Lever
from .page_catalogue import catalogue_part, changes
from .rotors import HandAnswer, changed
from .scaled_hand import Scale
from .trials import Effect

_ITS: Final = "measure's"
"""Unit of a figure, where rows have measures of their own."""
_QUESTION: Final = (
    "Is the torque density of motors what limits a hand's actuators? One thing is doubled at a "
    "time: what does that buy in a catalogue, in a whole hand, and in tasks?"
)


def bottleneck_study(found: Findings) -> Study:
    """All of it as a study."""
    needs = found.requirements
    facts = {"hand": needs.hand, "requirements": needs.source}
    facts |= {f"catalogue {i}": c.pairs.source for i, c in enumerate(found.catalogues, 1)}
    facts |= {"handloop": version("handloop")}
    if found.effects:
        facts |= {"MuJoCo": mujoco.__version__, "seeds": f"0 to {found.seeds - 1}"}
    study = Study("What limits a hand's actuators", _QUESTION, facts)
    study.section("In short")
    for said in summary(found):
        study.text(said)
    study.table(_assumptions(LEVERS, "What is doubled, and what that is taken to mean"))
    for catalogue in found.catalogues:
        catalogue_part(study, catalogue)
    if found.designs:
        _designs(study, found.designs)
    if found.effects:
        _effects(study, found)
    study.limits(list(_limits(found)))
    return study


def summary(found: Findings) -> Iterator[str]:
    """What it comes to, a paragraph each."""
    yield from without_simulation(found)
    for scale in dict.fromkeys(effect.scale for effect in found.effects):
        yield _effect_answer(scale, [e for e in found.effects if e.scale is scale])


def without_simulation(found: Findings) -> Iterator[str]:
    """The same of catalogues and designs."""
    for catalogue in found.catalogues:
        yield _catalogue_answer(catalogue)
    for place in dict.fromkeys(gain.place for gain in found.designs):
        yield _design_answer([gain for gain in found.designs if gain.place == place])


def _catalogue_answer(found: CatalogueFindings) -> str:
    first, others = found.answers[0], list(changes(found.answers))
    (gear, gear_sure), (motor, motor_sure) = first.gear_wins, first.motor_wins
    said = (
        f"{found.pairs.source}: twice the gear's torque limit buys more than twice the motor's "
        f"torque in {gear} of {len(first.gains) // 2} cells ({gear_sure} surely), less in {motor} "
        f"({motor_sure} surely); medians x{first.median(GEAR):.2f} against "
        f"x{first.median(MOTOR):.2f}."
    )
    if others:
        said += f" Asked otherwise, another wins more cells ({'; '.join(others)})."
    else:
        said += f" Each of {len(found.answers) - 1} other ways of asking agrees."
    return f"{said} {_hand_answer(found)}"


def _hand_answer(found: CatalogueFindings) -> str:
    base, *others = found.hand
    if base.feasible:
        said = (
            f"The lightest pairs for the {base.feasible} joints that have one weigh "
            f"{base.mass:.2f} kg; doubling changes that by: {', '.join(map(_saved, others))}."
        )
    else:
        able = [f"{gain.lever.name} {gain.feasible}" for gain in others if gain.feasible]
        said = (
            f"No pair does for any joint. Joints served with one thing doubled: {_or_none(able)}."
        )
    return " ".join((said, *map(_rotor_answer, changed(found.joints))))


def _rotor_answer(answer: HandAnswer) -> str:
    """Where another lever buys more than with rotors of any inertia."""
    base, motor, gear = (answer.of(lever) for lever in (AS_IS, MOTOR, GEAR))
    sure = "surely" if answer.sure else "not surely"
    weight = f" ({base.mass:.2f} kg)" if base.feasible else ""
    return (
        f"The answer changes with rotors that reflect at most {answer.bound.name}, where "
        f"{answer.winner} buys more, {sure}: {base.feasible} joints served as it is{weight}; "
        f"{_served(motor)}; {_served(gear)}."
    )


def _served(gain: HandGain) -> str:
    if np.isnan(gain.part):
        return f"{gain.lever.name} {gain.feasible} joints"
    return f"{_saved(gain)}, {gain.feasible} joints"


def _saved(gain: HandGain) -> str:
    part, low, high = (100.0 * (part - 1.0) for part in (gain.part, *gain.interval))
    return f"{gain.lever.name} {part:+.0f} % ({low:+.0f} to {high:+.0f})"


def _or_none(names: Sequence[str]) -> str:
    return ", ".join(names) or NONE


def _design_answer(gains: Sequence[DesignGain]) -> str:
    base, *others = gains
    where = f"Designed for this hand, actuators in the {base.place}"
    if base.design is None:
        able = [g.lever.name for g in others if g.design]
        return f"{where}: as it is {base.lacks}. With one thing doubled: {_or_none(able)}."
    parts = [f"{g.lever.name} {_percent(g)}" for g in others]
    return (
        f"{where}: {base.design.mass:.2f} kg; doubling changes that by (and by what over drawn "
        f"assumptions): {', '.join(parts)}."
    )


def _percent(gain: DesignGain) -> str:
    if gain.design is None:
        return NONE
    part, low, high = (100.0 * (part - 1.0) for part in (gain.part, *gain.range))
    return f"{part:+.0f} % ({low:+.0f} to {high:+.0f})"


def _effect_answer(scale: Scale, effects: Sequence[Effect]) -> str:
    parts = [
        f"{e.pool.name} {number(e.medians[0])} to {number(e.medians[1])} {e.metric.unit} "
        "({:+.2g}, {:+.2g} to {:+.2g}: {})".format(e.change, *e.interval, e.verdict)
        for e in effects
    ]
    return f"In simulation, twice the {scale.name} ({effects[0].hand}): {'; '.join(parts)}."


def _assumptions(levers: Sequence[Lever] | Sequence[Scale], caption: str) -> Table:
    rows = [(lever.name, lever.assumes) for lever in levers]
    return Table(caption, ("doubled", "taken to mean"), rows)


def _designs(study: Study, gains: Sequence[DesignGain]) -> None:
    study.section("By design")
    study.text(
        "A hand of a few kinds of designed actuators, the lightest found, chosen anew with each "
        "thing doubled. Its joints do all that the requirements ask. Least and greatest are over "
        f"{DRAWS} draws of what makers reach, each figure within a factor of {DOUBT:g}."
    )
    columns = (
        "actuators in", "doubled", "mass [kg]", "part of it as is [1]", "least [1]",
        "greatest [1]", f"price at {HANDS} hands [USD]",
        "copper's heat [W]", "joints limited by", "weakest joint",
    )  # fmt: skip
    rows = [(g.place, g.lever.name, *_design_row(g)) for g in gains]
    study.table(Table("A designed hand", columns, rows))
    places = list(dict.fromkeys(g.place for g in gains))
    names = list(dict.fromkeys(g.lever.name for g in gains))
    known = {(g.place, g.lever.name): g.design.mass for g in gains if g.design}
    bars = [Bar(place, [known.get((place, name), np.nan) for name in names]) for place in places]
    study.figure(Bars("Mass of all actuators of the hand", names, "mass [kg]", bars))


def _design_row(gain: DesignGain) -> tuple[str | float | None, ...]:
    design = gain.design
    if design is None:
        return (None, None, None, None, None, None, gain.limits, None)
    figures = (design.mass, gain.part, *gain.range, design.price(HANDS), design.heat)
    return (*figures, gain.limits, design.weakest.joint)


def _effects(study: Study, found: Findings) -> None:
    study.section("In simulation")
    study.text(
        f"The same {found.seeds} trials of each task with actuators as they are and with one thing "
        "doubled, paired trial by trial; closed loop. Success: Newcombe's interval for paired "
        "proportions. Change: median over trials of what each gained, bootstrap over trials, 95 %."
    )
    scales = list(dict.fromkeys(effect.scale for effect in found.effects))
    study.table(_assumptions(scales, "What is doubled in simulation, and how"))
    study.table(_effect_table(found.effects))
    pools = list(dict.fromkeys(effect.pool.name for effect in found.effects))
    for hand in dict.fromkeys(effect.hand for effect in found.effects):
        here = [effect for effect in found.effects if effect.hand == hand]
        known = {(e.scale.name, e.pool.name): e.ratio for e in here}
        names = list(dict.fromkeys(e.scale.name for e in here))
        bars = [Bar(name, [known.get((name, pool), np.nan) for pool in pools]) for name in names]
        caption = f"Strength with one thing doubled, {hand}"
        study.figure(Bars(caption, pools, "median over median as it is [1]", bars, base=1.0))


def _effect_table(effects: Sequence[Effect]) -> Table:
    columns = (
        "hand", "trials of", "doubled", "measure", f"median now [{_ITS}]", f"then [{_ITS}]",
        f"median change [{_ITS}]", f"low, 95 % [{_ITS}]", f"high, 95 % [{_ITS}]", "strength",
        "held now [%]", "held then [%]", "change [points]", "low, 95 % [points]",
        "high, 95 % [points]", "trials [1]", "ended by heat now [1]", "then [1]",
    )  # fmt: skip
    return Table("Strength in tasks", columns, [_effect_row(e) for e in effects])


def _effect_row(effect: Effect) -> tuple[str | float, ...]:
    before, after = effect.before.value, effect.after.value
    return (
        effect.hand, effect.pool.name, effect.scale.name, metric_text(effect.metric),
        *effect.medians, effect.change, *effect.interval, effect.verdict,
        *(100.0 * part for part in (before, after, after - before, *effect.success)),
        effect.before.n, *effect.hot,
    )  # fmt: skip


def _limits(found: Findings) -> Iterator[str]:
    yield (
        "The frontier of a cell is one pair or a few; makers rate gears for a life of thousands of "
        "hours and servo makers exceed such ratings, so that a gear-limited pair may be limited by "
        "its maker's caution only."
    )
    yield (
        "Intervals of catalogues are those of drawing other motors and gearheads of the same "
        "makers; they say nothing of other makers, and a bootstrap of a maximum is coarse."
    )
    yield (
        "Speeds are those without load; drives, encoders, cases and cables weigh nothing here, and "
        "no pair is refused for its dry friction. Levers leave the rotor's own inertia as it is; "
        "gearheads whose inertia nobody states have none."
    )
    yield (
        "Torque for a moment is what drives and sheets allow; where a sheet states no limit, it is "
        "stall torque, which no winding bears for long."
    )
    if found.designs:
        yield (
            "Designed actuators rest on the model of `handloop actuators design` and its "
            "assumptions; doubled practice is taken as one factor on all sizes."
        )
    if found.effects:
        yield (
            "In simulation the controller stays as it is but for the limits that it reads from the "
            "hand; one made for stronger motors may do more with them. Torque limits of the "
            "MJCF stand for gear and structure: those of a human hand, below what its servos can "
            "do, so that stronger servos alone can hardly show there."
        )
