"""What each joint bore in trials of the benchmark, which are run once more to see it.

A trial follows from hand, controller, case and seed, so its log need not be kept: it is run again
and must end as its line says. A trial that is several runs (taxonomy, kapandji, nist, endurance,
replay) is represented by the one that `prepared` names, as for learning.
"""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from .... import _core
from ....controller import Hand
from ...bench.contestant import Contestant, Entry
from ...bench.engine import (
    AHEAD,
    ONE_THREAD,
    EngineError,
    end_with_parent,
    keep_ahead,
    load_contestant,
)
from ...bench.log import LogError, Record
from ...bench.registry import task as task_of
from ...bench.task import EpisodeTask
from ...bench.trial import Result, Trial
from ...environment import environment
from ...episode_log import Log

Single = NDArray[np.float32]
Progress = Callable[[str, int, int], None]

_SAME: Final = 1e-6  # relative, of a metric that was written to a log and read back


class _Steppable(Protocol):
    """What `sim.envs.Steppable` asks of a task; that needs gymnasium."""

    def prepared(self, contestant: Contestant, trial: Trial) -> tuple[Any, _core.Episode]: ...

    def judge(self, scene: Any, trial: Trial, episode: _core.Episode) -> Result: ...


@dataclass(frozen=True, eq=False)
class LoadHistory:
    """One trial, sampled every `period`, as the controller saw and commanded it.

    Attributes:
        task: Its name.
        case: Of the trial.
        seed: Of the trial.
        period: [s].
        q: Joint positions, shape (n, joints) [rad].
        dq: Joint speeds, 2 ms late and noisy as sensed, shape (n, joints) [rad/s].
        torque: That the actuators gave the joints, shape (n, joints) [N m].
        tension: Of tendons, shape (n, motors) [N]; (n, 0) for a hand without.
        force: Normal force felt by each fingertip, shape (n, fingers) [N].
    """

    task: str
    case: str
    seed: int
    period: float
    q: Single
    dq: Single
    torque: Single
    tension: Single
    force: Single

    @property
    def name(self) -> str:
        """Task, case and seed."""
        return ", ".join(part for part in (self.task, self.case, f"seed {self.seed}") if part)

    @property
    def duration(self) -> float:
        """[s]."""
        return len(self.q) * self.period


def replay(entry: Entry, record: Record) -> LoadHistory:
    """Runs a trial once more in this process.

    Raises:
        LogError: It ends otherwise than its line says.
    """
    contestant = load_contestant(entry)
    task = cast(_Steppable, task_of(record.task))
    scene, episode = task.prepared(contestant, record.trial)
    _core.run_episodes([episode], 1)
    check_end(record, task.judge(scene, record.trial, episode))
    return read_history(contestant.hand, record, episode)


def read_history(hand: Hand, record: Record, episode: _core.Episode) -> LoadHistory:
    """Reads the loads of a finished run.

    Of motors that turn a joint each, `effort` is what they really gave; of others `torque` is what
    all together were asked for.
    """
    log, kind = Log(episode), hand.description.transmission.kind
    tendons = kind == "tendons"
    return LoadHistory(
        task=record.task,
        case=record.trial.case.name,
        seed=record.trial.seed,
        period=episode.period,
        q=_column(log["q"]),
        dq=_column(log["dq"]),
        torque=_column(log["effort" if kind == "direct" else "torque"]),
        tension=_column(log["effort"] if tendons else log["effort"][:, :0]),
        force=_column(log["normal_force"]),
    )


def check_end(record: Record, found: Result) -> None:
    """Refuses a replayed trial that ends otherwise than its line says.

    Of a trial that is several runs only one was replayed: if the whole was held, so was that.

    Raises:
        LogError: It does.
    """
    said, task = record.result, task_of(record.task)
    whole = isinstance(task, EpisodeTask) and task.plays(record.trial)
    if said.outcome == found.outcome if whole else found.success or not said.success:
        other = [n for n, value in found.metrics.items() if not _same(value, said.metrics.get(n))]
        if not (whole and other):
            return
        differs = f"{other[0]} {found.metrics[other[0]]:g}, not {said.metrics.get(other[0])}"
    else:
        differs = f"'{found.outcome}', not '{said.outcome}'"
    trial = f"{record.task} {record.trial.case.name} seed {record.trial.seed}".replace("  ", " ")
    raise LogError(
        f"{trial}: run once more it ends with {differs} as its log says: this handloop is not the "
        "one that made the log; run the benchmark again"
    )


def _same(value: float, said: float | None) -> bool:
    return said is not None and math.isclose(value, said, rel_tol=_SAME, abs_tol=1e-12)


def _column(values: NDArray[np.float64]) -> Single:
    return np.ascontiguousarray(np.atleast_2d(values), dtype=np.float32)


def replay_all(
    entry: Entry,
    records: Sequence[Record],
    jobs: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> Iterator[LoadHistory]:
    """Runs trials once more, in processes of one thread each, and gives them in order.

    Args:
        entry: Hand and controller.
        records: Of the trials.
        jobs: Processes; 0: one per core; 1: this one.
        progress: Told how far it is, task by task.

    Raises:
        LogError: A trial ends otherwise than its line says.
        EngineError: A worker died.
    """
    histories = (
        (replay(entry, record) for record in records)
        if jobs == 1
        else _replay_in_processes(entry, records, jobs)
    )
    stages = [record.task for record in records]
    for i, history in enumerate(histories):
        stage = stages[i]
        progress(stage, stages[: i + 1].count(stage), stages.count(stage))
        yield history


def _replay_in_processes(
    entry: Entry, records: Iterable[Record], jobs: int
) -> Iterator[LoadHistory]:
    spawn = multiprocessing.get_context("spawn")
    with (
        environment(ONE_THREAD),
        ProcessPoolExecutor(jobs or None, spawn, end_with_parent) as pool,
    ):
        begun = (pool.submit(replay, entry, record) for record in records)
        try:
            for future in keep_ahead(begun, AHEAD):
                yield future.result()
        except BrokenProcessPool:
            raise EngineError(
                "a worker died while trials were run once more; try again with fewer --jobs if "
                "memory was short"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
