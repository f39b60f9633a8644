"""How weak a hand may be: the least torque limits with which trials are still held.

A hand that squeezes as hard as it can uses all that it has, whatever the task takes. So tasks in
which joints are at their limits are run with weaker and weaker hands, all limits lowered alike,
until one of the trials is lost; what the weakest hand that held them all bore is what the task
takes of this controller. Whether a hand weak in one joint and strong in others would do is not
asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import tomlkit

from ...bench.contestant import Entry
from ...bench.engine import load_contestant
from ...bench.log import Record
from ...bench.task import CannotTakePartError
from .load_cache import digest_of, read_loads, write_loads
from .loads import LoadHistory, Progress, each_of, run_again
from .runs import Sample

FACTORS: Final = tuple(float(f) for f in 2.0 ** (-np.arange(9) / 4.0))
"""Of the torque limits, in steps of 16 %, down to a quarter."""


@dataclass(frozen=True)
class Least:
    """What a task takes.

    Attributes:
        task: Its name.
        factor: Of the hand's torque limits.
        trials: That were tried.
        held: How many of them were, by the factors that were tried.
    """

    task: str
    factor: float
    trials: int
    held: dict[float, int]


@dataclass(frozen=True)
class LeastLoads:
    """What the weakest hands bore.

    Attributes:
        path: Of the file with their loads; it may be that of no task.
        found: By task.
    """

    path: Path
    found: tuple[Least, ...]

    def histories(self) -> Iterator[LoadHistory]:
        """The loads, one trial after the other."""
        if self.found:
            yield from read_loads(self.path)


def least_loads(
    sample: Sample,
    tasks: Sequence[str],
    jobs: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> LeastLoads:
    """Finds the weakest hands for tasks of a sample; kept beside the run.

    Args:
        sample: Trials that were held.
        tasks: In which the hand was at its limits; those that are not in the sample do not count.
        jobs: Processes; 0: one per core.
        progress: Told how far it is.
    """
    records = [record for record in sample.records if record.task in tasks]
    names = list(dict.fromkeys(record.task for record in records))
    path, note = sample.folder / "loads-least.npz", sample.folder / "least.json"
    digest = hashlib.sha256(f"{sample.digest()} {names} {FACTORS}".encode()).hexdigest()[:16]
    if names and not (digest_of(path) == digest and note.exists()):
        searches = [
            _search(sample.entry, [r for r in records if r.task == name], jobs, progress)
            for name in names
        ]
        text = json.dumps([vars(least) for least, _ in searches], indent=1)
        note.write_text(text + "\n", encoding="utf-8")
        write_loads(path, digest, (h for _, histories in searches for h in histories))
    return LeastLoads(path, _read(note) if names else ())


def _read(note: Path) -> tuple[Least, ...]:
    said = json.loads(note.read_text(encoding="utf-8"))
    return tuple(
        Least(**{**least, "held": {float(f): n for f, n in least["held"].items()}})
        for least in said
    )


def _search(
    entry: Entry, records: Sequence[Record], jobs: int, progress: Progress
) -> tuple[Least, list[LoadHistory]]:
    """Halves the way between a hand that holds and one that does not."""
    name, held = records[0].task, dict[float, int]()
    strong, weak, steps = 0, len(FACTORS), len(FACTORS).bit_length()
    best = _borne(each_of(attempt, entry, records, jobs))
    while weak - strong > 1:
        progress(f"least {name}", len(held), steps)
        tried = (strong + weak) // 2
        with weaker(entry, FACTORS[tried]) as hand:
            ends = list(each_of(attempt, hand, records, jobs))
        held[FACTORS[tried]] = sum(success for success, _ in ends)
        if held[FACTORS[tried]] == len(records):
            strong, best = tried, _borne(ends)
        else:
            weak = tried
    progress(f"least {name}", steps, steps)
    return Least(name, FACTORS[strong], len(records), held), best


def attempt(entry: Entry, record: Record) -> tuple[bool, LoadHistory | None]:
    """Whether a hand holds a trial, and what it bore; nothing if it cannot take part."""
    try:
        result, history = run_again(entry, record)
    except CannotTakePartError:
        return False, None
    return result.success, history


def _borne(ends: Iterable[tuple[bool, LoadHistory | None]]) -> list[LoadHistory]:
    return [history for _, history in ends if history is not None]


@contextmanager
def weaker(entry: Entry, factor: float) -> Iterator[Entry]:
    """The same hand with all torque limits lowered, as long as the context lasts."""
    hand = load_contestant(entry).hand
    limits = np.array(hand.controller_config().safety.torque_max) * factor
    base = entry.hand if not entry.hand.endswith(".toml") else str(Path(entry.hand).resolve())
    content = {"extends": base, "limits": {"torque": limits.tolist()}}
    with TemporaryDirectory() as folder:
        # Named by the factor: contestants and scenes are kept by the names of files.
        file = Path(folder) / f"{hand.name}_{factor:.4f}.toml"
        file.write_text(tomlkit.dumps(content), encoding="utf-8")
        yield Entry(str(file), entry.controller)
