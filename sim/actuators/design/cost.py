"""What an actuator costs at one, a thousand and a million hands.

Material is its mass times waste and price, and hardly falls. Work on it (winding, machining,
assembly, test) falls by a part with every doubling of the number made (Wright 1936, J. Aeronaut.
Sci. 3(4)). Tooling is bought once and shared by all of a kind.

What the first piece costs is set between the trade's anchors, which are loose, and so is the
result: list prices of brushless motors below 100 g around 215 USD and of gearheads around 114 USD
(medians of a maker's list of 2020, made in tens of thousands, half of it margin); whole servos of a
hobby's volume, motor, gear, board and case, at 24 to 29 USD (XL330-M288, STS3215).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .electronics import Bridge
from .materials import ALUMINIUM, COPPER, IRON, MAGNET, STEEL, Material
from .motor import Motor
from .reduction import Reduction

Array = NDArray[np.float64]

VOLUMES: Final = (1, 1_000, 1_000_000)
"""Hands, for which costs are given."""
LEARNING: Final = 0.80  # work left after every doubling (Wright 1936; 0.8 to 0.9 in machine trades)
LEARNT: Final = 1e6  # ASSUMPTION: pieces after which nothing more is learnt
PART_LEARNING: Final = 0.93  # ASSUMPTION: the same of prices of bought components

MOTOR_WORK: Final = 600.0  # [USD], ASSUMPTION: winding, gluing, balancing, test of the first piece
STAGE_WORK: Final = 120.0  # [USD], ASSUMPTION: of a gear stage
OUTPUT_WORK: Final = 150.0  # [USD], ASSUMPTION: of a gearhead's output and housing
SCREW_WORK: Final = 600.0
"""[USD], ASSUMPTION: of a ball screw, its nut and bearings; in a list of 2020 one of 22 mm was 558
EUR, twice one with a plain thread."""
SLOT_WORK: Final = 1.15  # ASSUMPTION: on a motor whose teeth are wound one by one
FINE: Final = 0.012
"""[m], ASSUMPTION: below this diameter work grows as the parts get finer, with the inverse root."""
BOARD_PRICE: Final = 28.0  # [USD], ASSUMPTION: components and assembly of a board, first piece
PER_AMPERE: Final = 1.2  # [USD/A], ASSUMPTION: transistors and shunts
TOOLING: Final = (0.0, 60e3, 1.5e6)
"""[USD] per kind of actuator, ASSUMPTION: at the three volumes: cut from the solid; sintering and
stamping tools; automated lines."""
TOOLING_SCALE: Final = 1.0  # on all of them


@dataclass(frozen=True, eq=False)
class Cost:
    """Of one actuator [USD]; arrays of one shape."""

    magnet: Array
    copper: Array
    other_material: Array
    motor_work: Array
    gear_work: Array
    electronics: Array
    tooling: Array

    @property
    def total(self) -> Array:
        """[USD]."""
        return np.asarray(sum(getattr(self, f.name) for f in fields(self)))


def cost(motor: Motor, gear: Reduction, bridge: Bridge, hands: int, per_hand: float = 1.0) -> Cost:
    """Of an actuator when so many hands are made with so many of its kind in each."""
    pieces = hands * per_hand
    learnt, bought = _left(pieces, LEARNING), _left(pieces, PART_LEARNING)
    s = motor.shape
    fine = np.maximum(np.sqrt(FINE / s.diameter), 1.0)
    slotted = np.where(s.slotted > 0.5, SLOT_WORK, 1.0)
    geared = np.where(gear.stages > 0.5, OUTPUT_WORK + STAGE_WORK * gear.stages, SCREW_WORK)
    other = (
        _material(motor.iron_mass, IRON)
        + _material(motor.housing_mass, ALUMINIUM)
        + _material(motor.steel_mass + gear.mass, STEEL)
    )
    return Cost(
        magnet=_material(motor.magnet_mass, MAGNET),
        copper=_material(motor.copper_mass, COPPER),
        other_material=other,
        motor_work=MOTOR_WORK * fine * slotted * learnt,
        gear_work=geared * fine * learnt,
        electronics=(BOARD_PRICE + PER_AMPERE * bridge.current_max) * bought,
        tooling=np.full_like(s.diameter, _tooling(hands) / pieces),
    )


def _material(mass: Array, material: Material) -> Array:
    return np.asarray(mass * material.waste * material.price)


def _left(pieces: float, rate: float) -> float:
    """Mean cost over the first, of so many pieces."""
    return float(rate ** np.log2(np.clip(pieces, 1.0, LEARNT)))


def _tooling(hands: int) -> float:
    return TOOLING_SCALE * float(np.interp(np.log10(hands), np.log10(VOLUMES), TOOLING))
