"""Figures of the report: where success breaks down, how trials failed, how a measure spreads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from ..statistics import Array
from ..study.frame import ends, name_rows, shortened
from ..study.markup import Html
from ..study.svg import INK
from ..study.words import number
from .measures import Showing, Spread, values_of
from .summary import Curve, Standing
from .svg import COLOUR, OUTCOME_COLOUR, svg
from .task import Metric, Reference
from .trial import OUTCOMES, Kind
from .words import OUTCOMES as OUTCOME_TEXTS
from .words import condition_text, metric_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKER: Final[dict[Kind, str]] = {"closed": "o", "open": "s", "oracle": "^", "rigid": "D"}
_ACROSS: Final = 3  # panels side by side
_PANEL: Final = 2.2  # [inch], height
_ROW: Final = 0.23  # [inch], height
_LETTERS: Final = 30  # of a contestant's name
_LOG: Final = 20.0  # a curve whose values reach so many times the least has a logarithmic axis
_ROOM: Final = 0.03  # of a bar: less has no room for its number
_DODGE: Final = 0.014  # of an axis, between intervals that would cover each other
_DOTS: Final = 200  # in a row, at most


def curves_figure(standing: Standing) -> Html | None:
    """Success against everything that is made harder; None if nothing is."""
    shown = {curve.name: list(_shown(curve.name, standing)) for curve in standing.curves}
    panels = {name: curves for name, curves in shown.items() if curves}
    columns = max(2, min(_ACROSS, len(panels)))
    rows = ceil(len(panels) / columns)

    def draw(figure: Figure) -> None:
        axes = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
        for axis, (name, curves) in zip(axes, panels.items(), strict=False):
            _draw_panel(axis, name, curves)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        for axis in axes[::columns]:
            axis.set_ylabel("success [%]")
        known = {line.get_label(): line for axis in axes for line in axis.containers}
        figure.legend(known.values(), known.keys(), loc="outside upper left", ncols=len(MARKER))

    says = f"{standing.task}, {standing.contestant}: success against {', '.join(panels)}"
    return svg(draw, rows * _PANEL + 0.25, says) if panels else None


def _shown(name: str, standing: Standing) -> Iterator[Curve]:
    """Closed loop, one open loop, oracle, rigid gripper."""
    curves = [c for c in standing.curves if c.name == name]
    opened = [c for c in curves if c.condition.kind == "open"]
    for kind in MARKER:
        if kind != "open":
            yield from (c for c in curves if c.condition.kind == kind)
        elif opened:
            best = (c for c in opened if c.condition.name == standing.best_open)
            yield next(best, opened[0])


def _draw_panel(axis: Axes, name: str, curves: Sequence[Curve]) -> None:
    values = np.array([value for curve in curves for value, _ in curve.points])
    if log := 0.0 < values.min() * _LOG <= values.max():
        axis.set_xscale("log")
    axis.set_xlim(*ends(values, log))
    spread = float(np.ptp(np.log(values) if log else values)) or 1.0
    for i, curve in enumerate(curves):
        x = np.array([value for value, _ in curve.points])
        aside = (i - (len(curves) - 1) / 2) * _DODGE * spread
        _draw_curve(axis, x * np.exp(aside) if log else x + aside, curve)
    axis.set_title(name.partition(" [")[0])
    axis.set_xlabel(name)
    axis.set_ylim(-2.0, 102.0)


def _draw_curve(axis: Axes, x: Array, curve: Curve) -> None:
    y, low, high = 100.0 * np.array([(r.value, *r.interval) for _, r in curve.points]).T
    kind = curve.condition.kind
    axis.errorbar(
        x, y, np.maximum((y - low, high - y), 0.0),
        color=COLOUR[kind], marker=MARKER[kind], ms=4, lw=1.2, elinewidth=0.9, capsize=2,
        label=condition_text(curve.condition),
    )  # fmt: skip


def outcomes_figure(standings: Sequence[Standing]) -> Html | None:
    """How trials ended, a bar per contestant and condition; None if there are none."""
    rows = list(_rows(standings))

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        left = np.zeros(len(rows))
        for outcome in OUTCOMES:
            share = np.array([s.outcomes[outcome] / s.rate.n for _, s in rows])
            if share.any():
                colour, label = OUTCOME_COLOUR[outcome], OUTCOME_TEXTS[outcome]
                axis.barh(range(len(rows)), 100 * share, 0.72, 100 * left, fc=colour, label=label)
                for i in np.flatnonzero(share >= _ROOM).tolist():
                    count = str(rows[i][1].outcomes[outcome])
                    middle = 100 * (left[i] + share[i] / 2)
                    axis.text(
                        middle,
                        i,
                        count,
                        ha="center",
                        va="center_baseline",
                        color="white",
                        weight="bold",
                    )
                left += share
        name_rows(axis, [name for name, _ in rows])
        axis.set_xlim(0.0, 100.0)
        axis.set_xlabel("trials [%], with their numbers")
        figure.legend(loc="outside upper left", ncols=len(OUTCOMES), columnspacing=1.2)

    says = f"{standings[0].task}: how trials ended" if rows else ""
    return svg(draw, len(rows) * _ROW + 0.75, says) if rows else None


def spread_figure(
    name: str, metric: Metric, standings: Sequence[Standing], references: Sequence[Reference]
) -> Html | None:
    """A measure trial by trial, with median and 5 to 95 %; references as lines; None without."""
    rows = [
        (label, showing, values_of(name, standing.pool(showing.condition.name)))
        for standing in standings
        for label, showing in _rows([standing])
        if name in showing.metrics
    ]

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        for i, (_, showing, values) in enumerate(rows):
            _draw_spread(axis, i, showing, name, values)
        compared = [r for r in references if name in r.metrics]
        for i, reference in enumerate(compared):
            value = reference.metrics[name]
            dashes, label = (0, (4, 2 + 2 * i)), f"{reference.who}: {number(value)} {metric.unit}"
            axis.axvline(value, color=INK, lw=1.0, ls=dashes, label=label)
        if compared:
            figure.legend(loc="outside upper left", ncols=2)
        name_rows(axis, [label for label, _, _ in rows])
        axis.margins(x=0.02)
        beyond = _look_closer(axis, [h.metrics[name] for _, h, _ in rows], [v for *_, v in rows])
        axis.set_xlabel(metric_text(metric) + (f"; {beyond} off the axis" if beyond else ""))

    says = f"{standings[0].task}: {metric.text} of every trial" if rows else ""
    return svg(draw, len(rows) * _ROW + 0.8, says) if rows else None


def _draw_spread(
    axis: Axes, row: int, showing: Showing, name: str, values: Sequence[float]
) -> None:
    spread, colour = showing.metrics[name], COLOUR[showing.condition.kind]
    dots = values[:: ceil(len(values) / _DOTS)]
    aside = row + 0.28 * np.sin(2.4 * np.arange(len(dots)))  # as if at random, and always the same
    size = 2.2 if len(dots) > 30 else 3.5
    axis.plot(dots, aside, "o", ms=size, mew=0, color=colour, alpha=0.5)
    axis.plot([spread.low, spread.high], [row, row], color=colour, lw=1.6)
    axis.plot([spread.median], [row], "|", ms=11, mew=2.4, color=colour)


def _look_closer(axis: Axes, spreads: Sequence[Spread], values: Sequence[Sequence[float]]) -> int:
    """Leaves out what would squeeze all else together; tells how many trials that is."""
    low, high = min(s.low for s in spreads), max(s.high for s in spreads)
    every, span = np.concatenate([np.asarray(v) for v in values]), high - low
    if low - 2.0 * span <= every.min() and every.max() <= high + 2.0 * span:
        return 0
    view = max(every.min(), low - span / 4.0), min(every.max(), high + span / 4.0)
    axis.set_xlim(*map(float, view))
    return int(np.sum((every < view[0]) | (every > view[1])))


def _rows(standings: Sequence[Standing]) -> Iterator[tuple[str, Showing]]:
    """Contestant and condition of what is compared: the best constant squeeze stands for all."""
    for standing in standings:
        for kind in MARKER if not standing.absence else ():
            alike = (s for s in standing.showings.values() if s.condition.kind == kind)
            if showing := standing.opened if kind == "open" else next(alike, None):
                condition = condition_text(showing.condition)
                yield f"{shortened(standing.contestant, _LETTERS)}: {condition}", showing
