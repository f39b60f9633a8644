"""What stands in cells of the report's tables."""

from __future__ import annotations

from collections.abc import Iterable

from ..study.markup import Html, join, tag
from ..study.words import NONE, number
from .measures import Rate, Showing, Spread
from .task import Reference
from .words import condition_text, interval_text, percent, reference_text


def contestant_cell(label: str) -> Html:
    """A label breaks where it must: it may be a path."""
    return tag("span", label, class_="label")


def condition_cell(showing: Showing) -> Html:
    """In the colour of its figures."""
    return tag("span", condition_text(showing.condition), class_=showing.condition.kind)


def rate_cell(showing: Showing | None) -> Html:
    """Rate of success with its interval, drawn and in numbers."""
    if showing is None:
        return Html(NONE)
    squeeze, rate = showing.condition.squeeze, showing.rate
    at = "" if squeeze is None else f" at {squeeze:g} N"
    how_sure = f"{interval_text(rate)}, {rate.successes}/{rate.n}{at}"
    drawn = _bar(rate, showing.condition.kind)
    return two_lines(join((drawn, percent(rate))), how_sure)


def two_lines(first: str, second: str) -> Html:
    """What counts, and below it what goes with it."""
    return tag("span", first, tag("br"), tag("small", second), class_="whole")


def _bar(rate: Rate, class_: str) -> Html:
    low, high = rate.interval
    where = {"low": low, "at": rate.value, "high": high}
    style = "; ".join(f"--{name}: {100 * value:.1f}%" for name, value in where.items())
    return tag("span", class_=f"bar {class_}", style=style, aria_hidden="true")


def spread_cell(spread: Spread | None) -> Html:
    """As `2.1 (1.7–2.4)`."""
    if spread is None:
        return Html(NONE)
    said = f"{number(spread.median)} ({number(spread.low)}–{number(spread.high)})"
    return tag("span", said, class_="whole")


def median_text(showing: Showing | None, metric: str) -> str:
    """Of a metric, if there is one."""
    spread = showing.metrics.get(metric) if showing else None
    return number(spread.median) if spread else NONE


def references_cell(references: Iterable[Reference], metric: str) -> Html:
    """One below the other."""
    return join((reference_text(r, metric) for r in references), Html("<br>"))
