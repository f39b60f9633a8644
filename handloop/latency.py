"""What a tick costs, how punctual the loop is, and what the control adds to a simulation.

Three measurements on the task of holding a cup:

* Ticks: the controller alone, on samples of a whole run, over and over.
* Loop: the same hand simulated at 1 kHz on the wall clock.
* Batch: closed-loop episodes against the bare steps of the same episodes, and two threads against
  one. Both are ratios of times taken in turn, because machines are noisy.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mujoco

from . import _core
from .controller import Hand
from .sim.tasks.cup import CLOSED, PERIOD, CupScene, CupTrial

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""

REPETITIONS: Final = 3  # of every batch; the median counts


@dataclass(frozen=True)
class Distribution:
    """Quantiles of times [µs], each to 1/64, and the exact maximum."""

    p50: float
    p99: float
    p999: float
    max: float

    @classmethod
    def read(cls, summary: dict[str, Any]) -> Distribution:
        """From a dictionary as `_core` gives it."""
        return cls(summary["p50"], summary["p99"], summary["p99.9"], summary["max"])

    def to_json(self) -> dict[str, float]:
        """With the keys p50, p99, p99.9 and max [µs]."""
        return {"p50": self.p50, "p99": self.p99, "p99.9": self.p999, "max": self.max}


@dataclass(frozen=True)
class Ratio:
    """A ratio measured several times.

    Attributes:
        median: What counts.
        low: The smallest.
        high: The largest.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Ratio:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Machine:
    """Where this was measured; None for what the system does not tell.

    Attributes:
        processor: Its name.
        cores: That this process may use.
        kernel: Release.
        preemption: Of the kernel: "PREEMPT_RT", "PREEMPT_DYNAMIC", ...
        governor: Of the first core's frequency.
    """

    processor: str | None
    cores: int
    kernel: str
    preemption: str | None
    governor: str | None

    @classmethod
    def here(cls) -> Machine:
        """This one."""
        words = platform.version().split()
        return cls(
            _processor(),
            len(os.sched_getaffinity(0)),
            platform.release(),
            next((word for word in words if word.startswith("PREEMPT")), None),
            _read(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        )


@dataclass(frozen=True)
class TickReport:
    """The controller alone.

    Attributes:
        time: Of one tick, with one reading of the clock.
        ticks: How many were measured.
        instructions: Per tick, mean; None where the machine does not count them.
        instructions_refusal: Why it does not; None if it does.
    """

    time: Distribution
    ticks: int
    instructions: float | None
    instructions_refusal: str | None


@dataclass(frozen=True)
class LoopReport:
    """The loop on the wall clock, with the simulated hand in it.

    Attributes:
        period: [s].
        ticks: Done.
        missed: Deadlines that had passed before their tick began.
        lateness: From deadline to start of tick.
        tick: Time of the controller's part.
        realtime: What scheduling was granted.
    """

    period: float
    ticks: int
    missed: int
    lateness: Distribution
    tick: Distribution
    realtime: str


@dataclass(frozen=True)
class BatchReport:
    """Whole episodes in batches.

    Attributes:
        episodes: In a batch.
        repetitions: Of every batch.
        steps_per_s: Closed loop, one thread, median.
        closed_over_bare: Speed of closed-loop episodes over that of bare `mj_step` on the same
            states, one thread each.
        two_threads_over_one: Speed of closed-loop episodes; None on a machine with one core.
        cores_got: Processor time over time of the two threads, median; less than two where others
            wanted the cores, and then the ratio says little.
    """

    episodes: int
    repetitions: int
    steps_per_s: float
    closed_over_bare: Ratio
    two_threads_over_one: Ratio | None
    cores_got: float | None


@dataclass(frozen=True)
class LatencyReport:
    """All of it; see the parts."""

    hand: str
    machine: Machine
    tick: TickReport
    loop: LoopReport | None
    batch: BatchReport | None

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; times in µs where no other unit is named."""
        return {
            "hand": self.hand,
            **self.tick.time.to_json(),
            "ticks": self.tick.ticks,
            "instructions": self.tick.instructions,
            "instructions_refusal": self.tick.instructions_refusal,
            "machine": dataclasses.asdict(self.machine),
            "loop": self.loop and _loop_json(self.loop),
            "batch": self.batch and dataclasses.asdict(self.batch),
        }


def measure(
    hand: Hand,
    ticks: int = 200_000,
    *,
    seconds: float = 5.0,
    episodes: int = 4,
    progress: Progress = lambda stage, done, of: None,
) -> LatencyReport:
    """Measures a hand's controller on the task of holding a cup.

    Args:
        hand: Whose controller, with the configuration of its hand.toml.
        ticks: To measure, on samples of one run.
        seconds: On the wall clock; 0 leaves that out.
        episodes: In a batch; 0 leaves that out.
        progress: Is told how far it is.

    Raises:
        ValueError: The hand cannot reach around a cup, or `ticks` is not at least 1.
        HandError: The hand has no actuators or no grip.
        RuntimeError: The controller left OK during the run whose samples are measured.
    """
    if ticks < 1:
        raise ValueError(f"ticks must be at least 1, not {ticks}")
    progress("prepare", 0, 1)
    scene = CupScene.build(hand)
    progress("prepare", 1, 1)
    return LatencyReport(
        hand.name,
        Machine.here(),
        _measure_ticks(scene, ticks, progress),
        _measure_loop(scene, seconds, progress) if seconds > 0.0 else None,
        _measure_batch(scene, episodes, progress) if episodes > 0 else None,
    )


def _measure_ticks(scene: CupScene, ticks: int, progress: Progress) -> TickReport:
    progress("record", 0, 1)
    episode = scene.episode(CupTrial.draw(0))
    samples = episode.record_samples()
    _check_ok(episode.controller)
    progress("record", 1, 1)
    progress("ticks", 0, ticks)
    cost = _core.time_ticks(episode.controller, samples, ticks)
    _check_ok(episode.controller)
    progress("ticks", ticks, ticks)
    return TickReport(
        Distribution.read(cost),
        ticks,
        cost["instructions"],
        _core.instruction_counter_refusal() or None,
    )


def _check_ok(controller: _core.Controller) -> None:
    # A hand that holds or is limp computes less: its times would be too good to be true.
    if controller.safety_state != _core.SafetyState.OK:
        raise RuntimeError(
            f"the controller went to {controller.safety_state.name} ({controller.fault.name}) "
            "while its ticks were measured"
        )


def _measure_loop(scene: CupScene, seconds: float, progress: Progress) -> LoopReport:
    data = mujoco.MjData(scene.model)
    data.qpos[scene.bound.qpos] = scene.preshape.opened
    plant = _core.SimPlant(scene.model, scene.bound.plant_ids(), _core.SensorModel(), PERIOD)
    plant.start(data)
    controller = _core.Controller(scene.bound.hand_model, scene.hand.controller_config(PERIOD))
    controller.set_trajectory([0.0, CLOSED], [scene.preshape.opened, scene.preshape.closed])
    loop = _core.Loop(plant, controller)
    count = max(round(seconds / PERIOD), 1)
    loop.start(count, realtime=True)
    while loop.running:
        progress("wall clock", min(loop.status.ticks, count), count)
        time.sleep(0.1)
    loop.stop()
    progress("wall clock", count, count)
    status = loop.status
    return LoopReport(
        PERIOD,
        status.ticks,
        status.missed,
        Distribution.read(loop.lateness),
        Distribution.read(loop.duration),
        loop.realtime_message,
    )


def _measure_batch(scene: CupScene, count: int, progress: Progress) -> BatchReport:
    episodes = [scene.episode(CupTrial.draw(seed)) for seed in range(count)]
    threads = min(2, len(os.sched_getaffinity(0)), count)
    runs = REPETITIONS * (2 + (threads > 1))
    closed, bare, twice, cores = [], [], [], []
    done = 0

    def step(batch: Callable[[Sequence[_core.Episode], int], None], threads: int) -> float:
        nonlocal done
        progress("batch", done, runs)
        began = time.perf_counter()
        batch(episodes, threads)
        done += 1
        return time.perf_counter() - began

    for _ in range(REPETITIONS):
        closed.append(step(_core.run_episodes, 1))
        bare.append(step(_core.replay_episodes, 1))
        if threads > 1:
            worked = time.process_time()
            twice.append(step(_core.run_episodes, threads))
            cores.append((time.process_time() - worked) / twice[-1])
    progress("batch", runs, runs)
    steps = sum(len(episode.log) for episode in episodes)
    return BatchReport(
        count,
        REPETITIONS,
        steps / statistics.median(closed),
        Ratio.of([b / c for b, c in zip(bare, closed, strict=True)]),
        Ratio.of([c / t for c, t in zip(closed, twice, strict=True)]) if twice else None,
        statistics.median(cores) if cores else None,
    )


def _loop_json(loop: LoopReport) -> dict[str, Any]:
    return dataclasses.asdict(loop) | {
        "lateness": loop.lateness.to_json(),
        "tick": loop.tick.to_json(),
    }


def _processor() -> str | None:
    lines = (_read(Path("/proc/cpuinfo")) or "").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or None


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
