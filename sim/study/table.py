"""Rows and columns, with the unit of every number: what a page shows, and what its files hold."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import markup
from .markup import Html, tag
from .quantity import unit
from .words import number

Cell = str | float | bool | None
"""NaN and None: there is no value."""


@dataclass(frozen=True)
class Table:
    """Something in rows.

    Attributes:
        caption: Says what it shows.
        columns: A column of numbers with its unit, `torque [N m]`; of words without.
        rows: A cell for every column.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def __post_init__(self) -> None:
        """Refuses what nobody could read.

        Raises:
            ValueError: A row has too few or too many cells, or a number no unit.
        """
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"{self.caption}: a row of {len(row)} cells in a table of {len(self.columns)}"
                )
        for i, column in enumerate(self.columns):
            if unit(column) is None and any(_is_number(row[i]) for row in self.rows):
                raise ValueError(f"{self.caption}: column {column!r} holds numbers without a unit")

    @property
    def data(self) -> Table:
        """Itself: what figures have to make of what they show."""
        return self

    def html(self, place: str) -> Html:
        """As it stands on a page.

        Args:
            place: Where; it looks the same everywhere.
        """
        said = tag("p", self.caption, class_="caption")
        rows = [[_cell(cell) for cell in row] for row in self.rows]
        return markup.join((said, markup.table(self.columns, rows)))

    def csv(self) -> str:
        """For other programs: full precision, nothing where there is no value."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([plain(cell) for cell in row] for row in self.rows)
        return file.getvalue()

    def document(self) -> dict[str, Any]:
        """As JSON, without NaN."""
        rows = [[plain(cell) for cell in row] for row in self.rows]
        return {"caption": self.caption, "columns": list(self.columns), "rows": rows}


def plain(cell: Cell) -> Cell:
    """As Python's own kind of number, whoever computed it; None for what is none."""
    value = getattr(cell, "item", lambda: cell)()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def words(cell: Cell) -> str:
    """As it is read."""
    value = plain(cell)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else number(value)


def _cell(cell: Cell) -> Html:
    return (
        tag("span", words(cell), class_="number") if _is_number(cell) else markup.text(words(cell))
    )


def _is_number(cell: Cell) -> bool:
    return not isinstance(plain(cell), str | bool | None)


def columns_of(parts: Iterable[Iterable[str]]) -> list[str]:
    """Every column that some part has, in the order of their first appearance."""
    return list(dict.fromkeys(column for part in parts for column in part))


def filled(columns: Sequence[str], row: dict[str, Cell]) -> Iterator[Cell]:
    """A row with nothing where it has no such column."""
    return (row.get(column) for column in columns)
