"""How a hand takes an object between two virtual fingers: inverse kinematics on its geometry.

MuJoCo tells how far every part of the hand is from the object. A least-squares solver moves joints
and object until the patches that shall touch do, face the object, and press against each other
through it, and until nothing else touches. What shall touch is differentiated by differences, what
shall not by the Jacobians of the two points that are nearest to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from .box_least_squares import solve
from .taxonomy_hand import TaxonomyHand, Touch
from .taxonomy_types import GraspType, Patch

Array = NDArray[np.float64]

CLEARANCE: Final = 0.012  # [m], of the opened hand
SQUEEZE: Final = 0.003  # [m], depth under the surface for which pads that feel head

_APART: Final = 0.001  # [m], of parts that shall not touch
_IDLE: Final = 0.008  # [m], of fingers that take no part
_STEP: Final = 1e-6  # of differences

# What a metre, a direction, a force or a radian off is worth to the solver.
_DISTANCE: Final = 1e3
_ALIGNMENT: Final = 8.0
_OPPOSITION: Final = 30.0
_POSTURE: Final = 0.6
_TURN: Final = 4.0
_PLACE: Final = 100.0
_EFFORT: Final = 2.0

_STARTS: Final = ((1.0, 0.0, 0.0), (0.6, 0.0, 0.0), (0.8, 0.0, -0.03), (0.6, 0.5, 0.02))
"""Part of the curl, of the thumb's way to the ends of its ranges, distance from the palm [m]."""
_GOOD: Final = 25.0  # cost that needs no other start

_TOUCH: Final = 0.3  # share of a pad that touches besides
NOMINAL: Final = 10.0  # [N], between virtual fingers: a posture is sought in which that is easy


@dataclass(frozen=True, eq=False)
class TaxonomyPreshape:
    """Three postures on one way, each shape (n,) [rad], and where the object is expected.

    Attributes:
        opened: Clear of the object.
        touching: On its surface.
        closed: Inside it; never reached, it is where a closing hand heads for.
        position: Of the object [m], shape (3,).
        quat: Of the object, shape (4,).
        share: Force of each pad where all balance, the largest 1, shape (fingers,).
        capacity: Largest such force [N] that the joints can bear at all contacts.
        cost: What the solver left.
    """

    opened: Array
    touching: Array
    closed: Array
    position: Array
    quat: Array
    share: Array
    capacity: float
    cost: float


