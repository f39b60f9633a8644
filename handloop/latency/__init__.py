"""What a tick costs, how punctual the loop is, and where both may be trusted; docs/latency.md."""

from .machine import Machine
from .measure import REPETITIONS, measure
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
