"""A hand on its servos under the native loop, and limp again on every way out.

with HandServos.open(hand, ports) as servos:
    configure(servos)
    refuse_if_blocked(preflight(servos))
    with HandDriver(servos) as driver:
        driver.controller.set_trajectory(times, postures)
        driver.start()
        ...
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller.description_bus import WATCHDOG_UNIT
from .bus_errors import BusError
from .bus_lines import PROTOCOLS
from .core_drive import core_drive
from .guardian import guard
from .hand_motors import motors_of
from .hand_servos import HandServos
from .servo_drive import HOLDING, DriveFigures
from .slow_gains import bearable
from .wire_time import patience_with

_REWAKE = 0.75  # part of the watchdog's time, after which it is taken to have run out
_TICKS = 3  # that may pass in silence
_GAP = 2.5  # periods without a good sample until HOLD
_NEVER = 3.0  # of a joint's torque limit: it cannot change by more than twice that


class HandDriver:
    """Torque is on, and nobody else uses the buses, from entering the context to leaving it.

    Attributes:
        controller: waits at the posture that it was in at first, until it is told another.
        plant: the servos, as the loop sees them.
        loop: for `status` and the like; `start` starts it.
        period: [s], from tick to tick.
        posture: [rad], in which the hand was found, shape (joints,).
        unreleased: after the end, the servos that did not confirm that torque is off.
    """

    controller: _core.Controller
    plant: _core.BusPlant
    loop: _core.Loop
    posture: NDArray[np.float64]

    def __init__(
        self,
        servos: HandServos,
        *,
        controller: _core.ControllerConfig | None = None,
        plant: _core.BusPlantConfig | None = None,
        model: _core.HandModel | None = None,
    ) -> None:
        """Takes servos that are configured and were looked at; nothing moves yet.

        Args:
            servos: of a hand, open for as long as this is used.
            controller: how it is controlled. None: `controller_config`.
            plant: how the buses are driven. None: `plant_config`.
            model: the hand as it is held, for its weight. None: as in its MJCF.

        Raises:
            HandError: the hand cannot be driven so; the message names the key.
            BusError: a servo does not answer.
        """
        self.servos = servos
        self.unreleased: list[str] = []
        servos.locate()
        self._drives = servos.drives()
        self.period = servos.period(self._drives)
        self._controller_config = controller or controller_config(servos, self._drives)
        self._plant_config = plant or plant_config(servos, self._drives)
        hand = servos.hand
        self._model = model or hand.bind(hand.model).hand_model
        self._held = ExitStack()

    def __enter__(self) -> Self:
        self.posture = self.servos.locate()
        with ExitStack() as held:
            held.enter_context(guard(self.servos, self.servos.bus.at_end))
            held.callback(self._look_back)
            buses = self.servos.buses.values()
            self._build([held.enter_context(bus.lent()) for bus in buses])
            held.callback(self._end)
            self.controller.set_trajectory([0.0], [self.posture])
            self._engage()
            self._held = held.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.__exit__(kind, error, trace)

    def start(self, *, realtime: bool = False) -> None:
        """Starts the loop, in a thread that needs no interpreter; time is zero at its first tick.

        Args:
            realtime: ask for SCHED_FIFO; `loop.realtime_message` says what was granted.

        Raises:
            RuntimeError: it runs already.
        """
        self.plant.start()
        self.loop.start(realtime=realtime)

    def _build(self, wires: Sequence[_core.Wire]) -> None:
        servos = self.servos
        drives = [
            core_drive(drive, servo.servo.target, servos.bus.watchdog)
            for drive, servo in zip(self._drives, servos, strict=True)
        ]
        protocols = [PROTOCOLS[bus.lines.protocol] for bus in servos.buses.values()]
        lines = [_line_config(servos, line) for line in servos.buses]
        self.plant = _core.BusPlant(wires, protocols, drives, self._plant_config, lines=lines)
        self.controller = _core.Controller(self._model, self._controller_config)
        self.loop = _core.Loop(self.plant, self.controller)

    def _engage(self) -> None:
        names = [servo.name for servo in self.servos]
        if failed := [names[i] for i in self.plant.engage()]:
            raise BusError(
                "torque stays off, because not every servo confirmed it; look at them with "
                f"`handloop bus read torque_enable hardware_error_status`: {'; '.join(failed)}"
            )

    def _end(self) -> None:
        self.loop.stop()
        if self.plant.engaged:  # it never ran
            self.plant.release()

    def _look_back(self) -> None:
        """The buses are ours again: whether all ended as it should, and another word if not."""
        self.servos.keeps_torque = self._holds()
        if not self.servos.keeps_torque:
            self.unreleased = self.servos.release()

    def _holds(self) -> bool:
        """Torque is on where a servo holds a position by itself, and nowhere else."""
        if self.servos.bus.at_end != "hold":
            return False
        try:
            return all(
                bool(servo.servo.read("torque_enable").raws["torque_enable"])
                == (servo.place.mode in HOLDING)
                for servo in self.servos
            )
        except OSError:
            return False


def controller_config(servos: HandServos, drives: Sequence[DriveFigures]) -> _core.ControllerConfig:
    """How a hand on servos is controlled: its own description, its motors, its calibrated ranges.

    Args:
        servos: of a hand.
        drives: as it says of them.

    Raises:
        HandError: the description lacks something; the message names the key.
    """
    period = servos.period(drives)
    config = servos.hand.controller_config(period)
    config.motors = motors_of(servos.hand, servos.catalogue)
    motors = config.motors.motors
    for motor, drive in zip(motors, drives, strict=True):
        if drive.current_limit > 0.0:  # a servo may be told less than its kind can take
            motor.current_max = min(motor.current_max, drive.motor_current_limit)
    config.motors.motors = motors
    config.law.stiffness, config.law.damping = bearable(
        servos.hand, period, drives, config.law.stiffness, config.law.damping
    )
    ranges = np.array([servo.range for servo in servos])
    safety = config.safety
    safety.position_min, safety.position_max = ranges.T
    # An encoder of 4096 counts stands still to the bit where nothing moves; that the servo is there
    # is told by its answers.
    safety.frozen_torque = _NEVER
    # One answer that is lost on a slow bus is no reason to hold.
    safety.hold_after = max(safety.hold_after, _GAP * period)
    safety.stale_after = max(safety.stale_after, safety.hold_after)
    return config


def plant_config(servos: HandServos, drives: Sequence[DriveFigures]) -> _core.BusPlantConfig:
    """How the buses of a hand are driven, as its `[bus]` says.

    Args:
        servos: of a hand.
        drives: as it says of them.

    Raises:
        HandError: the watchdog would run out between two ticks, or a line cannot keep the period.
    """
    bus, period = servos.bus, servos.period(drives)
    if bus.watchdog < _TICKS * period:
        raise servos.hand.error(
            ("bus", "watchdog"),
            f"{bus.watchdog:g} s is too short for ticks of {period:g} s; give at least "
            f"{WATCHDOG_UNIT * math.ceil(_TICKS * period / WATCHDOG_UNIT):g}, so that one late "
            "tick does not stop the hand",
        )
    config = _core.BusPlantConfig()
    config.period, config.ramp = period, bus.ramp
    config.blind_after = max(config.blind_after, _TICKS * period)
    config.rewake_after = _REWAKE * bus.watchdog
    config.at_end = _core.AtEnd.HOLD if bus.at_end == "hold" else _core.AtEnd.RELEASE
    return config


def _line_config(servos: HandServos, line: str) -> _core.LineConfig:
    bus = servos.buses[line]
    patience = servos.patience or patience_with(bus.lines.port.latency)
    return _core.LineConfig(patience=patience, fast=servos.answers_fast(line))
