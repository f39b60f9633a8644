"""What a tick costs, how punctual the loop is, and where both may be trusted; docs/latency.md."""

from .batch import REPETITIONS
from .machine import Machine
from .measure import measure
from .report import (
    BatchReport,
    Distribution,
    LatencyReport,
    LoopReport,
    Ratio,
    StepReport,
    TickReport,
)

__all__ = [
    "REPETITIONS",
    "BatchReport",
    "Distribution",
    "LatencyReport",
    "LoopReport",
    "Machine",
    "Ratio",
    "StepReport",
    "TickReport",
    "measure",
]
