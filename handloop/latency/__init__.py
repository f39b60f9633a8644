"""What a tick costs, how punctual the loop is, and where both may be trusted; docs/latency.md."""

from ..firmware_bridge.bench.figures import Spread
from .batch import REPETITIONS
from .machine import Machine
from .measure import measure
from .report import (
    BatchReport,
    Distribution,
    LatencyReport,
    LoopReport,
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
    "Spread",
    "StepReport",
    "TickReport",
    "measure",
]
