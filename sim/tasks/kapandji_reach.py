"""Postures in which the pulp of the thumb touches a place on the hand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .box_least_squares import solve
from .digits import Digits
from .kapandji_targets import Target
from .taxonomy_types import Patch

Array = NDArray[np.float64]

APPROACH: Final = 0.012  # [m], from which the thumb comes
PRESS: Final = 0.003  # [m], depth under the skin for which it heads
REACHED: Final = 0.003  # [m], no plan is made for what stays further off

_TRIES: Final = 6
_FAR: Final = 0.1  # [m]
_CLEAR: Final = 0.003  # [m], of all that shall not touch, or pads feel their neighbours
_STEP: Final = 1e-6

# What a metre, a pulp turned away or a radian from the natural posture is worth.
_DISTANCE: Final = 1e3
_PULP: Final = 3.0
_POSTURE: Final = 0.3


@dataclass(frozen=True, eq=False)
class Reach:
    """A way to a place, each posture of shape (n,) [rad].

    Attributes:
        approach: Before it.
        press: On it, and on.
        gap: By how much the skin stays off it [m].
    """

    approach: Array
    press: Array
    gap: float


class _Task:
    """Residuals of the pad at a gap from a place, facing it, and clear of all else."""

    def __init__(self, digits: Digits, target: Target, rest: Array) -> None:
        self.digits, self.target, self.rest = digits, target, rest
        self.pad = digits.parts.pad[digits.thumb]
        self.free = _joints_to(digits, target)
        self.pairs = _pairs(digits, target)
        self.gap = 0.0

    def residual(self, x: Array) -> Array:
        digits, q = self.digits, self.rest.copy()
        q[self.free] = x
        digits.move(q)
        data, model = digits.data, digits.bound.model
        point, outward = self.target.in_world(data)
        radius = float(model.geom_size[self.pad, 0])
        offset = data.geom_xpos[self.pad] - point - (radius + self.gap) * outward
        turned = max(0.0, 0.2 + float(digits.normal(Patch(1, "pad")) @ outward))
        near = [
            min(mujoco.mj_geomDistance(model, data, a, b, _FAR, None) - _CLEAR, 0.0)
            for a, b in self.pairs
        ]
        return np.concatenate(
            [
                _DISTANCE * offset,
                [_PULP * turned],
                _DISTANCE * np.array(near),
                _POSTURE * (q - self.rest)[self.free],
            ]
        )

    def jacobian(self, x: Array) -> Array:
        base = self.residual(x)
        steps = _STEP * np.eye(len(x))
        return np.column_stack([(self.residual(x + step) - base) / _STEP for step in steps])

    def off(self, x: Array) -> float:
        """Distance of the skin from the place [m]."""
        self.residual(x)
        point, _ = self.target.in_world(self.digits.data)
        way = np.linalg.norm(self.digits.data.geom_xpos[self.pad] - point)
        return abs(float(way) - float(self.digits.bound.model.geom_size[self.pad, 0]))


def reach(digits: Digits, target: Target, rest: Array) -> Reach:
    """Finds how the thumb gets to a place, with the finger and the palm's arch helping.

    Args:
        digits: The hand.
        target: The place.
        rest: A natural posture, shape (n,) [rad].
    """
    task = _Task(digits, target, rest)
    lower, upper = digits.bound.position_range[task.free].T + np.array([[1e-3], [-1e-3]])
    generator = np.random.default_rng(0)
    best, least = np.zeros(0), np.inf
    for attempt in range(_TRIES):
        middle = 0.5 * (lower + upper) if attempt else np.clip(rest[task.free], lower, upper)
        spread = 0.25 * (upper - lower) * generator.normal(size=len(lower)) * min(attempt, 1)
        task.gap = 0.0
        x, cost = solve(task.residual, task.jacobian, middle + spread, lower, upper, steps=60)
        if cost < least:
            best, least = x, cost
        if task.off(best) < 0.3 * REACHED and least < 2.0:
            break
    gap = task.off(best)

    def at(away: float) -> Array:
        q = rest.copy()
        task.gap = away
        q[task.free], _ = solve(task.residual, task.jacobian, best, lower, upper, steps=30)
        return q

    return Reach(at(APPROACH), at(-PRESS), gap)


def _joints_to(digits: Digits, target: Target) -> NDArray[np.intp]:
    """Indices of the joints between the palm and the thumb, and between it and the place."""
    bound = digits.bound
    model, bodies = bound.model, set[int]()
    for end in (int(model.site_bodyid[bound.tip_ids[digits.thumb]]), target.body):
        body = end
        while body and body != bound.palm_id:
            bodies.add(body)
            body = int(model.body_parentid[body])
    return np.array(
        [i for i, j in enumerate(bound.joint_ids) if int(model.jnt_bodyid[j]) in bodies]
    )


def _pairs(digits: Digits, target: Target) -> list[tuple[int, int]]:
    """Of parts that shall not touch: the thumb's and all others, and those of neighbours."""
    parts, model = digits.parts, digits.bound.model
    thumb = [parts.pad[digits.thumb], *parts.bones[digits.thumb]]
    fingers = [[parts.pad[f], *parts.bones[f]] for f in digits.fingers]
    pairs = [(a, b) for finger in fingers for a in thumb for b in finger]
    pairs += [(a, b) for a in thumb[:1] + thumb[2:] for b in parts.palm]
    pairs += [(a, b) for one, two in pairwise(fingers) for a in one for b in two]
    return [
        (a, b)
        for a, b in pairs
        if not (a == thumb[0] and int(model.geom_bodyid[b]) == target.body)
        and _collide(model, a, b)
    ]


def _collide(model: mujoco.MjModel, a: int, b: int) -> bool:
    """Whether MuJoCo would ever make a contact of two geoms."""
    one, two = sorted((int(model.geom_bodyid[a]), int(model.geom_bodyid[b])))
    if one == two or model.body_parentid[two] == one or model.body_parentid[one] == two:
        return False
    return (one << 16) + two not in model.exclude_signature
