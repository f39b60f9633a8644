"""What stands in cells of the report's tables."""

from __future__ import annotations

from .markup import Html, join, tag
from .measures import Rate, Showing, Spread
from .task import Reference
from .words import NONE, condition_text, interval_text, number, percent


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
    says = f"{percent(rate)} ({interval_text(rate)}), {rate.successes}/{rate.n}{at}"
    return tag("span", _bar(rate, showing.condition.kind), says, class_="whole")


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


def references_cell(references: tuple[Reference, ...], metric: str) -> Html:
    """Rate and measure where they compare, else what it says."""
    return join((_reference_text(r, metric) for r in references), Html("<br>")) or Html(NONE)


def _reference_text(reference: Reference, metric: str) -> str:
    told = [f"{100 * reference.success:.0f} %"] if reference.success is not None else []
    if metric in reference.metrics:
        told.append(number(reference.metrics[metric]))
    return f"{reference.who}: {', '.join(told) or reference.text}"
