"""What a run says, in numbers: who held how much of what, under which condition, how surely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..statistics import Interval, paired_difference
from .log import Record
from .measures import Rate, Showing, fourfold, grouped, headline, identity
from .trial import CLOSED, Condition

HALF_STEP_MOVE: Final = 2.0
"""Points by which half the time step may move the rate of success without a flag."""
HALF_STEP_TRIALS: Final = 50
"""Below so many, a single trial is more than that."""


@dataclass(frozen=True)
class Curve:
    """Success against something that is made harder.

    Attributes:
        name: What, with its unit.
        condition: Under which.
        points: Value and rate of success, by value.
    """

    name: str
    condition: Condition
    points: tuple[tuple[float, Rate], ...]


@dataclass(frozen=True)
class HalfStep:
    """The closed loop at the time step and at half of it, over the same trials."""

    full: Rate
    half: Rate
    interval: Interval
    """Of half less full: Newcombe, paired, 95 %."""

    @property
    def points(self) -> float:
        """By how much success moves."""
        return 100.0 * (self.half.value - self.full.value)

    @property
    def flagged(self) -> bool:
        """It moves too much."""
        return abs(self.points) >= HALF_STEP_MOVE

    @property
    def resolved(self) -> bool:
        """There are trials enough to tell, or it moves by so much that few are enough."""
        low, high = (100.0 * end for end in self.interval)
        return self.full.n >= HALF_STEP_TRIALS or low > HALF_STEP_MOVE or high < -HALF_STEP_MOVE


@dataclass(frozen=True)
class Standing:
    """A contestant at a task.

    Attributes:
        task: Its name.
        contestant: Its label.
        showings: Over the headline pool, by the name of the condition.
        best_open: Name of the open loop with the best constant squeeze: most successes over the
            trials of the closed loop, of several the gentlest.
        half_step: If it was run.
        curves: By name and condition.
        cases: Of a task with several that are on no curve: by name of the case and the condition.
        records: All there are.
    """

    task: str
    contestant: str
    showings: dict[str, Showing]
    best_open: str | None
    half_step: HalfStep | None
    curves: tuple[Curve, ...]
    cases: dict[str, dict[str, Showing]]
    records: tuple[Record, ...] = field(repr=False)

    @property
    def closed(self) -> Showing | None:
        """The point of it all."""
        return self.showings.get(CLOSED.name)

    @property
    def opened(self) -> Showing | None:
        """The best constant squeeze."""
        return self.showings[self.best_open] if self.best_open else None

    @property
    def absence(self) -> str:
        """Why the contestant took no part; empty if it did."""
        notes = {r.result.note for r in self.records}
        missed = all(r.result.outcome == "missed" and not r.result.metrics for r in self.records)
        return notes.pop() if missed and len(notes) == 1 else ""

    def pool(self, condition: str) -> list[Record]:
        """Trials of the headline pool under a condition."""
        return [r for r in headline(self.records) if r.trial.condition.name == condition]


def summarise(records: Iterable[Record]) -> list[Standing]:
    """One standing per task and contestant, in the order of the records."""
    groups = grouped(records, lambda r: (r.task, r.contestant))
    return [_standing(*key, group) for key, group in groups.items()]


def _standing(task: str, contestant: str, records: Sequence[Record]) -> Standing:
    pool = grouped(headline(records), _condition)
    return Standing(
        task,
        contestant,
        {name: Showing.of(group) for name, group in pool.items()},
        _best_open(pool),
        _half_step(records),
        tuple(_curves(records)),
        _cases(records),
        tuple(records),
    )


def _best_open(pool: dict[str, list[Record]]) -> str | None:
    theirs = set(map(identity, pool.get(CLOSED.name, [])))

    def worth(name: str) -> tuple[float, float]:
        here = [r for r in pool[name] if not theirs or identity(r) in theirs]
        squeeze = pool[name][0].trial.condition.squeeze or 0.0
        return Rate.of(here).value if here else -1.0, -squeeze

    levels = [name for name, group in pool.items() if group[0].trial.condition.kind == "open"]
    return max(levels, key=worth, default=None)


def _half_step(records: Sequence[Record]) -> HalfStep | None:
    full, half = (
        {identity(r): r for r in records if r.trial.condition.kind == kind}
        for kind in ("closed", "half_step")
    )
    keys = [key for key in half if key in full]
    if not keys:
        return None
    pairs = [(full[key], half[key]) for key in keys]
    return HalfStep(
        Rate.of([one for one, _ in pairs]),
        Rate.of([other for _, other in pairs]),
        paired_difference(*fourfold(pairs)),
    )


def _curves(records: Sequence[Record]) -> Iterable[Curve]:
    on_one = [r for r in records if r.trial.case.curve and r.trial.case.value is not None]
    groups = grouped(on_one, lambda r: (r.trial.case.curve, r.trial.condition))
    for (name, condition), group in groups.items():
        points = grouped(group, lambda r: r.trial.case.value or 0.0)
        rates = tuple((value, Rate.of(points[value])) for value in sorted(points))
        yield Curve(name, condition, rates)


def _cases(records: Sequence[Record]) -> dict[str, dict[str, Showing]]:
    cases = grouped((r for r in records if not r.trial.case.curve), lambda r: r.trial.case.name)
    if len(cases) < 2:
        return {}
    return {
        case: {name: Showing.of(rs) for name, rs in grouped(group, _condition).items()}
        for case, group in cases.items()
    }


def _condition(record: Record) -> str:
    return record.trial.condition.name
