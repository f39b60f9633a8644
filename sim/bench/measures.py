"""What some trials come to: a rate, a spread, how they ended; and how to pick them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..statistics import Interval, wilson
from .log import Record
from .trial import OUTCOMES, Condition, Outcome

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Rate:
    """Successes among trials."""

    successes: int
    n: int

    @property
    def value(self) -> float:
        """As a fraction."""
        return self.successes / self.n

    @property
    def interval(self) -> Interval:
        """Wilson, 95 %."""
        return wilson(self.successes, self.n)

    @classmethod
    def of(cls, records: Sequence[Record]) -> Rate:
        """Over some trials."""
        return cls(sum(r.result.success for r in records), len(records))


@dataclass(frozen=True)
class Spread:
    """How numbers are spread.

    Attributes:
        n: How many there are; trials without the metric do not count.
        median: In the metric's unit.
        low: 5 % are below.
        high: 5 % are above.
    """

    n: int
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Over some values, at least one."""
        low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
        return cls(len(values), float(median), float(low), float(high))


@dataclass(frozen=True)
class Showing:
    """How trials under one condition went.

    Attributes:
        condition: Under which.
        rate: Of success.
        outcomes: How many ended how; all outcomes, in their order.
        metrics: By name; those that at least one trial has.
        sensors: What the controller went by.
        notes: What trials have to say, and how many say so.
    """

    condition: Condition
    rate: Rate
    outcomes: dict[Outcome, int]
    metrics: dict[str, Spread]
    sensors: tuple[str, ...]
    notes: dict[str, int]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Showing:
        """Over some trials of one condition, at least one."""
        ended = Counter(r.result.outcome for r in records)
        names = dict.fromkeys(name for r in records for name in r.result.metrics)
        return cls(
            records[0].trial.condition,
            Rate.of(records),
            {outcome: ended[outcome] for outcome in OUTCOMES},
            {name: Spread.of(values_of(name, records)) for name in names},
            records[0].sensors,
            dict(Counter(r.result.note for r in records if r.result.note)),
        )


def grouped(records: Iterable[Record], key: Callable[[Record], Key]) -> dict[Key, list[Record]]:
    """Records by something they share, in the order in which it first appears."""
    groups: dict[Key, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


def headline(records: Iterable[Record]) -> list[Record]:
    """Those by which a task is judged."""
    return [r for r in records if r.trial.case.headline]


def identity(record: Record) -> tuple[str, int]:
    """The same for the same trial under another condition, or in another run."""
    return record.trial.case.name, record.trial.seed


def fourfold(pairs: Iterable[tuple[Record, Record]]) -> tuple[int, int, int, int]:
    """Pairs that succeeded both times, only first, only second, not at all."""
    ended = Counter((one.result.success, other.result.success) for one, other in pairs)
    return ended[True, True], ended[True, False], ended[False, True], ended[False, False]


def values_of(metric: str, records: Iterable[Record]) -> list[float]:
    """A metric of those that have it."""
    return [r.result.metrics[metric] for r in records if metric in r.result.metrics]
