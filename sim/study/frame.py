"""The empty axes of a figure: matplotlib finds ticks and room for them, marks are drawn on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ..statistics import Array
from .markup import legible
from .quantity import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Ends = tuple[float, float]
Mask = NDArray[np.bool_]

EDGE: Final = 0.05
"""Of an axis, beyond the least and the greatest value."""
_LETTERS: Final = 36  # of a name beside a row


@dataclass(frozen=True)
class Frame:
    """Where the axes of a drawn figure lie.

    Attributes:
        axes: Their plot.
        height: Of the figure [1/72 inch], which is turned upside down in SVG.
    """

    axes: Axes
    height: float

    def place(self, x: Any, y: Any) -> Array:
        """Values in the plane of the figure.

        Args:
            x: n values.
            y: n values.

        Returns:
            (n, 2) from the upper left [1/72 inch].
        """
        at = self.axes.transData.transform(np.column_stack((x, y)).astype(np.float64))
        return np.column_stack((at[:, 0], self.height - at[:, 1]))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the axes [1/72 inch]."""
        window = self.axes.bbox
        return float(window.x0), float(self.height - window.y1), window.width, window.height


def is_shown(values: Any, axis: Axis) -> Mask:
    """Which values have a place on an axis."""
    value = np.asarray(values, dtype=np.float64)
    return np.isfinite(value) & ((value > 0.0) | (not axis.log))


def ends(values: Any, log: bool, edge: float = EDGE) -> Ends:
    """An axis that shows all values and a little more.

    Args:
        values: Finite, and positive on a logarithmic axis; none is an axis without a value.
        log: Whether it is logarithmic.
        edge: How much more, as a part of their range.
    """
    value = np.asarray(values, dtype=np.float64)
    if not value.size:
        return (1.0, 10.0) if log else (0.0, 1.0)
    value = np.log(value) if log else value
    low, high = float(value.min()), float(value.max())
    more = edge * ((high - low) or (1.0 if log else abs(high)) or 1.0)
    first, last = low - more, high + more
    return (float(np.exp(first)), float(np.exp(last))) if log else (first, last)


def scale(axes: Axes, which: str, axis: Axis, values: Sequence[Any]) -> None:
    """Prepares one axis.

    Args:
        axes: Of the figure.
        which: `x` or `y`.
        axis: What it says.
        values: All that is drawn along it.
    """
    every = np.concatenate([np.zeros(0), *(np.ravel(np.asarray(v, np.float64)) for v in values)])
    first, last = axis.ends or ends(every[is_shown(every, axis)], axis.log)
    axes.set(**{f"{which}label": legible(axis.label)})
    if axis.log:
        axes.set(**{f"{which}scale": "log"})
        _count(getattr(axes, f"{which}axis"), last / first)
    axes.set(**{f"{which}lim": (first, last)})


def _count(axis: Any, ratio: float) -> None:
    """Plain numbers for ticks: matplotlib's powers of ten need its own typesetting."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    between = (1.0,) if ratio > 1e4 else (1.0, 3.0) if ratio > 1e2 else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=between))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def name_rows(axes: Any, names: Sequence[str]) -> None:
    """Rows of a figure by name, the first on top."""
    axes.set_yticks(range(len(names)), [legible(shortened(name)) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def shortened(name: str, letters: int = _LETTERS) -> str:
    """The end of a long name says more than its beginning."""
    return name if len(name) <= letters else f"…{name[1 - letters :]}"
