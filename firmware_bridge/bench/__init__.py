"""What a cycle on a bus of servos costs: ours, the kernel's, and that of other libraries."""

from .figures import BenchReport, Row, Spread, Traffic
from .line import BenchLine
from .measure import measure_bus
from .rounds import Rounds
from .survey import surveyed

__all__ = [
    "BenchLine",
    "BenchReport",
    "Rounds",
    "Row",
    "Spread",
    "Traffic",
    "measure_bus",
    "surveyed",
]
