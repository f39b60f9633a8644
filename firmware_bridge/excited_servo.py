"""One servo with an arm on it, driven through an excitation and sampled."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from ..controller.errors import HandError
from ..controller.servo_log import ArmLoad, ServoLog
from .bus_errors import BusError
from .bus_servo import Servo
from .excitation import Excitation, excitation
from .servo_answer import ServoReading

_SENSED: Final = {
    "position": "present_position",
    "velocity": "present_velocity",
    "current": "present_current",
    "duty": "present_pwm",
    "voltage": "present_input_voltage",
    "temperature": "present_temperature",
}
_STILL: Final = 0.005  # [rad], within which an arm hangs still
_LOOK: Final = 0.3  # [s], at it
_COME: Final = 1.0  # [s], to swing back between two logs
_FADE: Final = 0.3  # [s], from where it stands into a trajectory
_RAISED: Final = 0.5  # [rad], to either side, to fall from and show where it hangs
_RAISE: Final = 1.0  # [s]
_LIFTED: Final = 0.1  # of how far it was told to raise it, at least
_FALLS: Final = 0.8  # of how far it was raised, which an arm that does not fall keeps
_TOO_WARM: Final = 5.0  # [deg C] below its limit
_STALE: Final = 0.1  # [s], without an answer, after which it is let go


class Clock(Protocol):
    """Whose time it is: the wall's, or that of virtual servos."""

    def now(self) -> float:
        """[s]."""

    def wait_until(self, when: float) -> None:
        """Lets time [s] pass."""


class WallClock:
    """That of everybody."""

    def now(self) -> float:
        """[s]."""
        return time.monotonic()

    def wait_until(self, when: float) -> None:
        """Sleeps."""
        time.sleep(max(0.0, when - time.monotonic()))


@dataclass(frozen=True)
class RecordConfig:
    """What is recorded, and how far a servo may go."""

    load: ArmLoad
    """What hangs on it."""
    trajectories: Sequence[str]
    gains: Sequence[int]
    """Of its position gain register."""
    range: float = 1.0
    """[rad], to either side of where the arm hangs."""
    duty: float | None = None
    """Of its bridge, at most, up to 1. None: what it is set to."""
    unit: str = "1"
    """Which one of its model it is."""
    period: float = 0.005
    """[s], from sample to sample; a slow bus takes what it takes."""

    def __post_init__(self) -> None:
        """Refuses what would be useless or unsafe."""
        if self.load.mass <= 0.0 or self.load.length <= 0.0:
            raise HandError("state what it turns: a mass [kg] and the length [m] of its arm, > 0")
        if not 0.0 < self.range <= 0.5 * math.pi:
            raise HandError(f"a range of {self.range:g} rad does not go; give up to a quarter turn")
        if self.duty is not None and not 0.0 < self.duty <= 1.0:
            raise HandError(
                f"a duty of {self.duty:g} does not go; give a part of the supply, 0 to 1"
            )
        for name in self.trajectories:
            excitation(name)


def let_go(servo: Servo) -> None:
    """Tries more than once: nothing matters more."""
    for _ in range(2):
        with suppress(OSError):
            return servo.write("torque_enable", raw=0)
    servo.write("torque_enable", raw=0)
    return None


def _sensed(servo: Servo) -> dict[str, str]:
    """Registers by column. What a servo calls load is its duty where it tells no PWM."""
    has = {k: v for k, v in _SENSED.items() if servo.model.has(v, servo.firmware)}
    load = servo.model.registers.get("present_load")
    return has if load is None or load.unit != "duty" else {"duty": load.name, **has}


