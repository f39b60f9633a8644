"""What doubling buys where a hand's strength matters: the same trials with other motors, paired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...bench.compare import MATTERS
from ...bench.contestant import Entry
from ...bench.engine import Chunk, Engine
from ...bench.log import Record
from ...bench.measures import Rate, fourfold
from ...bench.registry import task
from ...bench.task import Metric, Options
from ...bench.trial import CLOSED, Case, Trial
from ...statistics import Array, Interval, median_difference, paired_difference
from .scaled_hand import AS_IS, GEAR, HEAT, MOTOR, MOTOR_AND_GEAR, TENDON, Scale, write_scaled

SEEDS: Final = 12
_TOGETHER: Final = 2  # trials that go out to one process
_EVERY_CASE: Final = range(100)  # seeds by which a task names all of its cases

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Pool:
    """Trials that are one sample.

    Attributes:
        name: In tables.
        task: Of the benchmark.
        metric: Of the task, by which strength is measured.
        cases: Of the task, in turn; empty: those of its headline.
    """

    name: str
    task: str
    metric: str
    cases: tuple[str, ...] = ()

    def trials(self, seeds: int) -> list[Trial]:
        """As many trials of the closed loop as there are seeds, the cases in turn."""
        every = dict.fromkeys(t.case for t in task(self.task).trials(Options(_EVERY_CASE)))
        cases = [case for case in every if self._is_in(case)]
        return [Trial(CLOSED, cases[seed % len(cases)], seed) for seed in range(seeds)]

    def _is_in(self, case: Case) -> bool:
        return case.name in self.cases if self.cases else case.headline


POOLS: Final = (
    Pool("wrench", "wrench", "moment_nm"),
    Pool("screwdriver", "screwdriver-torque", "torque_nm"),
    Pool("bat, wrist on its motors", "bat", "tip_speed_m_s", ("swing, wrist on its motors",)),
    Pool("blow on the bat", "bat", "impulse_n_s", ("blows of the ball",)),
    Pool("cylinder gripped", "nist", "grip_force_n", ("grasp strength",)),
    Pool("cylinder pulled", "nist", "pull_n", ("slip resistance",)),
)
"""Tasks in which the fingers' or the wrist's strength may be what ends a trial."""
HANDS: Final[tuple[tuple[str, tuple[Scale, ...]], ...]] = (
    ("hand27_right_servo", (MOTOR, GEAR, MOTOR_AND_GEAR, HEAT)),
    ("hand27_right_tendon", (TENDON,)),
)


@dataclass(frozen=True)
class Effect:
    """What one doubling changed in one pool.

    Attributes:
        pool: Which trials.
        hand: Whose.
        scale: What was doubled.
        before: Trials held as it is.
        after: Trials held with it.
        success: After less before, 95 %.
        medians: Of the pool's metric before and after.
        changes: Of the metric from each trial to the same with it.
        hot: Trials that ended by heat, before and after.
    """

    pool: Pool
    hand: str
    scale: Scale
    before: Rate
    after: Rate
    success: Interval
    medians: tuple[float, float]
    changes: Array
    hot: tuple[int, int]

    @property
    def metric(self) -> Metric:
        """Of the pool."""
        return task(self.pool.task).metrics[self.pool.metric]

    @property
    def change(self) -> float:
        """Median of the trials' own changes; NaN: none has the metric."""
        return float(np.median(self.changes)) if len(self.changes) else float("nan")

    @property
    def interval(self) -> Interval:
        """Of that median, 95 %. Cases differ by far more than a trial from itself."""
        if not len(self.changes):
            return float("nan"), float("nan")
        still = np.zeros_like(self.changes).tolist()
        return median_difference(still, self.changes.tolist(), paired=True)

    @property
    def ratio(self) -> float:
        """Of the medians; NaN where there was nothing before."""
        before, after = self.medians
        return after / before if before else float("nan")

    @property
    def verdict(self) -> str:
        """Whether the metric rose for sure, and by enough to matter."""
        low, high = self.interval
        matters = abs(self.change) >= MATTERS * abs(self.medians[0])
        if matters and low > 0.0:
            return "more"
        return "less" if matters and high < 0.0 else "no difference"


def run_effects(
    engine: Engine,
    folder: Path,
    seeds: int = SEEDS,
    pools: Sequence[Pool] | None = None,
    hands: Sequence[tuple[str, tuple[Scale, ...]]] | None = None,
    progress: Progress = lambda stage, done, of: None,
) -> list[Effect]:
    """Runs every pool with every hand as it is and with each of its scales.

    Args:
        engine: Where.
        folder: For the scaled hands.
        seeds: Trials of a pool.
        pools: Which trials. None: all.
        hands: Packaged hands, and what to double in each. None: `HANDS`.
        progress: Told how many trials are done.

    Raises:
        EngineError: A worker died.
    """
    effects = []
    for hand, scales in hands or HANDS:
        entries = {AS_IS: Entry(hand)}
        for scale in scales:
            where = folder / f"{hand}-{scale.name.replace(' ', '-')}"
            entries[scale] = Entry(str(write_scaled(hand, scale, where)))
        for pool in pools or POOLS:
            stage = f"{pool.name}, {hand.rpartition('_')[2]}"
            ran = _run(engine, pool, entries, seeds, lambda *at, stage=stage: progress(stage, *at))
            effects += [_effect(pool, hand, scale, ran[AS_IS], ran[scale]) for scale in scales]
    return effects


def _run(
    engine: Engine,
    pool: Pool,
    entries: dict[Scale, Entry],
    seeds: int,
    progress: Callable[[int, int], None],
) -> dict[Scale, list[Record]]:
    trials = pool.trials(seeds)
    parts = [tuple(trials[i : i + _TOGETHER]) for i in range(0, len(trials), _TOGETHER)]
    chunks = [
        (scale, Chunk(pool.task, entry, part)) for scale, entry in entries.items() for part in parts
    ]
    records: dict[Scale, list[Record]] = {scale: [] for scale in entries}
    progress(0, len(trials) * len(entries))
    results = engine.run(chunk for _, chunk in chunks)
    for (scale, chunk), done in zip(chunks, results, strict=True):
        for trial, result in zip(chunk.trials, done.results, strict=True):
            records[scale].append(Record(pool.task, chunk.entry.label, trial, result, ()))
        progress(sum(map(len, records.values())), len(trials) * len(entries))
    return records


def _effect(
    pool: Pool, hand: str, scale: Scale, first: list[Record], second: list[Record]
) -> Effect:
    pairs = list(zip(first, second, strict=True))
    measured = [
        (one.result.metrics[pool.metric], other.result.metrics[pool.metric])
        for one, other in pairs
        if pool.metric in one.result.metrics and pool.metric in other.result.metrics
    ]
    before, after = ([float(pair[i]) for pair in measured] for i in (0, 1))
    nothing = float("nan"), float("nan")
    return Effect(
        pool,
        hand,
        scale,
        Rate.of(first),
        Rate.of(second),
        paired_difference(*fourfold(pairs)),
        (float(np.median(before)), float(np.median(after))) if measured else nothing,
        np.subtract(after, before),
        (_hot(first), _hot(second)),
    )


def _hot(records: Sequence[Record]) -> int:
    return sum(record.result.outcome == "thermal" for record in records)
