"""Points, lines and clouds over two axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import marks
from .frame import Frame, Mask, is_shown, scale
from .markup import Html, join, tag
from .quantity import Axis
from .svg import drawn
from .table import Cell, Table, columns_of, filled, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT: Final = 3.6  # [inch]
_SERIES: Final = "series"
_DOTS: Final = 5000  # of a cloud that are drawn
_VERTICES: Final = 60  # a line of more has no marks on it


@dataclass(frozen=True)
class Points:
    """What can be told apart and hovered over, a few thousand at most.

    Attributes:
        name: Of the series.
        x: n values.
        y: n values.
        fields: What else to say of every point: n cells by their name, with a unit for numbers.
        chosen: To be seen before all others.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    fields: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    chosen: bool = False


@dataclass(frozen=True)
class Line:
    """From value to value, in the order given; NaN is a gap.

    Attributes:
        name: Of the series.
        x: n values.
        y: n values.
        low: n values below, for a band; empty: no band.
        high: n values above.
        dashed: For a limit or a reference.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    dashed: bool = False

    @property
    def fields(self) -> Mapping[str, Sequence[Cell]]:
        """None but its own."""
        return {}


@dataclass(frozen=True)
class Cloud:
    """Thousands of dots nobody needs to tell apart; all are in the files, some 5000 are drawn.

    Attributes:
        name: Of the series.
        x: n values.
        y: n values.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]

    @property
    def fields(self) -> Mapping[str, Sequence[Cell]]:
        """None but its own."""
        return {}


Layer = Points | Line | Cloud


@dataclass(frozen=True)
class Plot:
    """A figure over two axes.

    Attributes:
        caption: Says what it shows.
        x: Across; a label with a unit, or an axis.
        y: Up.
        layers: Drawn one over the other: clouds first, what matters last.
    """

    caption: str
    x: Axis | str
    y: Axis | str
    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn.

        Raises:
            ValueError: An axis or a number has no unit, or columns differ in length.
        """
        for layer in self.layers:
            sizes = {len(values) for values in _columns(layer, "x", "y").values()}
            if len(sizes) > 1:
                raise ValueError(f"{self.caption}: {layer.name} has columns of {sizes} values")
        _ = self.data  # a table refuses what has no unit

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Across and up."""
        return Axis.of(self.x), Axis.of(self.y)

    @property
    def data(self) -> Table:
        """All that it shows, point by point."""
        x, y = (axis.label for axis in self.axes)
        every = [(layer.name, _columns(layer, x, y)) for layer in self.layers]
        columns = [_SERIES, *columns_of(columns for _, columns in every)]
        rows = [
            tuple(filled(columns, {_SERIES: name, **dict(zip(values, row, strict=True))}))
            for name, values in every
            for row in zip(*values.values(), strict=True)
        ]
        return Table(self.caption, columns, rows)

    def html(self, place: str) -> Html:
        """As it stands on a page.

        Args:
            place: A name for this figure, unique on the page.
        """
        said = tag("p", self.caption, class_="caption")
        entries = [(_kind(layer), layer.name, i) for i, layer in enumerate(self.layers)]
        svg = drawn(self._frame, _HEIGHT, f"{place}: {self.caption}", over=self._marks(place))
        return tag("div", said, marks.legend(entries), svg, *self._left_out(), class_="figure")

    def _frame(self, figure: Figure) -> None:
        axes = figure.subplots()
        x, y = self.axes
        scale(axes, "x", x, [layer.x for layer in self.layers])
        scale(axes, "y", y, [v for layer in self.layers for v in _heights(layer)])

    def _marks(self, place: str) -> Any:
        def over(figure: Figure) -> str:
            frame = Frame(figure.axes[0], float(figure.bbox.height))
            layers = (self._layer(frame, i, layer) for i, layer in enumerate(self.layers))
            return marks.clipped(frame.box, f"{place}-axes", *layers)

        return over

    def _layer(self, frame: Frame, series: int, layer: Layer) -> Html:
        shown = self._shown(layer)
        if isinstance(layer, Line):
            return self._line(frame, series, layer, shown)
        places = frame.place(np.asarray(layer.x)[shown], np.asarray(layer.y)[shown])
        if isinstance(layer, Cloud):
            return marks.cloud(places[:: -(-len(places) // _DOTS) or 1], series)
        labels = [label for label, here in zip(self._labels(layer), shown, strict=True) if here]
        radius, class_ = (5.0, "points chosen") if layer.chosen else (2.8, "points")
        return marks.points(places, labels, series, radius, class_)

    def _line(self, frame: Frame, series: int, layer: Line, shown: Mask) -> Html:
        places = frame.place(layer.x, np.where(shown, layer.y, np.nan))
        parts = [marks.line(places, series, layer.dashed)]
        if len(layer.low):
            low, high = (frame.place(layer.x, values) for values in (layer.low, layer.high))
            parts.insert(0, marks.band(low, high, series))
        if len(places) <= _VERTICES:
            labels = [label for label, here in zip(self._labels(layer), shown, strict=True) if here]
            parts.append(marks.points(places[shown], labels, series, 1.8))
        return join(parts)

    def _labels(self, layer: Layer) -> Iterator[str]:
        """All that is known of each point, a line for each."""
        columns = _columns(layer, *(axis.label for axis in self.axes))
        for row in zip(*columns.values(), strict=True):
            said = (f"{column}: {words(cell)}" for column, cell in zip(columns, row, strict=True))
            yield "\n".join((layer.name, *said))

    def _shown(self, layer: Layer) -> Mask:
        x, y = self.axes
        return is_shown(layer.x, x) & is_shown(layer.y, y)

    def _left_out(self) -> Iterator[Html]:
        missing = sum(
            int((~self._shown(layer) & np.isfinite(layer.x) & np.isfinite(layer.y)).sum())
            for layer in self.layers
        )
        if missing:
            said = f"{missing} not positive, so not on the logarithmic axis."
            yield tag("p", said, class_="note")


def _columns(layer: Layer, x: str, y: str) -> dict[str, Sequence[Cell]]:
    """A layer's values by what they are."""
    interval: dict[str, Sequence[Cell]] = {}
    if isinstance(layer, Line) and len(layer.low):
        interval = {f"low: {y}": layer.low, f"high: {y}": layer.high}
    return {x: layer.x, y: layer.y, **interval, **layer.fields}


def _heights(layer: Layer) -> Iterator[Sequence[float]]:
    yield layer.y
    if isinstance(layer, Line) and len(layer.low):
        yield layer.low
        yield layer.high


def _kind(layer: Layer) -> str:
    match layer:
        case Cloud():
            return "cloud"
        case Line():
            return "dashed" if layer.dashed else "line"
        case Points():
            return "points chosen" if layer.chosen else "points"
