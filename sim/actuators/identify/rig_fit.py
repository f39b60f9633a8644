"""How far a servo on the rig is from its logs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ...._core import RigLoad, RigLog, RigServo, simulate_rigs
from ....controller.errors import HandError
from ....controller.servo_log import ServoLog

Array = NDArray[np.float64]
Supply = Literal["median", "smooth", "nominal"]

SOFT: Final = 0.01
"""[rad], from which on an error counts by its size, not by its square, so that the cost is nearly
the mean absolute error that is reported, and still smooth."""
CURRENT_ERROR: Final = 0.02
"""[A], that weighs as much as 1 rad / 100: ASSUMPTION, what a servo's sensor is good for."""
SEARCH_STEP: Final = 0.003  # [s], two to a sample of a log at 200 Hz
STEP: Final = 0.001  # [s], of what is reported
_SMOOTHING = 0.13  # [s], over which a noisy voltage is averaged
_REACH = 3  # samples to either side, for a speed
_FAR = 1e3  # [rad]
_ENOUGH = 20  # samples, for a line through them
_OFF, _LIMITED = 0.02, 0.9  # duties, the second as a part of the most that it may be


@dataclass(frozen=True, eq=False)
class RigFit:
    """Logs, and the rig that has to do the same.

    Attributes:
        logs: What is to be met.
        supply: Whose voltage the rig has: the median of each log, what it logged averaged over
            0.13 s, or the nominal one.
    """

    logs: Sequence[ServoLog]
    supply: Supply = "median"
    window: float = math.inf
    """[s], after which the rig is put back to where the log is. What sticks and slips in a whole
    log makes its error a rugged function of the parameters; that of short pieces is smoother
    (Ribeiro, Tiels, Umenberger, Schön and Aguirre 2020, Automatica 121)."""

    def __post_init__(self) -> None:
        """Refuses to fit nothing."""
        if not self.logs:
            raise HandError("there are no logs to fit")

    @property
    def has_current(self) -> bool:
        """Whether all logs have it, so that it is fitted, too."""
        return all(log.current is not None for log in self.logs)

    def play(self, servos: Sequence[RigServo], step: float, threads: int = 1) -> Array:
        """Position, velocity, current and duty, shape (servos, samples, 4)."""
        return simulate_rigs(servos, self._rigs, step, threads)

    def errors(self, servos: Sequence[RigServo], step: float, threads: int = 1) -> Array:
        """Of position [rad], then of current in 1 rad / 100 per 20 mA: shape (servos, errors)."""
        played = self.play(servos, step, threads)
        position = played[..., 0] - self._position
        if not self.has_current:
            return _bounded(position)
        current = (self.sensed(played) - self._current) * (SOFT / CURRENT_ERROR)
        return _bounded(np.concatenate([position, current], axis=-1))

    def mean_errors(self, servo: RigServo, step: float = STEP) -> dict[str, float]:
        """Mean absolute error of the position [rad] by log."""
        position = self.play([servo], step)[0, :, 0]
        return {
            log.name: float(np.mean(np.abs(part - log.position)))
            for log, part in zip(self.logs, self.split(position), strict=True)
        }

    def mean_error(self, servo: RigServo, step: float = STEP) -> float:
        """[rad], of the position, over all samples."""
        position = self.play([servo], step)[0, :, 0]
        return float(np.mean(np.abs(position - self._position)))

    def split(self, samples: Array) -> list[Array]:
        """What belongs to each log, of something with a row for each sample."""
        return np.split(samples, self._cuts)

    def sensed(self, played: Array) -> Array:
        """[A], what the servos' sensors would see."""
        current, duty = played[..., 2], played[..., 3]
        in_supply = np.concatenate([np.full(len(log.time), log.senses_supply) for log in self.logs])
        return np.where(in_supply, np.abs(duty) * current, current)

    @cached_property
    def _position(self) -> Array:
        return np.concatenate([log.position for log in self.logs])

    @cached_property
    def _current(self) -> Array:
        return np.concatenate([log.current for log in self.logs if log.current is not None])

    @cached_property
    def _cuts(self) -> Array:
        return np.cumsum([len(log.time) for log in self.logs])[:-1]

    @cached_property
    def _rigs(self) -> list[RigLog]:
        return [rig for log in self.logs for rig in self._rig_logs(log)]

    def _rig_logs(self, log: ServoLog) -> Iterator[RigLog]:
        """One, or one for each window."""
        load = RigLoad()
        load.mass, load.length, load.inertia = log.load.mass, log.load.length, log.load.inertia
        voltage, driven, speed = self._voltage(log), log.driven > 0.5, _speed(log)
        for part in _parts(log.time, self.window):
            yield RigLog(
                load,
                log.time[part],
                log.goal[part],
                log.gain[part],
                voltage[part],
                driven[part].tolist(),
                position=float(log.position[part.start]),
                velocity=float(speed[part.start]),
                duty_max=log.duty_max,
            )

    def _voltage(self, log: ServoLog) -> Array:
        if log.voltage is None or self.supply == "nominal":
            return np.full_like(log.time, log.supply)
        if self.supply == "median":
            return np.full_like(log.time, np.median(log.voltage))
        width = max(int(_SMOOTHING / np.mean(np.diff(log.time))), 1) | 1
        padded = np.pad(log.voltage, width // 2, mode="edge")
        return np.convolve(padded, np.full(width, 1.0 / width), "valid")


def _bounded(errors: Array) -> Array:
    """Of servos that run away, too."""
    return np.clip(np.nan_to_num(errors, nan=_FAR), -_FAR, _FAR)


def _parts(time: Array, window: float) -> list[slice]:
    count = max(round((time[-1] - time[0]) / window), 1)
    cuts = [int(cut) for cut in np.linspace(0, len(time), count + 1)]
    return [slice(begin, end) for begin, end in pairwise(cuts)]


def _speed(log: ServoLog) -> Array:
    """[rad/s], over some samples to either side, so that counts do not show; 0 at the beginning."""
    index = np.arange(len(log.time))
    ahead, behind = np.minimum(index + _REACH, index[-1]), np.maximum(index - _REACH, 0)
    speed = (log.position[ahead] - log.position[behind]) / (log.time[ahead] - log.time[behind])
    speed[0] = 0.0
    return np.asarray(speed)


def gain_of(logs: Sequence[ServoLog]) -> float | None:
    """Duty per error and unit of the gain register [1/rad], where the logs have duties; else None.

    Where the bridge is neither off nor at its limit, the duty is a line in the error, and, since it
    is that of a moment before, in the rates of goal and position; no servo model is needed for it.
    """
    terms, duties = [np.empty((0, 3))], [np.empty(0)]
    for log in logs:
        if log.duty is not None:
            size = np.abs(log.duty)
            inside = (size > _OFF) & (size < _LIMITED * log.duty_max) & (log.driven > 0.5)
            rates = [np.gradient(x, log.time) for x in (log.goal, log.position)]
            lines = np.column_stack([log.goal - log.position, *rates])
            terms.append((log.gain[:, None] * lines)[inside])
            duties.append(log.duty[inside])
    every = np.concatenate(terms)
    if len(every) < _ENOUGH:
        return None
    return float(np.linalg.lstsq(every, np.concatenate(duties), rcond=None)[0][0])
