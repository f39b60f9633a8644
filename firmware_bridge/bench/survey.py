"""Servos on a real port: whether they can be measured, and how they are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from ..bus import ServoBus
from ..bus_errors import RefusalError
from ..bus_servo import Servo
from ..wire_time import patience_with
from .line import READ, WRITTEN, BenchLine, Goal

MOST: Final = 32  # servos of a hand
_BLOCK: Final = {"present_current": 126, "present_velocity": 128, "present_position": 132}


@contextmanager
def surveyed(bus: ServoBus, goal: Goal, patience: float | None = None) -> Iterator[BenchLine]:
    """The servos that were added to a bus, with its port closed meanwhile.

    What is written to them meanwhile is put back at the end.

    Args:
        bus: open; so it is again at the end.
        goal: what is to be written in each cycle.
        patience: [s], for answers of a group. None: what the adapter takes.

    Raises:
        RefusalError: a servo cannot be measured, or holds torque.
        BusError: a servo does not answer.
    """
    servos = list(bus)
    _check(servos, goal)
    name = f"goal_{goal}"
    goals = {servo.id: servo.read(name).raws[name] for servo in servos}
    line = _line(bus, servos, goal, goals)
    if patience is not None:
        line = replace(line, patience=patience)
    bus.close()
    try:
        yield line
    finally:
        bus.lines.reopen()
        for servo in servos:
            servo.write(name, raw=goals[servo.id])


def _line(bus: ServoBus, servos: Sequence[Servo], goal: Goal, goals: dict[int, int]) -> BenchLine:
    size = WRITTEN[goal][1]
    delays = [servo.read("return_delay_time")["return_delay_time"] for servo in servos]
    return BenchLine(
        bus.lines.port.path,
        bus.baud,
        tuple(servo.id for servo in servos),
        goal,
        goals=tuple(raw.to_bytes(size, "little", signed=True) for raw in goals.values()),
        return_delay=max(delays),
        patience=patience_with(bus.lines.port.latency),
        fast=all(servo.model.can_fast_sync_read(servo.firmware) for servo in servos),
    )


def _check(servos: Sequence[Servo], goal: Goal) -> None:
    if not 1 <= len(servos) <= MOST:
        raise RefusalError(f"{len(servos)} servos: 1 to {MOST} are measured; choose with --ids")
    needed = _BLOCK | {f"goal_{goal}": WRITTEN[goal][0]}
    for servo in servos:
        has = all(
            servo.model.has(name, servo.firmware) and servo.register(name).address == address
            for name, address in needed.items()
        )
        if not has:
            raise servo.state.refusal(
                f"current, velocity and position are not at {READ[0]}, or there is no goal_{goal}; "
                "X-series Dynamixels with current control are measured"
            )
        if servo.read("torque_enable").raws["torque_enable"]:
            raise servo.state.refusal("torque is on; write torque_enable 0 first")
