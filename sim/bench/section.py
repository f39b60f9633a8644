"""A task's part of the report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..study.markup import Html, details, join, table, tag
from ..study.words import NONE, number
from .cells import condition_cell, contestant_cell, median_text, rate_cell, spread_cell
from .figures import curves_figure, outcomes_figure, spread_figure
from .measures import Showing
from .pictures import Picture
from .summary import Standing
from .task import Reference, Task
from .words import KINDS, condition_text, half_step_text, metric_text

_CASES: Final = 150
"""More are nothing to read; the log has them all."""
_NOTES: Final = 5

Physics = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Facts:
    """What a run was, besides its records; nothing that depends on the machine.

    Attributes:
        options: Of the command, as given.
        versions: Of handloop and of MuJoCo.
        physics: Options of the simulation, by task and contestant.
        pictures: By task.
        no_pictures: Why some or all are missing; empty if none is.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    physics: Mapping[str, Mapping[str, Physics]] = field(default_factory=dict)
    pictures: Mapping[str, Sequence[Picture]] = field(default_factory=dict)
    no_pictures: str = ""


def section(standings: Sequence[Standing], task: Task, facts: Facts) -> Html:
    """All there is to say of a task.

    Args:
        standings: Of everybody at this task.
        task: What it asks.
        facts: Of the run.
    """
    name = standings[0].task
    present = [s for s in standings if not s.absence]
    return tag(
        "section",
        tag("h2", name, id=f"task-{name}"),
        tag("p", task.question, class_="question"),
        *_conditions(standings, task),
        *_references(task.references),
        *_figures(present, task),
        *_pictures(facts.pictures.get(name, ())),
        *_cases(present, task),
        *_checks(standings),
        *_sensors(present),
        *_physics(facts.physics.get(name, {})),
    )


def _conditions(standings: Sequence[Standing], task: Task) -> Iterator[Html]:
    metrics = task.metrics
    head = ("contestant", "condition", "success", *map(metric_text, metrics.values()))

    def row(standing: Standing, showing: Showing) -> Iterator[str]:
        yield contestant_cell(standing.contestant)
        yield condition_cell(showing)
        yield rate_cell(showing)
        yield from (spread_cell(showing.metrics.get(metric)) for metric in metrics)

    every = [(standing, showing) for standing in standings for showing in _ordered(standing)]
    main = [(s, h) for s, h in every if h.condition.kind != "open" or h is s.opened]
    rows = [row(*pair) for pair in main]
    yield table(head, [*rows, *(_reference_row(r, task) for r in task.references)])
    yield tag("p", "Of a measure: median (5–95 %).", class_="note")
    squeezes = [row(s, h) for s, h in every if h.condition.kind == "open"]
    if len(squeezes) > len(standings):
        yield details("every constant squeeze", table(head, squeezes))


def _ordered(standing: Standing) -> list[Showing]:
    """Those that hold on sensors first, then by squeeze."""
    order = ("closed", "half_step", "open", "oracle", "rigid")
    return sorted(
        standing.showings.values(),
        key=lambda h: (order.index(h.condition.kind), h.condition.squeeze or 0.0),
    )


def _reference_row(reference: Reference, task: Task) -> Iterator[str]:
    yield reference.who
    yield NONE
    yield NONE if reference.success is None else f"{100 * reference.success:.0f} %"
    yield from (number(reference.metrics.get(metric)) for metric in task.metrics)


def _references(references: Iterable[Reference]) -> Iterator[Html]:
    for reference in references:
        said = f"{reference.who}: {reference.text} ({reference.source})."
        yield tag("p", said, class_="note")


def _figures(standings: Sequence[Standing], task: Task) -> Iterator[Html]:
    curves = [(s.contestant, figure) for s in standings if (figure := curves_figure(s))]
    if curves:
        yield tag("h3", "Where it breaks down")
    for contestant, figure in curves:
        yield tag("p", contestant, class_="label")
        yield figure
    if ended := outcomes_figure(standings):
        yield tag("h3", "How trials ended")
        yield ended
    name, metric = next(iter(task.metrics.items()))
    if spread := spread_figure(name, metric, standings, task.references):
        yield tag("h3", f"Trial by trial: {metric.text}")
        yield spread


def _pictures(pictures: Iterable[Picture]) -> Iterator[Html]:
    shown = [_figure(picture) for picture in pictures]
    if shown:
        yield tag("h3", "Where trials ended")
        yield tag("div", *shown, class_="pictures")


def _figure(picture: Picture) -> Html:
    source = f"data:image/png;base64,{b64encode(picture.png).decode()}"
    image = tag("img", src=source, alt=picture.caption)
    return tag("figure", image, tag("figcaption", picture.caption))


def _cases(standings: Sequence[Standing], task: Task) -> Iterator[Html]:
    head = ("case", "closed loop", "best open loop", *map(metric_text, task.metrics.values()))
    for standing in standings:
        if not 0 < len(standing.cases) <= _CASES:
            continue
        rows = []
        for case, showings in standing.cases.items():
            closed, opened = showings.get("closed"), showings.get(standing.best_open or "")
            medians = (median_text(closed, metric) for metric in task.metrics)
            rows.append((case or NONE, rate_cell(closed), rate_cell(opened), *medians))
        yield details(f"case by case: {standing.contestant}", table(head, rows))


def _checks(standings: Iterable[Standing]) -> Iterator[Html]:
    """Half the time step, and what trials have to say."""
    told = []
    for standing in standings:
        if half := standing.half_step:
            flagged = half.flagged and half.resolved
            said = f"{standing.contestant}, half the time step: {half_step_text(half)}."
            told.append(tag("p", said, class_="flag" if flagged else "note"))
        if standing.absence:
            told.append(tag("p", f"{standing.contestant} took no part: {standing.absence}"))
            continue
        for showing in standing.showings.values():
            condition = condition_text(showing.condition)
            for note, n in list(showing.notes.items())[:_NOTES]:
                said = f"{standing.contestant}, {condition}, {n} of {showing.rate.n}: {note}"
                told.append(tag("p", said, class_="note"))
    if told:
        yield tag("h3", "Checks and notes")
        yield join(told)


def _sensors(standings: Iterable[Standing]) -> Iterator[Html]:
    used: dict[str, str] = {}
    for showing in (h for standing in standings for h in standing.showings.values()):
        used.setdefault(KINDS[showing.condition.kind], ", ".join(showing.sensors) or "none")
    if used:
        said = "; ".join(f"{kind}: {sensors}" for kind, sensors in used.items())
        yield tag("p", tag("b", "Sensors. "), f"{said}.", class_="note")


def _physics(physics: Mapping[str, Physics]) -> Iterator[Html]:
    """Options of the simulation, once for all contestants that share them."""
    groups: dict[str, list[str]] = {}
    for contestant, options in physics.items():
        said = ", ".join(f"{key} {value}" for key, value in options.items())
        groups.setdefault(said, []).append(contestant)
    for said, contestants in groups.items():
        whose = f"{', '.join(contestants)}: " if len(groups) > 1 else ""
        yield tag("p", tag("b", "Physics. "), f"{whose}{said}.", class_="note")
