"""What a measurement of latency found, as data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..firmware_bridge.bench.figures import Spread
from .cyclictest import CyclicTest
from .machine import Machine


@dataclass(frozen=True)
class Distribution:
    """Quantiles of times [µs], each to 1/64, and the exact maximum.

    Attributes:
        buckets: Times [µs] and how often each, shape (k, 2), ascending.
    """

    p50: float
    p99: float
    p999: float
    max: float
    buckets: NDArray[np.float64] = field(repr=False, compare=False)

    @classmethod
    def read(cls, summary: dict[str, Any]) -> Distribution:
        """From a dictionary as `_core` gives it."""
        return cls(*(summary[key] for key in ("p50", "p99", "p99.9", "max", "buckets")))

    def to_json(self) -> dict[str, float]:
        """With the keys p50, p99, p99.9 and max [µs]."""
        return {"p50": self.p50, "p99": self.p99, "p99.9": self.p999, "max": self.max}


@dataclass(frozen=True)
class TickReport:
    """The controller alone.

    Attributes:
        time: Of one tick, with one reading of the clock.
        with_codec: The same tick and what a Dynamixel at every joint adds: the packets of a sync
            read and a sync write, without a wire in between.
        codec: The bus's part of it.
        ticks: How many were measured.
        worst: The dearest sample [µs]: of each the least of several passes, of these the most.
        instructions: Per tick, mean; None where they cannot be counted.
        instructions_refusal: Why they cannot; None if they can.
    """

    time: Distribution
    with_codec: Distribution
    codec: Distribution
    ticks: int
    worst: float
    instructions: float | None
    instructions_refusal: str | None


@dataclass(frozen=True)
class StepReport:
    """The controller called from Python, on shared buffers; medians over batches [µs].

    Attributes:
        python: A pass of `for _ in range(n): step()`.
        native: The same tick called in C++, in batches taken in turn.
    """

    python: float
    native: float

    @property
    def overhead(self) -> float:
        """What Python adds to a tick [µs]."""
        return self.python - self.native

    def to_json(self) -> dict[str, float]:
        """With the keys python, native and overhead [µs]."""
        return {"python": self.python, "native": self.native, "overhead": self.overhead}


@dataclass(frozen=True)
class LoopReport:
    """The loop on the wall clock, with the simulated hand in it.

    Attributes:
        period: [s].
        ticks: Done.
        missed: Deadlines that had passed before their tick began.
        lateness: From deadline to start of tick, the jitter.
        tick: Time of the controller's part.
        response: From asking the plant for its sample until it has its command.
        sensor_delay: [s] that the simulated sensors are late, on top of `response`.
        realtime: What scheduling was granted.
    """

    period: float
    ticks: int
    missed: int
    lateness: Distribution
    tick: Distribution
    response: Distribution
    sensor_delay: float
    realtime: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        times = {"lateness": self.lateness, "tick": self.tick, "response": self.response}
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return plain | {name: time.to_json() for name, time in times.items()}


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
        twin_over_builtin: Speed of closed-loop episodes under the law in numba, one thread; None
            where that was not asked for.
    """

    episodes: int
    repetitions: int
    steps_per_s: float
    closed_over_bare: Spread
    two_threads_over_one: Spread | None
    cores_got: float | None
    twin_over_builtin: Spread | None


@dataclass(frozen=True)
class LatencyReport:
    """All of it; see the parts.

    Attributes:
        cyclictest: Of the same minutes; None where no loop ran.
        doubts: Why these times should not be trusted; empty on a quiet real-time machine.
    """

    hand: str
    machine: Machine
    tick: TickReport
    step: StepReport
    loop: LoopReport | None
    cyclictest: CyclicTest | None
    batch: BatchReport | None
    doubts: tuple[str, ...]

    def distributions(self) -> dict[str, Distribution]:
        """What was measured often enough to have a shape, by name."""
        found = {"tick": self.tick.time, "tick-codec": self.tick.with_codec}
        if self.loop:
            found |= {
                "loop-tick": self.loop.tick,
                "response": self.loop.response,
                "lateness": self.loop.lateness,
            }
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; times in µs where no other unit is named."""
        return {
            "hand": self.hand,
            **self.tick.time.to_json(),
            "with_codec": self.tick.with_codec.to_json(),
            "codec": self.tick.codec.to_json(),
            "worst": self.tick.worst,
            "ticks": self.tick.ticks,
            "instructions": self.tick.instructions,
            "instructions_refusal": self.tick.instructions_refusal,
            "step": self.step.to_json(),
            "machine": dataclasses.asdict(self.machine),
            "doubts": list(self.doubts),
            "loop": self.loop and self.loop.to_json(),
            "cyclictest": self.cyclictest and dataclasses.asdict(self.cyclictest),
            "batch": self.batch and dataclasses.asdict(self.batch),
        }
