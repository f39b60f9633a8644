"""A servo that follows a goal gently: with a small current, or a small part of its PWM.

Torque grows from nothing, the temperature is watched, and at the end the servo is limp, and set up
to be driven.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from .bus_errors import BusError
from .end_stops import JointProbe
from .hand_servo import HandServo
from .preflight_settings import configure_one
from .register import Register
from .servo_drive import current_limit_registers, servo_current_limit

_TOO_WARM = 5.0  # [deg C] below its limit
# What bounds the effort of a servo that follows a goal, the best one first; in which mode, and
# which register says how much it may be, where that is one.
_WAYS = (
    ("goal_current", "current_based_position", ""),
    ("goal_pwm", "extended_position", "pwm_limit"),
    ("torque_limit", "position", "max_torque"),
)
_TRIES = 3
_Answer = TypeVar("_Answer")


class Unwrapped:
    """Counts an angle on where it starts again from the other end of its turn."""

    def __init__(self, turn: float, first: float) -> None:
        """Starts at `first`; `turn` is how long a turn is, in the same unit."""
        self._turn = turn
        self._last = self.value = first

    def follow(self, angle: float) -> float:
        """The next angle, less than half a turn from the one before."""
        half = 0.5 * self._turn
        self.value += (angle - self._last + half) % self._turn - half
        self._last = angle
        return self.value


@dataclass(frozen=True)
class Effort:
    """How hard a servo may push, and by which of its registers."""

    register: Register
    mode: str
    value: float
    """In the unit of the register."""

    def __str__(self) -> str:
        if self.register.unit == "A":
            return f"{self.value:.3g} A"
        return f"{100 * self.value:.0f} % of its {self.register.name.split('_')[-1]}"


def gentle_effort(servo: HandServo, part: float, current: float | None = None) -> Effort:
    """What a servo may push with.

    Args:
        servo: of a joint.
        part: of what its limits allow.
        current: [A] instead, where it has a current control.

    Raises:
        BusError: its effort cannot be bounded, it does not answer, or the current is too much.
    """
    model, target = servo.servo.model, servo.servo.target
    for name, mode, limit in _WAYS:
        if not model.has(name, target.firmware) or mode not in model.operating_modes:
            continue
        register = servo.servo.register(name)
        if name == "goal_current":
            return Effort(register, mode, _gentle_current(servo, part, current))
        return Effort(register, mode, part * servo.servo.read(limit)[limit])
    raise BusError(f"{servo.name}: nothing bounds its effort, so it cannot be calibrated gently")


def _gentle_current(servo: HandServo, part: float, current: float | None) -> float:
    target = servo.servo.target
    raws = servo.servo.read("goal_current", *current_limit_registers(target)).raws
    most = servo_current_limit(target, raws)
    if current is not None and current > most:
        raise BusError(f"{servo.name}: {current:g} A is more than the {most:.3g} A it allows")
    return part * most if current is None else current


class ServoProbe(JointProbe):
    """A servo under torque, from entering the context to leaving it."""

    def __init__(
        self, servo: HandServo, effort: Effort, *, period: float = 0.01, ramp: float = 0.3
    ) -> None:
        """Takes a servo; nothing is said yet.

        Args:
            servo: of a joint.
            effort: it may push with.
            period: [s], from step to step.
            ramp: [s], in which the effort grows.
        """
        self.period = period
        self._hand_servo, self._servo = servo, servo.servo
        self._effort, self._ramp = effort, ramp

    def __enter__(self) -> Self:
        servo, effort = self._servo, self._effort
        self._warmest = servo.read("temperature_limit")["temperature_limit"] - _TOO_WARM
        configure_one(self._hand_servo, effort.mode)
        self._before = servo.read(effort.register.name).raws[effort.register.name]
        angle = servo.read("present_position")["present_position"]
        self._angle = Unwrapped(2.0 * math.pi, angle)
        self._next = time.monotonic()
        try:
            self._grow()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def position(self) -> float:
        """[rad], of the servo, counted on over the end of its turn."""
        return self._angle.value

    def step(self, goal: float) -> float:
        """Aims at `goal` [rad] and lets one period pass; returns the position [rad] then.

        Raises:
            BusError: it does not answer, reports an error, or gets too warm.
            RefusalError: it cannot go there; the message says why.
        """
        _again(lambda: self._servo.write("goal_position", goal))
        self._wait()
        reading = _again(lambda: self._servo.read("present_position", "present_temperature"))
        if reading.alarms:
            raise BusError(f"{self._servo.state.name} reports: {', '.join(reading.alarms)}")
        if (celsius := reading["present_temperature"]) > self._warmest:
            raise BusError(
                f"{self._servo.state.name} is at {celsius:.0f} °C; let it cool down, or take less "
                "current"
            )
        return self._angle.follow(reading["present_position"])

    def _grow(self) -> None:
        """The effort, from nothing, where it stands."""
        servo, name = self._servo, self._effort.register.name
        servo.write(name, raw=0)
        servo.write("torque_enable", raw=1)
        start, steps = self._angle.value, max(1, round(self._ramp / self.period))
        for i in range(steps):
            servo.write(name, self._effort.value * (i + 1) / steps)
            self.step(start)

    def _wait(self) -> None:
        self._next = max(self._next + self.period, time.monotonic())
        time.sleep(max(0.0, self._next - time.monotonic()))

    def _leave(self) -> None:
        """Limp, and set up to be driven; what cannot be set up, preflight says."""
        with suppress(OSError):
            _again(lambda: self._servo.write("torque_enable", raw=0))
        with suppress(OSError):
            if self._effort.register.name != "goal_current":  # whoever drives it sets that
                self._servo.write(self._effort.register.name, raw=self._before)
            configure_one(self._hand_servo)


def _again(ask: Callable[[], _Answer]) -> _Answer:
    """One damaged packet among hundreds is no reason to give up."""
    for _ in range(_TRIES - 1):
        with suppress(BusError):
            return ask()
    return ask()
