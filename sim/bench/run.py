"""A whole run: what is planned, what is left of it, and who does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from .contestant import Entry
from .engine import Chunk, Engine
from .header import Header
from .log import Record, TrialLog
from .plan import Plan
from .registry import task
from .trial import Result, Trial

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its trials are done, and how many there are."""

CHUNK: Final = 2  # trials that go out together, at most


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
    header = Header.open(folder, plan, engine.simulator)
    stages = Counter(name for name, _, _ in items)
    done: Counter[str] = Counter()
    log = TrialLog(folder)
    try:
        log.check_beginning([(name, entry.label, trial) for name, entry, trial in items])
        done.update(record.task for record in log.records)
        for name in done:
            progress(name, done[name], stages[name])
        chunks = list(_chunks(items[len(log.records) :]))
        for chunk, found in zip(chunks, engine.run(chunks), strict=True):
            header.note_physics(chunk.task, chunk.entry.label, found.physics)
            log.append(_records(chunk, found.results))
            done[chunk.task] += len(found.results)
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
