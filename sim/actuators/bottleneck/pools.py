"""Which trials of the benchmark tell what a hand's strength is worth, as one run of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...bench.contestant import Entry
from ...bench.plan import Plan
from ...bench.registry import task
from ...bench.task import Options
from ...bench.trial import CLOSED, Case, Trial

_EVERY_CASE: Final = range(100)  # seeds by which a task names all of its cases


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


@dataclass(frozen=True)
class PoolPlan(Plan):
    """A run of pools instead of whole tasks.

    Attributes:
        pools: In the order of the log.
    """

    pools: tuple[Pool, ...] = ()

    @classmethod
    def of(cls, pools: Sequence[Pool], entries: Sequence[Entry], seeds: int) -> PoolPlan:
        """The first trials of each pool, with every contestant."""
        tasks = tuple(dict.fromkeys(pool.task for pool in pools))
        return cls(tasks, tuple(entries), Options(range(seeds)), ("closed",), tuple(pools))

    def items(self) -> Iterator[tuple[str, Entry, Trial]]:
        """Task, contestant and trial in the order of the log."""
        for pool in self.pools:
            trials = pool.trials(len(self.options.seeds))
            for entry in self.entries:
                yield from ((pool.task, entry, trial) for trial in trials)
