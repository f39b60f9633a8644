"""The front of a space of designs by NSGA-II (Deb et al. 2002), as pymoo has it.

Whole and continuous variables share one unit cube; a whole one is read off the part of its edge.
What is handed back is the front of everything that was tried, not of the last generation alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .brute_force import front_of, joined
from .need import in_words
from .space import OBJECTIVES, VARIABLES, Found, Space

POPULATION: Final = 200
GENERATIONS: Final = 100


def search(
    space: Space,
    seed: int = 0,
    population: int = POPULATION,
    generations: int = GENERATIONS,
    progress: Callable[[int, int], None] | None = None,
) -> Found:
    """The front that a search finds; the same for the same seed.

    Raises:
        ValueError: No design that it tried meets the need.
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.optimize import minimize

    problem = _problem(space)
    minimize(
        problem,
        NSGA2(pop_size=population),
        ("n_gen", generations),
        seed=seed,
        callback=lambda algorithm: progress and progress(algorithm.n_gen, generations),
        verbose=False,
    )
    tried = joined(problem.tried)
    if not tried.feasible.any():
        raise ValueError(
            f"none of {len(tried.values)} designs that were searched has {in_words(space.need)}; "
            "ask for less"
        )
    return front_of(tried)


def _problem(space: Space) -> Any:
    from pymoo.core.problem import Problem

    class Designs(Problem):  # type: ignore[misc]
        """Rows of the unit cube, judged all at once."""

        def __init__(self) -> None:
            super().__init__(
                n_var=len(VARIABLES), n_obj=len(OBJECTIVES), n_ieq_constr=1, xl=0.0, xu=1.0
            )
            self.tried: list[Found] = []

        def _evaluate(self, x: Any, out: dict[str, Any], *_: Any, **__: Any) -> None:
            found = space.judge(space.decode(x))
            self.tried.append(found)
            out["F"] = found.objectives
            out["G"] = found.lack[:, None]

    return Designs()
