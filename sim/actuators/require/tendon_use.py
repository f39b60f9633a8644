"""From what joints bear to what motors that pull tendons must do: tension, speed, stroke.

With 2N tendons every joint has one for either way. The least tensions above pretension that give
all joint torques together, friction at the guides believed in, are those of the controller's own
transmission (`tension.hpp`), here without an upper bound: so what a hand with motors in its joints
was asked for can be asked of the same hand on tendons.

With N tendons a joint has one, and a spring turns it back. It pulls the way in which the joint
needs more, and the spring must hold the other way at any time: of a joint that needs torques
between -b and a with b < a, over a moment arm r,

    tension = (torque + b) / r exp(mu wrap tanh(v / v0)),

so the peak is (a + b) / r, and b / r is there even at rest. The springs' own travel and what
tendons do to other joints that they pass are left out: guides on the axes leave them little arm.
Capstan friction: Euler 1769, Eytelwein 1808.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .... import _core
from ....controller import Hand
from .extract import Margins
from .joint_use import COVERAGE, TrialUse
from .loads import LoadHistory
from .requirement import TendonRequirement

Array = NDArray[np.float64]

_EVERY: Final = 0.002  # [s], from one posture that is looked at to the next
_BOUNDLESS: Final = 1e5  # [N]


class TendonWay(StrEnum):
    """How many tendons move N joints."""

    PAIRS = "2n"
    SPRINGS = "n"


@dataclass(frozen=True, eq=False)
class TendonUse:
    """What a trial asked of the motors of m tendons.

    Attributes:
        task: Its name.
        names: Of the motors.
        duration: [s].
        mean_square: Shape (m,) [N^2].
        peak_tension: Shape (m,) [N].
        peak_speed: Shape (m,) [m/s].
        length: Shortest and longest, shape (m, 2) [m].
    """

    task: str
    names: tuple[str, ...]
    duration: float
    mean_square: Array
    peak_tension: Array
    peak_speed: Array
    length: Array


class Tendons:
    """The tendons of a hand, through which loads are taken."""

    def __init__(
        self, hand: Hand, way: TendonWay, trials: Sequence[TrialUse], coverage: float = COVERAGE
    ) -> None:
        """Reads their paths.

        Args:
            hand: With tendons, whose joints are those of the trials.
            way: How many of them there are.
            trials: Of all, from which springs are made as strong as needed.
            coverage: Part of each trial's time in which peaks are asked for.

        Raises:
            ValueError: The hand has no tendons.
        """
        text = hand.description.transmission
        if text.kind != "tendons":
            raise ValueError(f"'{hand.name}' has no tendons; name a hand that has some")
        bound = hand.bind(hand.model)
        config = bound.transmission()
        config.effort_max = np.full(len(text.motors), _BOUNDLESS)
        self._hand = _core.Transmission(bound.hand_model, config)
        self._friction = config.friction
        self._coverage = coverage
        self._way = way
        arms = self._hand.moment_arms()
        self._pulls = np.flatnonzero(self._hand.lengths() > 0.0)
        self._names = np.array(text.motors)
        self._joint = np.abs(arms).argmax(axis=1)
        self._sign = -np.sign(arms[np.arange(len(arms)), self._joint])
        none = np.zeros(arms.shape[1])
        low = np.min([none, *(use.torque_range[:, 0] for use in trials)], axis=0)
        high = np.max([none, *(use.torque_range[:, 1] for use in trials)], axis=0)
        self._spring = np.maximum(np.minimum(-low, high), 0.0)
        if way is TendonWay.SPRINGS:
            stronger = np.where(high >= -low, 1.0, -1.0)
            self._pulls = self._pulls[self._sign[self._pulls] == stronger[self._joint[self._pulls]]]

    def measure(self, history: LoadHistory) -> TendonUse:
        """What a trial asks of the motors, not of those that turn a joint."""
        step = max(round(_EVERY / history.period), 1)
        rows = [
            self._at(q, dq, torque)
            for q, dq, torque in zip(
                history.q[::step].astype(float),
                history.dq[::step].astype(float),
                history.torque[::step].astype(float),
                strict=True,
            )
        ]
        tension, speed, length = (np.array(column) for column in zip(*rows, strict=True))
        return self._use(history, tension, speed, length)

    def measured(self, history: LoadHistory) -> TendonUse:
        """The same of tensions that were measured on a hand with these tendons."""
        step = max(round(_EVERY / history.period), 1)
        speed, length = [], []
        for q, dq in zip(history.q[::step], history.dq[::step], strict=True):
            self._hand.update(q.astype(float))
            speed.append(self._hand.moment_arms()[self._pulls] @ dq)
            length.append(self._hand.lengths()[self._pulls])
        tension = history.tension[:, self._pulls].astype(float)
        return self._use(history, tension, np.array(speed), np.array(length))

    def _use(self, history: LoadHistory, tension: Array, speed: Array, length: Array) -> TendonUse:
        part = self._coverage
        return TendonUse(
            task=history.task,
            names=tuple(self._names[self._pulls].tolist()),
            duration=history.duration,
            mean_square=np.mean(tension**2, axis=0),
            peak_tension=np.quantile(tension, part, axis=0, method="higher"),
            peak_speed=np.quantile(np.abs(speed), part, axis=0, method="higher"),
            length=np.column_stack([length.min(axis=0), length.max(axis=0)]),
        )

    def _at(self, q: Array, dq: Array, torque: Array) -> tuple[Array, Array, Array]:
        """Tensions [N], speeds [m/s] and lengths [m] of what pulls."""
        hand, pulls = self._hand, self._pulls
        hand.update(q)
        arms = hand.moment_arms()
        speed, length = arms[pulls] @ dq, hand.lengths()[pulls]
        if self._way is TendonWay.PAIRS:
            return hand.efforts(torque, dq)[pulls], speed, length
        joint = self._joint[pulls]
        arm = np.abs(arms[pulls, joint])
        needed = (self._sign[pulls] * torque[joint] + self._spring[joint]) / arm
        drawn = np.tanh(-speed / self._friction.velocity) * hand.wraps()[pulls]
        return np.maximum(needed, 0.0) * np.exp(self._friction.coefficient * drawn), speed, length


def tendon_requirements(
    uses: Sequence[TendonUse], margins: Margins
) -> tuple[TendonRequirement, ...]:
    """The worst task for each figure of each tendon."""
    if not uses:
        return ()
    tasks = list(dict.fromkeys(use.task for use in uses))
    of = {task: [use for use in uses if use.task == task] for task in tasks}
    square = np.array([_mean_square(of[task]) for task in tasks])
    peak = np.array([np.max([u.peak_tension for u in of[task]], axis=0) for task in tasks])
    speed = np.array([np.max([u.peak_speed for u in of[task]], axis=0) for task in tasks])
    low = np.min([use.length[:, 0] for use in uses], axis=0)
    high = np.max([use.length[:, 1] for use in uses], axis=0)
    return tuple(
        TendonRequirement(
            tendon=name,
            rms_tension=margins.continuous * float(np.sqrt(square[:, i].max())),
            peak_tension=margins.peak * float(peak[:, i].max()),
            peak_speed=margins.speed * float(speed[:, i].max()),
            stroke=float(high[i] - low[i]),
            set_by={
                "rms_tension": tasks[int(square[:, i].argmax())],
                "peak_tension": tasks[int(peak[:, i].argmax())],
                "peak_speed": tasks[int(speed[:, i].argmax())],
            },
        )
        for i, name in enumerate(uses[0].names)
    )


def _mean_square(uses: Sequence[TendonUse]) -> Array:
    time = np.array([use.duration for use in uses])
    return np.asarray(np.average([use.mean_square for use in uses], axis=0, weights=time))
