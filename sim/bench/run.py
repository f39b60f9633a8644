"""A whole run: what is planned, what is left of it, and who does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from .contestant import Entry
from .engine import Chunk, Engine
from .log import Record, TrialLog
from .registry import task
from .task import Options
from .trial import Result, Trial

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its trials are done, and how many there are."""

CHUNK: Final = 4  # trials that go out together, at most


@dataclass(frozen=True)
class Plan:
    """All trials of a run.

    Attributes:
        tasks: Their names.
        entries: Who takes part.
        options: Asked of every task.
    """

    tasks: tuple[str, ...]
    entries: tuple[Entry, ...]
    options: Options

    def items(self) -> Iterator[tuple[str, Entry, Trial]]:
        """Task, contestant and trial in the order of the log."""
        for name in self.tasks:
            trials = tuple(task(name).trials(self.options))
            for entry in self.entries:
                for trial in trials:
                    yield name, entry, trial


def run_bench(
    plan: Plan, engine: Engine, folder: Path, progress: Progress = lambda stage, done, of: None
) -> list[Record]:
    """Runs what is left of a plan and logs it.

    Args:
        plan: What to run.
        engine: Where.
        folder: Of the log; there already. A run that stopped there is gone on with.
        progress: Told how far it is, task by task.

    Returns:
        All records, in the order of the plan.

    Raises:
        LogError: The folder holds another run.
        EngineError: A worker died; what was done is kept.
    """
    items = list(plan.items())
    stages = Counter(name for name, _, _ in items)
    done: Counter[str] = Counter()
    log = TrialLog(folder)
    try:
        log.check_beginning([(name, entry.label, trial) for name, entry, trial in items])
        done.update(record.task for record in log.records)
        for name in done:
            progress(name, done[name], stages[name])
        chunks = list(_chunks(items[len(log.records) :]))
        for chunk, results in zip(chunks, engine.run(chunks), strict=True):
            log.append(_records(chunk, results))
            done[chunk.task] += len(results)
            progress(chunk.task, done[chunk.task], stages[chunk.task])
        return log.records
    finally:
        log.close()


def _chunks(items: Sequence[tuple[str, Entry, Trial]]) -> Iterator[Chunk]:
    for (name, entry, _), group in groupby(items, lambda item: (item[0], item[1], item[2].case)):
        trials = [trial for _, _, trial in group]
        for i in range(0, len(trials), CHUNK):
            yield Chunk(name, entry, tuple(trials[i : i + CHUNK]))


def _records(chunk: Chunk, results: Sequence[Result]) -> Iterator[Record]:
    sensors = task(chunk.task).sensors_of
    for trial, result in zip(chunk.trials, results, strict=True):
        yield Record(chunk.task, chunk.entry.label, trial, result, sensors(trial.condition))
