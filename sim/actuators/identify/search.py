"""The best point of a space: CMA-ES from many starts, then robust least squares.

CMA-ES (Hansen 2016, arXiv 1604.00772) finds the valley, whose floor is flat along resistance and
torque constant; Gauss-Newton steps with a soft loss (Branch, Coleman and Li 1999) go down it. A run
from a random start is led into a valley by short pieces of the logs, whose errors are smoother.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ....controller.errors import HandError
from .objective import Objective
from .rig_fit import SEARCH_STEP, SOFT, STEP

Array = NDArray[np.float64]
Tell = Callable[[int, int], None]

_WIDE: Final = 1.0  # spread of the first generation, of half of what is usual for each parameter
_NEAR: Final = 0.5  # the same around a start that is known to be good
_AT: Final = 0.1  # the same around where a search has ended, in fine steps
_POLISHED: Final = 3  # of the best points
_KEPT: Final = 12  # points of each run
_ENOUGH: Final = 1e-6  # [rad], of the cost, below which a generation has not got better
_INSIDE: Final = 0.02  # CMA-ES starts this far from a bound
_ALIKE: Final = 0.01  # of the lowest cost: by less than that differ runs that have found the same
_TINY: Final = 2e-5  # [rad], nor by less than that


@dataclass(frozen=True)
class Budget:
    """How hard is searched."""

    restarts: int = 3
    """From random starts, at least."""
    most: int = 9
    """Of them, if no two runs have ended alike by then."""
    pieces: int = 300
    """Generations on short pieces of the logs, at most, which a random start has first."""
    generations: int = 1500
    """On whole logs, at most."""
    fine: int = 80
    """On whole logs in fine steps, at most, around the best of all runs."""
    population: int = 20
    polish: int = 15
    """Evaluations of the Jacobian at most."""

    @classmethod
    def quick(cls) -> Budget:
        """For a first look."""
        return cls(restarts=1, most=1, pieces=100, generations=250, fine=40, population=14)

    def doubled(self, times: int) -> Budget:
        """With larger populations, for valleys that small ones miss."""
        return replace(self, population=self.population * 2**times)


@dataclass(frozen=True, eq=False)
class Found:
    """Where a search ended.

    Attributes:
        point: In its space.
        cost: [rad], mean of the soft errors.
        ends: [rad], the same at the end of each run, in coarse steps, best first.
        evaluations: Of the rig on all logs.
    """

    point: Array
    cost: float
    ends: tuple[float, ...]
    evaluations: int

    @property
    def converged(self) -> bool:
        """Whether another run has ended as well as the best one."""
        return alike(self.ends)


def alike(ends: Sequence[float]) -> bool:
    """Whether the best two of some runs have ended at the same cost."""
    best = sorted(ends)[:2]
    return len(best) == 2 and best[1] - best[0] <= max(_ALIKE * best[0], _TINY)


def search(
    objective: Objective,
    pieces: Objective,
    budget: Budget,
    seed: int,
    usual: tuple[Array, Array],
    starts: Sequence[Array] = (),
    tell: Tell | None = None,
) -> Found:
    """Searches from given starts, none of which it is worse than, and from random ones.

    Of those it takes more, with ever larger populations (Auger and Hansen 2005), until the best two
    runs have ended alike.

    Args:
        objective: What is to be small.
        pieces: The same on short pieces of the logs.
        budget: How hard.
        seed: The same gives the same.
        usual: Lowest and highest point between which random starts lie.
        starts: Points that are known to be good.
        tell: Called with how many runs are done, and of how many.

    Raises:
        HandError: CMA-ES is not installed.
    """
    rng = np.random.default_rng(seed)
    spread = 0.5 * (usual[1] - usual[0])
    least, most = (len(starts) + random for random in (budget.restarts, budget.most))
    seen, ends, evaluations = [*starts], list[float](), 0
    while len(ends) < least or (len(ends) < most and not alike(ends)):
        number = len(ends)
        effort = budget if number < least else budget.doubled(number // least)
        if number < len(starts):
            start = starts[number]
        else:
            led = _Evolution(effort, rng.uniform(*usual), _WIDE * spread, seed + 1000 * number)
            led.run(pieces, effort.pieces)
            start = led.best[-1]
            evaluations += led.evaluations
        evolution = _Evolution(effort, start, _NEAR * spread, 1 + seed + 1000 * number)
        ends.append(evolution.run(objective, effort.generations))
        seen += evolution.best
        evaluations += evolution.evaluations
        if tell:
            tell(len(ends), max(least, len(ends)) + 1)
    best = _Evolution(budget, _lowest(objective, seen)[0], _AT * spread, seed)
    best.run(objective, budget.fine, STEP)
    seen += best.best
    evaluations += best.evaluations
    point, cost, polished = _best(objective, seen, budget.polish)
    if tell:
        tell(len(ends) + 1, len(ends) + 1)
    return Found(point, cost, tuple(sorted(ends)), evaluations + polished)


def _best(objective: Objective, seen: list[Array], most: int) -> tuple[Array, float, int]:
    """Point, cost and evaluations of what polishing leaves as the best of some points."""
    finalists = _lowest(objective, seen)[:_POLISHED]
    polished = [polish(objective, point, most) for point in finalists]
    cost, point, _ = min(polished, key=lambda end: end[0])
    return point, cost, len(seen) + sum(used for _, _, used in polished)


def _lowest(objective: Objective, seen: list[Array]) -> list[Array]:
    """Points in the order of their costs in fine steps."""
    costs = objective.costs(np.array(seen), STEP)
    return [seen[i] for i in np.argsort(costs)]


class _Evolution:
    """One run of CMA-ES."""

    def __init__(self, budget: Budget, start: Array, spread: Array, seed: int) -> None:
        try:
            from cma import CMAEvolutionStrategy
        except ImportError:
            raise HandError("CMA-ES is missing: pip install 'handloop[actuators]'") from None
        options = {
            "popsize": budget.population,
            "seed": seed,
            "bounds": [0.0, 1.0],
            "CMA_stds": spread,
            "tolfun": _ENOUGH,
            "verbose": -9,
        }
        self.best: list[Array] = []
        """Its last few improvements: what is best in coarse steps may not be in fine ones."""
        self._strategy = CMAEvolutionStrategy(np.clip(start, _INSIDE, 1.0 - _INSIDE), 1.0, options)

    def run(self, objective: Objective, generations: int, step: float = SEARCH_STEP) -> float:
        """The lowest cost that was seen."""
        lowest = np.inf
        while self._strategy.countiter < generations and not self._strategy.stop():
            points = np.array(self._strategy.ask())
            costs = objective.costs(points, step)
            self._strategy.tell(list(points), costs.tolist())
            if costs.min() < lowest:
                lowest = float(costs.min())
                self.best = [*self.best[1 - _KEPT :], points[int(costs.argmin())]]
        return lowest

    @property
    def evaluations(self) -> int:
        return int(self._strategy.countevals)


def polish(objective: Objective, point: Array, most: int) -> tuple[float, Array, int]:
    """Cost, point and evaluations of a descent by least squares from a point, in fine steps."""
    free = _free(point)
    result = least_squares(
        lambda x: objective.errors(_with(point, free, x)[None], STEP)[0],
        point[free],
        jac=lambda x: objective.jacobian(_with(point, free, x), STEP)[:, free],
        bounds=(0.0, 1.0),
        loss="soft_l1",
        f_scale=SOFT,
        max_nfev=most,
    )
    end = _with(point, free, result.x)
    before, after = (float(cost) for cost in objective.costs(np.array([point, end]), STEP))
    used = int(result.nfev + result.njev * (len(point) + 1)) + 2
    return (after, end, used) if after < before else (before, point, used)


def _free(point: Array) -> NDArray[np.bool_]:
    """What has not vanished: at a bound there is no slope to follow, and none inwards is a loss."""
    return np.asarray((point > 0.0) & (point < 1.0))


def _with(point: Array, free: NDArray[np.bool_], places: Array) -> Array:
    whole = point.copy()
    whole[free] = np.clip(places, 0.0, 1.0)
    return whole
