"""A study as one page to hover over, with its limits; and all that it shows as data."""

from .bars import Bar, Bars
from .heat import HeatMap
from .plot import Cloud, Line, Plot, Points
from .quantity import Axis
from .study import Study
from .table import Cell, Table

__all__ = [
    "Axis",
    "Bar",
    "Bars",
    "Cell",
    "Cloud",
    "HeatMap",
    "Line",
    "Plot",
    "Points",
    "Study",
    "Table",
]
