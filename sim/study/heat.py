"""Values over two lists of names, as cells: the stronger the colour, the greater the value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from . import marks
from .frame import Frame, name_rows
from .markup import Html, join, legible, tag
from .quantity import Axis, unit
from .svg import drawn
from .table import Table, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CELL: Final = 0.3  # [inch], height
_STRONG: Final = 0.75  # opacity of the greatest value: what is written on it stays legible


@dataclass(frozen=True)
class HeatMap:
    """A matrix to be read at a glance.

    Attributes:
        caption: Says what it shows.
        value: What the cells hold; a label with a unit, or an axis.
        down: What the rows are, and their names.
        across: What the columns are, and their names.
        values: (rows, columns); NaN: none.
    """

    caption: str
    value: Axis | str
    down: tuple[str, Sequence[str]]
    across: tuple[str, Sequence[str]]
    values: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn.

        Raises:
            ValueError: The value has no unit, or is not there for every cell.
        """
        Axis.of(self.value)
        if np.shape(self.values) != (len(self.down[1]), len(self.across[1])):
            raise ValueError(f"{self.caption}: values of shape {np.shape(self.values)}")

    @property
    def data(self) -> Table:
        """All that it shows, cell by cell."""
        columns = (self.down[0], self.across[0], Axis.of(self.value).label)
        rows = [
            (row, column, float(self.values[i][j]))
            for i, row in enumerate(self.down[1])
            for j, column in enumerate(self.across[1])
        ]
        return Table(self.caption, columns, rows)

    def html(self, place: str) -> Html:
        """As it stands on a page.

        Args:
            place: A name for this figure, unique on the page.
        """
        said = tag("p", f"{self.caption}: {Axis.of(self.value).label}", class_="caption")
        height = _CELL * len(self.down[1]) + 0.6
        svg = drawn(self._frame, height, f"{place}: {self.caption}", over=self._cells)
        return tag("div", said, svg, class_="figure")

    def _frame(self, figure: Figure) -> None:
        axes = figure.subplots()
        name_rows(axes, self.down[1])
        axes.set_ylabel(legible(self.down[0]))
        axes.set_xticks(range(len(self.across[1])), [legible(name) for name in self.across[1]])
        axes.set_xlim(-0.5, len(self.across[1]) - 0.5)
        axes.set_xlabel(legible(self.across[0]))
        axes.grid(False)
        axes.spines["bottom"].set_visible(False)

    def _cells(self, figure: Figure) -> str:
        frame = Frame(figure.axes[0], float(figure.bbox.height))
        return join(self._cell(frame, *at) for at in np.ndindex(*np.shape(self.values)))

    def _cell(self, frame: Frame, row: int, column: int) -> Html:
        value = float(self.values[row][column])
        corners = frame.place([column - 0.48, column + 0.48], [row - 0.46, row + 0.46])
        (left, top), (right, bottom) = corners.min(0).tolist(), corners.max(0).tolist()
        names = f"{self.down[1][row]}, {self.across[1][column]}"
        label = f"{names}\n{words(value)} {unit(Axis.of(self.value).label)}"
        return tag(
            "g",
            marks.box((left, top), (right - left, bottom - top), label, "cell"),
            marks.word((left + right) / 2, (top + bottom) / 2 + 3, words(value)),
            style=f"--strength: {self._strength(value):.3f}",
        )

    def _strength(self, value: float) -> float:
        known = [v for v in self._known() if np.isfinite(v)]
        if not np.isfinite(value) or not known:
            return 0.0
        low, high = min(known), max(known)
        return _STRONG * (value - low) / ((high - low) or 1.0)

    def _known(self) -> Iterator[float]:
        return (float(value) for row in self.values for value in row)