class ExcitedServo:
    """One excitation at one gain."""

    def __init__(
        self, servo: Servo, config: RecordConfig, clock: Clock, hangs: float = math.nan
    ) -> None:
        self._servo, self._config, self._clock, self._hangs = servo, config, clock, hangs
        self._sensed = _sensed(servo)
        self._warmest = servo.read("temperature_limit")["temperature_limit"] - _TOO_WARM
        self._rows: list[dict[str, float]] = []

    def hanging(self) -> float:
        """[rad], where its arm hangs: friction stops it before that, so it falls from both sides.

        Raises:
            HandError: It is not lifted, or does not fall.
        """
        begin = self._still()
        self._check_range(begin)
        raised = min(_RAISED, self._config.range)
        tops, ends = zip(*(self._fallen(begin, side * raised) for side in (1.0, -1.0)), strict=True)
        if tops[0] - tops[1] < _LIFTED * 2.0 * raised:
            raise HandError(
                f"{self._servo.state.name} does not lift its arm; take a lighter mass, a higher "
                "gain or a larger --duty"
            )
        if ends[0] - ends[1] > _FALLS * (tops[0] - tops[1]):
            raise HandError(
                f"{self._servo.state.name}: its arm stays where it is lifted to, so its friction "
                "bears it; take a heavier mass or a longer arm"
            )
        return float(np.mean(ends))

    def log(self, gain: int, drive: Excitation) -> ServoLog:
        """Drives, and lets go at the end."""
        begin = self._still()
        self._check_range(self._hangs)

        def goal(time: float) -> float:
            away = (begin - self._hangs) * (1.0 - min(time / _FADE, 1.0))
            return self._hangs + away + self._config.range * drive.goal(time)

        with self._held(gain, begin):
            self._drive(gain, drive, goal)
        return self._finished(gain, drive)

    @contextmanager
    def _held(self, gain: int, position: float) -> Iterator[None]:
        """Torque on, where it stands."""
        self._servo.write("position_p_gain", raw=gain)
        self._servo.write("goal_position", position)
        try:
            self._servo.write("torque_enable", raw=1)
            yield
        finally:
            let_go(self._servo)

    def _fallen(self, begin: float, way: float) -> tuple[float, float]:
        """[rad], from where it fell, and where it came to rest."""
        start = self._clock.now()
        with self._held(max(self._config.gains), begin):
            while (now := self._clock.now() - start) < _RAISE:
                self._servo.write("goal_position", begin + way * now / _RAISE)
                self._sense()
                self._clock.wait_until(start + now + self._config.period)
            top = self._servo.read("present_position")["present_position"]
        return top, self._still()

    def _drive(self, gain: int, drive: Excitation, goal_at: Callable[[float], float]) -> None:
        """Reads first and then tells, so that what is in a row has not felt its goal yet."""
        start, on = self._clock.now(), True
        heard = start
        while (now := self._clock.now() - start) < drive.duration:
            reading, goal = self._sense(), goal_at(now)
            if reading is not None:
                heard = self._clock.now()
                when = 0.5 * (now + heard - start)
                row = {k: reading[register] for k, register in self._sensed.items()}
                row |= {"time": when, "goal": goal, "gain": float(gain)}
                self._rows.append({**row, "driven": float(now < drive.let_go)})
            elif self._clock.now() - heard > _STALE:
                raise BusError(f"{self._servo.state.name} does not answer any more")
            if now < drive.let_go:
                self._servo.write("goal_position", goal)
            elif on:
                self._servo.write("torque_enable", raw=0)
                on = False
            self._clock.wait_until(start + now + self._config.period)

    def _sense(self) -> ServoReading | None:
        """None: a damaged packet, as may be."""
        try:
            reading = self._servo.read(*self._sensed.values())
        except BusError:
            return None
        if reading.alarms:
            raise HandError(
                f"{self._servo.state.name} reports: {', '.join(reading.alarms)}; check its supply, "
                "reboot it, and take a lighter mass or a smaller --range"
            )
        if (celsius := reading["present_temperature"]) > self._warmest:
            raise HandError(f"{self._servo.state.name} is at {celsius:.0f} deg C; let it cool down")
        return reading

    def _still(self) -> float:
        """[rad], where its arm is once it has come to rest."""
        for _ in range(20):
            seen = []
            begun = self._clock.now()
            while self._clock.now() < begun + _LOOK:
                seen.append(self._servo.read("present_position")["present_position"])
                self._clock.wait_until(self._clock.now() + 0.02)
            if max(seen) - min(seen) < _STILL:
                return float(np.mean(seen))
            self._clock.wait_until(self._clock.now() + _COME)
        raise HandError(
            f"{self._servo.state.name}: its arm does not hang still; let it come to rest, and keep "
            "rig and cable from shaking it"
        )

    def _check_range(self, rest: float) -> None:
        low, high = (self._servo.read(n)[n] for n in ("min_position_limit", "max_position_limit"))
        if not low <= rest - self._config.range < rest + self._config.range <= high:
            raise HandError(
                f"{self._servo.state.name} hangs at {rest:.2f} rad and goes from {low:.2f} to "
                f"{high:.2f}: {self._config.range:g} rad to either side do not fit; turn its horn, "
                "or take a smaller --range"
            )

    def _finished(self, gain: int, drive: Excitation) -> ServoLog:
        names = self._rows[0]
        columns: dict[str, Any] = {k: np.array([row[k] for row in self._rows]) for k in names}
        for name in ("goal", "position"):
            columns[name] = columns[name] - self._hangs
        model, load = self._servo.model, self._config.load
        return ServoLog(
            name=f"{drive.name}-gain{gain}-{load.mass:g}kg-{load.length:g}m",
            servo=model.name,
            unit=self._config.unit,
            trajectory=drive.name,
            load=load,
            supply=float(np.median(columns["voltage"])),
            senses_supply=model.current_sensing == "bus",
            **columns,
        )
