"""The grasp-force solver against clarabel, an interior-point solver for cones."""

from dataclasses import dataclass, field

import clarabel
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from handloop._core import (
    GraspContact,
    GraspForceConfig,
    GraspForceResult,
    GraspForceSolver,
    GraspForceStatus,
)

Array = NDArray[np.float64]
LENGTH, CLOSENESS = GraspForceConfig().length, GraspForceConfig().closeness
GRASPS = 10_000
CONSTRAINT = 1e-6  # [N] and [N m]
BORDER = 1e-4  # [N], short of reach: less is nothing that clarabel can tell from being met


@dataclass
class Finger:
    """A contact as both solvers are told of it."""

    position: Array
    normal: Array
    friction: float
    force_min: float
    force_max: float
    weight: float
    arm: Array = field(default_factory=lambda: np.zeros((0, 3)))
    low: Array = field(default_factory=lambda: np.zeros(0))
    high: Array = field(default_factory=lambda: np.zeros(0))

    def contact(self) -> GraspContact:
        return GraspContact(
            self.position,
            self.normal,
            friction=self.friction,
            force_min=self.force_min,
            force_max=self.force_max,
            weight=self.weight,
            torque_arm=self.arm,
            torque_low=self.low,
            torque_high=self.high,
        )

    def axes(self) -> Array:
        """Normal and two tangents as rows."""
        q, _ = np.linalg.qr(np.column_stack([self.normal, np.eye(3)]))
        return np.vstack([self.normal, q[:, 1], q[:, 2]])

    def some_force(self, rng: np.random.Generator) -> Array:
        """Within cone and bounds, not necessarily within the torque rows."""
        normal = rng.uniform(self.force_min, self.force_max)
        angle, reach = rng.uniform(0, 2 * np.pi), self.friction * normal * rng.uniform(0, 0.9)
        return self.axes().T @ [normal, reach * np.cos(angle), reach * np.sin(angle)]


def random_finger(rng: np.random.Generator) -> Finger:
    normal = rng.normal(size=3)
    normal /= np.linalg.norm(normal)
    force_min = rng.choice([0.0, rng.uniform(0.1, 1.5)])
    finger = Finger(
        position=-0.035 * normal + 0.01 * rng.normal(size=3),
        normal=normal,
        friction=rng.uniform(0.2, 1.2),
        force_min=force_min,
        force_max=force_min + rng.uniform(3.0, 20.0),
        weight=rng.choice([1.0, rng.uniform(0.3, 3.0)]),
    )
    if rng.random() < 0.3:
        rows = int(rng.integers(1, 5))
        finger.arm = 0.04 * rng.normal(size=(rows, 3))
        # Around what one force costs, so that the rows can be met.
        torque = finger.arm @ finger.some_force(rng)
        finger.low = torque - rng.uniform(0.01, 0.4, size=rows)
        finger.high = torque + rng.uniform(0.01, 0.4, size=rows)
    return finger


def random_grasp(rng: np.random.Generator) -> tuple[list[Finger], Array]:
    fingers = [random_finger(rng) for _ in range(rng.integers(2, 6))]
    if rng.random() < 0.2:
        return fingers, np.concatenate([3 * rng.normal(size=3), 0.05 * rng.normal(size=3)])
    forces = np.concatenate([f.some_force(rng) for f in fingers])
    return fingers, grasp_matrix(fingers) @ forces


def grasp_matrix(fingers: list[Finger]) -> Array:
    def skew(p: Array) -> Array:
        return np.array([[0, -p[2], p[1]], [p[2], 0, -p[0]], [-p[1], p[0], 0]])

    return np.vstack(
        [np.tile(np.eye(3), len(fingers)), np.hstack([skew(f.position) for f in fingers])]
    )


def scaled(wrench: Array) -> Array:
    return wrench / np.array([1, 1, 1, LENGTH, LENGTH, LENGTH])


def force_limits(fingers: list[Finger]) -> tuple[Array, Array, list[object]]:
    """Rows a and limits b with b - a f in the cones."""
    rows, limits, cones = [], [], []
    for i, f in enumerate(fingers):
        here = np.zeros((3, 3 * len(fingers)))
        here[:, 3 * i : 3 * i + 3] = np.eye(3)
        normal, *tangents = f.axes() @ here
        rows += [-normal, normal, *(f.arm @ here), *(-f.arm @ here)]
        limits += [-f.force_min, f.force_max, *f.high, *-f.low]
        rows += [-f.friction * normal, *(-t for t in tangents)]
        limits += [0.0, 0.0, 0.0]
        cones += [clarabel.NonnegativeConeT(2 + 2 * len(f.arm)), clarabel.SecondOrderConeT(3)]
    return np.array(rows), np.array(limits), cones


