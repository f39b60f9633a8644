"""The front of designs for one joint, searched and counted out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .brute_force import brute_force
from .fronts import hypervolume
from .joint_actuator import JointActuator
from .kinds import DIAMETERS, LEVELS
from .need import in_words
from .pareto import search
from .space import Found, Need, Space, default_space
from .whole_hand import HandDesign, at_motor

Array = NDArray[np.float64]

BEYOND = 1.1  # reference of a hypervolume over the worst of a front


@dataclass(frozen=True, eq=False)
class JointFront:
    """What can be had for a joint.

    Attributes:
        need: Of the joint, at its motor.
        searched: Front of the continuous space.
        counted: Front of a grid in it, all of whose designs were judged.
        gain: Hypervolume of the first over that of the second.
        check: The same of a search of the grid alone: at most 1.
    """

    need: Need
    searched: Found
    counted: Found
    gain: float
    check: float


def front_for(
    design: HandDesign,
    joint: JointActuator,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> JointFront:
    """Of a joint of a hand, by the torque and the speed that it needs; inertia is for the front.

    Raises:
        ValueError: Nothing meets the need; the message names the joint.
    """
    asked = at_motor(joint.need, joint.efficiency)
    need = replace(asked, drag=float("inf"), inertia=float("inf"))
    space = default_space(need, hands=design.hands, per_hand=per_hand(design))
    try:
        return joint_front(space, seed, LEVELS, DIAMETERS, progress)
    except ValueError as error:
        raise ValueError(f"{joint.joint}: {error}") from None


def per_hand(design: HandDesign) -> float:
    """Actuators of a kind in a hand, in the mean."""
    return len(design.joints) / len(design.kinds)


def joint_front(
    space: Space,
    seed: int,
    levels: int,
    diameters: int,
    progress: Callable[[int, int], None] | None = None,
) -> JointFront:
    """Searches a space, and holds the search against counting out a grid of it.

    Raises:
        ValueError: Nothing in it meets the need.
    """
    grid = space.discrete(levels, diameters)
    counted = brute_force(grid)
    if not len(counted.values):
        raise ValueError(
            f"none of {len(grid.grid())} designs of a grid has {in_words(space.need)}; ask for less"
        )
    ideal, reference = box(counted)
    known = hypervolume(counted.objectives, ideal, reference)
    searched = search(space, seed, progress=progress)
    again = search(grid, seed)
    return JointFront(
        space.need,
        searched,
        counted,
        hypervolume(searched.objectives, ideal, reference) / known,
        hypervolume(again.objectives, ideal, reference) / known,
    )


def box(counted: Found) -> tuple[Array, Array]:
    """Ideal and reference point of a front: its best, and a little worse than its worst."""
    best, worst = counted.objectives.min(axis=0), counted.objectives.max(axis=0)
    return best, best + BEYOND * np.maximum(worst - best, 1e-12)
