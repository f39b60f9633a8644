"""The front of a space of designs by NSGA-II (Deb et al. 2002) or NSGA-III, as pymoo has them.

Whole and continuous variables share one unit cube; a whole one is read off the part of its edge.
What is handed back is the front of everything that was tried, not of the last generation alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from .brute_force import front_of, joined
from .space import OBJECTIVES, VARIABLES, Found, Space

Method = Literal["nsga2", "nsga3"]

POPULATION: Final = 200
GENERATIONS: Final = 150


def search(
    space: Space,
    seed: int = 0,
    method: Method = "nsga2",
    population: int = POPULATION,
    generations: int = GENERATIONS,
    progress: Callable[[int, int], None] | None = None,
) -> Found:
    """The front that a search finds; the same for the same seed.

    Raises:
        ValueError: No design that it tried meets the need.
    """
    from pymoo.optimize import minimize

    problem = _problem(space)
    minimize(
        problem,
        _algorithm(method, population),
        ("n_gen", generations),
        seed=seed,
        callback=lambda algorithm: progress and progress(algorithm.n_gen, generations),
        verbose=False,
    )
    tried = joined(problem.tried)
    if not tried.feasible.any():
        raise ValueError(
            f"none of {len(tried.values)} designs meets {space.need}; allow larger motors"
        )
    return front_of(tried)


def _problem(space: Space) -> Any:
    from pymoo.core.problem import Problem

    class Designs(Problem):  # type: ignore[misc]
        """Rows of the unit cube, judged all at once."""

        def __init__(self) -> None:
            super().__init__(n_var=len(VARIABLES), n_obj=len(OBJECTIVES), n_ieq_constr=1, xl=0.0, xu=1.0)
            self.tried: list[Found] = []

        def _evaluate(self, x: Any, out: dict[str, Any], *_: Any, **__: Any) -> None:
            found = space.judge(space.decode(x))
            self.tried.append(found)
            out["F"] = found.objectives
            out["G"] = found.lack[:, None]

    return Designs()


def _algorithm(method: Method, population: int) -> Any:
    if method == "nsga3":
        from pymoo.algorithms.moo.nsga3 import NSGA3
        from pymoo.util.ref_dirs import get_reference_directions

        directions = get_reference_directions("energy", len(OBJECTIVES), population, seed=0)
        return NSGA3(ref_dirs=directions, pop_size=population)
    from pymoo.algorithms.moo.nsga2 import NSGA2

    return NSGA2(pop_size=population)
