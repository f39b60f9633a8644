"""What a hand that wraps a handle can press with, and what wrench that resists.

Limit analysis (the static theorem of plasticity, as in Drucker, Prager & Greenberg 1952): whatever
contact forces are in balance with a wrench, within friction cones and within the joints' torques,
the hand could hold it if it knew. The largest such wrench is a linear programme once the cones have
edges. Palm and metacarpals press back as hard as they are pressed, fingers as hard as their motors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from .handle_wrap import HandAround, Wrap, wrap

Array = NDArray[np.float64]

FRICTION: Final = 0.5
"""For which a grip is planned: the least that a taped or rubber handle may have."""

DEPTHS: Final = np.linspace(-0.034, 0.008, 10)
"""[m], places of a handle in front of the knuckles to choose from."""
BEGINNINGS: Final = (0.0, 1.0)  # from each of which the solver finds another wrap, or the same

_EDGES: Final = 8  # of a friction cone
_NEAR: Final = 0.003  # [m], from which a part counts as touching
_BURIED: Final = 0.001  # [m], depth from which a wrap is none
_LEVER: Final = 0.03  # [m], at which a moment weighs as much as a force in the balance
_BOUNDLESS: Final = 1000.0  # times the wrench asked for: what leans on the palm has no limit


@dataclass(frozen=True, eq=False)
class HandleGrip:
    """How a hand takes a handle.

    Attributes:
        wrap: Postures, and where the handle is.
        squeeze: Joint torques that press hardest, as parts of the joints' limits, shape (n,).
        force: Sum of what fingers and thumb press with then [N].
        strength: Times the aim that the hand could bear if it knew, the least of all aims.
        weakest: The aim that it bears least, shape (6,).
    """

    wrap: Wrap
    squeeze: Array
    force: float
    strength: float
    weakest: Array


class GripForces:
    """Contacts of a wrapped handle, with what they ask of the joints and do to the handle."""

    def __init__(self, around: HandAround, wrapped: Wrap, friction: float = FRICTION) -> None:
        """Finds the contacts.

        Args:
            around: The hand and the handle.
            wrapped: How it lies there.
            friction: Coefficient.
        """
        self._around, self._center = around, wrapped.position
        around.place(wrapped.position)
        around.move(wrapped.touching)
        mujoco.mj_forward(around.model, around.data)
        self._limit = around.bound.torque_max()
        torque, wrench, self._geoms = [], [], []
        for geom in [g for finger in around.fingers for g in finger] + around.parts.palm:
            distance, point = around.nearest(geom)
            if distance > _NEAR:
                continue
            for edge in _cone(self._inward(point), friction):
                torque.append(self._jacobian(geom, point).T @ edge)
                moment = np.cross(point - self._center, edge)
                wrench.append(np.append(edge, moment / _LEVER))
                self._geoms.append(geom)
        self._torque = np.reshape(torque, (-1, len(self._limit))).T
        self._wrench = np.reshape(wrench, (-1, 6)).T

    def squeeze(self) -> tuple[Array, float]:
        """Torques that press hardest without pushing the handle away.

        Returns:
            Parts of the joints' limits, shape (n,), and what fingers and thumb press with [N].
        """
        forces = self._solve(np.empty((6, 0)))
        if forces is None:
            return np.zeros_like(self._limit), 0.0
        part = np.clip(self._torque @ forces / self._limit, -1.0, 1.0)
        fixed = np.setdiff1d(np.arange(len(part)), self._around.free)
        part[fixed] = 0.0
        pressing = ~np.isin(self._geoms, self._around.parts.palm)
        return part, float(forces[pressing].sum())

    def strength(self, wrench: Sequence[float] | Array) -> float:
        """How many times a wrench from outside, force then torque, world axes, can be borne."""
        load = np.asarray(wrench, dtype=np.float64) / np.repeat([1.0, _LEVER], 3)
        forces = self._solve(load[:, None])
        return 0.0 if forces is None else float(forces[-1])

    def _solve(self, load: Array) -> Array | None:
        """Forces along the edges, then how many times the load if there is one."""
        edges, loads = self._torque.shape[1], load.shape[1]
        cost = np.append(np.zeros(edges), [-1.0]) if loads else -np.ones(edges)
        free = self._around.free  # a wrist's strength is none of the grip's
        torque = np.pad(self._torque[free], ((0, 0), (0, loads)))
        limit = self._limit[free]
        solved = linprog(
            cost,
            A_ub=np.vstack([torque, -torque]),
            b_ub=np.append(limit, limit),
            A_eq=np.hstack([self._wrench, load]),
            b_eq=np.zeros(6),
            bounds=[(0.0, None)] * edges + [(0.0, _BOUNDLESS)] * loads,
            method="highs-ds",  # the same corner every time
        )
        return np.asarray(solved.x) if solved.status == 0 else None

    def _inward(self, point: Array) -> Array:
        """Unit vector from a point of the handle's surface to its axis, which is upright."""
        way = np.append((self._center - point)[:2], 0.0)
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))

    def _jacobian(self, geom: int, point: Array) -> Array:
        around = self._around
        jacobian = np.zeros((3, around.model.nv))
        body = around.model.geom_bodyid[geom]
        mujoco.mj_jac(around.model, around.data, jacobian, None, point, body)
        return jacobian[:, around.bound.dof]


def _cone(normal: Array, friction: float) -> Array:
    """Edges of a friction cone with a normal force of one, shape (edges, 3)."""
    first = np.cross(normal, [0.0, 0.0, 1.0])
    second = np.cross(normal, first)
    angle = 2.0 * np.pi * np.arange(_EDGES) / _EDGES
    around = np.outer(np.cos(angle), first) + np.outer(np.sin(angle), second)
    return np.asarray(normal + friction * around)


def plan_grips(
    around: HandAround, aims: Sequence[Sequence[float]], depths: Array = DEPTHS
) -> list[HandleGrip]:
    """Ways to hold a handle, deeper in the palm or less, the strongest first.

    Args:
        around: The hand and the handle.
        aims: Wrenches that will come, force then torque, world axes. A grip is as strong as it
            bears the one it bears least.
        depths: Places in front of the knuckles to choose from, shape (k,) [m].
    """
    wraps = [wrap(around, forward, begun) for forward in depths for begun in BEGINNINGS]
    every = [_planned(around, wrapped, aims) for wrapped in wraps]
    return sorted(every, key=lambda grip: grip.strength, reverse=True)


def _planned(around: HandAround, wrapped: Wrap, aims: Sequence[Sequence[float]]) -> HandleGrip:
    every = np.array(aims, dtype=np.float64)
    if wrapped.depth > _BURIED:
        return HandleGrip(wrapped, np.zeros(len(wrapped.touching)), 0.0, 0.0, every[0])
    forces = GripForces(around, wrapped)
    squeeze, force = forces.squeeze()
    strengths = [forces.strength(aim) if force > 0.0 else 0.0 for aim in every]
    least = int(np.argmin(strengths))
    return HandleGrip(wrapped, squeeze, force, strengths[least], every[least])
