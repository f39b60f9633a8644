"""Where a client runs: on a core of its own, or beside a thread that never rests."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self


class BusyThread:
    """A thread of pure Python that wants the interpreter all the time.

    Attributes:
        count: How often it went round.
    """

    count: int = 0

    def __enter__(self) -> Self:
        self._stopping = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping = True
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping:
            self.count += 1


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keeps the calling thread on one core; -1: anywhere, as before."""
    before = os.sched_getaffinity(0)
    if core >= 0:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
