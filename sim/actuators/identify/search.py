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
_AT: Final = 0.1  # the same around where a run has ended
_POLISHED: Final = 3  # of the best points
_KEPT: Final = 12  # points of each run
_WORTH: Final = 1e-3  # of the cost: an evolution that gets better by less than that
_PATIENCE: Final = 60  # for so many generations has ended
_FINE: Final = 80  # generations in fine steps, at most
_INSIDE: Final = 0.02  # CMA-ES starts this far from a bound
_ALIKE: Final = 0.01  # of the lowest cost: by less than that differ runs that have found the same
_TINY: Final = 2e-5  # [rad], nor by less than that


@dataclass(frozen=True)
class Budget:
    """How hard is searched."""

    restarts: int = 2
    """From random starts, at least."""
    most: int = 6
    """Of them, if no two runs have ended alike by then."""
    pieces: int = 300
    """Generations on short pieces of the logs, at most, which a random start has first."""
    generations: int = 1500
    """On whole logs, at most."""
    population: int = 60
    """Small ones end on the many shelves that sticking makes."""
    polish: int = 15
    """Evaluations of the Jacobian at most."""

    @classmethod
    def quick(cls) -> Budget:
        """For a first look."""
        return cls(restarts=1, most=1, pieces=100, generations=250, population=14)

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
        converged: Whether two runs have ended alike, and fine steps have left it at that.
        evaluations: Of the rig on all logs.
    """

    point: Array
    cost: float
    ends: tuple[float, ...]
    converged: bool
    evaluations: int


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
        tell: Called with how many runs are done, and of how many, its finish for one more.

    Raises:
        HandError: CMA-ES is not installed.
    """
    rng = np.random.default_rng(seed)
    spread = 0.5 * (usual[1] - usual[0])
    least, most = (len(starts) + random for random in (budget.restarts, budget.most))
    runs: list[_Run] = []
    while len(runs) < least or (len(runs) < most and not alike([run.end for run in runs])):
        number = len(runs)
        run = _Run(budget.doubled(number // least), spread, seed + 1000 * number)
        start = starts[number] if number < len(starts) else run.led(pieces, rng.uniform(*usual))
        run.go(objective, start)
        runs.append(run)
        if tell:
            tell(len(runs), max(least, len(runs)) + 1)
    point, cost, evaluations = _best(objective, runs, starts, budget, spread)
    if tell:
        tell(len(runs) + 1, len(runs) + 1)
    ends = sorted(run.end for run in runs)
    coarse = float(objective.costs(point[None])[0])
    kept = alike([ends[0], max(cost, ends[0])]) and alike([ends[0], min(coarse, ends[0])])
    converged = alike(ends) and kept
    return Found(point, cost, tuple(ends), converged, evaluations)


def _best(
    objective: Objective,
    runs: Sequence[_Run],
    starts: Sequence[Array],
    budget: Budget,
    spread: Array,
) -> tuple[Array, float, int]:
    """Point and cost of what is best in fine steps, and all evaluations."""
    seen = [*starts, *(point for run in runs for point in run.seen)]
    used = sum(run.evaluations for run in runs) + 2 * len(seen)
    for start in (_lowest(objective, seen)[0], min(runs, key=lambda run: run.end).best):
        evolution = _Evolution(budget.population, start, _AT * spread, 1)
        evolution.run(objective, min(_FINE, budget.generations), STEP)
        seen += evolution.best
        used += evolution.evaluations
    polished = [polish(objective, at, budget.polish) for at in _lowest(objective, seen)[:_POLISHED]]
    cost, point, _ = min(polished, key=lambda end: end[0])
    return point, cost, used + sum(spent for _, _, spent in polished)


def _lowest(objective: Objective, points: list[Array]) -> list[Array]:
    """In the order of their costs in fine steps."""
    costs = objective.costs(np.array(points), STEP)
    return [points[i] for i in np.argsort(costs)]


class _Run:
    """Evolutions one after the other, each from where the last one ended.

    Attributes:
        end: [rad], the lowest cost on whole logs.
        best: Where that is.
        seen: The best of all points.
        evaluations: Of the rig on all logs.
    """

    def __init__(self, budget: Budget, spread: Array, seed: int) -> None:
        self._budget, self._spread, self._seed = budget, spread, seed
        self.end = np.inf
        self.best: Array
        self.seen: list[Array] = []
        self.evaluations = 0

    def led(self, pieces: Objective, start: Array) -> Array:
        """The point to which short pieces of the logs lead."""
        return self._evolve(pieces, start, _WIDE, self._budget.pieces).best[-1]

    def go(self, objective: Objective, start: Array) -> None:
        """A wide one, and a narrow one, off the shelf on which sticking may have let that end."""
        for wide in (_NEAR, _AT):
            evolution = self._evolve(objective, start, wide, self._budget.generations)
            self.seen += evolution.best
            start = evolution.best[-1]
            if evolution.lowest < self.end:
                self.end, self.best = evolution.lowest, start

    def _evolve(self, objective: Objective, start: Array, wide: float, most: int) -> _Evolution:
        self._seed += 1
        evolution = _Evolution(self._budget.population, start, wide * self._spread, self._seed)
        evolution.run(objective, most)
        self.evaluations += evolution.evaluations
        return evolution


class _Evolution:
    """CMA-ES from one point.

    Attributes:
        lowest: [rad], of the costs.
        best: Its last few improvements: what is best in coarse steps may not be in fine ones.
    """

    def __init__(self, population: int, start: Array, spread: Array, seed: int) -> None:
        try:
            from cma import CMAEvolutionStrategy
        except ImportError:
            raise HandError("CMA-ES is missing: pip install 'handloop[actuators]'") from None
        options = {
            "popsize": population,
            "seed": seed,
            "bounds": [0.0, 1.0],
            "CMA_stds": spread,
            "tolfun": 0.0,
            "verbose": -9,
        }
        self.lowest = np.inf
        self.best: list[Array] = []
        self._strategy = CMAEvolutionStrategy(np.clip(start, _INSIDE, 1.0 - _INSIDE), 1.0, options)

    def run(self, objective: Objective, generations: int, step: float = SEARCH_STEP) -> None:
        """To its end, or to so many generations."""
        worth, since = np.inf, 0
        while self._strategy.countiter < min(generations, since + _PATIENCE):
            if self._strategy.stop():
                return
            points = np.array(self._strategy.ask())
            costs = objective.costs(points, step)
            self._strategy.tell(list(points), costs.tolist())
            if costs.min() < self.lowest:
                self.lowest = float(costs.min())
                self.best = [*self.best[1 - _KEPT :], points[int(costs.argmin())]]
            if self.lowest < (1.0 - _WORTH) * worth:
                worth, since = self.lowest, self._strategy.countiter

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
