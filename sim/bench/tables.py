"""What a run, or two, look like in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from ..report import empty_table
from ..study.words import NONE, number
from .compare import Change, Comparison, MedianChange
from .measures import Showing
from .registry import task
from .summary import Standing
from .task import Task
from .trial import CLOSED, OUTCOMES
from .words import OUTCOMES as OUTCOME_TEXTS
from .words import half_step_text, interval_text, metric_text, reference_text, signed_points

TaskOf = Callable[[str], Task]


def overview(standings: Iterable[Standing], task_of: TaskOf = task) -> Table:
    """Per task and contestant: closed loop, best constant squeeze, and what people do."""
    out = empty_table("closed loop\n95 % CI", "best open\n95 % CI")
    out.add_column("closed / open\npeople, other hands", overflow="fold", min_width=24)
    told: set[str] = set()
    for standing in standings:
        about = task_of(standing.task)
        out.add_row(
            _name(standing),
            _rate(standing.closed),
            _rate(standing.opened),
            "\n".join(_beside(standing, about, first=standing.task not in told)),
        )
        told.add(standing.task)
    out.caption = (
        "\nBest open: the constant squeeze that held most of these very trials, chosen afterwards. "
        "Below the rate: Wilson interval. Right of it: medians of what the task measures."
    )
    return out


def _name(standing: Standing) -> str:
    return f"[bold]{standing.task}[/]\n{escape(standing.contestant)}"


def _rate(showing: Showing | None) -> str:
    if showing is None:
        return NONE
    squeeze = showing.condition.squeeze
    level = "" if squeeze is None else f", {squeeze:g} N"
    rate = showing.rate
    return f"{rate.successes}/{rate.n}{level}\n{interval_text(rate)}"


def _beside(standing: Standing, about: Task, first: bool) -> Iterator[str]:
    if standing.absence:
        yield f"[red]took no part: {escape(standing.absence)}[/]"
        return
    name, metric = next(iter(about.metrics.items()))
    spreads = [s.metrics.get(name) if s else None for s in (standing.closed, standing.opened)]
    values = " / ".join(number(s.median if s else None) for s in spreads)
    yield f"{escape(metric_text(metric))}: {values}"
    for reference in about.references if first else ():
        yield f"[dim]{escape(reference_text(reference, name))}[/]"


def failures(standings: Iterable[Standing]) -> Table:
    """How trials ended that were not held, where there are any."""
    outcomes = OUTCOMES[1:]
    out = empty_table(*(OUTCOME_TEXTS[o].replace(" ", "\n") for o in outcomes))
    out.columns[0].no_wrap = False
    for standing in standings:
        both = [s for s in (standing.closed, standing.opened) if s]
        if all(s.rate.successes == s.rate.n for s in both):
            continue
        cells = ["\n".join(str(s.outcomes[o] or NONE) for s in both) for o in outcomes]
        out.add_row(_name(standing), *cells)
    out.caption = "\nFailures: closed loop, below it the best constant squeeze."
    return out


def lines(standings: Sequence[Standing]) -> Iterator[str]:
    """What the tables do not say."""
    for standing in standings:
        if half := standing.half_step:
            yield f"half step   {standing.task}, {standing.contestant}: {half_step_text(half)}"


def changes(comparison: Comparison) -> Table:
    """Of two runs: every closed loop, and of all else what differs."""
    out = empty_table("first\nsecond", "points\n95 % CI", "measure\n95 % CI", "verdict\n")
    out.columns[0].no_wrap = False
    shown = [c for c in comparison.changes if c.condition == CLOSED.name or _differs(c)]
    for change in shown:
        success, metric = change.success, change.metric
        low, high = success.interval
        mark = "" if success.paired else " †"
        out.add_row(
            f"[bold]{change.task}[/], {change.condition}\n{escape(change.contestant)}",
            f"{success.first.successes}/{success.first.n}\n"
            f"{success.second.successes}/{success.second.n}",
            f"{signed_points(success.difference)}\n"
            f"{signed_points(low)} to {signed_points(high)}{mark}",
            _median(metric),
            f"{_verdict(success.verdict)}\n{_verdict(metric.verdict) if metric else ''}",
        )
    out.caption = (
        "\nSecond less first. Upper verdict: points of success, Newcombe's score interval, over "
        "the same trials (†: over others). Lower one: medians of the task's measure, by bootstrap. "
        f"{len(comparison.changes) - len(shown)} more conditions do not differ."
    )
    return out


def _differs(change: Change) -> bool:
    return change.verdicts != {"no difference"}


def _median(metric: MedianChange | None) -> str:
    if metric is None:
        return NONE
    said = f"{metric.metric} {number(metric.first)} → {number(metric.second)}"
    if metric.interval is None:
        return f"{said}\ntoo few trials"
    low, high = metric.interval
    return f"{said}\n{low:+.3g} to {high:+.3g}"


def _verdict(verdict: str) -> str:
    colour = {"better": "green", "worse": "red"}.get(verdict, "dim")
    return f"[{colour}]{verdict}[/]"


def missing(comparison: Comparison) -> Iterator[str]:
    """What only one of the runs has."""
    for which, keys in (("first", comparison.only_first), ("second", comparison.only_second)):
        for key in keys:
            yield f"only in the {which} run: {', '.join(key)}"
