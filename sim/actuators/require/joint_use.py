"""What one trial asked of each joint, and of each fingertip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .... import _core
from ....controller import Hand
from .cloud import thinned
from .loads import LoadHistory
from .signals import bandwidth, worst_rms

Array = NDArray[np.float64]

COVERAGE: Final = 0.999
"""Part of a trial's time in which its peaks are asked for. The rest, some milliseconds in which a
finger that is pressed on slips into place, a slower actuator would just stretch."""
TOUCHING: Final = 0.1  # [N], from which a fingertip touches
_APART: Final = 0.05  # [s] without touch, after which touching is a new contact
_BEFORE: Final = 0.005  # [s] before a touch is felt, when the fingertip was still free
_SMOOTH: Final = 0.02  # [s], over which an acceleration is taken: the noise of speed is left out
_LEVELS: Final = 201  # quantiles of a distribution
_AT_LIMIT: Final = 0.99  # of a limit, from which a joint does all that it can


@dataclass(frozen=True, eq=False)
class TrialUse:
    """What a trial asked of n joints, f fingertips and m tendons.

    Attributes:
        task: Its name.
        name: Of the trial.
        duration: [s].
        mean_square: Of torques, shape (n,) [N^2 m^2].
        peak_torque: Reached or undercut for all of the time that is covered, shape (n,) [N m].
        peak_speed: The same of speed, shape (n,) [rad/s].
        peak_acceleration: Shape (n,) [rad/s^2].
        levels: Quantiles of the torques' sizes, shape (levels, n) [N m].
        worst_rms: Over windows, shape (windows, n) [N m].
        bandwidth: Of the torques, shape (n,) [Hz].
        clouds: Torque and speed of each joint, thinned out, shapes (k, 2).
        travel: Shape (n, 2) [rad].
        limited: Part of the time at the joint's torque limit, shape (n,).
        lever: Of each joint on each fingertip in the median posture, shape (f, n) [m].
        link_inertia: Of what each joint moves, without rotors, shape (n,) [kg m2].
        grip: Median force of each fingertip that touches, shape (f,) [N]; NaN where none does.
        touch_speed: At which it first met something, the fastest time, shape (f,) [m/s].
    """

    task: str
    name: str
    duration: float
    mean_square: Array
    peak_torque: Array
    peak_speed: Array
    peak_acceleration: Array
    levels: Array
    worst_rms: Array
    bandwidth: Array
    clouds: tuple[Array, ...]
    travel: Array
    limited: Array
    lever: Array
    link_inertia: Array
    grip: Array
    touch_speed: Array


class Measurer:
    """Measures trials of one hand."""

    def __init__(self, hand: Hand, coverage: float = COVERAGE) -> None:
        """Takes the hand's kinematics and limits.

        Args:
            hand: Whose trials.
            coverage: See `COVERAGE`.

        Raises:
            HandError: It cannot be driven.
            ValueError: The coverage is no part of a whole.
        """
        if not 0.0 < coverage <= 1.0:
            raise ValueError(f"coverage must be > 0 and at most 1, not {coverage:g}")
        self._coverage = coverage
        model = hand.bind(hand.model).hand_model
        self._kinematics = _core.HandKinematics(model)
        self._armature = np.array([link.armature for link in model.links])
        self._limit = np.array(hand.controller_config().safety.torque_max)

    def measure(self, history: LoadHistory) -> TrialUse:
        """Of one trial."""
        torque = np.asarray(history.torque, dtype=float)
        speed = np.asarray(history.dq, dtype=float)
        lever, inertia = self._at(np.median(history.q, axis=0))
        size, rate = np.abs(torque), np.abs(speed)
        peak_torque = np.quantile(size, self._coverage, axis=0, method="higher")
        peak_speed = np.quantile(rate, self._coverage, axis=0, method="higher")
        inside = (size <= peak_torque) & (rate <= peak_speed)
        return TrialUse(
            task=history.task,
            name=history.name,
            duration=history.duration,
            mean_square=np.mean(torque**2, axis=0),
            peak_torque=peak_torque,
            peak_speed=peak_speed,
            peak_acceleration=_acceleration(speed, history.period),
            levels=np.quantile(size, np.linspace(0.0, 1.0, _LEVELS), axis=0),
            worst_rms=worst_rms(torque, history.period),
            bandwidth=bandwidth(torque, history.period),
            clouds=tuple(
                thinned(np.column_stack([torque[inside[:, j], j], speed[inside[:, j], j]]))
                for j in range(torque.shape[1])
            ),
            travel=np.column_stack([history.q.min(axis=0), history.q.max(axis=0)]).astype(float),
            limited=np.mean(size >= _AT_LIMIT * self._limit, axis=0),
            lever=lever,
            link_inertia=inertia,
            grip=_grip(history),
            touch_speed=self._touch_speed(history),
        )

    def _at(self, q: Array) -> tuple[Array, Array]:
        hand = self._kinematics
        hand.update_position(np.asarray(q, dtype=float))
        lever = [np.linalg.norm(hand.tip_jacobian(f), axis=0) for f in range(hand.finger_count)]
        return np.array(lever), np.diag(hand.joint_inertia()) - self._armature

    def _touch_speed(self, history: LoadHistory) -> Array:
        """Speeds of fingertips just before they meet something; 0 where they never do."""
        before = round(_BEFORE / history.period)
        fastest = np.zeros(history.force.shape[1])
        for finger, force in enumerate(history.force.T):
            for tick in _touches(force, round(_APART / history.period)):
                moment = max(tick - before, 0)
                self._kinematics.update_position(history.q[moment].astype(float))
                velocity = self._kinematics.tip_jacobian(finger) @ history.dq[moment]
                fastest[finger] = max(fastest[finger], float(np.linalg.norm(velocity)))
        return fastest


def _touches(force: NDArray[np.float32], apart: int) -> list[int]:
    """Ticks at which a force begins after there was none for `apart` ticks."""
    touching = np.flatnonzero(force > TOUCHING)
    before = np.diff(touching, prepend=-apart - 1)
    return touching[before > apart].tolist() if len(touching) else []


def _grip(history: LoadHistory) -> Array:
    pressed = np.where(history.force > TOUCHING, history.force, np.nan)
    some = np.isfinite(pressed).any(axis=0)
    grip = np.full(pressed.shape[1], np.nan)
    grip[some] = np.nanmedian(pressed[:, some], axis=0)
    return grip


def _acceleration(speed: Array, period: float) -> Array:
    """Largest change of speed over `_SMOOTH` at either end of it [rad/s^2]."""
    width = max(round(_SMOOTH / period), 1)
    if len(speed) <= 2 * width:
        return np.zeros(speed.shape[1])
    total = np.cumsum(speed, axis=0)
    mean = (total[width:] - total[:-width]) / width
    return np.asarray(np.abs(mean[width:] - mean[:-width]).max(axis=0) / (width * period))
