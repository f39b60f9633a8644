"""Two runs, trial by trial: is the second better, worse, or can nobody tell?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final, Literal

import numpy as np

from ..statistics import Interval, median_difference, paired_difference, unpaired_difference
from .header import Header, other_physics
from .log import Record, read_log
from .measures import Rate, fourfold, grouped, headline, identity, values_of
from .registry import task
from .task import Task
from .trial import CLOSED

Verdict = Literal["better", "worse", "no difference"]

ENOUGH: Final = 10
"""Trials below which a bootstrap says nothing."""
MATTERS: Final = 0.01
"""Of a median: what changes by less is no difference, however sure it is."""

_Key = tuple[str, str, str]
_Records = Sequence[Record]
_Pairs = Sequence[tuple[Record, Record]]


@dataclass(frozen=True)
class RateChange:
    """Success in both runs, over the headline pool.

    Attributes:
        first: Of the first run.
        second: Of the second.
        interval: Of second less first, 95 %.
        paired: Both ran the same trials, so that each is compared with itself.
    """

    first: Rate
    second: Rate
    interval: Interval
    paired: bool

    @property
    def difference(self) -> float:
        """Second less first, as a fraction."""
        return self.second.value - self.first.value

    @property
    def verdict(self) -> Verdict:
        """Of the interval."""
        return _verdict(self.interval)


@dataclass(frozen=True)
class MedianChange:
    """The task's own measure in both runs.

    Attributes:
        metric: Its name.
        first: Median in the first run.
        second: In the second.
        interval: Of second less first, 95 %; None: too few trials have it.
        verdict: Of the interval, by which way is better.
    """

    metric: str
    first: float
    second: float
    interval: Interval | None
    verdict: Verdict


@dataclass(frozen=True)
class Change:
    """A contestant at a task under a condition, in both runs."""

    task: str
    contestant: str
    condition: str
    success: RateChange
    metric: MedianChange | None

    @property
    def verdicts(self) -> set[Verdict]:
        """Of success and of the metric."""
        return {self.success.verdict, self.metric.verdict if self.metric else "no difference"}


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    Attributes:
        changes: What both have.
        only_first: What the second lacks: task, contestant, condition.
        only_second: What the first lacks.
        physics: Options of the simulation that are not the same, a line each.
    """

    changes: tuple[Change, ...]
    only_first: tuple[_Key, ...]
    only_second: tuple[_Key, ...]
    physics: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """A closed loop holds less in the second run, or its measure is worse."""
        closed = (c for c in self.changes if c.condition == CLOSED.name)
        return any("worse" in change.verdicts for change in closed)


def compare_folders(first: Path, second: Path) -> Comparison:
    """Compares the runs in two folders.

    Raises:
        LogError: A folder holds no run.
        ValueError: They have nothing in common, or there is no such task.
    """
    comparison = compare(list(read_log(first)), list(read_log(second)))
    physics = other_physics(Header.read(first), Header.read(second))
    if not comparison.changes:
        raise ValueError(f"{first} and {second} share no contestant and condition of any task")
    return replace(comparison, physics=tuple(physics))


def compare(
    first: Sequence[Record], second: Sequence[Record], task_of: Callable[[str], Task] = task
) -> Comparison:
    """Compares two runs over what both have of the headline pool.

    Where each has but one contestant, these are compared whatever their names.

    Args:
        first: Records of one run.
        second: Of the other.
        task_of: Finds a task by name.
    """
    renamed = _only_names(first, second)
    one, other = (grouped(headline(run), lambda r: _key(r, renamed)) for run in (first, second))
    changes = (_change(key, one[key], other[key], task_of(key[0])) for key in one if key in other)
    return Comparison(
        tuple(changes),
        tuple(key for key in one if key not in other),
        tuple(key for key in other if key not in one),
    )


def _only_names(first: Iterable[Record], second: Iterable[Record]) -> str | None:
    """What to call the contestants if there is just one in each run, under different names."""
    one, other = ({r.contestant for r in run} for run in (first, second))
    if len(one) == len(other) == 1 and one != other:
        return " → ".join(chain(one, other))
    return None


def _key(record: Record, renamed: str | None) -> _Key:
    return record.task, renamed or record.contestant, record.trial.condition.name


def _change(key: _Key, first: _Records, second: _Records, task: Task) -> Change:
    pairs = _pairs(first, second)
    metric = next(iter(task.metrics))
    return Change(
        *key,
        _rate_change(first, second, pairs),
        _median_change(metric, task.metrics[metric].better, first, second, pairs),
    )


def _pairs(first: _Records, second: _Records) -> _Pairs | None:
    """The same trials in both runs; None unless they are."""
    one, other = ({identity(r): r for r in run} for run in (first, second))
    return [(one[k], other[k]) for k in one] if one.keys() == other.keys() else None


def _rate_change(first: _Records, second: _Records, pairs: _Pairs | None) -> RateChange:
    one, other = Rate.of(first), Rate.of(second)
    if pairs is None:
        interval = unpaired_difference((one.successes, one.n), (other.successes, other.n))
    else:
        interval = paired_difference(*fourfold(pairs))
    return RateChange(one, other, interval, pairs is not None)


def _median_change(
    metric: str, better: str, first: _Records, second: _Records, pairs: _Pairs | None
) -> MedianChange | None:
    if pairs is not None:  # what one trial has, its like must have
        pairs = [pair for pair in pairs if all(metric in r.result.metrics for r in pair)]
        first, second = [one for one, _ in pairs], [other for _, other in pairs]
    one, other = values_of(metric, first), values_of(metric, second)
    if not one or not other:
        return None
    medians = float(np.median(one)), float(np.median(other))
    if min(len(one), len(other)) < ENOUGH:
        return MedianChange(metric, *medians, None, "no difference")
    interval = median_difference(one, other, pairs is not None)
    small = abs(medians[1] - medians[0]) < MATTERS * abs(medians[0])
    verdict: Verdict = "no difference" if small else _verdict(_gain(interval, better))
    return MedianChange(metric, *medians, interval, verdict)


def _gain(change: Interval, better: str) -> Interval:
    """By how much things became better; by nothing, where no way is better."""
    match better:
        case "higher":
            return change
        case "lower":
            return -change[1], -change[0]
        case _:
            return 0.0, 0.0


def _verdict(gain: Interval) -> Verdict:
    if gain[0] > 0.0:
        return "better"
    return "worse" if gain[1] < 0.0 else "no difference"
