"""What doubling buys where a hand's strength matters: the same trials with other motors, paired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from ...bench.compare import MATTERS
from ...bench.contestant import Entry
from ...bench.engine import Engine
from ...bench.log import Record
from ...bench.measures import Rate, fourfold
from ...bench.registry import task
from ...bench.run import Progress, run_bench
from ...bench.task import Metric
from ...statistics import Array, Interval, median_difference, paired_difference
from .pools import POOLS, Pool, PoolPlan
from .scaled_hand import COPPER, GEAR, HEAT, MOTOR, MOTOR_AND_GEAR, TENDON, Scale, write_scaled

SEEDS: Final = 12
HANDS: Final[tuple[tuple[str, tuple[Scale, ...]], ...]] = (
    ("hand27_right_servo", (MOTOR, GEAR, MOTOR_AND_GEAR, COPPER, HEAT)),
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
        folder: For the scaled hands, and for a run of the benchmark with each packaged one and
            what became of it; runs that were begun there are gone on with.
        seeds: Trials of a pool.
        pools: Which trials. None: all.
        hands: Packaged hands, and what to double in each. None: `HANDS`.
        progress: Told how many trials are done.

    Raises:
        EngineError: A worker died; what was done is kept.
        LogError: The folder holds runs of other hands or pools.
    """
    effects = []
    for hand, scales in hands or HANDS:
        scaled = [Entry(str(write_scaled(hand, scale, folder))).absolute() for scale in scales]
        plan = PoolPlan.of(pools or POOLS, [Entry(hand), *scaled], seeds)
        for pool, (first, *others) in _run(plan, engine, folder, hand, progress):
            pairs = zip(scales, others, strict=True)
            effects += [_effect(pool, hand, scale, first, second) for scale, second in pairs]
    return effects


def _run(
    plan: PoolPlan, engine: Engine, folder: Path, hand: str, progress: Progress
) -> Iterator[tuple[Pool, list[list[Record]]]]:
    """Each pool with the records of each contestant."""
    actuators = hand.rpartition("_")[2]
    run = folder / f"run-{actuators}"
    run.mkdir(exist_ok=True)
    records = iter(
        run_bench(plan, engine, run, lambda *at: progress(f"{at[0]}, {actuators}", *at[1:]))
    )
    for pool in plan.pools:
        yield pool, [list(islice(records, len(plan.options.seeds))) for _ in plan.entries]


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
