"""Takes the measurements, on the task of holding a cup.

* Ticks: the controller alone, on samples of a whole run, over and over; and with the bus's codec.
* Step: the same controller called from Python.
* Loop: the same hand simulated at 1 kHz on the wall clock, next to cyclictest.
* Batch: closed-loop episodes against the bare steps of the same episodes, two threads against one,
  and on demand the law in numba against the built-in one (`batch.py`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import mujoco

from .. import _core
from ..controller import Hand
from ..sim.tasks.cup import CLOSED, PERIOD, CupScene
from ..sim.tasks.cup_trial import CupTrial
from .batch import measure_batch
from .cyclictest import CyclicTest
from .machine import Machine, Watch
from .report import (
    Distribution,
    LatencyReport,
    LoopReport,
    StepReport,
    TickReport,
)

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""

PASSES: Final = 3  # of every sample; the least counts
TRACED: Final = 10  # ticks whose every instruction is looked at
SENSOR_DELAY: Final = 2  # [ticks], of the simulated sensors in the loop


def measure(
    hand: Hand,
    ticks: int = 200_000,
    *,
    seconds: float = 5.0,
    episodes: int = 4,
    twin: bool = False,
    progress: Progress = lambda stage, done, of: None,
) -> LatencyReport:
    """Measures a hand's controller on the task of holding a cup.

    Args:
        hand: Whose controller, with the configuration of its hand.toml.
        ticks: To measure, on samples of one run.
        seconds: On the wall clock; 0 leaves that out.
        episodes: In a batch; 0 leaves that out.
        twin: Whether to compare the batch under the law in numba, too.
        progress: Is told how far it is.

    Raises:
        ValueError: The hand cannot reach around a cup, or `ticks` is not at least 1.
        HandError: The hand has no actuators or no grip.
        RuntimeError: The controller left OK during the run whose samples are measured.
    """
    if ticks < 1:
        raise ValueError(f"ticks must be at least 1, not {ticks}")
    machine = Machine.here()
    progress("prepare", 0, 1)
    scene = CupScene.build(hand)
    progress("prepare", 1, 1)
    with Watch() as watch:
        controller, samples = _record(scene, progress)
        tick = _measure_ticks(controller, samples, ticks, progress)
        step = _measure_step(controller, samples[-1], progress)
        loop = _measure_loop(scene, seconds, progress) if seconds > 0.0 else None
    return LatencyReport(
        hand.name,
        machine,
        tick,
        step,
        loop,
        CyclicTest.run(loop.ticks, PERIOD) if loop else None,
        measure_batch(scene, episodes, twin, partial(progress, "batch")) if episodes > 0 else None,
        (*machine.doubts(), *watch.doubts(), *(_scheduling_doubts(loop) if loop else ())),
    )


def _record(scene: CupScene, progress: Progress) -> tuple[_core.Controller, list[_core.HandState]]:
    progress("record", 0, 1)
    episode = scene.episode(CupTrial.draw(0))
    samples = episode.record_samples()
    _check_ok(episode.controller)
    progress("record", 1, 1)
    return episode.controller, samples


def _measure_ticks(
    controller: _core.Controller, samples: list[_core.HandState], ticks: int, progress: Progress
) -> TickReport:
    progress("ticks", 0, ticks)
    cost = _core.time_ticks(controller, samples, ticks)
    bus = _core.time_ticks_and_codec(controller, samples, ticks)
    worst = float(_core.best_times(controller, samples, PASSES).max())
    _check_ok(controller)
    instructions, refusal = cost["instructions"], None
    if instructions is None:
        instructions, refusal = _trace(controller, samples)
    progress("ticks", ticks, ticks)
    return TickReport(
        Distribution.read(cost),
        Distribution.read(bus["tick_and_codec"]),
        Distribution.read(bus["codec"]),
        ticks,
        worst,
        instructions,
        refusal,
    )


def _trace(
    controller: _core.Controller, samples: list[_core.HandState]
) -> tuple[float | None, str | None]:
    """Instructions per tick without the processor's counter, or why they cannot be had."""
    try:
        trace = _core.trace_ticks(controller, samples, max(len(samples) // TRACED, 1))
    except RuntimeError as error:
        return None, f"{_core.instruction_counter_refusal()}; {error}"
    return trace["instructions"], None


def _measure_step(
    controller: _core.Controller, sample: _core.HandState, progress: Progress
) -> StepReport:
    batches, ticks = 1000, 20  # short ones: most pass undisturbed
    buffers = controller.buffers()
    buffers.load(sample)
    step = buffers.step
    python, native = [], []
    progress("step", 0, 1)
    for _ in range(batches):
        began = time.perf_counter_ns()
        for _ in range(ticks):
            step()
        python.append(1e-3 * (time.perf_counter_ns() - began) / ticks)
        native += _core.batch_times(controller, sample, ticks, 1).tolist()
    progress("step", 1, 1)
    return StepReport(statistics.median(python), statistics.median(native))


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
    sensors = _core.SensorModel()
    sensors.delay = SENSOR_DELAY
    plant = _core.SimPlant(scene.model, scene.bound.plant_ids(), sensors, PERIOD)
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
        Distribution.read(loop.response),
        sensors.delay * PERIOD,
        loop.realtime_message,
    )


def _scheduling_doubts(loop: LoopReport) -> list[str]:
    granted = "SCHED_FIFO 80" in loop.realtime
    return [] if granted else [f"the loop was not scheduled in real time: {loop.realtime}"]
