"""The twins of what comes before the law: force feedback, posture task, and how all is chained.

What `force_feedback.hpp` and `posture_task.hpp` do, with their equations and sources, to be read.
Each function moves one record of state by one tick. Frames of the fingertips are those of the core,
whose twin is `twin_model.py`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .jit import njit
from .twin_grip import GripNumbers, Record, Records, move_grip, new_grip
from .twin_model import Array, Vector, cross, dot, finger_of_joint

FINGER = np.dtype(
    [
        ("touching", np.bool_),
        ("force", np.float64, 3),  # [N], fingertip frame, filtered
        ("normal", np.float64),  # [N]
        ("tangential", np.float64),  # [N]
        ("drag", np.float64, 3),  # [N], world
        ("slip_speed", np.float64),  # [m/s], filtered
    ]
)
CONTACT = np.dtype(
    [
        ("touching", np.bool_),
        ("normal", np.float64, 3),  # unit, fingertip frame
        ("tangent", np.float64, 3),  # unit, fingertip frame
        ("force", np.float64, 3),  # [N], contact frame
        ("slip_speed", np.float64),  # [m/s]
    ]
)
TASK = np.dtype(
    [
        ("held_time", np.float64),  # [s]
        ("started", np.bool_),
        ("gripping", np.int8, 5),
        ("untouched", np.float64, 5),  # [s], for how long
    ]
)


class FeedbackNumbers(NamedTuple):
    """Fields of `ForceFeedbackConfig`."""

    time_constant: float
    slip_time_constant: float
    touch_on: float
    touch_off: float


class TaskNumbers(NamedTuple):
    """Fields of `PostureTaskConfig`."""

    thumb: int
    settle_time: float
    yield_time: float
    balance_rate: float
    balance_deadband: float
    release_time: float


# -- force feedback --------------------------------------------------------------------------------


@njit
def feel(
    c: FeedbackNumbers, period: float, contact: Record, world_from_tip: Array, finger: Record
) -> None:
    """Filters one finger's reading on the skin and splits it into normal and drag."""
    felt, normal, slip = (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 0.0
    if contact.touching:
        normal = (contact.normal[0], contact.normal[1], contact.normal[2])
        felt, slip = on_skin(contact), contact.slip_speed
    for i in range(3):
        finger.force[i] += period / (c.time_constant + period) * (felt[i] - finger.force[i])
    finger.slip_speed += period / (c.slip_time_constant + period) * (slip - finger.slip_speed)
    along = dot(finger.force, normal)
    finger.normal = max(along, 0.0)
    for i in range(3):
        finger.drag[i] = 0.0
        for j in range(3):
            finger.drag[i] += world_from_tip[i, j] * (finger.force[j] - along * normal[j])
    finger.tangential = math.sqrt(dot(finger.drag, finger.drag))
    finger.touching = finger.normal > (c.touch_off if finger.touching else c.touch_on)


@njit
def on_skin(contact: Record) -> Vector:
    """Force of a contact frame in the frame of the fingertip [N]."""
    n, t, f = contact.normal, contact.tangent, contact.force
    b = cross(n, t)
    return (
        f[0] * n[0] + f[1] * t[0] + f[2] * b[0],
        f[0] * n[1] + f[1] * t[1] + f[2] * b[1],
        f[0] * n[2] + f[1] * t[2] + f[2] * b[2],
    )


# -- posture task ----------------------------------------------------------------------------------


@njit
def move_posture(
    c: TaskNumbers, period: float, fingers: Records, finger_of_joint: NDArray[np.int64],
    q: Array, target: Array, state: Record, reference: Array,
) -> None:  # fmt: skip
    """Moves the posture wanted, shape (joints,) [rad], by a tick; `target` is the trajectory's."""
    if not state.started:
        reference[:] = q
    state.started = True
    for f in range(len(fingers)):
        if turns(c, period, bool(fingers[f].touching), f, state):
            for i in range(len(q)):
                reference[i] = q[i] if finger_of_joint[i] == f else reference[i]
    state.held_time = state.held_time + period if holding(c, len(fingers), state) else 0.0
    for i in range(len(q)):
        f = finger_of_joint[i]
        if f >= 0 and state.gripping[f]:
            reference[i] += yielding(c, period, fingers, f, state) * (q[i] - reference[i])
        else:
            reference[i] = target[i]


@njit
def turns(c: TaskNumbers, period: float, touching: bool, f: int, state: Record) -> bool:
    """Whether a finger begins or ceases to grip in this tick."""
    gripped = state.gripping[f] != 0
    state.untouched[f] = 0.0 if touching else state.untouched[f] + period
    grips = touching or (gripped and state.untouched[f] < c.release_time)
    state.gripping[f] = grips
    return bool(grips != gripped)


@njit
def holding(c: TaskNumbers, fingers: int, state: Record) -> bool:
    """The thumb grips, and at least one finger against it."""
    opposed = False
    for f in range(fingers):
        opposed |= f != c.thumb and state.gripping[f]
    return bool(opposed and state.gripping[c.thumb])


@njit
def yielding(c: TaskNumbers, period: float, fingers: Records, f: int, state: Record) -> float:
    """Part of the way to the real posture that a finger's reference goes in this tick."""
    if state.held_time < c.settle_time:
        return float(period / (c.yield_time + period))
    tangential, normal = 0.0, 0.0
    for finger in fingers:
        tangential += finger.tangential
        normal += finger.normal
    fair = tangential * fingers[f].normal / normal
    if fair <= 0.0:  # nobody carries anything
        return 0.0
    excess = fingers[f].tangential / fair - 1.0 - c.balance_deadband
    return float(c.balance_rate * period * min(excess, 1.0)) if excess > 0.0 else 0.0


# -- the chain -------------------------------------------------------------------------------------


class TwinPath:
    """From samples to what a law is given, for a hand that is OK.

    Attributes:
        fingers: Records of `FINGER`, shape (fingers,).
        reference: Posture wanted, shape (joints,) [rad].
        grip: Record of `GRIP`.
        task: Record of `TASK`.
    """

    def __init__(self, hand: _core.HandModel, config: _core.ControllerConfig) -> None:
        """Nothing felt yet."""
        self._hand, self._period = _core.HandKinematics(hand), config.period
        self._feedback = FeedbackNumbers(*_read(config.force_feedback, FeedbackNumbers))
        self._grip = GripNumbers(*_read(config.grip, GripNumbers))
        self._task = TaskNumbers(*_read(config.task, TaskNumbers))
        self._share = np.array(config.grip.share[: hand.finger_count])
        self._finger_of_joint = finger_of_joint(hand)
        self.fingers = np.zeros(hand.finger_count, FINGER)
        self.reference = np.zeros(hand.joint_count)
        self.grip = new_grip(self._grip)
        self.task = np.rec.array(np.zeros(1, TASK))[0]

    def tick(self, sample: _core.HandState, target: Array) -> None:
        """Moves all by one tick; `target` is the posture of the trajectory [rad]."""
        self._hand.update_position(sample.q)
        contacts = np.zeros(len(self.fingers), CONTACT)
        for f in range(len(self.fingers)):
            for name in CONTACT.names or ():
                contacts[name][f] = getattr(sample.contact(f), name)
            frame = self._hand.tip_rotation(f)
            feel(self._feedback, self._period, contacts[f], frame, self.fingers[f])
        move_posture(
            self._task, self._period, self.fingers, self._finger_of_joint, sample.q, target,
            self.task, self.reference,
        )  # fmt: skip
        if self.task.held_time >= self._task.settle_time:
            move_grip(self._grip, self._period, self._task.thumb, self.fingers, self.grip)

    @property
    def wanted_force(self) -> Array:
        """Normal force wanted of every finger, shape (fingers,) [N]."""
        return np.asarray(np.minimum(self.grip.level * self._share, self._grip.force_max))


def _read(config: object, numbers: type[Any]) -> list[Any]:
    return [getattr(config, name) for name in numbers._fields]