class _Fit:
    """Residuals of a grasp; unknowns are the free joints, then place and turn of the object."""

    def __init__(
        self, hand: TaxonomyHand, kind: GraspType, rest: Array, free: NDArray[np.intp]
    ) -> None:
        self.hand, self.kind, self.rest, self.free = hand, kind, rest, free
        self.first, self.second, self.third = (hand.present(v) for v in kind.patches)
        self.patches = self.first + self.second + self.third
        frame = hand.frame
        z, x = frame @ kind.axis, frame @ kind.across
        z = z / np.linalg.norm(z)
        x = x - (x @ z) * z
        x = x / np.linalg.norm(x)
        self.upright = np.column_stack([x, np.cross(z, x), z])
        self.guess = hand.knuckles + hand.length * frame @ kind.at
        touching = {g for p in self.patches for g in hand.geoms(p)}
        used = {hand.digit(p.digit) for p in self.patches if p.digit}
        # Middle and distal phalanges wrap; the thumb lies where it can.
        bent = used - {hand.thumb} if kind.wraps else set()
        wrapped = [g for f in sorted(bent) for g in hand.parts.bones[f][1:]]
        self.wrapped = [g for g in wrapped if g not in touching]
        pads = [hand.parts.pad[f] for f in range(len(hand.parts.pad))]
        bones = [g for finger in hand.parts.bones for g in finger]
        others = [g for g in dict.fromkeys([*pads, *bones, *hand.parts.palm]) if g not in touching]
        idle = {hand.parts.pad[f] for f in range(len(pads)) if f not in used}
        self.limits: list[tuple[int, int, float]] = [
            (g, hand.object, _IDLE if g in idle else 0.0 if kind.wraps else _APART) for g in others
        ]
        if kind.opposition == "palm":
            self.limits += [(g, hand.object, 0.0) for g in hand.parts.palm]
        self.limits += [(a, b, _APART) for a, b in self._finger_pairs()]
        self.torque = np.asarray(hand.bound.hand.controller_config().safety.torque_max)[free]

    def start(self, curl: float, idle: float, thumb: float) -> Array:
        """Joints of a natural posture, with the thumb some way to the ends of its ranges."""
        hand, q = self.hand, self.rest.copy()
        used = {hand.digit(p.digit) for p in self.patches if p.digit}
        names = list(hand.bound.hand.joint_names)
        for f, finger in enumerate(hand.bound.hand.description.fingers):
            for name in finger.joints:
                i = names.index(name)
                if f == hand.thumb and thumb:
                    end = hand.bound.position_range[i, int(thumb > 0.0)]
                    q[i] += abs(thumb) * (end - q[i])
                elif i in hand.flexion:
                    q[i] = (curl if f in used else idle) * hand.flexion[i]
        return q

    def split(self, x: Array) -> tuple[Array, Array, Array]:
        q = self.rest.copy()
        q[self.free] = x[:-6]
        turn, quat, upright = np.zeros(4), np.zeros(4), np.zeros(4)
        angle = float(np.linalg.norm(x[-3:]))
        axis = x[-3:] / angle if angle > 1e-12 else np.array([0.0, 0.0, 1.0])
        mujoco.mju_axisAngle2Quat(turn, axis, angle)
        mujoco.mju_mat2Quat(upright, self.upright.ravel())
        mujoco.mju_mulQuat(quat, turn, upright)
        return q, x[-6:-3], quat

    def set(self, x: Array) -> Array:
        q, position, quat = self.split(x)
        self.hand.place(position, quat)
        self.hand.move(q)
        return position

    def residual(self, x: Array) -> Array:
        position = self.set(x)
        return np.concatenate([self._hold(position), self._clear()[0], self._soft(x)])

    def jacobian(self, x: Array) -> Array:
        base = self._hold(self.set(x))
        clear = self._clear(jacobian=True)[1]
        hold = np.empty((len(base), len(x)))
        for i in range(len(x)):
            moved = x.copy()
            moved[i] += _STEP
            hold[:, i] = (self._hold(self.set(moved)) - base) / _STEP
        soft = np.diag(self._weights)
        return np.concatenate([hold, clear, soft])

    @property
    def _weights(self) -> Array:
        return np.concatenate(
            [np.full(len(self.free), _POSTURE), np.full(3, _PLACE), np.full(3, _TURN)]
        )

    def _soft(self, x: Array) -> Array:
        natural = np.concatenate([self.natural[self.free], self.guess, np.zeros(3)])
        return np.asarray(self._weights * (x - natural))

    natural: Array

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
        wrapped = [0.3 * _DISTANCE * self.hand.distance(g) for g in self.wrapped]
        return np.concatenate(
            [
                [2.0 * _DISTANCE * t.distance for t in touch],
                np.concatenate(facing),
                self._balance(push, against, second),
                (0.2 if palm else 0.5) * _DISTANCE * lever,
                0.1 * _DISTANCE * (0.5 * (point + other) - center),
                wrapped,
                _EFFORT * NOMINAL * self.efforts(first, second).ravel(),
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
        return np.array(rows) / self.torque

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
            value[i] = 2.0 * _DISTANCE * (distance - gap)
            if jacobian:
                slope[i] = 2.0 * _DISTANCE * self._slope(a, b, distance)
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


def _side(touch: list[Touch]) -> tuple[Array, Array]:
    """Direction in which a virtual finger presses, and where."""
    push = np.mean([t.inward for t in touch], axis=0)
    point = np.mean([t.point for t in touch], axis=0)
    return push / max(float(np.linalg.norm(push)), 0.3), np.asarray(point)


def find_preshape(
    hand: TaxonomyHand, kind: GraspType, rest: Array, free: NDArray[np.intp]
) -> TaxonomyPreshape:
    """Finds how a hand takes the object of its scene.

    Args:
        hand: In the scene.
        kind: The type of grasp.
        rest: A natural posture, shape (n,) [rad].
        free: Indices of the joints that may move.
    """
    fit = _Fit(hand, kind, rest, free)
    lower, upper = hand.bound.position_range[free].T + np.array([[1e-3], [-1e-3]])
    low, high = np.append(lower, [-np.inf] * 6), np.append(upper, [np.inf] * 6)
    ways: list[_Way] = []
    for curl, thumb, away in _STARTS:
        fit.natural = fit.start(curl * kind.curl, kind.idle, thumb)
        guess = fit.guess + away * hand.frame[:, 1]
        start = np.concatenate([fit.natural[free], guess, np.zeros(3)])
        ways.append(_way(fit, *solve(fit.residual, fit.jacobian, start, low, high)))
        if ways[-1].cost < _GOOD:
            break
    way = min(ways, key=lambda way: way.cost)
    touching, position, quat = fit.split(way.x)
    fit.set(way.x)
    share = _shares(fit)
    touch = [[hand.touch(p) for p in v] for v in (fit.first, fit.second)]
    capacity = 1.0 / max(float(np.abs(fit.efforts(*touch)).max()), 1e-3)
    return TaxonomyPreshape(
        way.opened, touching, way.closed, position, quat, share, capacity, way.cost
    )


@dataclass(frozen=True, eq=False)
class _Way:
    """A solution, the way to it, and what all of it costs."""

    x: Array
    opened: Array
    closed: Array
    cost: float


def _way(fit: _Fit, x: Array, cost: float) -> _Way:
    touching = fit.split(x)[0]
    fit.set(x)
    postures = []
    for pad, blind in ((CLEARANCE, CLEARANCE), (-SQUEEZE, -fit.kind.depth)):
        q, task = touching.copy(), _Retreat(fit, touching, pad, blind)
        bounds = fit.hand.bound.position_range[fit.free].T
        q[fit.free], left = solve(
            task.residual, task.jacobian, touching[fit.free], *bounds, steps=30
        )
        postures.append(q)
        cost += left if pad > 0.0 else 0.0  # a way in has to be free; the way on never is
    return _Way(x, postures[0], postures[1], cost)


class _Retreat:
    """Residuals of a hand around a placed object: what touches at a gap, nothing else nearer."""

    def __init__(self, fit: _Fit, touching: Array, gap: float, blind: float) -> None:
        hand = self.hand = fit.hand
        self.fit, self.touching = fit, touching
        self.gaps = {
            g: gap if p.part == "pad" else blind
            for p in fit.patches if p.part != "palm" for g in hand.geoms(p)
        }
        self.least = max(0.5 * gap, -0.002)
        self.others = [
            g for f in hand.parts.bones for g in f
            if g not in self.gaps
        ]

    def jacobian(self, x: Array) -> Array:
        base = self.residual(x)
        steps = _STEP * np.eye(len(x))
        return np.column_stack([(self.residual(x + step) - base) / _STEP for step in steps])

    def residual(self, x: Array) -> Array:
        hand, q = self.hand, self.touching.copy()
        q[self.fit.free] = x
        hand.move(q)
        gaps = [hand.distance(g) - gap for g, gap in self.gaps.items()]
        others = [min(hand.distance(g) - self.least, 0.0) for g in self.others]
        cross = [min(hand.distance(a, b) - _APART, 0.0) for a, b, _ in self.fit.limits if b != hand.object]
        posture = 3.0 * _POSTURE * (q - self.touching)[self.fit.free]
        return np.append(_DISTANCE * np.array([*gaps, *others, *cross]), posture)


def _shares(fit: _Fit) -> Array:
    """Forces along the normals that balance best, none far from that of its neighbours."""
    hand = fit.hand
    pressing = fit.first + fit.second
    touch = [hand.touch(p) for p in pressing]
    center = hand.data.geom_xpos[hand.object]
    forces = np.array([t.inward for t in touch]).T
    moments = np.array([np.cross(t.point - center, t.inward) for t in touch]).T / 0.02
    even = np.concatenate(
        [np.full(len(v), 1.0 / len(v)) for v in (fit.first, fit.second)]
    )
    weight = 0.6
    matrix = np.concatenate([forces, moments, weight * np.eye(len(touch))])
    found, _ = nnls(matrix, np.concatenate([np.zeros(6), weight * even]))
    share = np.zeros(len(hand.parts.pad))
    if fit.kind.opposition == "palm":
        found = even
    for p, force in zip(pressing, found, strict=True):
        if p.part == "pad":
            share[hand.digit(p.digit)] = force
    for p in fit.third:
        if p.part == "pad":
            share[hand.digit(p.digit)] = _TOUCH * share.max()
    return share / max(float(share.max()), 1e-9)