def clarabel_solve(p: Array, q: Array, a: Array, b: Array, cones: list[object]) -> Array | None:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-9
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(np.triu(p)), q, sparse.csc_matrix(a), b, cones, settings
    )
    solution = solver.solve()
    return np.array(solution.x) if str(solution.status) == "Solved" else None


def scaled_grasp_matrix(fingers: list[Finger]) -> Array:
    return scaled(grasp_matrix(fingers).T).T


def weights(fingers: list[Finger]) -> Array:
    return np.diag(np.repeat([f.weight for f in fingers], 3))


def least_forces(fingers: list[Finger], wrench: Array) -> Array | None:
    """That meet the wrench; None if clarabel finds none."""
    a, b, cones = force_limits(fingers)
    g = scaled_grasp_matrix(fingers)
    return clarabel_solve(
        weights(fingers),
        np.zeros(len(g.T)),
        np.vstack([g, a]),
        np.concatenate([scaled(wrench), b]),
        [clarabel.ZeroConeT(6), *cones],
    )


def closest_forces(fingers: list[Finger], wrench: Array, closeness: float) -> Array | None:
    """That come closest to the wrench with least effort."""
    a, b, cones = force_limits(fingers)
    g = scaled_grasp_matrix(fingers)
    return clarabel_solve(
        g.T @ g + closeness * weights(fingers), -g.T @ scaled(wrench), a, b, cones
    )


def miss(fingers: list[Finger], wrench: Array, forces: Array) -> float:
    return float(np.linalg.norm(scaled(wrench - grasp_matrix(fingers) @ forces.reshape(-1))))


def cost(fingers: list[Finger], forces: Array) -> float:
    return sum(
        0.5 * f.weight * float(x @ x) for f, x in zip(fingers, forces.reshape(-1, 3), strict=True)
    )


def worst_violation(fingers: list[Finger], forces: Array) -> float:
    worst = 0.0
    for f, x in zip(fingers, forces, strict=True):
        normal = float(x @ f.normal)
        tangential = float(np.linalg.norm(x - normal * f.normal))
        torque = f.arm @ x
        worst = max(
            worst,
            tangential - f.friction * normal,
            f.force_min - normal,
            normal - f.force_max,
            *(torque - f.high),
            *(f.low - torque),
        )
    return worst


def soft_cost(fingers: list[Finger], wrench: Array, forces: Array) -> float:
    return 0.5 * miss(fingers, wrench, forces) ** 2 + CLOSENESS * cost(fingers, forces)


def judge_solved(fingers: list[Finger], wrench: Array, result: GraspForceResult) -> bool:
    """False: clarabel knows no answer."""
    assert result.residual.wrench <= CONSTRAINT
    assert result.residual.gap <= 1e-5 * cost(fingers, result.force) + 1e-6
    best = least_forces(fingers, wrench)
    if best is None:
        return False
    assert cost(fingers, result.force) == pytest.approx(cost(fingers, best), rel=1e-5, abs=1e-7)
    return True


def judge_infeasible(fingers: list[Finger], wrench: Array, result: GraspForceResult) -> bool:
    """False: clarabel knows no answer, or the wrench is at the border of what can be met."""
    soft, hard = (closest_forces(fingers, wrench, c) for c in (CLOSENESS, 1e-9))
    if soft is None or hard is None:
        return False
    assert soft_cost(fingers, wrench, result.force) == pytest.approx(
        soft_cost(fingers, wrench, soft), rel=1e-5
    )
    return miss(fingers, wrench, hard) >= BORDER


def judge(fingers: list[Finger], wrench: Array, result: GraspForceResult) -> bool:
    assert result.status != GraspForceStatus.NOT_CONVERGED
    assert worst_violation(fingers, result.force) <= CONSTRAINT
    assert not result.torque_relaxed
    assert result.residual.wrench == pytest.approx(miss(fingers, wrench, result.force), abs=1e-12)
    if result.status == GraspForceStatus.SOLVED:
        return judge_solved(fingers, wrench, result)
    return judge_infeasible(fingers, wrench, result)


@pytest.mark.slow
def test_random_grasps_agree_with_clarabel() -> None:
    rng = np.random.default_rng(20)
    met = missed = unjudged = 0
    for number in range(GRASPS):
        fingers, wrench = random_grasp(rng)
        result = GraspForceSolver().solve([f.contact() for f in fingers], wrench)
        solved = result.status == GraspForceStatus.SOLVED
        try:
            judged = judge(fingers, wrench, result)
        except AssertionError as error:
            error.add_note(f"grasp {number}")
            raise
        met += solved and judged
        missed += judged and not solved
        unjudged += not judged
    print(f"{met} met, {missed} out of reach, {unjudged} not judged")
    assert met > 0.4 * GRASPS
    assert missed > 0.1 * GRASPS
    assert unjudged < 0.01 * GRASPS
