"""Where trials are run: chunks go out, results come back in order."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from threading import Thread
from typing import Final, Protocol, TypeVar

from ...controller import HandError
from ..environment import environment
from .contestant import Contestant, Entry
from .registry import task
from .task import CannotTakePartError
from .trial import Result, Trial

MUJOCO: Final = "MuJoCo"
AHEAD: Final = 3  # chunks per worker that are under way at most
_Item = TypeVar("_Item")

ONE_THREAD: Final = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}
"""Sums over several threads are not the same to the bit."""


@dataclass(frozen=True)
class Chunk:
    """Trials of one task and contestant, run together in one place."""

    task: str
    entry: Entry
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Done:
    """What came of a chunk.

    Attributes:
        results: One per trial, in their order.
        physics: Options of the simulation.
    """

    results: list[Result]
    physics: dict[str, float | int | str]


class Engine(Protocol):
    """Runs chunks somewhere.

    Attributes:
        simulator: Whose physics: runs of different ones do not go together.
        remarks: What it did otherwise than asked, by task; complete after a run.
    """

    simulator: str
    remarks: dict[str, list[str]]

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        """Results in the order of the chunks, which are asked for as they are needed."""


class EngineError(RuntimeError):
    """A worker died; the message says over which trials."""


def run_chunk(chunk: Chunk) -> Done:
    """Runs a chunk in this process. A contestant that cannot take part has missed all of it."""
    contestant = load_contestant(chunk.entry)
    try:
        results = task(chunk.task).run(contestant, chunk.trials)
        return Done(results, task(chunk.task).physics(contestant))
    except (HandError, CannotTakePartError) as error:
        return Done([Result("missed", note=str(error))] * len(chunk.trials), {})


@lru_cache(maxsize=8)
def load_contestant(entry: Entry) -> Contestant:
    """A contestant, loaded once per process."""
    return Contestant.load(entry)


class LocalEngine:
    """Processes on this machine."""

    def __init__(self, jobs: int = 0) -> None:
        """Starts nothing yet.

        Args:
            jobs: Processes; 0: one per core. Results do not depend on it.
        """
        self.simulator = MUJOCO
        self.remarks: dict[str, list[str]] = {}
        self.jobs = jobs or len(os.sched_getaffinity(0))

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        """Runs chunks in processes of their own, so that one that dies takes nothing with it.

        Raises:
            EngineError: A worker died.
        """
        spawn = multiprocessing.get_context("spawn")
        with (
            environment(ONE_THREAD),
            ProcessPoolExecutor(self.jobs, spawn, end_with_parent) as pool,
        ):
            try:
                begun = ((chunk, pool.submit(run_chunk, chunk)) for chunk in chunks)
                for chunk, future in keep_ahead(begun, AHEAD * self.jobs):
                    yield _done(chunk, future)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def end_with_parent() -> None:
    """Ends this process when its parent does, however it does: else it would wait for ever."""
    Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def keep_ahead(begun: Iterable[_Item], count: int) -> Iterator[_Item]:
    """The items in their order, each one only when `count` more behind it are there, or all."""
    waiting: deque[_Item] = deque()
    for item in begun:
        waiting.append(item)
        if len(waiting) > count:
            yield waiting.popleft()
    yield from waiting


def _done(chunk: Chunk, future: Future[Done]) -> Done:
    try:
        return future.result()
    except BrokenProcessPool:
        first, last = chunk.trials[0].seed, chunk.trials[-1].seed
        raise EngineError(
            f"a worker died at or before {chunk.task} with {chunk.entry.label}, seeds {first} to "
            f"{last}; run the same command again to go on, with fewer --jobs if memory was short"
        ) from None
