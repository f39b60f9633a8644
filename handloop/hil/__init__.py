"""Hardware in the loop without hardware: a task held through the bus, next to the same without."""

from .cup import HilResult, HilSetup, run_hil

__all__ = ["HilResult", "HilSetup", "run_hil"]
