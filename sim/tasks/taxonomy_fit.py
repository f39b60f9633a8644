"""What a grasp between two virtual fingers leaves to be desired: residuals for a solver.

MuJoCo tells how far every part of the hand is from the object. Wanted is that the patches that
shall touch do, face the object, and press against each other through it without tiring a joint, and
that nothing else touches. What shall touch is differentiated by differences, what shall not by the
Jacobians of the two points that are nearest to each other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .taxonomy_hand import TaxonomyHand, Touch
from .taxonomy_types import GraspType, Patch

Array = NDArray[np.float64]

APART: Final = 0.001  # [m], of parts that shall not touch
STEP: Final = 1e-6  # of differences

# What a metre or a radian off is worth to the solver.
DISTANCE: Final = 1e3
POSTURE: Final = 0.6

_IDLE: Final = 0.008  # [m], of fingers that take no part
_NOMINAL: Final = 10.0  # [N], between virtual fingers: a posture is sought in which that is easy

# The same of a direction, a force, a turn or a shift of the object, a joint's torque.
_ALIGNMENT: Final = 8.0
_OPPOSITION: Final = 30.0
_TURN: Final = 4.0
_PLACE: Final = 100.0
_EFFORT: Final = 2.0


class Fit:
    """Residuals of a grasp; unknowns are the free joints, then place and turn of the object.

    Attributes:
        hand: Before the object.
        kind: The type of grasp.
        free: Indices of the joints that may move.
        first, second, third: Patches that the hand has of those of the type.
        patches: All of them.
        limits: Pairs of geoms and how far apart they have to be [m].
        guess: Where the object may be [m].
        natural: A posture to stay near, shape (n,) [rad].
    """

    def __init__(
        self, hand: TaxonomyHand, kind: GraspType, rest: Array, free: NDArray[np.intp]
    ) -> None:
        self.hand, self.kind, self.rest, self.free = hand, kind, rest, free
        self.first, self.second, self.third = (hand.present(v) for v in kind.patches)
        self.patches = self.first + self.second + self.third
        self._used = {hand.digit(p.digit) for p in self.patches if p.digit}
        self._upright = _upright(hand.frame @ kind.axis, hand.frame @ kind.across)
        self.guess = hand.knuckles + hand.length * hand.frame @ kind.at
        self.natural = rest
        touching = {g for p in self.patches for g in hand.geoms(p)}
        # Middle and distal phalanges wrap; the thumb lies where it can.
        bent = self._used - {hand.thumb} if kind.wraps else set()
        wrapped = [g for f in sorted(bent) for g in hand.parts.bones[f][1:]]
        self._wrapped = [g for g in wrapped if g not in touching]
        self.limits = self._limits(touching)
        self._torque = np.asarray(hand.bound.hand.controller_config().safety.torque_max)[free]

    def _limits(self, touching: set[int]) -> list[tuple[int, int, float]]:
        hand, pads = self.hand, self.hand.parts.pad
        bones = [g for finger in hand.parts.bones for g in finger]
        others = [g for g in dict.fromkeys([*pads, *bones, *hand.parts.palm]) if g not in touching]
        idle = {pads[f] for f in range(len(pads)) if f not in self._used}
        near = 0.0 if self.kind.wraps else APART
        limits = [(g, hand.object, _IDLE if g in idle else near) for g in others]
        if self.kind.opposition == "palm":
            limits += [(g, hand.object, 0.0) for g in hand.parts.palm]
        return limits + [(a, b, APART) for a, b in self._finger_pairs()]

    def start(self, curl: float, idle: float, thumb: float) -> Array:
        """Joints of a natural posture, with the thumb some way to the ends of its ranges."""
        hand, q = self.hand, self.rest.copy()
        names = list(hand.bound.hand.joint_names)
        for f, finger in enumerate(hand.bound.hand.description.fingers):
            for name in finger.joints:
                i = names.index(name)
                if f == hand.thumb and thumb:
                    end = hand.bound.position_range[i, int(thumb > 0.0)]
                    q[i] += abs(thumb) * (end - q[i])
                elif i in hand.flexion:
                    q[i] = (curl if f in self._used else idle) * hand.flexion[i]
        return q

    def split(self, x: Array) -> tuple[Array, Array, Array]:
        """Posture [rad], place [m] and quaternion of the object."""
        q = self.rest.copy()
        q[self.free] = x[:-6]
        turn, quat, upright = np.zeros(4), np.zeros(4), np.zeros(4)
        angle = float(np.linalg.norm(x[-3:]))
        axis = x[-3:] / angle if angle > 1e-12 else np.array([0.0, 0.0, 1.0])
        mujoco.mju_axisAngle2Quat(turn, axis, angle)
        mujoco.mju_mat2Quat(upright, self._upright.ravel())
        mujoco.mju_mulQuat(quat, turn, upright)
        return q, x[-6:-3], quat

    def set(self, x: Array) -> Array:
        """Puts hand and object there; returns the place of the object."""
        q, position, quat = self.split(x)
        self.hand.place(position, quat)
        self.hand.move(q)
        return position

    def residual(self, x: Array) -> Array:
        """What is left."""
        position = self.set(x)
        return np.concatenate([self._hold(position), self._clear()[0], self._soft(x)])

    def jacobian(self, x: Array) -> Array:
        """Its derivatives."""
        base = self._hold(self.set(x))
        clear = self._clear(jacobian=True)[1]
        hold = np.empty((len(base), len(x)))
        for i in range(len(x)):
            moved = x.copy()
            moved[i] += STEP
            hold[:, i] = (self._hold(self.set(moved)) - base) / STEP
        soft = np.diag(self._weights)
        return np.concatenate([hold, clear, soft])

    @property
    def _weights(self) -> Array:
        return np.concatenate(
            [np.full(len(self.free), POSTURE), np.full(3, _PLACE), np.full(3, _TURN)]
        )

    def _soft(self, x: Array) -> Array:
        natural = np.concatenate([self.natural[self.free], self.guess, np.zeros(3)])
        return np.asarray(self._weights * (x - natural))

    def _hold(self, center: Array) -> Array:
        first = [self.hand.touch(p) for p in self.first]
        second = [self.hand.touch(p) for p in self.second]
        touch = first + second + [self.hand.touch(p) for p in self.third]
        push, point = _side(first)
        against, other = _side(second)
        lever = np.cross(other - point, push)
        palm = self.kind.opposition == "palm"
        facing = [
            (0.3 if palm else 1.0) * _ALIGNMENT * (t.normal - t.inward)
            for t, p in zip(touch, self.patches, strict=True)
            if p.part != "palm"
        ]
        wrapped = [0.3 * DISTANCE * self.hand.distance(g) for g in self._wrapped]
        return np.concatenate(
            [
                [2.0 * DISTANCE * t.distance for t in touch],
                np.concatenate(facing),
                self._balance(push, against, second),
                (0.2 if palm else 0.5) * DISTANCE * lever,
                0.1 * DISTANCE * (0.5 * (point + other) - center),
                wrapped,
                _EFFORT * _NOMINAL * self.efforts(first, second).ravel(),
            ]
        )

    def _balance(self, push: Array, against: Array, second: list[Touch]) -> Array:
        """Virtual fingers press straight against each other; a palm takes what presses into it."""
        if self.first != [Patch(0, "palm")]:
            return np.asarray(_OPPOSITION * (push + against))
        mean = np.mean([t.inward for t in second], axis=0)
        return np.asarray(0.5 * _OPPOSITION * (mean - (mean @ push) * push))

    def efforts(self, first: list[Touch], second: list[Touch]) -> Array:
        """Part of each joint's torque that 1 N of a virtual finger takes, by contact."""
        mujoco.mj_comPos(self.hand.bound.model, self.hand.data)
        rows = []
        for touch, patches in ((first, self.first), (second, self.second)):
            for t, p in zip(touch, patches, strict=True):
                if p.part != "palm":
                    geom = self.hand.geoms(p)[0]
                    rows.append(t.inward @ self._velocity(geom, t.point) / len(touch))
        return np.array(rows) / self._torque

    def _clear(self, *, jacobian: bool = False) -> tuple[Array, Array]:
        hand, width = self.hand, len(self.free) + 6
        value = np.zeros(len(self.limits))
        slope = np.zeros((len(self.limits) if jacobian else 0, width))
        if jacobian:
            mujoco.mj_comPos(hand.bound.model, hand.data)
        for i, (a, b, gap) in enumerate(self.limits):
            distance = hand.distance(a, b)
            if distance >= gap:
                continue
            value[i] = 2.0 * DISTANCE * (distance - gap)
            if jacobian:
                slope[i] = 2.0 * DISTANCE * self._slope(a, b, distance)
        return value, slope

    def _slope(self, a: int, b: int, distance: float) -> Array:
        hand, points = self.hand, self.hand.points
        normal = (points[1] - points[0]) * np.sign(distance)
        normal = normal / max(float(np.linalg.norm(normal)), 1e-12)
        row = np.zeros(len(self.free) + 6)
        row[:-6] -= normal @ self._velocity(a, points[0])
        if b == hand.object:
            row[-6:-3] = normal
            arm = points[1] - hand.data.geom_xpos[b]
            row[-3:] = np.cross(arm, normal)
        else:
            row[:-6] += normal @ self._velocity(b, points[1])
        return row

    def _velocity(self, geom: int, point: Array) -> Array:
        model = self.hand.bound.model
        jacobian = np.zeros((3, model.nv))
        body = int(model.geom_bodyid[geom])
        mujoco.mj_jac(model, self.hand.data, jacobian, None, point, body)
        return jacobian[:, self.hand.bound.dof[self.free]]

    def _finger_pairs(self) -> list[tuple[int, int]]:
        parts, thumb = self.hand.parts, self.hand.thumb

        def of(f: int) -> list[int]:
            return [parts.pad[f], *parts.bones[f]]

        pairs = [(a, b) for f, g in pairwise(self.hand.fingers) for a in of(f) for b in of(g)]
        return pairs + [(a, b) for f in self.hand.fingers for a in of(thumb) for b in of(f)]


def _upright(length: Array, thickness: Array) -> Array:
    """Rotation of an object by its z and, about that, its x axis."""
    z = length / np.linalg.norm(length)
    x = thickness - (thickness @ z) * z
    x = x / np.linalg.norm(x)
    return np.column_stack([x, np.cross(z, x), z])


def _side(touch: list[Touch]) -> tuple[Array, Array]:
    """Direction in which a virtual finger presses, and where."""
    push = np.mean([t.inward for t in touch], axis=0)
    point = np.mean([t.point for t in touch], axis=0)
    return push / max(float(np.linalg.norm(push)), 0.3), np.asarray(point)
