"""Values by name as bars, with their intervals: parts of a sum, what a change buys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import marks
from .frame import Frame, name_rows, scale
from .markup import Html, join, tag
from .quantity import Axis, unit
from .svg import drawn
from .table import Cell, Table, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAR: Final = 0.17  # [inch], of one bar
_ROOM: Final = 0.09  # [inch], between rows
_END: Final = "95 %"


@dataclass(frozen=True)
class Bar:
    """One series of bars.

    Attributes:
        name: Of the series.
        values: One for every label; NaN: none.
        intervals: Low and high for every label, drawn as whiskers; empty: none.
    """

    name: str
    values: Sequence[float]
    intervals: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Bars:
    """A row for every label, in it a bar of every series.

    Attributes:
        caption: Says what it shows.
        labels: What the rows are of.
        value: Along the bars; a label with a unit, or an axis.
        series: At least one.
        base: Where bars begin.
    """

    caption: str
    labels: Sequence[str]
    value: Axis | str
    series: Sequence[Bar]
    base: float = 0.0

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn.

        Raises:
            ValueError: The axis has no unit, or a series not one value for every label.
        """
        Axis.of(self.value)
        for bar in self.series:
            if len(bar.values) != len(self.labels) or len(bar.intervals) not in {
                0,
                len(self.labels),
            }:
                raise ValueError(f"{self.caption}: {bar.name} needs {len(self.labels)} values")

    @property
    def data(self) -> Table:
        """All that it shows, bar by bar."""
        value = Axis.of(self.value).label
        columns = ["name", "series", value, f"low, {_END}: {value}", f"high, {_END}: {value}"]
        if not any(bar.intervals for bar in self.series):
            columns = columns[:3]
        rows = [
            (label, bar.name, *self._numbers(bar, i))[: len(columns)]
            for i, label in enumerate(self.labels)
            for bar in self.series
        ]
        return Table(self.caption, columns, rows)

    def _numbers(self, bar: Bar, i: int) -> tuple[Cell, Cell, Cell]:
        low, high = bar.intervals[i] if bar.intervals else (None, None)
        return bar.values[i], low, high

    def html(self, place: str) -> Html:
        """As it stands on a page.

        Args:
            place: A name for this figure, unique on the page.
        """
        said = tag("p", self.caption, class_="caption")
        entries = [("bar", bar.name, i) for i, bar in enumerate(self.series)]
        height = len(self.labels) * (_BAR * len(self.series) + _ROOM) + 0.6
        svg = drawn(self._frame, height, f"{place}: {self.caption}", over=self._marks(place))
        return tag("div", said, marks.legend(entries), svg, class_="figure")

    def _frame(self, figure: Figure) -> None:
        axes = figure.subplots()
        ends = [bar.intervals for bar in self.series if bar.intervals]
        axis = Axis.of(self.value)
        base = [] if axis.log else [[self.base]]
        scale(axes, "x", axis, [*(bar.values for bar in self.series), *ends, *base])
        name_rows(axes, self.labels)

    def _marks(self, place: str) -> Any:
        def over(figure: Figure) -> str:
            frame = Frame(figure.axes[0], float(figure.bbox.height))
            return marks.clipped(frame.box, f"{place}-axes", *self._bars(frame))

        return over

    def _bars(self, frame: Frame) -> Iterator[Html]:
        low = frame.axes.get_xlim()[0]
        base = max(self.base, low)
        thick = _BAR / (_BAR * len(self.series) + _ROOM)
        for row in range(len(self.labels)):
            for i, bar in enumerate(self.series):
                across = row + thick * (i - len(self.series) / 2)
                if np.isfinite(bar.values[row]):
                    yield self._bar(frame, (i, row), (base, across, thick))

    def _bar(self, frame: Frame, at: tuple[int, int], span: tuple[float, float, float]) -> Html:
        (series, row), (base, across, thick) = at, span
        bar = self.series[series]
        corners = frame.place([base, bar.values[row]], [across, across + thick])
        (left, top), (right, bottom) = corners.min(0).tolist(), corners.max(0).tolist()
        class_ = f"bar-mark {marks.hue(series)}"
        box = marks.box((left, top), (right - left, bottom - top), self._label(bar, row), class_)
        if not bar.intervals or not np.isfinite(bar.intervals[row]).all():
            return box
        ends = frame.place(bar.intervals[row], [across + thick / 2] * 2)
        return join((box, marks.whisker(ends[0, 0], ends[1, 0], ends[0, 1])))

    def _label(self, bar: Bar, row: int) -> str:
        said = f"{self.labels[row]}\n{bar.name}: {words(bar.values[row])}"
        if bar.intervals:
            said += " ({}–{})".format(*map(words, bar.intervals[row]))
        return f"{said} {unit(Axis.of(self.value).label)}"
