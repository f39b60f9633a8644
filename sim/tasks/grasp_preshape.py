"""Postures from which a hand closes on a primitive: between fingertips, or in the palm.

Inverse kinematics on the collision geometry: MuJoCo tells how far every part of the hand is from
the object, a least-squares solver moves joints and object until what shall touch does, and until
fingers that press with their shares leave no force and no moment but what the thumb (or the palm)
takes up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from ...controller import BoundHand
from .grasp_reach import Reach, Touch

Array = NDArray[np.float64]
Grip = Literal["precision", "power"]

CLEARANCE: Final = 0.015  # [m], of the opened hand
SQUEEZE: Final = 0.003  # [m], depth under the surface for which the closed hand heads

_APART: Final = 0.001  # [m], of parts that shall not touch
_IDLE: Final = 0.012  # [m], of fingers that take no part
_SPREAD: Final = 0.010  # [m], between neighbouring fingertips, from which they keep together
_PALM: Final = 0.0005  # [m], of the palm from what it is to hold
_STARTS: Final = np.array([[0.0, 0.0, 0.0], [-0.015, 0.0, 0.0]])  # [m]: the best of two solutions
_ROUNDS: Final = 3  # of solutions, each of which keeps apart what crossed in the one before
_POOR: Final = 50.0  # cost of a solution in which something does not oppose or touch
_MORE_STARTS: Final = 1e-3 * np.array(
    [
        [15.0, 0.0, 0.0],
        [0.0, 0.0, 20.0],
        [0.0, 0.0, -20.0],
        [-30.0, 0.0, 15.0],
        [30.0, 0.0, 0.0],
        [0.0, 15.0, 0.0],
        [0.0, -15.0, 0.0],
    ]
)  # [m], for hands that find only a poor one from these

# What a metre, a direction, a force or a radian off is worth to the solver.
_DISTANCE = 1e3
_ALIGNMENT = 8.0
_OPPOSITION = 40.0
_BALANCE = 15.0
_POSTURE = 0.6
_YAW: Final[dict[Grip, float]] = {"precision": 0.3, "power": 6.0}


@dataclass(frozen=True, eq=False)
class GraspPreshape:
    """Three postures on one way, each shape (n,) [rad], and where the object is expected.

    Attributes:
        opened: Clear of the object.
        touching: On its surface.
        closed: Inside it; never reached, it is where a closing hand heads for.
        position: Of the object [m], shape (3,).
        yaw: Of the object about the vertical [rad].
    """

    opened: Array
    touching: Array
    closed: Array
    position: Array
    yaw: float


@dataclass(frozen=True, eq=False)
class GraspPlan:
    """What is known before the solver begins.

    Attributes:
        grip: Between fingertips or in the palm.
        share: Of the grip per finger, thumb 1, 0 for those that take no part, shape (fingers,).
        thumb: Index of the thumb.
        rest: Natural posture to stay near, shape (n,) [rad].
        free: Indices of the joints that may move.
        guess: Where the object may be [m], shape (3,).
    """

    grip: Grip
    share: Array
    thumb: int
    rest: Array
    free: NDArray[np.intp]
    guess: Array

    @property
    def used(self) -> list[int]:
        """The thumb, then the other fingers that take part."""
        others = np.flatnonzero(self.share > 0.0)
        return [self.thumb, *(int(f) for f in others if f != self.thumb)]

    @property
    def idle(self) -> list[int]:
        """Fingers that take no part."""
        return [int(f) for f in np.flatnonzero(self.share == 0.0)]


class _Fit:
    """Residuals of a grasp; the unknowns are the free joints, then place and yaw of the object."""

    def __init__(self, scene: Reach, plan: GraspPlan) -> None:
        self.scene, self.plan = scene, plan

    def split(self, x: Array) -> tuple[Array, Array, float]:
        q = self.plan.rest.copy()
        q[self.plan.free] = x[:-4]
        return q, x[-4:-1], float(x[-1])

    def __call__(self, x: Array) -> Array:
        q, position, yaw = self.split(x)
        self.scene.place(position, yaw)
        self.scene.move(q)
        touch = [self.scene.touch(f) for f in self.plan.used]
        hold = self._pinch if self.plan.grip == "precision" else self._wrap
        posture = _POSTURE * (q - self.plan.rest)[self.plan.free]
        return np.concatenate(
            [
                [2.0 * _DISTANCE * t.distance for t in touch],
                hold(touch, position),
                self._apart(),
                posture,
                [_YAW[self.plan.grip] * yaw],
            ]
        )

    def _pinch(self, touch: list[Touch], center: Array) -> Array:
        """Every pad faces the object and the thumb faces the fingers through its centre."""
        scene, weight = self.scene, self.plan.share[self.plan.used[1:]]
        rotations = scene.data.site_xmat[scene.bound.tip_ids[self.plan.used]].reshape(-1, 3, 3)
        thumb, fingers = touch[0], touch[1:]
        push = weight @ np.array([t.inward for t in fingers])
        point = weight @ np.array([t.point for t in fingers])
        lever = np.cross(thumb.point - point, thumb.inward)
        return np.concatenate(
            [
                _ALIGNMENT * (rotations[:, :, 2] - [t.inward for t in touch]).ravel(),
                _OPPOSITION * (thumb.inward + push / np.linalg.norm(push)),
                0.5 * _DISTANCE * lever,
                0.3 * _DISTANCE * (0.5 * (thumb.point + point) - center),
            ]
        )

    def _wrap(self, touch: list[Touch], center: Array) -> Array:
        """Palm and bones lie on the object, and the pads push it straight into the palm."""
        scene, weight = self.scene, self.plan.share[self.plan.used]
        palm = np.sort([scene.distance(g) for g in scene.parts.palm])[:2] - _PALM
        bones = [scene.distance(g) for f in self.plan.used[1:] for g in scene.parts.bones[f][1:]]
        _, palmar, _ = scene.frame.in_world(scene.bound, scene.data)
        push = weight @ np.array([t.inward for t in touch])
        moment = weight @ np.array([np.cross(t.point - center, t.inward) for t in touch])
        return np.concatenate(
            [
                _DISTANCE * palm,
                0.3 * _DISTANCE * np.array(bones),
                _BALANCE * (push - (push @ palmar) * palmar),
                0.2 * _DISTANCE * moment,
                [0.1 * _DISTANCE * (center - self.plan.guess)[2]],
            ]
        )

    def _apart(self) -> Array:
        """What may not touch: other parts and the object, fingers one another, idle ones."""
        scene, parts = self.scene, self.scene.parts
        gap = _APART if self.plan.grip == "precision" else 0.0
        others = [g for finger in parts.bones for g in finger] + parts.palm
        clear = [scene.distance(g) - gap for g in others]
        idle = [scene.distance(parts.pad[f]) - _IDLE for f in self.plan.idle]
        neighbours = pairwise(parts.pad[f] for f in self.plan.used[1:])
        wide = [scene.distance(a, b) - _SPREAD for a, b in neighbours]
        return _DISTANCE * np.concatenate(
            [
                2.0 * np.minimum([*clear, *idle], 0.0),
                0.3 * np.maximum(wide, 0.0),
                scene.crossing(_APART),
            ]
        )


class _Retreat:
    """Residuals of a hand around a placed object: pads at a gap from it, nothing else nearer."""

    def __init__(self, scene: Reach, plan: GraspPlan, touching: Array, gap: float) -> None:
        self.scene, self.plan, self.touching, self.gap = scene, plan, touching, gap

    def __call__(self, x: Array) -> Array:
        scene, q = self.scene, self.touching.copy()
        q[self.plan.free] = x
        scene.move(q)
        pads = [scene.distance(scene.parts.pad[f]) - self.gap for f in self.plan.used]
        least = max(0.5 * self.gap, -0.002)
        bones = [scene.distance(g) - least for f in self.plan.used for g in scene.parts.bones[f]]
        palm = [scene.distance(g) for g in scene.parts.palm]
        apart = np.concatenate([pads, np.minimum([*bones, *palm], 0.0), scene.crossing(0.0)])
        posture = 3.0 * _POSTURE * (q - self.touching)[self.plan.free]
        return np.append(_DISTANCE * apart, posture)


def find_preshape(bound: BoundHand, plan: GraspPlan) -> GraspPreshape:
    """Finds how a hand takes the object `object` of its model.

    Args:
        bound: The hand in the scene.
        plan: What is to be found.
    """
    scene = Reach(bound, plan.thumb)
    for _ in range(_ROUNDS):
        found = _solve(scene, plan)
        if not scene.find_crossings([found.opened, found.touching]):
            break
    return found


def _solve(scene: Reach, plan: GraspPlan) -> GraspPreshape:
    fit = _Fit(scene, plan)
    lower, upper = scene.bound.position_range[plan.free].T + np.array([[1e-3], [-1e-3]])
    rest = np.clip(plan.rest[plan.free], lower + 1e-4, upper - 1e-4)
    bounds = (np.append(lower, [-np.inf] * 4), np.append(upper, [np.inf] * 4))

    def solve(step: Array) -> OptimizeResult:
        start = np.concatenate([rest, plan.guess + step, [0.0]])
        return least_squares(fit, start, bounds=bounds, max_nfev=100)

    best = min(map(solve, _STARTS), key=lambda solved: float(solved.cost))
    for step in _MORE_STARTS:
        if best.cost < _POOR:
            break
        best = min(best, solve(step), key=lambda solved: float(solved.cost))
    touching, position, yaw = fit.split(best.x)
    scene.place(position, yaw)

    def retreat(gap: float) -> Array:
        q, task = touching.copy(), _Retreat(scene, plan, touching, gap)
        solved = least_squares(task, touching[plan.free], bounds=(lower, upper), max_nfev=40)
        q[plan.free] = solved.x
        return q

    return GraspPreshape(retreat(CLEARANCE), touching, retreat(-SQUEEZE), position, yaw)
