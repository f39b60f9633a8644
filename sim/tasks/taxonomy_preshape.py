"""How a hand takes an object between two virtual fingers: inverse kinematics on its geometry.

A solver moves joints and object from several natural postures until what a grasp leaves to be
desired (`taxonomy_fit.py`) is least; then the hand opens from there, and closes further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from .box_least_squares import solve
from .taxonomy_fit import APART, DISTANCE, POSTURE, STEP, Fit
from .taxonomy_hand import TaxonomyHand
from .taxonomy_types import GraspType

Array = NDArray[np.float64]

CLEARANCE: Final = 0.012  # [m], of the opened hand
SQUEEZE: Final = 0.003  # [m], depth under the surface for which pads that feel head

_STARTS: Final = ((1.0, 0.0, 0.0), (0.6, 0.0, 0.0), (0.8, 0.0, -0.03), (0.6, 0.5, 0.02))
"""Part of the curl, of the thumb's way to the ends of its ranges, distance from the palm [m]."""
_GOOD: Final = 25.0  # cost that needs no other start

_TOUCH: Final = 0.3  # share of a pad that touches besides
_EVEN: Final = 0.6  # weight of even shares against balanced ones
_LEVER: Final = 0.02  # [m], at which a moment weighs as much as a force


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
        capacity: Largest force between the virtual fingers [N] that all joints can bear.
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
    fit = Fit(hand, kind, rest, free)
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


def _way(fit: Fit, x: Array, cost: float) -> _Way:
    touching = fit.split(x)[0]
    fit.set(x)
    postures = []
    for pad, blind in ((CLEARANCE, CLEARANCE), (-SQUEEZE, -fit.kind.depth)):
        q, task = touching.copy(), _Retreat(fit, touching, pad, blind)
        lower, upper = fit.hand.bound.position_range[fit.free].T
        start = touching[fit.free]
        q[fit.free], left = solve(task.residual, task.jacobian, start, lower, upper, steps=30)
        postures.append(q)
        cost += left if pad > 0.0 else 0.0  # a way in has to be free; the way on never is
    return _Way(x, postures[0], postures[1], cost)


class _Retreat:
    """Residuals of a hand around a placed object: what touches at a gap, nothing else nearer."""

    def __init__(self, fit: Fit, touching: Array, gap: float, blind: float) -> None:
        hand = self.hand = fit.hand
        self.fit, self.touching = fit, touching
        self.gaps = {
            g: gap if p.part == "pad" else blind
            for p in fit.patches
            if p.part != "palm"
            for g in hand.geoms(p)
        }
        self.least = max(0.5 * gap, -0.002)
        self.others = [g for f in hand.parts.bones for g in f if g not in self.gaps]

    def jacobian(self, x: Array) -> Array:
        base = self.residual(x)
        steps = STEP * np.eye(len(x))
        return np.column_stack([(self.residual(x + step) - base) / STEP for step in steps])

    def residual(self, x: Array) -> Array:
        hand, q = self.hand, self.touching.copy()
        q[self.fit.free] = x
        hand.move(q)
        gaps = [hand.distance(g) - gap for g, gap in self.gaps.items()]
        others = [min(hand.distance(g) - self.least, 0.0) for g in self.others]
        cross = [
            min(hand.distance(a, b) - APART, 0.0) for a, b, _ in self.fit.limits if b != hand.object
        ]
        posture = 3.0 * POSTURE * (q - self.touching)[self.fit.free]
        return np.append(DISTANCE * np.array([*gaps, *others, *cross]), posture)


def _shares(fit: Fit) -> Array:
    """Forces along the normals that balance best, none far from that of its neighbours."""
    hand = fit.hand
    pressing = fit.first + fit.second
    touch = [hand.touch(p) for p in pressing]
    center = hand.data.geom_xpos[hand.object]
    forces = np.array([t.inward for t in touch]).T
    moments = np.array([np.cross(t.point - center, t.inward) for t in touch]).T / _LEVER
    even = np.concatenate([np.full(len(v), 1.0 / len(v)) for v in (fit.first, fit.second)])
    matrix = np.concatenate([forces, moments, _EVEN * np.eye(len(touch))])
    found, _ = nnls(matrix, np.concatenate([np.zeros(6), _EVEN * even]))
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
