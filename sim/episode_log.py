"""The log of an episode, by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import _core

Array = NDArray[np.float64]


class Log:
    """Columns of an episode's log by name. Arrays are views: keep the episode."""

    def __init__(self, episode: _core.Episode) -> None:
        """Reads from an episode that has run."""
        self._rows, self._channels = episode.log, episode.channels

    def __getitem__(self, name: str) -> Array:
        begin, width = self._channels[name]
        return self._rows[:, begin] if width == 1 else self._rows[:, begin : begin + width]

    def __len__(self) -> int:
        return len(self._rows)
