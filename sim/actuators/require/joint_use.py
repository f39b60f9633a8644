"""What one trial asked of each joint, and of each fingertip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .... import _core
from ....controller import Hand
from .cloud import thinned
from .loads import LoadHistory, Single
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
        torque_range: Lowest and highest for that time, shape (n, 2) [N m].
        levels: Quantiles of the torques' sizes, shape (levels, n) [N m].
        worst_rms: Over windows, shape (windows, n) [N m].
        bandwidth: Of the torques, shape (n,) [Hz].
        clouds: Torque and speed of each joint, thinned out, shapes (k, 2).
        travel: Shape (n, 2) [rad].
        limited: Part of the time at the joint's torque limit, shape (n,).
        lever: Of each joint on each fingertip in the median posture, shape (f, n) [m].
        grip: Median force of each fingertip that touches, shape (f,) [N]; NaN where none does.
        touch_rate: Of each joint just before each fingertip met something, the largest, shape
            (f, n) [rad/s].
        touch_energy: Of the links then, without rotors, the largest, shape (f,) [J].
    """

    task: str
    name: str
    duration: float
    mean_square: Array
    peak_torque: Array
    peak_speed: Array
    peak_acceleration: Array
    torque_range: Array
    levels: Array
    worst_rms: Array
    bandwidth: Array
    clouds: tuple[Array, ...]
    travel: Array
    limited: Array
    lever: Array
    grip: Array
    touch_rate: Array
    touch_energy: Array


def chain_of(hand: Hand) -> NDArray[np.bool_]:
    """Whether a joint is in a finger, shape (fingers, joints)."""
    fingers = hand.description.fingers
    return np.array([[name in finger.joints for name in hand.joint_names] for finger in fingers])


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
        self._chain = chain_of(hand)
        self._limit = np.array(hand.controller_config().safety.torque_max)

    def measure(self, history: LoadHistory) -> TrialUse:
        """Of one trial."""
        torque = np.asarray(history.torque, dtype=float)
        speed = np.asarray(history.dq, dtype=float)
        touch_rate, touch_energy = self._touch(history)
        size, rate = np.abs(torque), np.abs(speed)
        peak_torque = np.quantile(size, self._coverage, axis=0, method="higher")
        peak_speed = np.quantile(rate, self._coverage, axis=0, method="higher")
        inside = (size <= peak_torque) & (rate <= peak_speed)
        within = np.clip(torque, -peak_torque, peak_torque)
        return TrialUse(
            task=history.task,
            name=history.name,
            duration=history.duration,
            mean_square=np.mean(torque**2, axis=0),
            peak_torque=peak_torque,
            peak_speed=peak_speed,
            peak_acceleration=_acceleration(speed, history.period),
            torque_range=np.column_stack([within.min(axis=0), within.max(axis=0)]),
            levels=np.quantile(size, np.linspace(0.0, 1.0, _LEVELS), axis=0),
            worst_rms=worst_rms(torque, history.period),
            bandwidth=bandwidth(torque, history.period),
            clouds=tuple(
                thinned(np.column_stack([torque[inside[:, j], j], speed[inside[:, j], j]]))
                for j in range(torque.shape[1])
            ),
            travel=np.column_stack([history.q.min(axis=0), history.q.max(axis=0)]).astype(float),
            limited=np.mean(size >= _AT_LIMIT * self._limit, axis=0),
            lever=self._lever(np.median(history.q, axis=0)),
            grip=_grip(history),
            touch_rate=touch_rate,
            touch_energy=touch_energy,
        )

    def _lever(self, q: Array) -> Array:
        hand = self._kinematics
        hand.update_position(np.asarray(q, dtype=float))
        return np.array(
            [np.linalg.norm(hand.tip_jacobian(f), axis=0) for f in range(hand.finger_count)]
        )

    def _touch(self, history: LoadHistory) -> tuple[Array, Array]:
        """Rates of joints and energy of links just before fingertips meet something."""
        fingers, joints = history.force.shape[1], history.q.shape[1]
        rate, energy = np.zeros((fingers, joints)), np.zeros(fingers)
        before, apart = (round(time / history.period) for time in (_BEFORE, _APART))
        for finger, force in enumerate(history.force.T):
            for tick in _touches(force, apart):
                moment = max(tick - before, 0)
                dq = history.dq[moment].astype(float)
                rate[finger] = np.maximum(rate[finger], np.abs(dq))
                moving = np.where(self._chain[finger], dq, 0.0)
                energy[finger] = max(energy[finger], self._link_energy(history.q[moment], moving))
        return rate, energy

    def _link_energy(self, q: Single, dq: Array) -> float:
        self._kinematics.update_position(q.astype(float))
        inertia = self._kinematics.joint_inertia() - np.diag(self._armature)
        return float(0.5 * dq @ inertia @ dq)


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
