"""The same pipeline as many would write it first: numpy, with quadprog for the contact forces.

    python numpy_quadprog.py problem.txt

Reads the problem of `export.py`, prints its times as JSON. Vectorised where numpy allows it.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

import numpy as np
import quadprog
from numpy.typing import NDArray

Array = NDArray[np.float64]

CONTACTS, FACES, PASSES, ARM = 5, 8, 3, 0.05


@dataclass
class Problem:
    """What `export.py` wrote."""

    friction: float
    force_min: float
    force_max: float
    regularisation: float
    gravity: Array
    joints: Array  # (n, 26): parent, position, rotation, mass, centre of mass, inertia
    tips: Array  # (5, 13): joint, position, rotation
    stiffness: Array
    damping: Array
    reference: Array
    torque_max: Array
    samples: Array

    @classmethod
    def read(cls, path: str) -> Problem:
        """From a file."""
        with open(path) as file:
            rows = [np.array(line.split(), dtype=float) for line in file]
        n = int(rows[0][0])
        tree, rest = rows[3 : 3 + n], rows[3 + n :]
        return cls(
            *rows[1], rows[2], np.array(tree), np.array(rest[:5]), *rest[5:9], np.array(rest[9:])
        )


def skew(v: Array) -> Array:
    """Cross products as matrices, shape (..., 3, 3)."""
    m = np.zeros((*v.shape[:-1], 3, 3))
    m[..., 0, 1], m[..., 0, 2] = -v[..., 2], v[..., 1]
    m[..., 1, 0], m[..., 1, 2] = v[..., 2], -v[..., 0]
    m[..., 2, 0], m[..., 2, 1] = -v[..., 1], v[..., 0]
    return m


class Pipeline:
    """One hand, one tick at a time."""

    def __init__(self, p: Problem) -> None:
        self.p = p
        n = len(p.joints)
        self.parent = p.joints[:, 0].astype(int)
        self.position = p.joints[:, 1:4]
        self.rotation = p.joints[:, 4:13].reshape(n, 3, 3)
        self.mass, self.com = p.joints[:, 13], p.joints[:, 14:17]
        self.tip_joint = p.tips[:, 0].astype(int)
        self.tip_position, self.tip_rotation = p.tips[:, 1:4], p.tips[:, 4:13].reshape(5, 3, 3)
        # moves[i, j]: joint j moves joint i.
        self.moves = np.eye(n, dtype=bool)
        for i, parent in enumerate(self.parent):
            if parent >= 0:
                self.moves[i] |= self.moves[parent]
        self.cones, self.bounds = self._constraints()

    def _constraints(self) -> tuple[Array, Array]:
        """Columns c and numbers b of quadprog's c^T f >= b."""
        p, angle = self.p, 2.0 * np.pi * np.arange(FACES) / FACES
        face = np.stack(
            [np.full(FACES, p.friction * np.cos(np.pi / FACES)), -np.cos(angle), -np.sin(angle)]
        )
        normal = np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])
        bounds = [*np.zeros(FACES), p.force_min, -p.force_max]
        return np.kron(np.eye(CONTACTS), np.hstack([face, normal])), np.tile(bounds, CONTACTS)

    def place(self, q: Array) -> tuple[Array, Array]:
        """World positions (n, 3) and rotations (n, 3, 3) of the joint frames."""
        turn = np.zeros((len(q), 3, 3))
        turn[:, 0, 0] = turn[:, 1, 1] = np.cos(q)
        turn[:, 1, 0] = np.sin(q)
        turn[:, 0, 1] = -turn[:, 1, 0]
        turn[:, 2, 2] = 1.0
        local = self.rotation @ turn
        position, rotation = np.empty((len(q), 3)), np.empty((len(q), 3, 3))
        for i, parent in enumerate(self.parent):
            if parent < 0:
                position[i], rotation[i] = self.position[i], local[i]
            else:
                position[i] = position[parent] + rotation[parent] @ self.position[i]
                rotation[i] = rotation[parent] @ local[i]
        return position, rotation

    def gravity_torque(self, position: Array, rotation: Array) -> Array:
        """Torques that hold the hand against gravity, shape (n,)."""
        com = position + (rotation @ self.com[:, :, None])[:, :, 0]
        weight = self.mass[:, None] * self.p.gravity
        carried = self.moves.T @ weight
        moment = self.moves.T @ np.cross(com, weight) - np.cross(position, carried)
        return -np.einsum("ij,ij->i", rotation[:, :, 2], moment)

    def tick(self, sample: Array) -> Array:
        """Joint torques, shape (n,)."""
        p, n = self.p, len(self.parent)
        q, dq = sample[:n], sample[n : 2 * n]
        contact = sample[2 * n : 2 * n + 45].reshape(CONTACTS, 3, 3)
        position, rotation = self.place(q)
        torque = self.gravity_torque(position, rotation)
        base = rotation[self.tip_joint]
        tip = base @ self.tip_rotation
        origin = position[self.tip_joint] + (base @ self.tip_position[:, :, None])[:, :, 0]
        point = origin + (tip @ contact[:, 0, :, None])[:, :, 0]
        axes = np.stack(
            [contact[:, 1], contact[:, 2], np.cross(contact[:, 1], contact[:, 2])], axis=2
        )
        world = tip @ axes
        lever = skew((point - point.mean(axis=0)) / ARM) @ world
        grasp = np.concatenate([world, lever], axis=1).transpose(1, 0, 2).reshape(6, 3 * CONTACTS)
        self.force = self.solve(grasp, sample[2 * n + 45 :])
        jacobian = (
            np.cross(rotation[:, :, 2], point[:, None, :] - position)
            * (self.moves[self.tip_joint][:, :, None])
        )
        push = (world @ self.force.reshape(CONTACTS, 3, 1))[:, :, 0]
        torque += p.stiffness * (p.reference - q) - p.damping * dq
        torque += np.einsum("fij,fj->i", jacobian, push)
        return np.clip(torque, -p.torque_max, p.torque_max)

    def solve(self, grasp: Array, wrench: Array) -> Array:
        """Contact forces, shape (15,)."""
        hessian = grasp.T @ grasp
        hessian.flat[:: len(hessian) + 1] += self.p.regularisation
        solution = quadprog.solve_qp(hessian, grasp.T @ wrench, self.cones, self.bounds)
        self.objective = float(solution[1])
        return np.asarray(solution[0])


def main(path: str) -> None:
    """Times every problem PASSES times; the minimum of each counts."""
    problem = Problem.read(path)
    pipeline = Pipeline(problem)
    best = np.full(len(problem.samples), np.inf)
    violation = 0.0
    for _ in range(PASSES):
        for i, sample in enumerate(problem.samples):
            began = time.perf_counter()
            pipeline.tick(sample)
            best[i] = min(best[i], 1e6 * (time.perf_counter() - began))
            slack = pipeline.cones.T @ pipeline.force - pipeline.bounds
            violation = max(violation, -float(slack.min()))
    first = problem.samples[0]
    torque = pipeline.tick(first)
    n = len(problem.joints)
    p50, p99, worst = np.quantile(best, [0.5, 0.99, 1.0])
    report = {"p50": p50, "p99": p99, "worst": worst, "violation": violation}
    report["objective"] = pipeline.objective
    arrays = {
        "gravity": pipeline.gravity_torque(*pipeline.place(first[:n])),
        "force": pipeline.force,
        "torque": torque,
    }
    print(json.dumps(report | {name: a.tolist() for name, a in arrays.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
