"""A simulated hand goes from posture to posture, and a real one with it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller import Hand
from .motion import ranges

Array = NDArray[np.float64]

_PERIOD: Final = 0.001  # [s], of the simulated hand's controller
_TICKS: Final = 10  # from one posture that is passed on to the next
_STEP: Final = _TICKS * _PERIOD  # [s]
_SMOOTHED: Final = 2.0  # steps in which the real hand gets there; a thread is not punctual


class MirrorGuide:
    """Steps a simulated hand on the wall clock, in a thread, and passes on where it is."""

    def __init__(
        self, hand: Hand, postures: Sequence[Array], period: float, approach: float
    ) -> None:
        """Nothing moves yet.

        Args:
            hand: with motors.
            postures: to go through, round after round [rad], each shape (joints,).
            period: [s], of a round.
            approach: [s], in which the real hand goes to the first.

        Raises:
            HandError: the hand cannot be simulated.
        """
        self._low, self._high = ranges(hand).T
        self._approach, self._said = approach, postures[0]
        self._stream = _core.PostureStream(len(hand.joint_names))
        self._round = [*postures, postures[0]]
        self._times = np.linspace(0.0, period, len(self._round))
        bound = hand.bind(hand.model)
        self._plant = _core.SimPlant(hand.model, bound.plant_ids(), _core.SensorModel(), _PERIOD)
        data = mujoco.MjData(hand.model)
        data.qpos[bound.qpos] = postures[0]
        self._plant.start(data)
        self._controller = _core.Controller(bound.hand_model, hand.controller_config(_PERIOD))
        self._loop = _core.Loop(self._plant, self._controller)

    def begin(self, controller: _core.Controller, found: Array) -> None:
        """See `Guide`."""
        self._stream.set(self._said, self._approach)
        controller.set_stream(self._stream)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """See `Guide`."""
        stop = threading.Event()
        thread = threading.Thread(target=self._speak, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def target(self, time: float) -> Array:
        """See `Guide`: what was said last."""
        return self._said

    def _speak(self, stop: threading.Event) -> None:
        """Punctual on the whole: a step that came late is not made up for."""
        if stop.wait(self._approach):
            return
        due = time.monotonic()
        for step in itertools.count():
            if not self._step(step):
                return  # the simulation diverged; the real hand stays where it was told last
            due = max(due + _STEP, time.monotonic())
            if stop.wait(due - time.monotonic()):
                return

    def _step(self, step: int) -> bool:
        """Simulates a while, and says where the hand is then."""
        if step % round(self._times[-1] / _STEP) == 0:
            self._controller.set_trajectory(self._plant.now + self._times, self._round)
        if self._loop.run(_TICKS) < _TICKS:
            return False
        self._said = np.clip(self._loop.status.q, self._low, self._high)
        self._stream.set(self._said, _SMOOTHED * _STEP)
        return True
