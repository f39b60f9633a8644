"""What could be had for one joint, and which kind it got, on a design's page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...study import Axis, Plot, Points
from ...study.table import Cell
from .joint_actuator import JointActuator, one
from .joint_front import JointFront, per_hand
from .space import OBJECTIVES, UNITS, VARIABLES, Found
from .whole_hand import HandDesign

Array = NDArray[np.float64]


def said_of(front: JointFront) -> str:
    """How many designs there are, and how good the search was."""
    return (
        f"{len(front.searched.values)} designs that nothing beats in mass, cost, torque and "
        f"sluggishness together, searched by NSGA-II, and {len(front.counted.values)} of a grid of "
        f"which every design was judged. The search of the continuous space covers "
        f"{front.gain:.3f} of the grid's hypervolume, the search of the grid itself "
        f"{front.check:.4f}. Sluggishness is reflected inertia over continuous torque squared, "
        "which a gear ratio hardly changes."
    )


def fronts(design: HandDesign, joint: str, front: JointFront) -> Iterator[Plot]:
    """Mass against each other objective, with the kind that the joint got."""
    for other in ("torque", "cost", "sluggishness"):
        yield Plot(
            f"Mass and {other} of designs for {joint}",
            Axis("mass [kg]", log=True),
            Axis(f"{other} [{UNITS[other]}]", log=True),
            [
                _points("counted out", front.counted, other),
                _points("searched", front.searched, other),
                _chosen(design, design.of(joint), other),
            ],
        )


def _points(name: str, found: Found, other: str) -> Points:
    column = OBJECTIVES.index(other)
    sign = -1.0 if other == "torque" else 1.0
    return Points(
        name,
        found.objectives[:, 0].tolist(),
        (sign * found.objectives[:, column]).tolist(),
        _variables(found.values),
    )


def _chosen(design: HandDesign, joint: JointActuator, other: str) -> Points:
    """The kind that the joint got; made as often as those beside it, so that prices compare."""
    kind, drive = joint.kind, joint.kind.drive
    figure = {
        "torque": drive.torque_continuous(joint.need.speed),
        "cost": drive.cost(design.hands, per_hand(design)).total,
        "sluggishness": drive.sluggishness,
    }[other]
    name = f"{kind.name}, chosen, {kind.count} in the hand"
    return Points(name, [one(drive.mass)], [one(figure)], _variables(kind.values[None]), True)


def _variables(values: Array) -> dict[str, list[Cell]]:
    """By name, of designs of shape (n, 8)."""
    units = ("m", "1", "1", "1", "1", "1", "1", "1")
    return {
        f"{variable} [{unit}]": values[:, i].tolist()
        for i, (variable, unit) in enumerate(zip(VARIABLES, units, strict=True))
    }
