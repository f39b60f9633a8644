"""The report of a run: one HTML file that needs nothing else, on a screen or on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ..study.markup import Html, table, tag
from ..study.page import whole_page
from .cells import contestant_cell, median_text, rate_cell, references_cell
from .section import Facts, section
from .summary import Standing
from .task import Task
from .words import metric_text

_STYLE: Final = Path(__file__).with_name("report.css")


def page(standings: Sequence[Standing], tasks: Mapping[str, Task], facts: Facts) -> Html:
    """The whole report.

    Args:
        standings: Of the run.
        tasks: By name.
        facts: What else there is to state.
    """
    return whole_page(
        "handloop bench",
        tag("h1", "handloop bench"),
        *_heading(standings, facts),
        *_overview(standings, tasks),
        *(
            section([s for s in standings if s.task == name], tasks[name], facts)
            for name in dict.fromkeys(s.task for s in standings)
        ),
        style=_STYLE.read_text(encoding="utf-8"),
    )


def _heading(standings: Sequence[Standing], facts: Facts) -> Iterator[Html]:
    seeds = sorted({r.trial.seed for s in standings for r in s.records})
    trials = sum(len(s.records) for s in standings)
    contestants = dict.fromkeys(s.contestant for s in standings)
    yield table(
        ("run", ""),
        [
            *facts.options.items(),
            ("contestants", ", ".join(contestants)),
            ("trials", f"{trials:,}" + (f", seeds {seeds[0]} to {seeds[-1]}" if seeds else "")),
            *facts.versions.items(),
        ],
        "facts",
    )
    if facts.no_pictures:
        yield tag("p", facts.no_pictures, class_="note")
    yield tag(
        "p",
        "Rates are of whole pools, with Wilson's 95 % interval. The open loop holds with the one "
        "constant squeeze that held most of these very trials, chosen afterwards. A trial that the "
        "simulation lost counts against the hand.",
        class_="note",
    )


def _overview(standings: Sequence[Standing], tasks: Mapping[str, Task]) -> Iterator[Html]:
    yield tag("h2", "All tasks", id="all")
    head = (
        "task",
        "contestant",
        "closed loop",
        "best open loop",
        "closed / open",
        "people, other hands",
    )
    firsts = {id(s) for s in {s.task: s for s in reversed(standings)}.values()}
    rows = (_overview_row(s, tasks[s.task], id(s) in firsts) for s in standings)
    yield table(head, rows)


def _overview_row(standing: Standing, task: Task, first: bool) -> Iterator[Html]:
    """What holds for all contestants of a task stands with the first."""
    name, metric = next(iter(task.metrics.items()))
    yield tag("a", standing.task, href=f"#task-{standing.task}") if first else Html()
    yield contestant_cell(standing.contestant)
    yield (
        tag("span", "took no part", class_="flag")
        if standing.absence
        else rate_cell(standing.closed)
    )
    yield rate_cell(standing.opened)
    medians = " / ".join(median_text(s, name) for s in (standing.closed, standing.opened))
    yield tag("div", medians, tag("br"), tag("small", metric_text(metric)), class_="narrow")
    yield tag("div", references_cell(task.references, name), class_="wide") if first else Html()
