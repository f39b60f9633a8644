"""Who says where a hand shall be while it is driven."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .motion import JointPath, Motion

Array = NDArray[np.float64]


class Guide(Protocol):
    """Of one run."""

    def begin(self, controller: _core.Controller, found: Array) -> None:
        """Tells the controller what to follow, before the loop starts.

        Args:
            controller: that no loop drives yet.
            found: the posture in which the hand is [rad], shape (joints,).
        """

    def speaking(self) -> AbstractContextManager[object]:
        """What has to go on as long as the loop runs."""

    def target(self, time: float) -> Array:
        """Where the hand shall be [rad], shape (joints,), `time` [s] after its start."""


class PathGuide:
    """A path that the loop knows to its end from the start, so that nobody need speak to it."""

    def __init__(self, path: JointPath, approach: float) -> None:
        """Takes `approach` [s] to the first posture."""
        self._path, self._approach = path, approach

    def begin(self, controller: _core.Controller, found: Array) -> None:
        """See `Guide`."""
        self._motion = Motion.build(found, self._path, self._approach)
        controller.set_recording(self._motion.times, self._motion.postures)

    def speaking(self) -> AbstractContextManager[object]:
        """See `Guide`."""
        return nullcontext()

    def target(self, time: float) -> Array:
        """See `Guide`."""
        return self._motion.target(time)
