"""The log of an episode, by name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Recorded(Protocol):
    """A run with its log: `_core.Episode`, or a hand on virtual servos."""

    @property
    def log(self) -> Array:
        """A row for each tick."""

    @property
    def channels(self) -> dict[str, tuple[int, int]]:
        """Where each column of the log begins, and how wide it is."""

    @property
    def diverged(self) -> bool:
        """Whether the simulation did."""


class Log:
    """Columns of a run's log by name. Arrays are views: keep the run."""

    def __init__(self, run: Recorded) -> None:
        """Reads from a run that is over."""
        self._rows, self._channels = run.log, run.channels

    def __getitem__(self, name: str) -> Array:
        begin, width = self._channels[name]
        return self._rows[:, begin] if width == 1 else self._rows[:, begin : begin + width]

    def __len__(self) -> int:
        return len(self._rows)
