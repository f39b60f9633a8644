"""Runs episodes in batches small enough for memory, and tells how fast."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from .. import _core

_Item = TypeVar("_Item")


class Batches:
    """Runs batch after batch on MuJoCo's threads; the caller drops each log once it is judged."""

    def __init__(self, threads: int, episodes: int, period: float) -> None:
        """Has run nothing yet.

        Args:
            threads: That simulate; 0: one per core.
            episodes: In a batch, per thread.
            period: Of control [s].
        """
        self.threads, self._period = threads, period
        self._size = episodes * (threads or len(os.sched_getaffinity(0)))
        self._seconds, self._steps = 0.0, 0

    @property
    def steps_per_s(self) -> float:
        """Physics steps per second so far, all threads together."""
        return self._steps / self._seconds

    def split(self, items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
        """In parts of the size of a batch."""
        for begin in range(0, len(items), self._size):
            yield items[begin : begin + self._size]

    def run(self, episodes: Sequence[_core.Episode], timestep: float) -> None:
        """Runs one batch.

        Args:
            episodes: What is run.
            timestep: Of their simulation [s].
        """
        begin = time.perf_counter()
        _core.run_episodes(episodes, self.threads)
        self._seconds += time.perf_counter() - begin
        ticks = sum(len(episode.log) for episode in episodes)
        self._steps += round(ticks * self._period / timestep)
