"""Which trials of a benchmark run are looked at: closed loops of one hand, as many of each case."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

import mujoco

from ....controller.errors import unknown
from ...bench.contestant import Contestant, Entry
from ...bench.header import Header
from ...bench.log import LogError, Record, read_log
from ...bench.registry import task as task_of

SAMPLES: Final = 6
"""Trials of each task, unless more are asked for."""


@dataclass(frozen=True)
class Choice:
    """What is looked at of a run.

    Attributes:
        samples: Trials of each task, dealt out over its cases.
        tasks: Their names; empty: all of the run.
        failures: Also trials that were not held.
        hand: Label of a contestant; empty: the run has but one.
    """

    samples: int = SAMPLES
    tasks: tuple[str, ...] = ()
    failures: bool = False
    hand: str = ""


@dataclass(frozen=True)
class Sample:
    """Trials of a run that are to be run once more.

    Attributes:
        folder: Of the run.
        entry: Hand and controller.
        records: Of the trials, task by task.
        held: How many trials of each task would have been fit.
        of: How many trials each task's closed loop has on its headline.
        left_out: Tasks of the run that cannot be looked at, and why.
    """

    folder: Path
    entry: Entry
    records: tuple[Record, ...]
    held: dict[str, int]
    of: dict[str, int]
    left_out: dict[str, str]

    def digest(self) -> str:
        """Changes with whatever would change what is read off the trials."""
        lines = [record.line() for record in self.records]
        said = [Contestant.load(self.entry).digest(), str(mujoco.__version__), *lines]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    def told(self) -> str:
        """How many trials of how many, in a line."""
        taken = Counter(record.task for record in self.records)
        each = (f"{taken[name]} of {self.held[name]} {name}" for name in taken)
        return ", ".join(each)


def choose_trials(folder: Path, choice: Choice) -> Sample:
    """Finds the trials of a run that are to be looked at.

    Args:
        folder: Of the run.
        choice: Which.

    Raises:
        LogError: There is no run, none of its trials fits, or its hand has changed since.
        ValueError: It has no such task or hand.
    """
    header, records = Header.read(folder), list(read_log(folder))
    entry = _entry(folder, header.said, choice.hand)
    _check_versions(folder, header.said, entry)
    names = list(dict.fromkeys(record.task for record in records))
    if missing := [name for name in choice.tasks if name not in names]:
        raise ValueError(unknown("task", missing[0], names, f"those that {folder} has trials of"))
    wanted = [name for name in names if not choice.tasks or name in choice.tasks]
    left_out = {name: why for name in wanted if (why := _why_not(name))}
    closed = [
        record
        for record in records
        if record.task in wanted and record.task not in left_out and _is_fit(record, entry)
    ]
    fit = [record for record in closed if record.result.success or choice.failures]
    if not fit:
        raise LogError(
            f"{folder} has no trial of {entry.label} that was held; run more of them, or ask for "
            "failures, too"
        )
    by_task = {name: [r for r in fit if r.task == name] for name in wanted}
    chosen = chain.from_iterable(_dealt(here, choice.samples) for here in by_task.values())
    held, of = Counter(r.task for r in fit), Counter(r.task for r in closed)
    return Sample(folder, entry, tuple(chosen), dict(held), dict(of), left_out)


def same_hand(samples: Sequence[Sample]) -> Entry:
    """Whose the runs are.

    Raises:
        ValueError: They are of several hands or controllers.
    """
    entries = dict.fromkeys(sample.entry for sample in samples)
    if len(entries) > 1:
        where = "; ".join(f"{s.entry.label} in {s.folder}" for s in samples)
        raise ValueError(f"the runs are of different hands: {where}; look at one hand at a time")
    return samples[0].entry


def _entry(folder: Path, said: dict[str, Any], hand: str) -> Entry:
    try:
        entries = [Entry(c["hand"], c["controller"]) for c in said["contestants"]]
    except (KeyError, TypeError):
        raise LogError(f"{folder}: run.json is damaged: it names no contestants") from None
    labels = [entry.label for entry in entries]
    if hand and hand not in labels:
        raise ValueError(unknown("hand", hand, labels, f"those of {folder}"))
    if not hand and len(entries) > 1:
        raise ValueError(f"{folder} has several hands: {', '.join(labels)}; name one by --hand")
    return entries[labels.index(hand)] if hand else entries[0]


def _check_versions(folder: Path, said: dict[str, Any], entry: Entry) -> None:
    """Refuses what could not be run again as it was."""
    if said.get("mujoco") != mujoco.__version__:
        raise LogError(
            f"{folder} was run with MuJoCo {said.get('mujoco')}, here is {mujoco.__version__}; "
            "run the benchmark again"
        )
    digests = {c["hand"] + c["controller"]: c.get("digest") for c in said["contestants"]}
    if digests[entry.hand + entry.controller] != Contestant.load(entry).digest():
        raise LogError(
            f"{folder}: hand or controller of {entry.label} have changed since that run; run the "
            "benchmark again"
        )


def _why_not(name: str) -> str:
    has_episodes = hasattr(task_of(name), "prepared")
    return "" if has_episodes else "its trials are not episodes"


def _is_fit(record: Record, entry: Entry) -> bool:
    trial = record.trial
    ran = trial.condition.kind == "closed" and trial.case.headline and not record.result.note
    return ran and record.contestant == entry.label


def _dealt(records: Collection[Record], count: int) -> Iterable[Record]:
    """The first ones of each case in turn, in the order of the log."""
    cases: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        cases[record.trial.case.name].append(record)
    # Cases that stand together are alike: a few are taken from all over.
    every = list(cases.values())
    spread = [every[(i * _stride(len(every))) % len(every)] for i in range(len(every))]
    turns = chain.from_iterable(zip_longest(*spread))
    taken = [record for record in turns if record is not None][:count]
    return sorted(taken, key=list(records).index)


def _stride(count: int) -> int:
    """About 0.4 of a number and prime to it."""
    from math import gcd

    return next((s for s in range(max(1, round(0.382 * count)), count) if gcd(s, count) == 1), 1)
