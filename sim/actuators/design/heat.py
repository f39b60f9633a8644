"""How heat leaves a small motor: from winding to housing to room.

Free convection around a horizontal cylinder after Churchill & Chu 1975 (Int. J. Heat Mass Transfer
18), radiation of a grey body, both at one rise of the housing. No mount, no draught: a motor on a
metal frame does better, one wrapped in a glove worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .materials import GRAVITY, STEFAN_BOLTZMANN

Array = NDArray[np.float64]

ROOM: Final = 298.0  # [K]
HOUSING_RISE: Final = 60.0  # [K], ASSUMPTION: at which convection is judged
EMISSIVITY: Final = 0.8  # anodised aluminium and paint (tables of emissivity)
AIR_CONDUCTIVITY: Final = 0.0282  # [W/(m K)], dry air at 55 deg C
AIR_VISCOSITY: Final = 1.85e-5  # [m2/s]
AIR_PRANDTL: Final = 0.71

WINDING_CONDUCTIVITY: Final = 0.8  # [W/(m K)], ASSUMPTION: bonded wire across its strands
JOINT_THICKNESS: Final = 0.10e-3  # [m], ASSUMPTION: glue or slot paper between copper and iron
JOINT_CONDUCTIVITY: Final = 0.2  # [W/(m K)], of unfilled epoxy and of paper
SEAT: Final = 0.037e-3 / 0.026
"""[m2 K/W], of laminations in a housing: 37 um of air, the mean of the motors that Staton, Boglietti &
Cavagnino 2005 (IEEE Trans. Energy Convers. 20(3)) measured."""
SLOT_FACES: Final = 2.5
"""ASSUMPTION: surface of slots over that of a smooth bore; their copper lies as much nearer to iron."""


@dataclass(frozen=True, eq=False)
class HeatPath:
    """Two bodies in a row; arrays of one shape.

    Attributes:
        winding: Winding to housing [K/W].
        housing: Housing to room [K/W].
        winding_capacity: [J/K].
        housing_capacity: [J/K].
    """

    winding: Array
    housing: Array
    winding_capacity: Array
    housing_capacity: Array


def film(diameter: Array) -> Array:
    """Convection and radiation of a horizontal cylinder [W/(m2 K)]."""
    mean = ROOM + 0.5 * HOUSING_RISE
    diffusivity = AIR_VISCOSITY / AIR_PRANDTL
    rayleigh = GRAVITY / mean * HOUSING_RISE * diameter**3 / (AIR_VISCOSITY * diffusivity)
    prandtl = (1.0 + (0.559 / AIR_PRANDTL) ** (9.0 / 16.0)) ** (8.0 / 27.0)
    nusselt = (0.60 + 0.387 * rayleigh ** (1.0 / 6.0) / prandtl) ** 2
    hot = ROOM + HOUSING_RISE
    shines = EMISSIVITY * STEFAN_BOLTZMANN * (hot**2 + ROOM**2) * (hot + ROOM)
    return np.asarray(nusselt * AIR_CONDUCTIVITY / diameter + shines)


def surface_resistance(diameter: Array, length: Array) -> Array:
    """Housing to room [K/W]: its whole surface, one end of it hidden by the gear."""
    area = np.pi * diameter * length + 0.25 * np.pi * diameter**2
    return np.asarray(1.0 / (film(diameter) * area))


def winding_resistance(thickness: Array, outer: Array, length: Array, slotted: Array) -> Array:
    """Winding to housing [K/W]: a slab heated throughout, the joint to the iron, the iron's seat."""
    faces = np.where(slotted > 0.5, SLOT_FACES, 1.0)
    slab = thickness / (3.0 * WINDING_CONDUCTIVITY) / faces
    joint = JOINT_THICKNESS / JOINT_CONDUCTIVITY
    return np.asarray(((slab + joint) / faces + SEAT) / (2.0 * np.pi * outer * length))
